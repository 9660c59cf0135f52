"""Factory of units of work: selects the database of a call and runs a function in a unit there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Protocol, TypeVar

from xaigh_server.db.database import Database
from xaigh_server.db.errors import UniqueViolation
from xaigh_server.db.idempotency import ANSWERED_KEY
from xaigh_server.db.partition import Partition
from xaigh_server.db.session import Session
from xaigh_server.errors import Unavailable
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.epoch import EPOCH_MOVED
from xaigh_server.identity.principal import KeyPrincipal
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.rights import RENEWALS, RightsMoved
from xaigh_server.rpc.unit_of_work import UnitOfWork

T = TypeVar("T")


class RightsCheck(Protocol):
    """Keeps the rights of calls those of now: see `rpc.rights`."""

    async def renew(self, call: Call) -> None:
        """Authorizes the call again if anything has changed. Raises the error of a new call."""

    async def authorize_again(self, call: Call) -> None:
        """Authorizes the call by its current rights. Raises the error of a new call."""

    async def settle(self) -> None:
        """Waits until no server uses rights that were read before this call."""

    def check(self, call: Call, session: Session, *, database: str, now: datetime) -> None:
        """Raises RightsMoved if anything has changed; called under a unit's write lock."""


class UnitOfWorkFactory:
    """Factory of units. Interceptors and handlers reach the three databases through it alone.

    Which one a unit is of follows from the method's rule and the call's environment; a handler
    can't choose. A unit runs only under rights that the caller still has.
    """

    def __init__(
        self,
        *,
        control: Database,
        business: Mapping[Environment, Database],
        rights: RightsCheck,
        clock: Callable[[], datetime],
        new_id: Callable[[str], str],
    ) -> None:
        self._control = control
        self._business = {environment.value: database for environment, database in business.items()}
        self._rights = rights
        self._clock = clock
        self._new_id = new_id

    async def renew(self, call: Call) -> None:
        """Authorizes the call again if anything has changed. Raises the error of a new call."""
        await self._rights.renew(call)

    async def settle(self) -> None:
        """Waits until no server uses rights that were read before this call."""
        await self._rights.settle()

    async def read(self, call: Call, run: Callable[[Any], T], *, prepared: Any = None) -> T:
        """Runs `run(unit)` on one snapshot, unable to write."""
        await self._rights.renew(call)
        return await self.poll(call, run, prepared=prepared)

    async def point(self, call: Call, run: Callable[[Any], T], *, prepared: Any = None) -> T:
        """Like `read`, for a handful of look-ups by key."""
        await self._rights.renew(call)
        database, _, open_unit = self._choose(call, prepared)
        return await database.point(lambda session: run(open_unit(session)))

    async def poll(self, call: Call, run: Callable[[Any], T], *, prepared: Any = None) -> T:
        """Like `read`, without a look at the caller's rights.

        For the loop of a stream of replies, whose guard looks at them before each one is sent.
        """
        database, _, open_unit = self._choose(call, prepared)
        return await database.read(lambda session: run(open_unit(session)))

    async def write(
        self, call: Call, run: Callable[[Any], T], *, prepared: Any = None, owner: str = ""
    ) -> T:
        """Runs `run(unit)` in one transaction with its audit events and outgoing events.

        The transaction writes in the partition that the method's rule states. `owner` is the
        organization of the object that the request names, for a rule that goes by it.

        A unit that finds the caller's rights moved leaves nothing; it runs again once the call is
        authorized again. Raises Unavailable where they move each time.
        """
        database, partition, open_unit = self._choose(call, prepared, owner)

        def work(session: Session) -> tuple[T, bool]:
            unit = open_unit(session)
            self._rights.check(call, session, database=database.name, now=unit.now)
            unit.expect_audit()
            result = run(unit)
            unit.close()
            if EPOCH_MOVED in session.marks and not call.method.rule.changes_rights:
                raise RuntimeError(f"{call.method.full_name} lacks `changes_rights` in its rule")
            return result, unit.is_metered

        for attempt in range(1 + RENEWALS):
            if attempt:
                await self._rights.authorize_again(call)
            with suppress(RightsMoved):
                urgent = call.method.rule.changes_rights
                result, call.metered = await _repeated(database, work, partition, urgent=urgent)
                return result
        raise Unavailable

    def _choose(
        self, call: Call, prepared: Any, owner: str = ""
    ) -> tuple[Database, Partition, Callable[[Session], UnitOfWork]]:
        control = call.method.rule.database == "control"
        database = self._control if control else self._business[call.environment]
        partition = Partition.of(database.name, owner or organization_of(call))

        def open_unit(session: Session) -> UnitOfWork:
            return UnitOfWork(
                session,
                partition=partition,
                call=call,
                now=self._clock(),
                new_id=self._new_id,
                prepared=prepared,
            )

        return database, partition, open_unit


async def _repeated(
    database: Database, work: Callable[[Session], T], partition: Partition, *, urgent: bool
) -> T:
    """Writes, a second time where another call has answered the idempotency key meanwhile.

    An operator's key is one key in every partition. The repeat finds what the other call left.
    """
    try:
        return await database.write(work, partition=partition, urgent=urgent)
    except UniqueViolation as violation:
        if violation.constraint != ANSWERED_KEY:
            raise
        return await database.write(work, partition=partition, urgent=urgent)


def organization_of(call: Call) -> str:
    """The tenant of the calling key; empty for everybody else."""
    principal = call.principal
    return principal.organization_id if isinstance(principal, KeyPrincipal) else ""
