"""Outbound HTTP client for URLs that users gave. All such connections go through it.

The client connects only to addresses that it has checked: its resolver returns allowed addresses
alone, and each socket checks its address again. TLS and the Host header use the name. The client
ignores proxy variables of the environment, follows no redirect, and reads a reply up to a limit and
discards it.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from xaigh_server.net.http_reply import Fetched, HttpOutcome, HttpReply, SentOnce
from xaigh_server.net.own_hosts import OwnHosts
from xaigh_server.net.url_guard import THIS_MACHINE, CallbackUrl, Probe, Resolver

if TYPE_CHECKING:
    from xaigh_server.net.http_client import HttpClient

SECONDS = 15.0


class Outbound:
    """Posts to URLs that users gave. The first request makes the client, off the event loop."""

    def __init__(
        self,
        resolver: Resolver,
        *,
        clock: Callable[[], datetime],
        allow_loopback: bool = False,
        own: OwnHosts = THIS_MACHINE,
        tls: ssl.SSLContext | None = None,
        seconds: float = SECONDS,
        fresh: bool = False,
    ) -> None:
        """`fresh` makes a connection for each request: `post_once` needs that."""
        self.seconds = seconds
        self._fresh = fresh
        self._resolver = resolver
        self._clock = clock
        self._allow_loopback = allow_loopback
        self._own = own
        self._tls = tls
        self._opening = asyncio.Lock()
        self._client: HttpClient | None = None

    async def post(self, url: CallbackUrl, body: bytes, headers: Mapping[str, str]) -> HttpReply:
        """Posts JSON once. A failure of the receiver is an outcome, never an exception."""
        client = self._client or await self._open()
        started = time.monotonic()
        answer = await client.ask("POST", url, body, {"Content-Type": _JSON, **headers})
        return replace(answer.reply, seconds=time.monotonic() - started)

    async def post_once(
        self, url: CallbackUrl, body: bytes, headers: Mapping[str, str]
    ) -> SentOnce:
        """Posts JSON that may be sent once: also says whether any byte of it can have left.

        The connection is new, so one that the other side had closed already can't swallow it.
        """
        client = self._client or await self._open()
        begun = asyncio.Event()
        answer = await client.ask(
            "POST", url, body, {"Content-Type": _JSON, **headers}, begun=begun
        )
        return SentOnce(reply=answer.reply, body=answer.body, begun=begun.is_set())

    async def probe(self, url: CallbackUrl) -> Probe:
        """Sends HEAD. Returns a finding for everything that would prevent a delivery."""
        client = self._client or await self._open()
        answer = await client.ask("HEAD", url, None, {})
        findings = list(_PROBE_FINDINGS.get(answer.reply.outcome, ()))
        if answer.redirect:
            findings.append(f"It redirects to {answer.redirect}; redirects aren't followed.")
        if url.scheme != "https":
            findings.append("It isn't https: events could be read on their way.")
        return Probe(status=answer.reply.status, findings=tuple(findings))

    async def fetch(
        self, method: str, url: CallbackUrl, body: bytes | None, headers: Mapping[str, str]
    ) -> Fetched:
        """Sends one request, and keeps up to 16 KiB of the reply. A longer reply is cut off."""
        client = self._client or await self._open()
        answer = await client.ask(method, url, body, {"Accept-Encoding": "identity", **headers})
        reply = answer.reply
        return Fetched(outcome=reply.outcome, status=reply.status, body=answer.body)

    async def close(self) -> None:
        """Closes every connection."""
        if self._client is not None:
            await self._client.close()

    async def _open(self) -> HttpClient:
        async with self._opening:
            if self._client is None:
                client = await asyncio.to_thread(_load_client)
                self._client = client(
                    self._resolver,
                    clock=self._clock,
                    allow_loopback=self._allow_loopback,
                    own=self._own,
                    tls=self._tls,
                    seconds=self.seconds,
                    fresh=self._fresh,
                )
            return self._client


_JSON = "application/json"
_PROBE_FINDINGS = {
    HttpOutcome.TIMED_OUT: ("It didn't answer in time.",),
    HttpOutcome.NAME_UNRESOLVED: ("Its name doesn't resolve.",),
    HttpOutcome.ADDRESS_FORBIDDEN: ("Its name leads to an address that isn't public.",),
    HttpOutcome.CONNECTION_FAILED: ("No connection could be made, or it broke.",),
    HttpOutcome.TLS_FAILED: ("Its certificate isn't valid for its name, or TLS failed.",),
    HttpOutcome.PROTOCOL_ERROR: ("What answers there isn't a web server.",),
}


def _load_client() -> type[HttpClient]:
    """Imports the HTTP client late: aiohttp takes long to import, and no start needs it."""
    from xaigh_server.net.http_client import HttpClient

    return HttpClient
