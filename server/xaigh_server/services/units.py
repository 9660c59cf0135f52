"""Opens units: picks the one database that a call may work on, and runs a function in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from xaigh_server.domain.call import Call
from xaigh_server.domain.environments import Environment
from xaigh_server.services.unit import BusinessUnit, ControlUnit, Unit
from xaigh_server.store.database import Database
from xaigh_server.store.session import Session

T = TypeVar("T")


class Units:
    """The only holder of the three databases on the way of a call.

    Which one a unit is of follows from the method's rule and the call's environment; a handler
    can't choose.
    """

    def __init__(
        self,
        *,
        control: Database,
        business: Mapping[Environment, Database],
        clock: Callable[[], datetime],
        new_id: Callable[[str], str],
    ) -> None:
        self._control = control
        self._business = {environment.value: database for environment, database in business.items()}
        self._clock = clock
        self._new_id = new_id

    def read(self, call: Call, run: Callable[[Any], T], *, prepared: Any = None) -> Awaitable[T]:
        """Runs `run(unit)` on one snapshot, unable to write."""
        database, open_unit = self._choose(call, prepared)
        return database.read(lambda session: run(open_unit(session)))

    def point(self, call: Call, run: Callable[[Any], T], *, prepared: Any = None) -> Awaitable[T]:
        """Like `read`, for a handful of look-ups by key."""
        database, open_unit = self._choose(call, prepared)
        return database.point(lambda session: run(open_unit(session)))

    async def write(self, call: Call, run: Callable[[Any], T], *, prepared: Any = None) -> T:
        """Runs `run(unit)` in one transaction with its audit events and outgoing events."""
        database, open_unit = self._choose(call, prepared)

        def work(session: Session) -> T:
            unit = open_unit(session)
            result = run(unit)
            unit.close()
            return result

        return await database.write(work)

    def _choose(self, call: Call, prepared: Any) -> tuple[Database, Callable[[Session], Unit]]:
        now = self._clock()
        control = call.method.rule.database == "control"
        database = self._control if control else self._business[call.environment]
        kind = ControlUnit if control else BusinessUnit

        def open_unit(session: Session) -> Unit:
            return kind(
                session,
                chain=database.name,
                call=call,
                now=now,
                new_id=self._new_id,
                prepared=prepared,
            )

        return database, open_unit
