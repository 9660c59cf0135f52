"""Rights of an open call: kept equal to the current rights of its credential.

A transaction that takes rights away moves the epoch and commits before its reply is sent. A call
stores the epoch under which it was authorized. Each unit of work compares the two after it has
received all of its input; a unit that may write compares under the write lock of its database.

So no input that a caller sends after the reply to a revocation is ever committed: it arrives after
that commit, so the comparison sees the moved epoch, and the unit ends without a write. Input that
arrived before that reply may still commit.

An expiry doesn't move the epoch, so the clock is compared as well.
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
        """Authorizes the call again if anything has changed. Raises the error of a new call.

        What a call sent before it asks here has been received, so one look-up is enough.
        """
        if call.method.rule.access == "public":
            return
        if await self._epoch.current() != call.epoch or _has_expired(call, self._clock()):
            await self._reauthorize(call)

    async def authorize_again(self, call: Call) -> None:
        """Authorizes the call by its current rights. Raises the error of a new call."""
        self._epoch.expire()  # or a reading that still holds would give the rights of before
        await self._reauthorize(call)

    async def settle(self) -> None:
        """Waits until no server uses rights that were read before this call."""
        await self._epoch.settle()

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
