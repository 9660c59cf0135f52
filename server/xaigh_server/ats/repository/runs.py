"""Repository of runs, their stored replies, and the ids of records without a mirror."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import Select, bindparam, delete, insert, select, tuple_, update

from xaigh_server.ats.drift import DriftedField, DriftExample, DriftState, FieldDrift
from xaigh_server.ats.runs import (
    CloseState,
    Counts,
    MissingClose,
    MissingRole,
    Run,
    RunState,
    SkipReason,
)
from xaigh_server.ats.tables import ats_batches as _B
from xaigh_server.ats.tables import ats_run_ids as _I
from xaigh_server.ats.tables import ats_runs as _R
from xaigh_server.db.row_numbers import RowNumbers
from xaigh_server.db.session import Row, Session, insert_ignore
from xaigh_server.db.times import from_micros, to_micros

_COUNTS = tuple(field.name for field in fields(Counts))
_ALL = select(*_R.c)
_BY_ID = _ALL.where(
    _R.c.organization_id == bindparam("organization_id"),
    _R.c.sync_run_id == bindparam("sync_run_id"),
)
_BY_NUMBERS = _ALL.where(_R.c.number.in_(bindparam("numbers", expanding=True)))
_NUMBERS = RowNumbers(_R.c.number)
_LAST_COMPLETED = (
    _ALL.where(_R.c.integration_id == bindparam("integration_id"), _R.c.state == RunState.COMPLETED)
    .order_by(_R.c.order_time.desc(), _R.c.number.desc())
    .limit(1)
)
_INSERT = insert(_R)
_MOVING = tuple(
    column.name
    for column in _R.c
    if column.name
    not in ("number", "sync_run_id", "organization_id", "integration_id", "provider", "begin_time")
)
_UPDATE = (
    update(_R)
    .where(_R.c.number == bindparam("at_number"))
    .values({name: bindparam(f"new_{name}") for name in _MOVING})
)
_BATCH = select(_B.c.fingerprint, _B.c.reply).where(
    _B.c.run == bindparam("run"), _B.c.batch_index == bindparam("batch_index")
)
_ADD_BATCH = insert(_B)
_FORGET = (
    delete(_B)
    .where(
        tuple_(_B.c.run, _B.c.batch_index).in_(
            select(_B.c.run, _B.c.batch_index)
            .join(_R, _R.c.number == _B.c.run)
            .where(_R.c.last_batch_time < bindparam("before"))
            .limit(bindparam("limit"))
            .scalar_subquery()
        )
    )
    .returning(_B.c.run)
)
_HELD_IDS = select(_I.c.external_job_id).where(
    _I.c.run == bindparam("run"),
    _I.c.external_job_id.in_(bindparam("external_job_ids", expanding=True)),
)
_ADD_IDS = insert_ignore(_I)
_CONDITIONS = ("organization_id", "provider", "state")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredBatch:
    """A batch that came before: what it held, in short, and the answer that it got."""

    fingerprint: bytes
    reply: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFilter:
    """What a list holds: the runs of these integrations. Empty members are no condition.

    `integration_ids` None: of all integrations.
    """

    integration_ids: Sequence[str] | None
    organization_id: str = ""
    provider: str = ""
    state: str = ""


class Runs:
    """The runs of one database."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, organization_id: str, sync_run_id: str) -> Run | None:
        """An organization's run."""
        row = self._session.one(_BY_ID, organization_id=organization_id, sync_run_id=sync_run_id)
        return None if row is None else _run(row)

    def numbered(self, numbers: Iterable[int | None]) -> dict[int, Run]:
        """Runs by their numbers; None is left out."""
        wanted = sorted({number for number in numbers if number is not None})
        if not wanted:
            return {}
        return {row.number: _run(row) for row in self._session.all(_BY_NUMBERS, numbers=wanted)}

    def last_completed(self, integration_id: str) -> Run | None:
        """The completed run whose feed was read last."""
        row = self._session.one(_LAST_COMPLETED, integration_id=integration_id)
        return None if row is None else _run(row)

    def listing(self, wanted: RunFilter, *, before: int | None = None, limit: int) -> list[Run]:
        """Runs that match, newest first, from those begun before the one numbered `before`."""
        params: dict[str, Any] = {"limit": limit}
        if wanted.integration_ids is not None:
            params["integration_ids"] = list(wanted.integration_ids)
        for name in _CONDITIONS:
            if value := getattr(wanted, name):
                params[name] = value
        if before is not None:
            params["before"] = before
        rows = self._session.all(_listing(frozenset(params)), **params)
        return [_run(row) for row in rows]

    def new_number(self) -> int:
        """Returns the number for a run to be added."""
        return _NUMBERS.draw(self._session)[0]

    def add(self, run: Run) -> None:
        """Adds a run. Its id must be new to the organization."""
        self._session.run(
            _INSERT,
            {
                "number": run.number,
                "sync_run_id": run.sync_run_id,
                "organization_id": run.organization_id,
                "integration_id": run.integration_id,
                "provider": run.provider,
                "begin_time": to_micros(run.begin_time),
                **_moving_values(run),
            },
        )

    def store(self, run: Run) -> None:
        """Writes how far a run is."""
        values = {f"new_{name}": value for name, value in _moving_values(run).items()}
        self._session.run(_UPDATE, {"at_number": run.number, **values})

    def batch(self, run: int, batch_index: int) -> StoredBatch | None:
        """The batch that came before at this place."""
        row = self._session.one(_BATCH, run=run, batch_index=batch_index)
        if row is None:
            return None
        return StoredBatch(fingerprint=row.fingerprint, reply=zlib.decompress(row.reply))

    def add_batch(self, run: int, batch_index: int, batch: StoredBatch) -> None:
        """Stores the reply to a batch, for its repeats."""
        self._session.run(
            _ADD_BATCH,
            {
                "run": run,
                "batch_index": batch_index,
                "fingerprint": batch.fingerprint,
                "reply": zlib.compress(batch.reply, 1),
            },
        )

    def forget_batches(self, *, before: datetime, limit: int) -> int:
        """Deletes stored replies of runs without a batch since a time. Returns how many.

        Such runs can't be resumed, so no caller can repeat their batches.
        """
        return len(self._session.all(_FORGET, before=to_micros(before), limit=limit))

    def held_ids(self, run: int, external_job_ids: Sequence[str]) -> set[str]:
        """Which of these ids a run has noted before."""
        if not external_job_ids:
            return set()
        rows = self._session.all(_HELD_IDS, run=run, external_job_ids=list(external_job_ids))
        return {row.external_job_id for row in rows}

    def note_ids(self, run: int, external_job_ids: Iterable[str]) -> None:
        """Notes ids of records that no mirror keeps, each once."""
        rows = [{"run": run, "external_job_id": each} for each in external_job_ids]
        self._session.run(_ADD_IDS, rows)


@lru_cache(maxsize=64)
def _listing(names: frozenset[str]) -> Select[Any]:
    found: Select[Any] = _ALL
    if "integration_ids" in names:
        found = found.where(_R.c.integration_id.in_(bindparam("integration_ids", expanding=True)))
    for name in _CONDITIONS:
        if name in names:
            found = found.where(_R.c[name] == bindparam(name))
    if "before" in names:
        found = found.where(_R.c.number < bindparam("before"))
    return found.order_by(_R.c.number.desc()).limit(bindparam("limit"))


def _moving_values(run: Run) -> dict[str, Any]:
    return {
        "state": run.state.value,
        "employer_ids": orjson.dumps(run.employer_ids).decode(),
        "last_batch_time": to_micros(run.last_batch_time),
        "end_time": to_micros(run.end_time),
        "lease_expire_time": to_micros(run.lease_expire_time),
        "generated_time": to_micros(run.generated_time),
        "order_time": to_micros(run.order_time),
        "expected_total": run.expected_total,
        "whole_said": int(run.whole_said),
        "close_missing": int(run.close_missing),
        "seen_total": run.seen_total,
        "unreadable_total": run.unreadable_total,
        "batch_total": run.batch_total,
        **{name: getattr(run.counts, name) for name in _COUNTS},
        **_close_values(run.close),
        "withheld_total": run.withheld_total,
        "drift": None if run.drift is None else _written_drift(run.drift),
    }


def _close_values(close: MissingClose) -> dict[str, Any]:
    return {
        "close_state": close.state.value,
        "close_reason": None if close.reason is None else close.reason.value,
        "close_count": close.count,
        "close_open_count": close.open_count,
        "close_roles": orjson.dumps(
            [(role.job_id, role.external_job_id, role.title) for role in close.roles]
        ).decode(),
        "confirm_by_time": to_micros(close.confirm_by_time),
        "close_time": to_micros(close.closed_time),
    }


def _run(row: Row) -> Run:
    return Run(
        number=row.number,
        sync_run_id=row.sync_run_id,
        organization_id=row.organization_id,
        integration_id=row.integration_id,
        provider=row.provider,
        state=RunState(row.state),
        employer_ids=tuple(orjson.loads(row.employer_ids)),
        begin_time=from_micros(row.begin_time),
        last_batch_time=from_micros(row.last_batch_time),
        end_time=from_micros(row.end_time),
        lease_expire_time=from_micros(row.lease_expire_time),
        generated_time=from_micros(row.generated_time),
        order_time=from_micros(row.order_time),
        expected_total=row.expected_total,
        whole_said=bool(row.whole_said),
        close_missing=bool(row.close_missing),
        seen_total=row.seen_total,
        unreadable_total=row.unreadable_total,
        batch_total=row.batch_total,
        counts=Counts(**{name: getattr(row, name) for name in _COUNTS}),
        close=_close(row),
        withheld_total=row.withheld_total,
        drift=None if row.drift is None else _drift(row.drift),
    )


def _close(row: Row) -> MissingClose:
    reason = row.close_reason
    return MissingClose(
        state=CloseState(row.close_state),
        reason=None if reason is None else SkipReason(reason),
        count=row.close_count,
        open_count=row.close_open_count,
        roles=tuple(
            MissingRole(job_id=job_id, external_job_id=external, title=title)
            for job_id, external, title in orjson.loads(row.close_roles)
        ),
        confirm_by_time=from_micros(row.confirm_by_time),
        closed_time=from_micros(row.close_time),
    )


def _written_drift(drift: FieldDrift) -> str:
    fields = [
        {
            "name": field.name,
            "lost": field.lost,
            "had": field.had,
            "confirmed": field.confirmed,
            "examples": [(e.job_id, e.external_job_id, e.title) for e in field.examples],
        }
        for field in drift.fields
    ]
    times = [to_micros(drift.confirm_by_time), to_micros(drift.confirmed_time)]
    return orjson.dumps({"state": drift.state.value, "times": times, "fields": fields}).decode()


def _drift(written: str) -> FieldDrift:
    read = orjson.loads(written)
    confirm_by, confirmed = map(from_micros, read["times"])
    return FieldDrift(
        state=DriftState(read["state"]),
        confirm_by_time=confirm_by,
        confirmed_time=confirmed,
        fields=tuple(
            DriftedField(
                name=field["name"],
                lost=field["lost"],
                had=field["had"],
                confirmed=field["confirmed"],
                examples=tuple(
                    DriftExample(job_id=job_id, external_job_id=external, title=title)
                    for job_id, external, title in field["examples"]
                ),
            )
            for field in read["fields"]
        ),
    )
