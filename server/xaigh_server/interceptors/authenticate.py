"""Finds out who calls, before anything else is looked at, and keeps finding out during a stream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from email.utils import format_datetime
from typing import Any, Protocol

from google.protobuf.message import Message

from xaigh_server.domain.call import Call
from xaigh_server.domain.credentials import Credential, parse_credential, read_bearer
from xaigh_server.domain.errors import (
    AddressNotAllowed,
    CredentialKindRefused,
    CredentialsMissing,
    DomainError,
    PeerRateLimited,
    Unauthenticated,
)
from xaigh_server.domain.keys import PresentedKey
from xaigh_server.domain.method import MethodRule
from xaigh_server.domain.principal import KeyPrincipal, Principal
from xaigh_server.domain.ratelimit import BAD_CREDENTIALS_TIER, Limiter, Tier, peer_bucket
from xaigh_server.domain.scopes import Audience
from xaigh_server.interceptors.chain import Next

RECHECK_SECONDS = 1.0
"""How long an idle stream may outlive its key."""


class Directory(Protocol):
    """Knows every credential, and learns of a revocation before the revocation's reply is out."""

    async def known(self, text: str) -> Principal | None:
        """The principal, if it can be told without a look-up and nothing changed since.

        `text` is what was presented, whatever it is.
        """

    async def look_up(self, credential: Credential) -> Principal:
        """The principal. Raises `Unauthenticated` with the reason why there is none."""


class Authenticate:
    """Sets `call.principal` and `call.environment`, or refuses the call with 401."""

    def __init__(
        self,
        directory: Directory,
        *,
        limiter: Limiter,
        clock: Callable[[], datetime],
        bad_credentials: Tier = BAD_CREDENTIALS_TIER,
    ) -> None:
        self._directory = directory
        self._limiter = limiter
        self._clock = clock
        self._tier = bad_credentials

    async def __call__(self, call_next: Next, request: Any, call: Call) -> Any:
        rule = call.method.rule
        if rule.access == "public":
            await self._recognize(call)
            return await call_next(request, call)
        presented = await self._identify(call)
        reply = await call_next(request, call)
        return self._guard(reply, presented) if call.method.server_streaming else reply

    async def _recognize(self, call: Call) -> None:
        """A public method takes no credential, but the browser rule wants to know of one."""
        if call.header("authorization"):
            try:
                await self._identify(call)
            except DomainError:
                call.environment = ""

    async def _identify(self, call: Call) -> str:
        """Sets the principal. Returns the text that was presented."""
        try:
            presented = read_bearer(call.metadata, call.query)
        except Unauthenticated:
            await self._count(call)
            raise
        if presented is None:
            raise CredentialsMissing
        principal = await self._directory.known(presented)
        if principal is None:
            principal = await self._look_up(presented, call)
        elif not _takes(call.method.rule, is_key=isinstance(principal, KeyPrincipal)):
            await self._count(call)
            raise CredentialKindRefused
        self._admit(principal, call)
        return presented

    def _admit(self, principal: Principal, call: Call) -> None:
        call.principal = principal
        if not isinstance(principal, KeyPrincipal):
            return
        if call.method.rule.database == "business":
            call.environment = principal.environment.value
        if not principal.cidrs.allow(call.peer):
            raise AddressNotAllowed
        if principal.deprecated_at is not None and principal.sunset_at is not None:
            since = int(principal.deprecated_at.timestamp())
            until = format_datetime(principal.sunset_at, usegmt=True)
            call.reply_metadata.extend((("deprecation", f"@{since}"), ("sunset", until)))

    async def _look_up(self, presented: str, call: Call) -> Principal:
        try:
            credential = parse_credential(presented)
            if not _takes(call.method.rule, is_key=isinstance(credential, PresentedKey)):
                raise CredentialKindRefused
            # A flood of guesses is stopped here, before it costs the database anything; a key that
            # is known already never waits behind it.
            standing = await self._limiter.peek(self._bucket(call), self._tier)
            if not standing.allowed or standing.tightest.remaining < 1:
                raise PeerRateLimited(retry_after=standing.retry_after)
            return await self._directory.look_up(credential)
        except Unauthenticated:
            await self._count(call)
            raise

    async def _count(self, call: Call) -> None:
        decision = await self._limiter.hit(self._bucket(call), self._tier)
        if not decision.allowed:
            raise PeerRateLimited(retry_after=decision.retry_after)

    def _bucket(self, call: Call) -> str:
        return peer_bucket(call.peer, "bad-credentials")

    async def _guard(
        self, replies: AsyncIterator[Message], presented: str
    ) -> AsyncIterator[Message]:
        """Ends a stream when its key ends, also while nothing comes."""
        iterator = aiter(replies)
        pending = asyncio.ensure_future(anext(iterator, None))
        try:
            while True:
                await asyncio.wait({pending}, timeout=RECHECK_SECONDS)
                if await self._directory.known(presented) is None:
                    await self._directory.look_up(parse_credential(presented))
                if not pending.done():
                    continue
                reply = pending.result()
                if reply is None:
                    return
                yield reply
                pending = asyncio.ensure_future(anext(iterator, None))
        finally:
            await _close(pending, iterator)


async def _close(pending: asyncio.Future[Any], iterator: AsyncIterator[Message]) -> None:
    """Lets the stream behind a guard end before the guard does."""
    pending.cancel()
    await asyncio.wait({pending})
    if not pending.cancelled():
        pending.exception()  # An error that nobody waits for any more must not be reported.
    close = getattr(iterator, "aclose", None)
    if close is not None:
        await close()


def _takes(rule: MethodRule, *, is_key: bool) -> bool:
    """Keys never work on operators' methods, nor operators' credentials on integrators'."""
    if rule.access == "public":
        return True
    return is_key == (rule.access == "self" or rule.audience is Audience.INTEGRATOR)
