"""ASGI middleware that gates a service with keys of the gateway.

    app = FastAPI()
    app.add_middleware(XaighMiddleware)  # XAIGH_API_KEY, XAIGH_ADDR

    @app.get("/v1/nature/trails")
    async def trails(request: Request) -> dict[str, str]:
        return {"for": request.state.xaigh.organization_id}

Each request is judged by the gateway before the application sees it. A request that may not pass
gets the gateway's own error. The application never gets the key: `Authorization` is taken out, and
so is every header that begins with `x-xaigh-`, before the gateway's own are set.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias
from urllib.parse import quote

from xaigh.gating.v1 import envoy_check_service_pb2 as api
from xaigh_client.client import AsyncClient
from xaigh_client.errors import (
    ConfigurationError,
    DeadlineExceededError,
    UnavailableError,
    XaighError,
)
from xaigh_client.gate import Gate, Head, unavailable

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App: TypeAlias = Callable[[Any, Any, Any], Awaitable[None]]
Pairs: TypeAlias = list[tuple[bytes, bytes]]

DEFAULT_TIMEOUT = 2.0
_PREFIX = "x-xaigh-"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls, as the gateway says. `request.state.xaigh` of FastAPI and Starlette."""

    organization_id: str
    environment: str
    """`sandbox` or `production`."""
    key_id: str
    key_type: str
    """`sk` or `pk`."""
    scopes: frozenset[str]
    employer_ids: frozenset[str]
    """The employers of the grant. Confine your data to them: the gateway doesn't know it."""
    tier: str
    request_id: str
    """The id of the check. Calls in the same fifth of a second may share it."""


class XaighMiddleware:
    """Lets a request pass if its key is good and has the scope of the route.

    `client` shows a credential with the scope `keys:verify`; by default one that reads
    XAIGH_API_KEY and XAIGH_ADDR. `timeout` is in seconds, for one question. Paths in `open_paths`
    need no key, for example that of a health check; they have no caller.

    Where the gateway can't be reached, every request is refused by 503. With
    `when_unavailable="allow"` every request passes then, also one without a key, and
    `request.state.xaigh` is None. A gateway that refuses the middleware's own credential, or is
    asked without one, still lets nobody pass.
    """

    def __init__(
        self,
        app: App,
        *,
        client: AsyncClient | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        when_unavailable: Literal["refuse", "allow"] = "refuse",
        open_paths: Collection[str] = (),
    ) -> None:
        if when_unavailable not in ("refuse", "allow"):
            raise ConfigurationError('when_unavailable must be "refuse" or "allow"')
        self._app = app
        self._gate = Gate(client or AsyncClient(), timeout=timeout)
        self._owns_client = client is None
        self._opens = when_unavailable == "allow"
        self._open_paths = frozenset(open_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one connection."""
        if scope["type"] == "lifespan":
            await self._live(scope, receive, send)
        elif scope["path"] in self._open_paths:
            await self._app(_passed(scope, api.CheckResponse.Allowed()), receive, send)
        else:
            answer = await self._ask(scope)
            if answer.HasField("ok_response"):
                await self._app(_passed(scope, answer.ok_response), receive, send)
            else:
                await _refuse(answer.denied_response, scope, send)

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        finally:
            if self._owns_client:
                await self._gate.close()

    async def _ask(self, scope: Scope) -> api.CheckResponse:
        try:
            return await self._gate.ask(_head(scope))
        except (UnavailableError, DeadlineExceededError) as error:
            outcome = "passes" if self._opens else "is refused"
            _log.warning("the gateway can't be asked, so the request %s: %s", outcome, error)
            if self._opens:
                return api.CheckResponse(ok_response=api.CheckResponse.Allowed())
        except XaighError as error:
            _log.error("the gateway doesn't answer this service, so the request fails: %s", error)
        return unavailable()


def _head(scope: Scope) -> Head:
    query = scope.get("query_string", b"").decode("latin-1")
    raw = scope.get("raw_path")
    path = quote(scope["path"]) if raw is None else raw.decode("latin-1")
    client = scope.get("client")
    return Head(
        method=scope.get("method", "GET"),  # a WebSocket begins with one
        target=f"{path}?{query}" if query else path,
        headers=tuple(
            (name.decode("latin-1").lower(), value.decode("latin-1"))
            for name, value in scope["headers"]
        ),
        peer=client[0] if client else "",
    )


def _passed(scope: Scope, allowed: api.CheckResponse.Allowed) -> Scope:
    """The scope with the gateway's headers and the caller, and without the client's own."""
    ours = {option.header.key: option.header.value for option in allowed.headers}
    kept = [(name, value) for name, value in scope["headers"] if not _is_removed(name)]
    state = {**(scope.get("state") or {}), "xaigh": _caller(ours) if ours else None}
    return {**scope, "headers": kept + _encode(ours.items()), "state": state}


def _is_removed(name: bytes) -> bool:
    """Whether a service might take the header for the gateway's: some read `_` as `-`."""
    plain = name.decode("latin-1").lower().replace("_", "-")
    return plain == "authorization" or plain.startswith(_PREFIX)


def _caller(headers: Mapping[str, str]) -> Caller:
    def get(name: str) -> str:
        return headers.get(_PREFIX + name, "")

    return Caller(
        organization_id=get("organization-id"),
        environment=get("environment"),
        key_id=get("key-id"),
        key_type=get("key-type"),
        scopes=frozenset(get("scopes").split()),
        employer_ids=frozenset(filter(None, get("employer-ids").split(","))),
        tier=get("tier"),
        request_id=get("request-id"),
    )


async def _refuse(denied: api.CheckResponse.Denied, scope: Scope, send: Send) -> None:
    kind = "http.response"
    if scope["type"] == "websocket":
        if "websocket.http.response" not in (scope.get("extensions") or {}):
            await send({"type": "websocket.close", "code": 1008, "reason": ""})
            return
        kind = "websocket.http.response"
    body = denied.body.encode()
    headers = _encode((option.header.key, option.header.value) for option in denied.headers)
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": f"{kind}.start", "status": denied.status.code, "headers": headers})
    await send({"type": f"{kind}.body", "body": body})


def _encode(pairs: Iterable[tuple[str, str]]) -> Pairs:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs]
