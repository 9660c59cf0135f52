"""How a channel is made, for both kinds of client."""

from __future__ import annotations

from typing import Any

import grpc

from xaigh_client.settings import Settings

# The same limit as the server's: a batch of 200 records is larger than gRPC's default of 4 MiB.
_LARGEST_MESSAGE = 32 * 1024 * 1024


def options(settings: Settings) -> list[tuple[str, Any]]:
    """gRPC's own settings for a channel."""
    chosen: list[tuple[str, Any]] = [
        ("grpc.primary_user_agent", settings.user_agent),
        ("grpc.max_receive_message_length", _LARGEST_MESSAGE),
        ("grpc.max_send_message_length", _LARGEST_MESSAGE),
        # Retries are ours: they know about idempotency keys.
        ("grpc.enable_retries", 0),
        # A server that restarts is found again within the pauses between tries.
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.min_reconnect_backoff_ms", 100),
        ("grpc.max_reconnect_backoff_ms", 2000),
        # A connection that died without a word is noticed under an open stream.
        ("grpc.keepalive_time_ms", 60_000),
        ("grpc.keepalive_timeout_ms", 20_000),
    ]
    if settings.address.loopback:
        chosen.append(("grpc.enable_http_proxy", 0))
    return chosen


def credentials(settings: Settings) -> grpc.ChannelCredentials | None:
    """TLS credentials; None for clear text."""
    if not settings.address.tls:
        return None
    tls = settings.tls
    return grpc.ssl_channel_credentials(
        root_certificates=tls.ca,
        private_key=tls.private_key,
        certificate_chain=tls.certificate,
    )
