"""Admin server: metrics, health and reflection, at addresses of their own.

They ask for no credential and tell how the server does, so they aren't where callers reach it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from grpc import aio
from grpc_health.v1 import health_pb2_grpc

from httprule.protocol import RenderError
from httprule.server import HttpServer, Listen
from xaigh_server.rpc.grpc_connections import hang_up
from xaigh_server.rpc.grpc_server import reflect
from xaigh_server.rpc.rest_server import Asgi, page
from xaigh_server.settings import Settings, split_address

Address = tuple[str, int]


class AdminServer:
    """Serves at `admin_address` and `admin_grpc_address`, at each unless it is empty."""

    def __init__(
        self,
        settings: Settings,
        *,
        pages: Mapping[str, Asgi],
        metrics: Callable[[], Awaitable[bytes]],
        health: Any,
        render_error: RenderError,
        shared_port: bool = False,
    ) -> None:
        """`pages` are those of health. `shared_port`: other processes listen on the same ports."""
        self._settings = settings
        self._shared_port = shared_port
        self._health = health
        self._http: HttpServer | None = None
        self._grpc: aio.Server | None = None
        self.grpc_address: Address | None = None
        if settings.admin_address:
            host, port = split_address("admin_address", settings.admin_address)
            self._http = HttpServer(
                _router({**pages, "/metrics": page(_text(metrics))}),
                render_error=render_error,
                listen=Listen(host=host, port=port, shared=shared_port),
            )

    @property
    def address(self) -> Address | None:
        """Where the pages are, once it has started."""
        return self._http.address if self._http is not None else None

    async def start(self) -> None:
        """Listens. Raises OSError, naming the setting, where an address can't be had."""
        settings = self._settings
        if self._http is not None:
            try:
                await self._http.start()
            except OSError as error:
                cause = error.strerror or error
                raise OSError(_cant("admin_address", settings.admin_address, cause)) from error
        if settings.admin_grpc_address:
            host, port = split_address("admin_grpc_address", settings.admin_grpc_address)
            server = aio.server(options=[("grpc.so_reuseport", int(self._shared_port))])
            health_pb2_grpc.add_HealthServicer_to_server(self._health, server)
            reflect(server)
            at = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
            try:
                self.grpc_address = (host, server.add_insecure_port(at))
            except RuntimeError as error:
                raise OSError(_cant("admin_grpc_address", at, "it is in use")) from error
            await server.start()
            self._grpc = server

    async def stop(self) -> None:
        """Ends the server at once."""
        if self._http is not None:
            await self._http.stop(0.0)
        if self._grpc is not None and self.grpc_address is not None:
            hang_up(self.grpc_address[1])
            await self._grpc.stop(None)


def _cant(name: str, at: str, cause: object) -> str:
    return f"{name}: can't listen on {at}: {cause}"


def _text(
    metrics: Callable[[], Awaitable[bytes]],
) -> Callable[[], Awaitable[tuple[int, str, bytes]]]:
    async def answer() -> tuple[int, str, bytes]:
        return 200, "text/plain; version=0.0.4; charset=utf-8", await metrics()

    return answer


def _router(pages: Mapping[str, Asgi]) -> Asgi:
    async def missing() -> tuple[int, str, bytes]:
        return 404, "text/plain", "".join(f"{path}\n" for path in pages).encode()

    absent = page(missing)

    async def serve(scope: Any, receive: Any, send: Any) -> None:
        await pages.get(scope["path"], absent)(scope, receive, send)

    return serve
