"""HTTP client behind `outbound.py`: checks every address before it connects, names every failure.

`outbound.py` imports this module at the first request, since importing aiohttp is slow.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from xaigh_server.net import addresses
from xaigh_server.net import retry_schedule as retries
from xaigh_server.net import url_guard as callbacks
from xaigh_server.net.http_reply import HttpAnswer, HttpOutcome, HttpReply
from xaigh_server.net.own_hosts import OwnHosts
from xaigh_server.net.url_guard import CallbackUrl, NameUnresolved, Resolver

_BODY_SECONDS = 2.0
_BODY_BYTES = 16 * 1024
_KEPT_OPEN_SECONDS = 4.0  # shorter than receivers keep theirs: else posts meet a closing one
_USER_AGENT = "XaiGH-Webhooks/1.0"


class ConnectionRefused(OSError):
    """A connection that was refused before it was made. `outcome` is the reason."""

    def __init__(self, outcome: HttpOutcome) -> None:
        super().__init__(outcome.value)
        self.outcome = outcome


class CheckedResolver(AbstractResolver):
    """Resolver for the connector. It returns a name's addresses only if all are allowed."""

    def __init__(
        self, resolver: Resolver, *, allow_loopback: bool, own: OwnHosts = callbacks.THIS_MACHINE
    ) -> None:
        self._resolver = resolver
        self._allow_loopback = allow_loopback
        self._own = own

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Raises `ConnectionRefused`."""
        if self._own.has_name(host):
            raise ConnectionRefused(HttpOutcome.ADDRESS_FORBIDDEN)
        try:
            texts = await self._resolver.addresses(host, port)
        except NameUnresolved:
            raise ConnectionRefused(HttpOutcome.NAME_UNRESOLVED) from None
        loopback = self._allow_loopback and callbacks.is_local_name(host)
        found = callbacks.judge(host, texts, loopback=loopback, own=self._own)
        if found.forbidden:
            raise ConnectionRefused(HttpOutcome.ADDRESS_FORBIDDEN)
        if not found.addresses:
            raise ConnectionRefused(HttpOutcome.NAME_UNRESOLVED)
        return [
            ResolveResult(
                hostname=host,
                host=str(address),
                port=port,
                family=socket.AF_INET if address.version == 4 else socket.AF_INET6,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for address in found.addresses
        ]

    async def close(self) -> None:
        """Nothing of its own to close."""


class HttpClient:
    """One pool of connections. Made and closed on the loop that uses it."""

    def __init__(
        self,
        resolver: Resolver,
        *,
        clock: Callable[[], datetime],
        allow_loopback: bool,
        own: OwnHosts,
        tls: ssl.SSLContext | None,
        seconds: float,
        fresh: bool,
    ) -> None:
        """`fresh` makes a connection for each request, and lets `ask` tell when one begins."""
        self._clock = clock
        self._allow_loopback = allow_loopback
        self._own = own
        self._seconds = seconds
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=CheckedResolver(resolver, allow_loopback=allow_loopback, own=own),
                use_dns_cache=False,
                ssl=tls or ssl.create_default_context(),
                socket_factory=self._socket,
                limit=0,
                **({"force_close": True} if fresh else {"keepalive_timeout": _KEPT_OPEN_SECONDS}),
            ),
            trace_configs=[_beginnings()] if fresh else None,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None),
            trust_env=False,
            auto_decompress=False,
            read_bufsize=_BODY_BYTES,
            headers={"User-Agent": _USER_AGENT},
        )

    async def ask(
        self,
        method: str,
        url: CallbackUrl,
        body: bytes | None,
        headers: Mapping[str, str],
        *,
        begun: asyncio.Event | None = None,
    ) -> HttpAnswer:
        """One request and what came of it. Never raises for what the other side does.

        `begun` is set before the first byte of the request is written; only of a `fresh` client.
        """
        answer = HttpAnswer(reply=HttpReply(outcome=HttpOutcome.TIMED_OUT))
        try:
            async with (
                asyncio.timeout(self._seconds),
                self._session.request(
                    method,
                    URL(str(url), encoded=True),
                    data=body,
                    headers=headers,
                    allow_redirects=False,
                    trace_request_ctx=begun,
                ) as response,
            ):
                answer = HttpAnswer(
                    reply=_reply(response, self._clock()), redirect=_redirect(response)
                )
                answer = replace(answer, body=await _read(response))
        except TimeoutError:
            pass  # a status that came in time counts, however slow the body behind it is
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return HttpAnswer(reply=HttpReply(outcome=_outcome(error)))
        return answer

    async def close(self) -> None:
        """Closes every connection."""
        await self._session.close()

    def _socket(self, info: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, _, place = info
        address = addresses.parse(place[0])
        if address is None or addresses.refusal(address, allow_loopback=self._allow_loopback):
            raise ConnectionRefused(HttpOutcome.ADDRESS_FORBIDDEN)
        if self._own.has_address(address):  # a literal address passes by the resolver
            raise ConnectionRefused(HttpOutcome.ADDRESS_FORBIDDEN)
        return socket.socket(family, kind, protocol)


def _beginnings() -> aiohttp.TraceConfig:
    """Returns a trace that sets a request's event before its head is written."""

    async def begin(_: object, context: SimpleNamespace, __: object) -> None:
        if context.trace_request_ctx is not None:
            context.trace_request_ctx.set()

    trace = aiohttp.TraceConfig()
    trace.on_request_headers_sent.append(begin)
    return trace


def _reply(response: aiohttp.ClientResponse, now: datetime) -> HttpReply:
    status = response.status
    if 200 <= status < 300:
        return HttpReply(outcome=HttpOutcome.ACCEPTED, status=status)
    if 300 <= status < 400:
        return HttpReply(outcome=HttpOutcome.REDIRECTED, status=status)
    wait = None
    if status in (429, 503):
        wait = retries.retry_after(response.headers.get("Retry-After"), now)
    return HttpReply(outcome=HttpOutcome.REFUSED, status=status, retry_after=wait)


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """Reads a short body, so that the connection can serve again; closes it under a long one.

    Returns what came within the limits of size and time.
    """
    body = bytearray()
    whole = False
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            while len(body) <= _BODY_BYTES:
                chunk = await response.content.read(_BODY_BYTES)
                whole = not chunk
                if whole:
                    break
                body += chunk
    except (TimeoutError, aiohttp.ClientError, OSError):
        pass  # the status is in: what follows it may be missing
    if not whole:
        response.close()
    return bytes(body[:_BODY_BYTES])


def _redirect(response: aiohttp.ClientResponse) -> str:
    """Where a redirect leads, without the path that a host may have put a secret into."""
    location = response.headers.get("Location", "") if 300 <= response.status < 400 else ""
    try:
        return URL(location).host or "another path of its own" if location else ""
    except ValueError:
        return "what isn't a URL"


def _outcome(error: Exception) -> HttpOutcome:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ConnectionRefused):
            return cause.outcome
        cause = cause.__cause__
    if isinstance(error, (aiohttp.ClientSSLError, ssl.SSLError)):
        return HttpOutcome.TLS_FAILED
    if isinstance(error, (aiohttp.ClientResponseError, aiohttp.ClientPayloadError, ValueError)):
        return HttpOutcome.PROTOCOL_ERROR
    return HttpOutcome.CONNECTION_FAILED
