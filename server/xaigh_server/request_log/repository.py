"""Repository of the request log of one environment."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, delete, func, insert, literal, select, tuple_

from xaigh_server.db.session import Row, Session
from xaigh_server.db.times import from_micros, to_micros
from xaigh_server.errors import FieldViolation
from xaigh_server.request_log.day_tables import by_day, drop_days
from xaigh_server.request_log.model import CallFilter, CallGroup, LoggedCall
from xaigh_server.request_log.tables import request_logs as _T

_COLUMNS = tuple(_T.columns)
_NAMES = tuple(column.name for column in _COLUMNS if column.name != "sequence")
_INSERT = insert(_T)
_GET = select(*_COLUMNS).where(_T.c.request_id == bindparam("request_id")).limit(1)
_OLDEST = select(_T.c.sequence, _T.c.end_time).order_by(_T.c.sequence).limit(bindparam("limit"))
_DELETE_THROUGH = delete(_T).where(_T.c.sequence <= bindparam("sequence"))

_ANSWERED = (_T.c.organization_id == bindparam("organization_id"), _T.c.code == "ok")
_NEWEST_FIRST = (_T.c.end_time.desc(), _T.c.sequence.desc())
_recent = (
    select(_T.c.key_id, _T.c.method, _T.c.employers, _T.c.end_time)
    .where(*_ANSWERED, _T.c.key_id.in_(bindparam("key_ids", expanding=True)))
    .order_by(*_NEWEST_FIRST)
    .limit(bindparam("most"))
    .subquery()
)
_BY = (_recent.c.key_id, _recent.c.method, _recent.c.employers)
_GROUPS = (
    select(
        *_BY,
        func.count().label("calls"),
        func.min(_recent.c.end_time).label("first_time"),
        func.max(_recent.c.end_time).label("last_time"),
    )
    .group_by(*_BY)
    .order_by(*_BY)
)
_LAST_OF = (
    select(_T.c.end_time, _T.c.request_id)
    .where(
        *_ANSWERED,
        _T.c.key_id == bindparam("key_id"),
        _T.c.method == bindparam("method"),
        _T.c.employers == bindparam("employers"),
        _T.c.end_time <= bindparam("until"),
    )
    .order_by(*_NEWEST_FIRST)
    .limit(bindparam("limit"))
)


_FIRST_UNDER_KEY = (
    select(_T.c.request_id)
    .where(
        *_ANSWERED,
        _T.c.method == bindparam("method"),
        _T.c.idempotency_key == bindparam("key"),
        _T.c.replayed == 0,
        _T.c.end_time.between(bindparam("start"), bindparam("until")),
    )
    .order_by(_T.c.end_time)
    .limit(1)
)


class CallRow(NamedTuple):
    """A call as it is written. Times are in microseconds; violations, employers: JSON or empty."""

    request_id: str
    organization_id: str
    key_id: str
    client_request_id: str
    transport: str
    method: str
    code: str
    reason: str
    violations: str
    idempotency_key: str
    replayed: int
    employers: str
    end_time: int
    duration: int


class RequestLogs:
    """Adds, lists and deletes calls."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Adds calls, in the order of their ends, each as a CallRow or as its values."""
        if self._session.dialect == "sqlite":
            self._session.run_rows(_INSERT, _NAMES, rows)
            return
        for table, part in by_day(rows):
            self._session.run(table.create)
            self._session.run_rows(table.insert, _NAMES, part)

    def get(self, request_id: str, *, organization_id: str) -> LoggedCall | None:
        """Returns a call of the organization, or of any where the id is empty; or None."""
        row = self._session.one(_GET, request_id=request_id)
        if row is None or organization_id not in ("", row.organization_id):
            return None
        return _call(row)

    def page(
        self, wanted: CallFilter, *, before: tuple[int, int] | None, limit: int
    ) -> list[LoggedCall]:
        """Returns at most `limit` calls, last ended first, from those before a place."""
        found = _matching(wanted)
        if before is not None:
            place = tuple_(*map(literal, before))
            found = found.where(tuple_(_T.c.end_time, _T.c.sequence) < place)
        found = found.order_by(_T.c.end_time.desc(), _T.c.sequence.desc()).limit(limit)
        return [_call(row) for row in self._session.all(found)]

    def repeatable(
        self, organization_id: str, *, since: datetime | None, limit: int
    ) -> list[LoggedCall]:
        """Returns the newest calls that carried an idempotency key, the latest first."""
        found = _matching(CallFilter(organization_id=organization_id, start=since))
        found = found.where(_T.c.idempotency_key != "").order_by(*_NEWEST_FIRST).limit(limit)
        return [_call(row) for row in self._session.all(found)]

    def groups(self, organization_id: str, key_ids: Sequence[str], *, most: int) -> list[CallGroup]:
        """Returns sums over the newest answered calls of these keys, `most` of them at most."""
        rows = self._session.all(
            _GROUPS, organization_id=organization_id, key_ids=list(key_ids), most=most
        )
        return [
            CallGroup(
                key_id=row.key_id,
                method=row.method,
                employers=row.employers,
                calls=row.calls,
                first_time=from_micros(row.first_time),
                last_time=from_micros(row.last_time),
            )
            for row in rows
        ]

    def last_of(
        self, organization_id: str, group: CallGroup, *, limit: int
    ) -> list[tuple[int, str]]:
        """Returns end and request id of the last calls of a group, the latest first."""
        rows = self._session.all(
            _LAST_OF,
            organization_id=organization_id,
            key_id=group.key_id,
            method=group.method,
            employers=group.employers,
            until=to_micros(group.last_time),
            limit=limit,
        )
        return [(row.end_time, row.request_id) for row in rows]

    def first_under_key(self, call: LoggedCall, *, start: datetime, until: datetime) -> str:
        """Returns the id of the answered call under the call's idempotency key; empty: none."""
        found: str | None = self._session.scalar(
            _FIRST_UNDER_KEY,
            organization_id=call.organization_id,
            method=call.method,
            key=call.idempotency_key,
            start=to_micros(start),
            until=to_micros(until),
        )
        return found or ""

    def forget(self, *, before: datetime, limit: int) -> int:
        """Deletes at most `limit` of the calls written first, if they ended before a time.

        Returns how many. A call that ended before and was written late goes with those around it.
        PostgreSQL drops whole days, once the last call of a day is due, and returns their number.
        """
        if self._session.dialect != "sqlite":
            return drop_days(self._session, before=before)
        due = to_micros(before)
        oldest = self._session.all(_OLDEST, limit=limit)
        old = list(takewhile(lambda row: row.end_time < due, oldest))
        if old:
            self._session.run(_DELETE_THROUGH, sequence=old[-1].sequence)
        return len(old)


def place_of(call: LoggedCall) -> tuple[int, int]:
    """Returns the place of a call in the order of lists."""
    return to_micros(call.ended_at), call.sequence


def _matching(wanted: CallFilter) -> Select[Any]:
    found: Select[Any] = select(*_COLUMNS)
    for name in ("organization_id", "reason", "method", "key_id", "client_request_id"):
        if value := getattr(wanted, name):
            found = found.where(_T.c[name] == value)
    if wanted.errors_only:
        found = found.where(_T.c.code != "ok")
    if wanted.start is not None:
        found = found.where(_T.c.end_time >= to_micros(wanted.start))
    if wanted.end is not None:
        found = found.where(_T.c.end_time < to_micros(wanted.end))
    return found


def _call(row: Row) -> LoggedCall:
    violations = json.loads(row.violations) if row.violations else ()
    return LoggedCall(
        sequence=row.sequence,
        request_id=row.request_id,
        organization_id=row.organization_id,
        key_id=row.key_id,
        client_request_id=row.client_request_id,
        transport=row.transport,
        method=row.method,
        code=row.code,
        reason=row.reason,
        violations=tuple(FieldViolation(path=at, description=why) for at, why in violations),
        idempotency_key=row.idempotency_key,
        replayed=bool(row.replayed),
        ended_at=from_micros(row.end_time),
        duration=timedelta(microseconds=row.duration),
    )
