"""Interceptor that authenticates the caller, and authenticates open calls again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime
from typing import Protocol

from xaigh_server.errors import DomainError
from xaigh_server.identity.credentials import Credential, parse_credential, read_bearer
from xaigh_server.identity.errors import (
    AddressNotAllowed,
    CredentialsMissing,
    PeerRateLimited,
    Unauthenticated,
)
from xaigh_server.identity.principal import KeyPrincipal, Principal, Verified
from xaigh_server.identity.rate_limit.model import BAD_CREDENTIALS_TIER, Limiter, Tier, peer_bucket
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.interceptor import Next, Reply, RequestSource


class CredentialDirectory(Protocol):
    """Lookup of credentials. It applies a revocation before the reply to the revocation is sent."""

    async def cached(self, text: str) -> Verified | None:
        """Returns the cached principal; None where it isn't cached or rights changed since.

        `text` is the credential as sent, of any form.
        """

    async def look_up(self, credential: Credential) -> Verified:
        """Returns the principal. Raises `Unauthenticated` with the reason."""


class Authenticate:
    """Sets the call's principal, epoch and environment, or refuses the call with 401."""

    def __init__(
        self,
        directory: CredentialDirectory,
        *,
        limiter: Limiter,
        clock: Callable[[], datetime],
        bad_credentials: Tier = BAD_CREDENTIALS_TIER,
    ) -> None:
        self._directory = directory
        self._limiter = limiter
        self._clock = clock
        self._tier = bad_credentials

    async def __call__(self, call_next: Next, request: RequestSource, call: Call) -> Reply:
        if call.method.rule.access == "public":
            await self._recognize(call)
        else:
            call.epoch = (await self._identify(call)).epoch
        return await call_next(request, call)

    async def again(self, call: Call) -> Verified:
        """Authenticates the credential of an open call by what holds now; changes nothing.

        Raises `Unauthenticated`. It isn't counted as a guess: the credential was good before.
        """
        presented = read_bearer(call.metadata, call.query)
        if presented is None:
            raise CredentialsMissing
        found = await self._directory.cached(presented)
        if found is None:
            found = await self._directory.look_up(parse_credential(presented))
        _check_address(found.principal, call)
        return found

    async def _recognize(self, call: Call) -> None:
        """Identifies the caller of a public method if possible, for the browser rule."""
        if call.header("authorization"):
            try:
                await self._identify(call)
            except DomainError:
                call.environment = ""

    async def _identify(self, call: Call) -> Verified:
        """Sets the principal."""
        try:
            presented = read_bearer(call.metadata, call.query)
        except Unauthenticated:
            await self._count(call)
            raise
        if presented is None:
            raise CredentialsMissing
        found = await self._directory.cached(presented)
        if found is None:
            found = await self._look_up(presented, call)
        self._admit(found.principal, call)
        return found

    def _admit(self, principal: Principal, call: Call) -> None:
        call.principal = principal
        if not isinstance(principal, KeyPrincipal):
            return
        if call.method.rule.database == "business":
            call.environment = principal.environment.value
        _check_address(principal, call)
        if principal.deprecated_at is not None and principal.sunset_at is not None:
            since = int(principal.deprecated_at.timestamp())
            until = format_datetime(principal.sunset_at, usegmt=True)
            call.reply_metadata.extend((("deprecation", f"@{since}"), ("sunset", until)))

    async def _look_up(self, presented: str, call: Call) -> Verified:
        try:
            credential = parse_credential(presented)
            # A flood of guesses is stopped here, before it costs the database anything; a key that
            # is known already never waits behind it.
            status = await self._limiter.peek(self._bucket(call), self._tier)
            if not status.allowed or status.tightest.remaining < 1:
                raise PeerRateLimited(retry_after=status.retry_after)
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


def _check_address(principal: Principal, call: Call) -> None:
    if isinstance(principal, KeyPrincipal) and not principal.cidrs.allow(call.peer):
        raise AddressNotAllowed
