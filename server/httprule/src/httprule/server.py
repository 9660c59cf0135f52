"""HTTP server for a gateway, inside a program that has its own event loop.

The program calls `start` and `stop`. The server handles no signals, reads no arguments and does not
end the process. It is uvicorn with another protocol class.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, cast

from uvicorn import Config, Server

from httprule.asgi import Gateway
from httprule.connections import ConnectionCounts
from httprule.limits import ConnectionLimits
from httprule.protocol import GatewayProtocol, RenderError
from httprule.response import WriteCoalescer

__all__ = ["ConnectionLimits", "HttpServer", "Listen"]

Asgi = Callable[[Any, Any, Any], Awaitable[None]]

_BACKLOG: Final = 2048
_INTERRUPT_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """The address of a server. Port 0 takes a free one; a certificate and its key turn on TLS.

    With `shared`, other processes may listen on the same port; the kernel distributes connections.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    certificate: str | None = None
    private_key: str | None = field(default=None, repr=False)
    shared: bool = False


class HttpServer:
    """Serves one ASGI application. `address` is known once `start` has returned.

    `render_error` renders the errors of bytes that are no request. `stop` calls `interrupt` when
    its grace is over, so that calls that still run end with a status.
    """

    def __init__(
        self,
        app: Asgi,
        *,
        render_error: RenderError,
        listen: Listen,
        limits: ConnectionLimits | None = None,
        shared_by_many: Callable[[str], bool] = lambda _: False,
        interrupt: Callable[[], None] = lambda: None,
    ) -> None:
        """`shared_by_many` tells addresses that have no limit of their own, such as proxies'."""
        limits = limits or ConnectionLimits()
        protocol = partial(
            GatewayProtocol,
            limits=limits,
            render_error=render_error,
            write_coalescer=WriteCoalescer(),
            counts=ConnectionCounts(limits, exempt=shared_by_many),
        )
        self._listen = listen
        self._interrupt = interrupt
        self._server = Server(
            Config(
                cast("Any", app),
                http=cast("Any", protocol),
                ws="none",
                lifespan="off",
                interface="asgi3",
                proxy_headers=False,
                server_header=False,
                access_log=False,
                log_config=None,
                ssl_certfile=listen.certificate,
                ssl_keyfile=listen.private_key,
            )
        )
        self._clock: asyncio.Task[None] | None = None
        self.address: tuple[str, int] = (listen.host, listen.port)

    @classmethod
    def of_gateway(
        cls, gateway: Gateway, *, listen: Listen, limits: ConnectionLimits | None = None
    ) -> HttpServer:
        """Serves a gateway; its backend renders all errors."""
        return cls(
            gateway,
            render_error=gateway.backend.render_error,
            listen=listen,
            limits=limits,
            shared_by_many=gateway.peers.is_trusted,
            interrupt=gateway.interrupt,
        )

    async def start(self) -> None:
        """Listens and serves. Raises `OSError` where the address is taken or unknown."""
        config, server = self._server.config, self._server
        config.load()
        server.lifespan = config.lifespan_class(config)
        bound = await _bind(self._listen)
        self.address = bound.getsockname()[:2]
        try:
            await server.startup(sockets=[bound])
        except BaseException:
            bound.close()
            raise
        await server.on_tick(0)  # the Date header of the first reply
        self._clock = asyncio.create_task(server.main_loop())

    def part(self) -> None:
        """Closes each connection with its next reply, so that clients connect elsewhere."""
        self._server.server_state.default_headers.append((b"connection", b"close"))

    async def stop(self, grace: float) -> None:
        """Stops listening, waits `grace` seconds for requests, then interrupts and cancels them."""
        server = self._server
        if self._clock is None:
            return
        self._clock.cancel()
        self._clock = None
        for listener in server.servers:
            listener.close()
        for connection in list(server.server_state.connections):
            connection.shutdown()
        if not await _ended(server, grace):
            self._interrupt()
            await _ended(server, _INTERRUPT_SECONDS)
        for task in list(server.server_state.tasks):
            task.cancel()
        for connection in list(server.server_state.connections):
            transport = cast("GatewayProtocol", connection).transport
            transport.abort()
        for listener in server.servers:
            await listener.wait_closed()
        await asyncio.sleep(0)


async def _ended(server: Server, grace: float) -> bool:
    """Waits up to `grace` seconds until no connection and no request is left."""
    deadline = asyncio.get_running_loop().time() + grace
    while server.server_state.connections or server.server_state.tasks:
        left = deadline - asyncio.get_running_loop().time()
        if left <= 0:
            return False
        await asyncio.sleep(min(0.02, left))
    return True


async def _bind(listen: Listen) -> socket.socket:
    """A bound socket. Shared only on demand: two servers on a port are mostly a mistake."""
    found = await asyncio.get_running_loop().getaddrinfo(
        listen.host, listen.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    family, kind, number, _, address = found[0]
    bound = socket.socket(family, kind, number)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if listen.shared:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        bound.bind(address)
        bound.listen(_BACKLOG)
        bound.setblocking(False)
    except BaseException:
        bound.close()
        raise
    return bound
