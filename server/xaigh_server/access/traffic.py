"""Traffic by organization and method: calls, replays and recovered errors.

A recovery is a refused call that a good one of the same method and idempotency key or resource
follows.

SandboxTraffic counts in memory and writes every few seconds; a reader flushes first. A SIGKILL
loses at most those seconds of counts, never the effect of a call.

A refusal by one process and the recovery by another are written in either order, so a process
compares what it answered with the stored refusals again, for as long as another one may write."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, func, select, update

from xaigh_server.access.approval import (
    Evidence,
)
from xaigh_server.access.tables import traffic as _T
from xaigh_server.access.tables import traffic_refusals as _R
from xaigh_server.db.database import Database
from xaigh_server.db.errors import DatabaseUnavailable
from xaigh_server.db.partition import Partition
from xaigh_server.db.session import Session, upsert
from xaigh_server.db.times import from_micros, to_micros
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.principal import KeyPrincipal
from xaigh_server.rpc.error_reasons import ReasonView
from xaigh_server.rpc.interceptors.note_traffic import Ending

RECOVERABLE = frozenset({400, 409, 412, 422, 429})
"""Statuses of refusals that a client can recover from, beside 5xx. To find what was missing (404)
proves nothing."""

KEPT = 200
"""Refusals of one organization and method that are kept until a call recovers from them."""

_ANSWERED = 10_000  # subjects of a few seconds; more than that recover nothing
_LATE = timedelta(seconds=15)  # three times the seconds between two writes of a process

_KEY = ("organization_id", "method")
_REFUSALS = select(_R.c.subject, _R.c.time).where(
    _R.c.organization_id == bindparam("organization_id"), _R.c.method == bindparam("method")
)
_FORGET = delete(_R).where(
    _R.c.organization_id == bindparam("of"),
    _R.c.method == bindparam("to"),
    _R.c.subject == bindparam("about"),
)
_REMEMBER = upsert(_R, key=(*_KEY, "subject"), update=("time",))
_ADD = upsert(
    _T,
    key=_KEY,
    update=lambda new: {
        "calls": _T.c.calls + new["calls"],
        "replays": _T.c.replays + new["replays"],
        "recovered": _T.c.recovered + new["recovered"],
        "last_time": new["last_time"],
    },
)
_RECOVER = (
    update(_T)
    .where(_T.c.organization_id == bindparam("of"), _T.c.method == bindparam("to"))
    .values(recovered=_T.c.recovered + bindparam("more"))
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

    `refused` are the subjects whose last call was refused, the latest last; `answered` those that
    were answered before any refusal here, so that they may recover from one of another process or
    of an earlier write. Both with their times.
    """

    organization_id: str
    method: str
    first_time: datetime
    last_time: datetime
    calls: int = 0
    replays: int = 0
    recovered: int = 0
    refused: dict[str, datetime] = field(default_factory=dict)
    answered: dict[str, datetime] = field(default_factory=dict)

    def note(self, *, ending: Ending, subject: str, replayed: bool, now: datetime) -> None:
        """Counts a call. Only calls with a subject can be refused and recovered from."""
        self.calls += 1
        self.replays += replayed
        self.last_time = now
        if not subject or ending == "ignored":
            return
        digest = hashlib.sha256(subject.encode()).hexdigest()[:32]
        if ending == "refused":
            self.refused.pop(digest, None)
            self.refused[digest] = now
            if len(self.refused) > KEPT:
                del self.refused[next(iter(self.refused))]
        elif self.refused.pop(digest, None) is not None:
            self.recovered += 1
        elif len(self.answered) < _ANSWERED:
            self.answered[digest] = now

    def late(self, since: datetime) -> TrafficDelta | None:
        """What was answered since then, without the counts; None where nothing was."""
        answered = {digest: time for digest, time in self.answered.items() if time >= since}
        if not answered:
            return None
        return replace(self, calls=0, replays=0, recovered=0, refused={}, answered=answered)


class Traffic:
    """Repository of one environment's traffic."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, deltas: Sequence[TrafficDelta]) -> None:
        """Adds deltas to the stored counts. A delta may recover from a refusal stored before it."""
        for delta in deltas:
            key = {"organization_id": delta.organization_id, "method": delta.method}
            recovered = delta.recovered + self._settle(delta)
            if not delta.calls:  # an earlier write counted them
                if recovered:
                    self._session.run(
                        _RECOVER, of=delta.organization_id, to=delta.method, more=recovered
                    )
                continue
            self._session.run(
                _ADD,
                **key,
                calls=delta.calls,
                replays=delta.replays,
                recovered=recovered,
                first_time=to_micros(delta.first_time),
                last_time=to_micros(delta.last_time),
            )

    def _settle(self, delta: TrafficDelta) -> int:
        """Replaces the stored refusals by those that stand. Returns the recoveries."""
        key = {"organization_id": delta.organization_id, "method": delta.method}
        stored = {row.subject: row.time for row in self._session.all(_REFUSALS, **key)}
        recovered = {
            each
            for each, time in delta.answered.items()
            if each in stored and stored[each] <= to_micros(time)
        }
        standing = {each: time for each, time in stored.items() if each not in recovered}
        standing |= {each: to_micros(time) for each, time in delta.refused.items()}
        kept = sorted(standing, key=lambda each: standing[each])[-KEPT:]
        for each in stored.keys() - set(kept):
            self._session.run(_FORGET, of=delta.organization_id, to=delta.method, about=each)
        for each in kept:
            if standing[each] != stored.get(each):
                self._session.run(_REMEMBER, **key, subject=each, time=standing[each])
        return len(recovered)

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
        self._late: list[TrafficDelta] = []

    def ended(
        self, principal: KeyPrincipal, method: str, *, ending: Ending, subject: str, replayed: bool
    ) -> None:
        """Counts a call of the sandbox. `subject` is its idempotency key or resource."""
        if principal.environment is not Environment.SANDBOX:
            return
        now = self._clock()
        key = (principal.organization_id, method)
        delta = self._open.get(key)
        if delta is None:
            delta = self._open[key] = TrafficDelta(
                organization_id=key[0], method=method, first_time=now, last_time=now
            )
        delta.note(ending=ending, subject=subject, replayed=replayed, now=now)

    async def flush(self) -> None:
        """Writes the counts. Counts that can't be written stay for the next flush."""
        pending, self._open = self._open, {}
        deltas = [*self._late, *pending.values()]
        if not deltas:
            return
        try:
            await self._sandbox.write(
                lambda session: Traffic(session).add(deltas),
                partition=Partition(self._sandbox.name),
            )
        except DatabaseUnavailable:
            # Losing the newer delta is safe: evidence may only be too low.
            self._open.update(pending)
        else:
            since = self._clock() - _LATE
            self._late = [late for each in deltas if (late := each.late(since)) is not None]

    async def evidence(self, organization_id: str) -> Evidence:
        """Returns an organization's evidence, flushed first."""
        await self.flush()
        return await self._sandbox.read(lambda session: Traffic(session).evidence(organization_id))


def recoverable(reasons: Mapping[str, ReasonView]) -> frozenset[str]:
    """Returns the reasons of refusals that a client can recover from by calling again."""
    return frozenset(
        name
        for name, view in reasons.items()
        if view.http_status in RECOVERABLE or view.http_status >= 500
    )
