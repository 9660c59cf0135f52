"""HTTP server: the REST gateway, and the health and documentation pages."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from httprule import BodyLimits, CodecOptions, CorsRule, Gateway, GatewayOptions, HeaderRules
from httprule.server import ConnectionLimits, HttpServer, Listen
from xaigh.options.v1 import options_pb2
from xaigh_server.db.database import Database
from xaigh_server.db.errors import StoreError
from xaigh_server.rpc.method import Method
from xaigh_server.rpc.rest_bridge import RestBackend
from xaigh_server.rpc.services import FILES, SERVICES
from xaigh_server.rpc.size_limits import body_limits
from xaigh_server.settings import Settings, split_address

Asgi = Callable[[Any, Any, Any], Awaitable[None]]

_HEADERS = HeaderRules(
    # The last two are read for one thing: a key in them has leaked, and is refused.
    pass_in=HeaderRules().pass_in | {"x-status-token", "cookie", "x-api-key"},
    pass_out=HeaderRules().pass_out | {"idempotent-replayed", "x-client-request-id"},
)
_EXPOSED_HEADERS = tuple(
    sorted((*CorsRule().exposed, "Idempotent-Replayed", "X-Client-Request-Id"))
)
_PUBLISHABLE_HEADERS = ("Authorization", "Content-Type", "X-Request-Id")


class RestServer:
    """Serves REST. `address` is known once `start` has returned."""

    def __init__(
        self,
        settings: Settings,
        *,
        backend: RestBackend,
        methods: Mapping[str, Method],
        databases: Sequence[Database],
        documents: Mapping[str, Asgi],
        shared_port: bool = False,
    ) -> None:
        """Makes the server; it doesn't listen yet.

        `documents` are the pages of the documentation by their paths. `shared_port`: other
        processes of this server listen on the same port.
        """
        self._databases = databases
        self._ready = True
        self.health_pages = {
            "/healthz": page(self._health),
            "/readyz": page(self._readiness),
        }
        options = GatewayOptions(
            max_seconds=settings.max_deadline,
            codec=CodecOptions(detached_fields=detached_fields(methods)),
            body=_limits(settings.max_body_bytes, settings),
            body_of={
                path: _limits(most, settings)
                for path, most in body_limits(methods, settings).items()
            },
            cors=_cors(methods, settings),
            mounts={**self.health_pages, **documents},
            headers=_HEADERS,
            trusted_proxies=settings.trusted_proxies,
        )
        self.gateway = Gateway(SERVICES, backend, options=options, files=FILES)
        host, port = split_address("rest_address", settings.rest_address)
        self._server = HttpServer.of_gateway(
            self.gateway,
            listen=Listen(
                host=host,
                port=port,
                certificate=str(settings.tls_cert) if settings.tls_cert else None,
                private_key=str(settings.tls_key) if settings.tls_key else None,
                shared=shared_port,
            ),
            limits=ConnectionLimits(
                connections=settings.connections,
                connections_per_address=settings.connections_per_address,
            ),
        )

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        return self._server.address

    async def start(self) -> None:
        """Listens. Raises OSError, naming the setting, where the address can't be had."""
        host, port = self.address
        try:
            await self._server.start()
        except OSError as error:
            text = f"rest_address: can't listen on {host}:{port}: {error.strerror or error}"
            raise OSError(text) from error

    def not_ready(self) -> None:
        """Makes `/readyz` fail, so that load balancers send no more calls."""
        self._ready = False

    def part(self) -> None:
        """Closes each connection with its next reply."""
        self._server.part()

    async def stop(self, grace: float) -> None:
        """Ends the server; requests that still run have `grace` seconds."""
        await self._server.stop(grace)

    async def _health(self) -> tuple[int, str, bytes]:
        return 200, "application/json", b'{"status":"SERVING"}'

    async def _readiness(self) -> tuple[int, str, bytes]:
        lacking = [] if self._ready else ["shutting down"]
        for database in self._databases:
            try:
                await database.ready()
            except StoreError:
                lacking.append(f"database {database.name}")
        body = {"status": "NOT_SERVING" if lacking else "SERVING", "lacking": lacking}
        return 503 if lacking else 200, "application/json", json.dumps(body).encode()


def detached_fields(methods: Mapping[str, Method]) -> frozenset[str]:
    """The full names of the request fields with the option `detached`."""
    return frozenset(
        field.full_name
        for method in methods.values()
        for field in method.request_type.DESCRIPTOR.fields
        if field.GetOptions().Extensions[options_pb2.detached]
    )


def _limits(most: int, settings: Settings) -> BodyLimits:
    return BodyLimits(
        body_bytes=most,
        message_bytes=most,
        stream_idle_seconds=settings.stream_idle_seconds,
    )


def _cors(methods: Mapping[str, Method], settings: Settings) -> dict[str, CorsRule]:
    """Browsers reach publishable methods, and public ones from the origins of the settings."""
    rules: dict[str, CorsRule] = {}
    for path, method in methods.items():
        if method.rule.publishable:
            # The key's own list of origins decides; a preflight carries no key.
            rules[path] = CorsRule(headers=_PUBLISHABLE_HEADERS, exposed=_EXPOSED_HEADERS)
        elif method.rule.access == "public" and settings.cors_origins:
            rules[path] = CorsRule(
                origins=frozenset(settings.cors_origins),
                headers=("Content-Type", "Idempotency-Key", "X-Status-Token", "X-Request-Id"),
                exposed=_EXPOSED_HEADERS,
            )
    return rules


def page(answer: Callable[[], Awaitable[tuple[int, str, bytes]]]) -> Asgi:
    """Returns an ASGI application that answers GET by a status, a content type and a body."""

    async def serve(scope: Any, receive: Any, send: Any) -> None:
        status, content_type, body = await answer()
        if scope["method"] not in ("GET", "HEAD"):
            status, content_type, body = 405, "text/plain", b""
        await send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [
                    (b"content-type", content_type.encode()),
                    (b"content-length", str(len(body)).encode()),
                    (b"cache-control", b"no-store"),
                    (b"x-content-type-options", b"nosniff"),
                ],
            }
        )
        sent = b"" if scope["method"] == "HEAD" else body
        await send({"type": "http.response.body", "body": sent})

    return serve
