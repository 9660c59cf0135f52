"""The rights of a call, kept those of now for as long as the call is open.

Whoever takes rights away moves the epoch in the same transaction, and answers after its commit.
A call notes the epoch under which it was authorized. Each unit of work compares the two once it has
all of its input, and a unit that may write does so while it holds the write lock of its database.
So take a byte of input that was sent after the reply of a revocation: it was received after that
commit, the comparison comes later still and sees the moved epoch, and the unit ends with nothing
written. What was received before that reply may still commit, and need not.

An expiry moves no epoch, so the clock is compared as well.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from xaigh_server.db import errors as store_errors
from xaigh_server.db.session import Session
from xaigh_server.errors import Unavailable
from xaigh_server.identity.epoch import Epoch
from xaigh_server.identity.principal import Anonymous
from xaigh_server.rpc.call import Call

RENEWALS = 3
"""How often a write is authorized again before its call is turned away."""


class RightsMoved(Exception):
    """A unit found that its caller was authorized under rights that may be gone."""


class Rights:
    """Compares the rights under which calls were authorized with those of now."""

    def __init__(
        self,
        epoch: Epoch,
        *,
        reauthorize: Callable[[Call], Awaitable[None]],
        clock: Callable[[], datetime],
    ) -> None:
        """`reauthorize` sets principal and epoch of a call anew, or raises its refusal."""
        self._epoch = epoch
        self._reauthorize = reauthorize
        self._clock = clock

    async def renew(self, call: Call) -> None:
        """Authorizes the call again if anything has changed. Raises what a new call would hear.

        What a call sent before it asks here has been received, so one look-up is enough.
        """
        if call.method.rule.access == "public":
            return
        if await self._epoch.current() != call.epoch or _has_expired(call, self._clock()):
            await self._reauthorize(call)

    async def authorize_again(self, call: Call) -> None:
        """Authorizes the call by what holds now. Raises what a new call would hear."""
        await self._reauthorize(call)

    def check(self, call: Call, session: Session, *, database: str, now: datetime) -> None:
        """Raises RightsMoved if anything has changed; called under a unit's write lock.

        The epoch is read before the principal: the guard of a stream may set both meanwhile.
        """
        if call.method.rule.access == "public":
            return
        try:
            moved = self._epoch.has_moved(call.epoch, session, database)
        except store_errors.DatabaseUnavailable as error:
            # Of another database: the units that share this one's transaction aren't in doubt.
            raise Unavailable from error
        if moved or _has_expired(call, now):
            raise RightsMoved


def _has_expired(call: Call, now: datetime) -> bool:
    principal = call.principal
    if isinstance(principal, Anonymous):
        return False
    return principal.expires_at is not None and principal.expires_at <= now
