"""Options and credentials of gRPC channels, for both clients."""

from __future__ import annotations

from typing import Any

import grpc

from xaigh_client.settings import Settings

# The same limit as the server's: a batch of 200 records is larger than gRPC's default of 4 MiB.
_MAX_MESSAGE = 32 * 1024 * 1024


def options(settings: Settings) -> list[tuple[str, Any]]:
    """Returns the channel arguments."""
    chosen: list[tuple[str, Any]] = [
        ("grpc.primary_user_agent", settings.user_agent),
        ("grpc.max_receive_message_length", _MAX_MESSAGE),
        ("grpc.max_send_message_length", _MAX_MESSAGE),
        # `calls` retries, with the same idempotency key.
        ("grpc.enable_retries", 0),
        # Reconnects to a restarted server within the pauses between attempts.
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.min_reconnect_backoff_ms", 100),
        ("grpc.max_reconnect_backoff_ms", 2000),
        # Detects a dead connection under an open stream.
        ("grpc.keepalive_time_ms", 60_000),
        ("grpc.keepalive_timeout_ms", 20_000),
    ]
    if settings.address.loopback:
        chosen.append(("grpc.enable_http_proxy", 0))
    return chosen


def credentials(settings: Settings) -> grpc.ChannelCredentials | None:
    """Returns TLS credentials; None for clear text."""
    if not settings.address.tls:
        return None
    tls = settings.tls
    return grpc.ssl_channel_credentials(
        root_certificates=tls.ca,
        private_key=tls.private_key,
        certificate_chain=tls.certificate,
    )
