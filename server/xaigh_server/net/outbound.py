"""Every connection that this service opens to a URL somebody gave.

The address that a connection goes to is the one that was checked: the resolver of the client hands
over addresses that passed and no others, and each socket checks its own once more. TLS asks for the
name, the Host header is the name's. Nothing is taken from the environment, redirects aren't
followed, replies are read up to a cap and thrown away.
"""

from __future__ import annotations

import asyncio
import importlib
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from xaigh_server.net.url_guard import CallbackUrl, Probe, Resolver
from xaigh_server.webhooks.model import Outcome

if TYPE_CHECKING:
    from xaigh_server.net.http_client import HttpClient

SECONDS = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """How a try went. `retry_after` is in seconds; `status` is 0 without a reply."""

    outcome: Outcome
    status: int = 0
    retry_after: float | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A reply, and the host that it redirects to, if it does."""

    reply: Reply
    redirect: str = ""


class Outbound:
    """Posts to URLs that users gave. Its client is made, off the loop, when it is first needed."""

    def __init__(
        self,
        resolver: Resolver,
        *,
        clock: Callable[[], datetime],
        allow_loopback: bool = False,
        tls: ssl.SSLContext | None = None,
        seconds: float = SECONDS,
    ) -> None:
        self.seconds = seconds
        self._resolver = resolver
        self._clock = clock
        self._allow_loopback = allow_loopback
        self._tls = tls
        self._opening = asyncio.Lock()
        self._client: HttpClient | None = None

    async def post(self, url: CallbackUrl, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Posts JSON once. Whatever the receiver does is an outcome, never an exception."""
        client = self._client or await self._open()
        started = time.monotonic()
        answer = await client.ask("POST", url, body, {"Content-Type": _JSON, **headers})
        return replace(answer.reply, seconds=time.monotonic() - started)

    async def probe(self, url: CallbackUrl) -> Probe:
        """Asks with HEAD. A finding for everything that would stand in an event's way."""
        client = self._client or await self._open()
        answer = await client.ask("HEAD", url, None, {})
        findings = list(_PROBE_FINDINGS.get(answer.reply.outcome, ()))
        if answer.redirect:
            findings.append(f"It redirects to {answer.redirect}; redirects aren't followed.")
        if url.scheme != "https":
            findings.append("It isn't https: events could be read on their way.")
        return Probe(status=answer.reply.status, findings=tuple(findings))

    async def close(self) -> None:
        """Closes every connection."""
        if self._client is not None:
            await self._client.close()

    async def _open(self) -> HttpClient:
        async with self._opening:
            if self._client is None:
                module = await asyncio.to_thread(importlib.import_module, _CLIENT)
                self._client = module.HttpClient(
                    self._resolver,
                    clock=self._clock,
                    allow_loopback=self._allow_loopback,
                    tls=self._tls,
                    seconds=self.seconds,
                )
            return self._client


_CLIENT = "xaigh_server.net.http_client"
_JSON = "application/json"
_PROBE_FINDINGS = {
    Outcome.TIMED_OUT: ("It didn't answer in time.",),
    Outcome.NAME_UNRESOLVED: ("Its name doesn't resolve.",),
    Outcome.ADDRESS_FORBIDDEN: ("Its name leads to an address that isn't public.",),
    Outcome.CONNECTION_FAILED: ("No connection could be made, or it broke.",),
    Outcome.TLS_FAILED: ("Its certificate isn't valid for its name, or TLS failed.",),
    Outcome.PROTOCOL_ERROR: ("What answers there isn't a web server.",),
}
