"""Repository of sync events. The transaction that changes a role also inserts its event."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import takewhile
from typing import Any

from sqlalchemy import Select, bindparam, delete, insert, select

from xaigh_server.ats.events import SyncEvent, SyncEventType
from xaigh_server.ats.tables import ats_runs as _R
from xaigh_server.ats.tables import ats_sync_events as _E
from xaigh_server.db.session import Row, Session
from xaigh_server.db.times import from_micros, to_micros
from xaigh_server.jobs.tables import ats_mirrors as _M
from xaigh_server.jobs.tables import job_postings as _P

_INSERT = insert(_E)
_WRITTEN = tuple(column.name for column in _E.columns if column.name != "number")
_ALL = (
    select(
        _E.c.number,
        _E.c.event_id,
        _E.c.type,
        _E.c.job_number,
        _E.c.employer_user_id,
        _E.c.integration_id,
        _E.c.raw_hash_before,
        _E.c.raw_hash_after,
        _E.c.state_before,
        _E.c.state_after,
        _E.c.changed_fields,
        _E.c.close_reason,
        _E.c.close_policy,
        _E.c.request_id,
        _E.c.client_request_id,
        _E.c.event_time,
        _P.c.job_id,
        _M.c.external_job_id,
        _M.c.provider,
        _R.c.sync_run_id,
        _R.c.organization_id,
    )
    .select_from(_E)
    .join(_P, _P.c.number == _E.c.job_number)
    .join(_M, _M.c.number == _E.c.job_number)
    .outerjoin(_R, _R.c.number == _E.c.run)
)
_OLDEST = select(_E.c.number, _E.c.event_time).order_by(_E.c.number).limit(bindparam("limit"))
_FORGET_THROUGH = delete(_E).where(_E.c.number <= bindparam("number"))


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """What a list holds: events of these integrations. Empty members are no condition.

    `integration_ids` None: of all integrations. `run` is a run's number.
    """

    integration_ids: Sequence[str] | None
    organization_id: str = ""
    run: int = 0
    job_id: str = ""
    type: str = ""
    request_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """An event as it is listed. `number` is its place in the order of writing."""

    number: int
    job_id: str
    external_job_id: str
    provider: str
    sync_run_id: str
    organization_id: str
    event: SyncEvent


class SyncEvents:
    """The sync events of one database."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(
        self,
        events: Iterable[SyncEvent],
        *,
        run: int,
        policy: str,
        request_id: str,
        client_request_id: str,
    ) -> None:
        """Writes events of one run, in order."""
        rows = [
            (
                event.event_id,
                event.type.value,
                event.job_number,
                event.employer_user_id,
                event.integration_id,
                run,
                event.raw_hash_before,
                event.raw_hash_after,
                event.state_before,
                event.state_after,
                " ".join(event.changed_fields),
                event.close_reason,
                policy,
                request_id,
                client_request_id,
                to_micros(event.time),
            )
            for event in events
        ]
        self._session.run_rows(_INSERT, _WRITTEN, rows)

    def listing(
        self, wanted: EventFilter, *, before: int | None = None, limit: int
    ) -> list[StoredEvent]:
        """Events that match, newest first, from those written before the one numbered `before`."""
        params: dict[str, Any] = {"limit": limit}
        if wanted.integration_ids is not None:
            params["integration_ids"] = list(wanted.integration_ids)
        for name in ("organization_id", "run", "job_id", "type", "request_id"):
            if value := getattr(wanted, name):
                params[name] = value
        if before is not None:
            params["before"] = before
        rows = self._session.all(_listing(frozenset(params)), **params)
        return [_stored(row) for row in rows]

    def forget(self, *, before: datetime, limit: int) -> int:
        """Deletes at most `limit` of the oldest events from before a time. Returns how many."""
        due = to_micros(before)
        oldest = self._session.all(_OLDEST, limit=limit)
        old = list(takewhile(lambda row: row.event_time < due, oldest))
        if old:
            self._session.run(_FORGET_THROUGH, number=old[-1].number)
        return len(old)


@lru_cache(maxsize=64)
def _listing(names: frozenset[str]) -> Select[Any]:
    found: Select[Any] = _ALL
    if "integration_ids" in names:
        found = found.where(_E.c.integration_id.in_(bindparam("integration_ids", expanding=True)))
    columns = {
        "organization_id": _R.c.organization_id,
        "run": _E.c.run,
        "job_id": _P.c.job_id,
        "type": _E.c.type,
        "request_id": _E.c.request_id,
    }
    for name, column in columns.items():
        if name in names:
            found = found.where(column == bindparam(name))
    if "before" in names:
        found = found.where(_E.c.number < bindparam("before"))
    return found.order_by(_E.c.number.desc()).limit(bindparam("limit"))


def _stored(row: Row) -> StoredEvent:
    time: datetime = from_micros(row.event_time)
    return StoredEvent(
        number=row.number,
        job_id=row.job_id,
        external_job_id=row.external_job_id,
        provider=row.provider,
        sync_run_id=row.sync_run_id or "",
        organization_id=row.organization_id,
        event=SyncEvent(
            event_id=row.event_id,
            type=SyncEventType(row.type),
            job_number=row.job_number,
            employer_user_id=row.employer_user_id,
            integration_id=row.integration_id,
            raw_hash_before=row.raw_hash_before,
            raw_hash_after=row.raw_hash_after,
            state_before=row.state_before,
            state_after=row.state_after,
            changed_fields=tuple(row.changed_fields.split()),
            close_reason=row.close_reason,
            close_policy=row.close_policy,
            request_id=row.request_id,
            client_request_id=row.client_request_id,
            time=time,
        ),
    )
