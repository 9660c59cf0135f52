"""gRPC server: the bridge, health, reflection, TLS, and an orderly shutdown."""

from __future__ import annotations

import grpc
from grpc import aio
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from httprule.headers import Peers
from xaigh_server.rpc.grpc_bridge import GrpcBridge
from xaigh_server.rpc.grpc_connections import ConnectionShares, hang_up
from xaigh_server.rpc.services import SERVICES
from xaigh_server.settings import Settings, split_address

_MAX_METADATA = 32 * 1024
_LOOKAHEAD = 64 * 1024
_MAX_STREAMS = 1024
"""Calls at a time on one connection; a client waits with further ones, or connects again."""

_KEEPALIVE_MS, _KEEPALIVE_ANSWER_MS = 60_000, 20_000
_IDLE_MS = 15 * 60_000
_HANDSHAKE_MS = 20_000  # of TLS and HTTP/2, from the connection on
_MIN_PING_MS = 10_000  # clients may ping as often; more often ends the connection


class GrpcServer:
    """Serves the bridge. `address` is known once `start` has returned."""

    def __init__(
        self, settings: Settings, *, bridge: GrpcBridge, shared_port: bool = False
    ) -> None:
        """`shared_port`: other processes of this server listen on the same port."""
        self._settings = settings
        self._shared_port = shared_port
        self._bridge = bridge
        self._server: aio.Server | None = None
        self.health = health.aio.HealthServicer()  # type: ignore[attr-defined]  # set at run time
        self.address: tuple[str, int] = split_address("grpc_address", settings.grpc_address)
        self.shares = ConnectionShares(
            per_address=settings.connections_per_address,
            port=lambda: self.address[1],
            exempt=Peers(settings.trusted_proxies).is_trusted,
        )

    async def start(self) -> None:
        """Listens. Raises OSError where the address can't be had."""
        settings = self._settings
        server = aio.server(
            options=[
                # Otherwise a second server binds the same port and takes half of the calls.
                ("grpc.so_reuseport", int(self._shared_port)),
                ("grpc.max_receive_message_length", settings.max_body_bytes),
                ("grpc.max_send_message_length", settings.max_body_bytes),
                ("grpc.max_metadata_size", _MAX_METADATA),
                # Bytes of a body that arrive before the interceptors read it.
                ("grpc.http2.lookahead_bytes", _LOOKAHEAD),
                ("grpc.http2.bdp_probe", 0),  # it would widen the windows by what the net could do
                ("grpc.max_concurrent_streams", _MAX_STREAMS),
                # A peer that has gone is noticed, and a connection without calls is closed.
                ("grpc.keepalive_time_ms", _KEEPALIVE_MS),
                ("grpc.keepalive_timeout_ms", _KEEPALIVE_ANSWER_MS),
                ("grpc.max_connection_idle_ms", _IDLE_MS),
                ("grpc.server_handshake_timeout_ms", _HANDSHAKE_MS),
                ("grpc.http2.min_ping_interval_without_data_ms", _MIN_PING_MS),
            ]
        )
        server.add_generic_rpc_handlers((self._bridge,))
        health_pb2_grpc.add_HealthServicer_to_server(self.health, server)
        if settings.reflection:
            reflect(server)
        host, port = self.address
        bound = self._bind(server, f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
        if not bound:
            raise OSError(f"grpc_address: can't listen on {host}:{port}")
        self.address = (host, bound)
        await server.start()
        self._server = server
        for name in ("", *(service.full_name for service in SERVICES)):
            await self.health.set(name, health_pb2.HealthCheckResponse.SERVING)

    async def not_serving(self) -> None:
        """Reports NOT_SERVING to clients that watch the health service."""
        await self.health.enter_graceful_shutdown()

    async def stop(self, grace: float) -> None:
        """Ends the server, after the interceptors have waited for running calls.

        gRPC's core answers what arrives while it stops by a bare CANCELLED, which no client
        repeats. So the sockets are shut first: such a call is UNAVAILABLE to its client, and what
        was answered before still reaches it.
        """
        if self._server is None:
            return
        hang_up(self.address[1])
        await self._server.stop(grace)

    def _bind(self, server: aio.Server, address: str) -> int:
        settings = self._settings
        try:
            if settings.tls_cert is None or settings.tls_key is None:
                return server.add_insecure_port(address)
            client_ca = settings.client_ca.read_bytes() if settings.client_ca else None
            credentials = grpc.ssl_server_credentials(
                [(settings.tls_key.read_bytes(), settings.tls_cert.read_bytes())],
                root_certificates=client_ca,
                require_client_auth=client_ca is not None,
            )
            return server.add_secure_port(address, credentials)
        except RuntimeError as error:
            raise OSError(f"grpc_address: can't listen on {address}: it is in use") from error


def reflect(server: aio.Server) -> None:
    """Adds the reflection service to a server."""
    from grpc_reflection.v1alpha import reflection

    names = [service.full_name for service in SERVICES]
    reflection.enable_server_reflection(
        (*names, health.SERVICE_NAME, reflection.SERVICE_NAME), server
    )
