"""Interceptor that authenticates the caller, and authenticates open calls again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime
from typing import Protocol

from xaigh_server.errors import DomainError
from xaigh_server.identity.credentials import Credential, read_bearer
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

    def parse(self, text: str) -> Credential:
        """Reads a credential without a look-up. Raises `Unauthenticated` with the reason.

        Only a credential that the server itself has issued passes.
        """

    async def look_up(self, credential: Credential) -> Verified:
        """Returns the principal. Raises `Unauthenticated` with the reason."""

    def lease_left(self, found: Verified) -> float:
        """Returns for how many seconds another service may use what was found without asking."""


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
            found = await self._directory.look_up(self._directory.parse(presented))
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
            await self._hit(_bucket(call, "guesses"))
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
        # A flood of guesses ends here: it costs the database nothing, and no credential of ours
        # waits behind it, since its tag tells it from a guess.
        try:
            credential = self._directory.parse(presented)
        except Unauthenticated:
            await self._hit(_bucket(call, "guesses"))
            raise
        # The retries of a credential that has ended count against its id at this address, so
        # they don't hold up its successor. Only its holder can spend that.
        own = _bucket(call, f"refused:{credential.id}")
        await self._check(own)
        try:
            return await self._directory.look_up(credential)
        except Unauthenticated:
            await self._hit(own)
            raise

    async def _check(self, bucket: str) -> None:
        status = await self._limiter.peek(bucket, self._tier)
        if not status.allowed or status.tightest.remaining < 1:
            raise PeerRateLimited(retry_after=status.retry_after)

    async def _hit(self, bucket: str) -> None:
        decision = await self._limiter.hit(bucket, self._tier)
        if not decision.allowed:
            raise PeerRateLimited(retry_after=decision.retry_after)


def _bucket(call: Call, purpose: str) -> str:
    return peer_bucket(call.peer, purpose)


def _check_address(principal: Principal, call: Call) -> None:
    if isinstance(principal, KeyPrincipal) and not principal.cidrs.allow(call.peer):
        raise AddressNotAllowed
