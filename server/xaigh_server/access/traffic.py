"""Traffic by organization and method: calls, replays and recovered errors.

SandboxTraffic counts in memory and writes every few seconds; a reader flushes first. A SIGKILL
loses at most those seconds of counts, never the effect of a call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select

from xaigh_server.access.approval import (
    Evidence,
)
from xaigh_server.access.tables import traffic as _T
from xaigh_server.db.database import Database
from xaigh_server.db.errors import DatabaseUnavailable
from xaigh_server.db.partition import Partition
from xaigh_server.db.session import Session, upsert
from xaigh_server.db.times import from_micros, to_micros
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.principal import KeyPrincipal

_KEY = ("organization_id", "method")
_WAS_FAILING = select(_T.c.failing).where(
    _T.c.organization_id == bindparam("organization_id"), _T.c.method == bindparam("method")
)
_ADD = upsert(
    _T,
    key=_KEY,
    update=lambda new: {
        "calls": _T.c.calls + new["calls"],
        "replays": _T.c.replays + new["replays"],
        "recovered": _T.c.recovered + new["recovered"],
        "failing": new["failing"],
        "last_time": new["last_time"],
    },
)
_EVIDENCE = select(
    func.sum(_T.c.calls).label("calls"),
    func.sum(_T.c.replays).label("replays"),
    func.sum(_T.c.recovered).label("recovered"),
    func.min(_T.c.first_time).label("first_time"),
    func.max(_T.c.last_time).label("last_time"),
).where(_T.c.organization_id == bindparam("organization_id"))


@dataclass(slots=True, kw_only=True)
class TrafficDelta:
    """Calls of one organization to one method since the last write.

    `begins_with_success`: a call succeeded before any failed. `failing`: the last call failed.
    """

    organization_id: str
    method: str
    first_time: datetime
    last_time: datetime
    calls: int = 0
    replays: int = 0
    recovered: int = 0
    begins_with_success: bool = False
    failing: bool = False

    def note(self, *, failed: bool, replayed: bool, now: datetime) -> None:
        """Counts a call."""
        if not failed:
            self.begins_with_success = self.begins_with_success or (
                self.recovered == 0 and not self.failing
            )
            self.recovered += self.failing
        self.calls += 1
        self.replays += replayed
        self.failing = failed
        self.last_time = now


class Traffic:
    """Repository of one environment's traffic."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, deltas: Sequence[TrafficDelta]) -> None:
        """Adds deltas to the stored counts. A delta may recover from an error stored before it."""
        for delta in deltas:
            key = {"organization_id": delta.organization_id, "method": delta.method}
            was_failing = bool(self._session.scalar(_WAS_FAILING, **key))
            self._session.run(
                _ADD,
                **key,
                calls=delta.calls,
                replays=delta.replays,
                recovered=delta.recovered + (was_failing and delta.begins_with_success),
                failing=delta.failing,
                first_time=to_micros(delta.first_time),
                last_time=to_micros(delta.last_time),
            )

    def evidence(self, organization_id: str) -> Evidence:
        """Returns the evidence in an organization's traffic."""
        row = self._session.one(_EVIDENCE, organization_id=organization_id)
        if row is None or row.calls is None:
            return Evidence()
        return Evidence(
            calls=int(row.calls),
            idempotent_replays=int(row.replays),
            recovered_errors=int(row.recovered),
            first_call_time=from_micros(row.first_time),
            last_call_time=from_micros(row.last_time),
        )


class SandboxTraffic:
    """Usage recorder of the sandbox, read by reviews of production."""

    def __init__(self, sandbox: Database, *, clock: Callable[[], datetime]) -> None:
        self._sandbox = sandbox
        self._clock = clock
        self._open: dict[tuple[str, str], TrafficDelta] = {}

    def used(self, principal: KeyPrincipal, method: str, *, replayed: bool) -> None:
        """Records an answered call."""
        self._note(principal, method, failed=False, replayed=replayed)

    def failed(self, principal: KeyPrincipal, method: str) -> None:
        """Records a call that failed after authorization."""
        self._note(principal, method, failed=True, replayed=False)

    async def flush(self) -> None:
        """Writes the counts. Counts that can't be written stay for the next flush."""
        pending, self._open = self._open, {}
        if not pending:
            return
        try:
            await self._sandbox.write(
                lambda session: Traffic(session).add([*pending.values()]),
                partition=Partition(self._sandbox.name),
            )
        except DatabaseUnavailable:
            # Losing the newer delta is safe: evidence may only be too low.
            self._open.update(pending)

    async def evidence(self, organization_id: str) -> Evidence:
        """Returns an organization's evidence, flushed first."""
        await self.flush()
        return await self._sandbox.read(lambda session: Traffic(session).evidence(organization_id))

    def _note(self, principal: KeyPrincipal, method: str, *, failed: bool, replayed: bool) -> None:
        if principal.environment is not Environment.SANDBOX:
            return
        now = self._clock()
        key = (principal.organization_id, method)
        delta = self._open.get(key)
        if delta is None:
            delta = self._open[key] = TrafficDelta(
                organization_id=key[0], method=method, first_time=now, last_time=now
            )
        delta.note(failed=failed, replayed=replayed, now=now)
