"""Repository of mirrors: the hashes of each role of a feed, and the run that last contained it.

A sync reads the mirrors of a batch with one statement and writes them with a few, whatever the
number of mirrors in the table. Runs are named by their numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Text, bindparam, case, cast, func, insert, select, update

from xaigh_server.ats.providers.record import Note
from xaigh_server.ats.record_decisions import Mirror
from xaigh_server.db.session import Row, Session
from xaigh_server.db.times import from_micros, to_micros
from xaigh_server.jobs.model import CloseReason, JobState
from xaigh_server.jobs.tables import ats_mirrors as _M
from xaigh_server.jobs.tables import job_operations as _O
from xaigh_server.jobs.tables import job_postings as _P

_KNOWN = (
    select(
        _P.c.number,
        _P.c.job_id,
        _P.c.employer_user_id,
        _P.c.state,
        _P.c.close_reason,
        _P.c.listed,
        _M.c.integration_id,
        _M.c.external_job_id,
        _M.c.raw_hash,
        _M.c.content_hash,
        _M.c.mapping,
        _M.c.provider_updated_time,
        _M.c.order_time,
        _M.c.seen_run,
        _M.c.expires_time,
        _M.c.warnings,
        _M.c.valued,
        _M.c.withheld,
        _O.c.hold_reason,
    )
    .select_from(_P)
    .join(_M, _M.c.number == _P.c.number)
    .outerjoin(_O, _O.c.number == _P.c.number)
    .where(_P.c.job_id.in_(bindparam("job_ids", expanding=True)))
    .subquery()
)
# All rows in one: a driver that steps from row to row gives up the interpreter at each of them.
_KNOWN_TEXT = {
    "sqlite": select(func.json_group_array(func.json_array(*_KNOWN.c))),
    "postgresql": select(cast(func.json_agg(func.json_build_array(*_KNOWN.c)), Text)),
}
_ALIASED = (
    select(_M.c.alias_job_id, _P.c.job_id)
    .select_from(_M)
    .join(_P, _P.c.number == _M.c.number)
    .where(
        _M.c.alias_job_id.is_not(None),
        _M.c.alias_job_id.in_(bindparam("job_ids", expanding=True)),
    )
)
_INSERT = insert(_M)
_WRITTEN = (
    "raw_hash",
    "content_hash",
    "mapping",
    "provider_updated_time",
    "expires_time",
    "warnings",
    "valued",
    "withheld",
)
_NEWER = case(
    (_M.c.order_time < bindparam("new_order_time"), bindparam("new_order_time")),
    else_=_M.c.order_time,
)
_SIGHTING: dict[str, Any] = {
    "order_time": _NEWER,
    "last_seen_time": bindparam("new_last_seen_time"),
    "last_run": bindparam("new_last_run"),
    "last_run_id": bindparam("new_last_run_id"),
    "seen_run": func.coalesce(bindparam("new_seen_run", type_=_M.c.seen_run.type), _M.c.seen_run),
    "missing_run": None,
}
_SEEN = update(_M).where(_M.c.number.in_(bindparam("numbers", expanding=True))).values(_SIGHTING)
_WRITE = (
    update(_M)
    .where(_M.c.number == bindparam("at_number"))
    .values(
        {
            **_SIGHTING,
            **{name: bindparam(f"new_{name}") for name in _WRITTEN},
            "valued_before": case(
                (_M.c.valued_run == bindparam("new_last_run"), _M.c.valued_before),
                else_=_M.c.valued,
            ),
            "valued_run": bindparam("new_last_run"),
            "withheld_run": bindparam("new_last_run"),
        }
    )
)
_WITHHELD_AGAIN = (
    update(_M)
    .where(_M.c.number.in_(bindparam("numbers", expanding=True)))
    .values(withheld_run=bindparam("run"))
)
_ROLES = (
    select(
        _P.c.number,
        _P.c.job_id,
        _P.c.employer_user_id,
        _P.c.title,
        _M.c.external_job_id,
        _M.c.raw_hash,
        _M.c.missing_run,
    )
    .select_from(_P)
    .join(_M, _M.c.number == _P.c.number)
    .where(_P.c.integration_id == bindparam("integration_id"), _P.c.state == JobState.OPEN)
    .order_by(_P.c.number)
)
_MISSING = _ROLES.where(_M.c.last_run < bindparam("run"))
_HELD = _ROLES.where(_M.c.missing_run == bindparam("run"))
_HOLD_BACK = (
    update(_M).where(_M.c.number == bindparam("at_number")).values(missing_run=bindparam("run"))
)
_CLOSE_POSTING = (
    update(_P)
    .where(_P.c.number == bindparam("at_number"))
    .values(
        state=JobState.CLOSED.value,
        close_reason=bindparam("reason"),
        close_note="",
        closed_time=bindparam("now"),
        updated_time=bindparam("now"),
        revision=_P.c.revision + 1,
    )
)
_CLOSE_MIRROR = (
    update(_M)
    .where(_M.c.number == bindparam("at_number"))
    .values(
        missing_run=None,
        order_time=case(
            (_M.c.order_time < bindparam("order_time"), bindparam("order_time")),
            else_=_M.c.order_time,
        ),
    )
)
_COUNTS = (
    select(_P.c.integration_id, _P.c.state, func.count().label("roles"))
    .where(_P.c.integration_id.in_(bindparam("integration_ids", expanding=True)))
    .group_by(_P.c.integration_id, _P.c.state)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenInRun:
    """Which feed saw a role, and when. A partial one is no proof that anything else is gone."""

    time: datetime
    order_time: datetime
    run: int
    run_id: str
    partial: bool


class MirrorFacts(NamedTuple):
    """What a record leaves behind beside its content. Hashes are SHA-256 in hex."""

    number: int
    raw_hash: str
    content_hash: str
    mapping: str
    updated_time: datetime | None
    expires_time: datetime | None
    warnings: tuple[Note, ...]
    valued: int = 0
    withheld: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMirror:
    """A mirror to be added. Its job has the same number."""

    integration_id: str
    provider: str
    external_job_id: str
    facts: MirrorFacts
    alias_job_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingJob:
    """An open role that a feed no longer holds. `missing_run` is the run that found so first."""

    number: int
    job_id: str
    external_job_id: str
    employer_user_id: str
    title: str
    raw_hash: str
    missing_run: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleCounts:
    """An integration's mirrored roles."""

    open: int = 0
    closed: int = 0

    @property
    def managed(self) -> int:
        return self.open + self.closed


class KnownMirrors(NamedTuple):
    """Mirrors by job id, and the text that they were read from."""

    by_job: dict[str, Mirror]
    text: str | None


NO_MIRRORS = KnownMirrors({}, None)


class Mirrors:
    """The mirrors of one database."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def known(self, job_ids: Sequence[str], earlier: KnownMirrors | None = None) -> KnownMirrors:
        """The mirrors among these, by job id.

        `earlier` is what an earlier look found, and the answer where nothing has changed since.
        """
        if not job_ids:
            return NO_MIRRORS
        text = self._session.scalar(_KNOWN_TEXT[self._session.dialect], job_ids=list(job_ids))
        if earlier is not None and text == earlier.text:
            return earlier
        mirrors = [_mirror(row) for row in orjson.loads(text or "[]")]
        return KnownMirrors({mirror.job_id: mirror for mirror in mirrors}, text)

    def aliased(self, job_ids: Sequence[str]) -> dict[str, str]:
        """The mirrors that other forms of records made for these ids: job ids by these ids."""
        if not job_ids:
            return {}
        rows = self._session.all(_ALIASED, job_ids=list(job_ids))
        return {row.alias_job_id: row.job_id for row in rows}

    def add(self, mirrors: Iterable[NewMirror], seen_in_run: SeenInRun) -> None:
        """Adds mirrors, first seen now."""
        seen = _seen_values(seen_in_run)
        self._session.run(
            _INSERT,
            [
                {
                    "number": mirror.facts.number,
                    "integration_id": mirror.integration_id,
                    "provider": mirror.provider,
                    "external_job_id": mirror.external_job_id,
                    "first_seen_time": seen["last_seen_time"],
                    "alias_job_id": mirror.alias_job_id,
                    "valued_before": 0,
                    "valued_run": seen["last_run"],
                    "withheld_run": seen["last_run"],
                    **seen,
                    **_fact_values(mirror.facts),
                }
                for mirror in mirrors
            ],
        )

    def write(self, facts: Iterable[MirrorFacts], seen_in_run: SeenInRun) -> None:
        """Keeps what records left behind, and that they were seen."""
        seen = _seen_values(seen_in_run)
        names = ("at_number", *(f"new_{name}" for name in (*seen, *_WRITTEN)))
        always = tuple(seen.values())
        rows = [
            (
                number,
                *always,
                raw_hash,
                content_hash,
                mapping,
                to_micros(updated),
                to_micros(expires),
                _written(warnings) if warnings else None,
                *bits,
            )
            for number, raw_hash, content_hash, mapping, updated, expires, warnings, *bits in facts
        ]
        self._session.run_rows(_WRITE, names, rows)

    def seen(self, numbers: Sequence[int], seen_in_run: SeenInRun) -> None:
        """Keeps that roles were seen, and nothing else."""
        if numbers:
            values = {f"new_{name}": value for name, value in _seen_values(seen_in_run).items()}
            self._session.run(_SEEN, {"numbers": list(numbers), **values})

    def withhold_again(self, numbers: Sequence[int], *, run: int) -> None:
        """Keeps that a run's records lack the same fields as the records before them."""
        if numbers:
            self._session.run(_WITHHELD_AGAIN, {"numbers": list(numbers), "run": run})

    def missing(self, integration_id: str, *, run: int) -> list[MissingJob]:
        """The open roles of an integration that were last seen before a run began.

        Runs are numbered in the order of their beginning, so this needs no clock.
        """
        rows = self._session.all(_MISSING, integration_id=integration_id, run=run)
        return [_gone(row) for row in rows]

    def held(self, integration_id: str, *, run: int) -> list[MissingJob]:
        """The roles that a run's close holds back, less those that came back since."""
        rows = self._session.all(_HELD, integration_id=integration_id, run=run)
        return [_gone(row) for row in rows]

    def open(self, integration_id: str) -> list[MissingJob]:
        """The open roles of an integration."""
        return [_gone(row) for row in self._session.all(_ROLES, integration_id=integration_id)]

    def hold_back(self, numbers: Iterable[int], *, run: int) -> None:
        """Marks roles as missing in a run. They stay open until the close is confirmed."""
        self._session.run(_HOLD_BACK, [{"at_number": n, "run": run} for n in numbers])

    def close(
        self,
        numbers: Sequence[int],
        *,
        reason: CloseReason,
        now: datetime,
        order_time: datetime,
    ) -> None:
        """Closes roles. A feed older than `order_time` won't bring them back."""
        at, order = to_micros(now), to_micros(order_time)
        why = reason.value
        self._session.run(
            _CLOSE_POSTING, [{"at_number": n, "now": at, "reason": why} for n in numbers]
        )
        self._session.run(_CLOSE_MIRROR, [{"at_number": n, "order_time": order} for n in numbers])

    def counts(self, integration_ids: Sequence[str]) -> dict[str, RoleCounts]:
        """How many roles each integration has, open and closed."""
        found = {integration_id: RoleCounts() for integration_id in integration_ids}
        if not found:
            return found
        numbers: dict[tuple[str, str], int] = {
            (row.integration_id, row.state): row.roles
            for row in self._session.all(_COUNTS, integration_ids=list(found))
        }
        return {
            integration_id: RoleCounts(
                open=numbers.get((integration_id, JobState.OPEN.value), 0),
                closed=numbers.get((integration_id, JobState.CLOSED.value), 0),
            )
            for integration_id in found
        }


def _seen_values(seen_in_run: SeenInRun) -> dict[str, Any]:
    return {
        "order_time": to_micros(seen_in_run.order_time),
        "last_seen_time": to_micros(seen_in_run.time),
        "last_run": seen_in_run.run,
        "last_run_id": seen_in_run.run_id,
        "seen_run": None if seen_in_run.partial else seen_in_run.run,
    }


def _fact_values(facts: MirrorFacts) -> dict[str, Any]:
    return {
        "raw_hash": facts.raw_hash,
        "content_hash": facts.content_hash,
        "mapping": facts.mapping,
        "provider_updated_time": to_micros(facts.updated_time),
        "expires_time": to_micros(facts.expires_time),
        "warnings": _written(facts.warnings),
        "valued": facts.valued,
        "withheld": facts.withheld,
    }


def _written(warnings: tuple[Note, ...]) -> str | None:
    if not warnings:
        return None
    return orjson.dumps([(note.code, note.field, note.message) for note in warnings]).decode()


_STATES = {state.value: state for state in JobState}


@lru_cache(maxsize=1024)
def _feed_time(micros: int) -> datetime:
    """A time that many mirrors share: that of their feed, or of their last change in common."""
    return from_micros(micros)


def _mirror(row: Sequence[Any]) -> Mirror:
    number, job_id, employer_user_id, state, reason, listed, integration_id, *facts = row
    external_job_id, raw_hash, content_hash, mapping, updated, order, *others = facts
    seen_run, expires, warnings, valued, withheld, hold_reason = others
    return Mirror(
        number,
        job_id,
        external_job_id,
        employer_user_id,
        integration_id,
        raw_hash,
        content_hash,
        mapping,
        _STATES[state],
        None if reason is None else CloseReason(reason),
        listed != 0,
        hold_reason is not None,
        None if updated is None else _feed_time(updated),
        _feed_time(order),
        seen_run,
        None if expires is None else from_micros(expires),
        () if warnings is None else _read(warnings),
        valued,
        withheld,
    )


def _read(warnings: str) -> tuple[Note, ...]:
    return tuple(Note(*note) for note in orjson.loads(warnings))


def _gone(row: Row) -> MissingJob:
    return MissingJob(
        number=row.number,
        job_id=row.job_id,
        external_job_id=row.external_job_id,
        employer_user_id=row.employer_user_id,
        title=row.title,
        raw_hash=row.raw_hash,
        missing_run=row.missing_run,
    )
