"""Repository of the jobs of one business database.

Lists and sums are limited to an organization and the given employers, but for those of services and
operators, who see all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Select, Update, bindparam, case, func, insert, select, update

from xaigh_server.db.row_numbers import RowNumbers
from xaigh_server.db.session import Session, upsert
from xaigh_server.db.times import to_micros
from xaigh_server.jobs.model import (
    UNAPPROVED,
    Job,
    JobFilter,
    JobState,
    OperationsHalf,
    Posting,
    WorkforceSums,
)
from xaigh_server.jobs.rows import (
    JOB,
    OPEN_NOW,
    POSTING_COLUMNS,
    POSTINGS,
    job_of,
    job_values,
    posting_of,
    posting_values,
)
from xaigh_server.jobs.tables import job_operations as _O
from xaigh_server.jobs.tables import job_postings as _P

_BY_ID = JOB.where(_P.c.job_id == bindparam("job_id"))
_BY_NUMBERS = JOB.where(_P.c.number.in_(bindparam("numbers", expanding=True)))
_NUMBERS = RowNumbers(_P.c.number)
_INSERT = insert(_P)


def _update(names: Iterable[str]) -> Update:
    """Builds an UPDATE of these columns for `at_number`; parameters are `new_` and the name."""
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
    return update(_P).where(_P.c.number == bindparam("at_number")).values(values)


_UPDATE = _update(POSTING_COLUMNS)
# Without indexed columns: writing them would write their indexes, too.
_UPDATE_CONTENT = _update(
    (
        *("title", "prospect", "slots", "content", "pay", "application"),
        *("revision", "updated_time"),
    )
)
_NEW_CONTENT = (
    "at_number",
    "new_title",
    "new_prospect",
    "new_content",
    "new_pay",
    "new_application",
    "new_revision",
    "new_slots",  # no ATS states a number of openings
    "new_updated_time",
)
_CONTENTS = select(_P.c.number, _P.c.content, _P.c.pay, _P.c.application, _P.c.revision).where(
    _P.c.number.in_(bindparam("numbers", expanding=True))
)
_STORE_OPERATIONS = upsert(
    _O,
    key=("number",),
    update=(
        "document",
        "hold_reason",
        "hold_time",
        "matching",
        "slots_filled",
        "open_offers",
        "expected",
        "checked_in",
        "no_shows",
        "payroll",
        "revision",
        "updated_time",
    ),
)
_UNAPPROVED = _P.c.state.in_([state.value for state in UNAPPROVED])
_SHOWN_STATE = case(
    (OPEN_NOW, JobState.OPEN.value), (_UNAPPROVED, _P.c.state), else_=JobState.CLOSED.value
)


def _sum_open(value: Any) -> Any:
    return func.coalesce(func.sum(case((OPEN_NOW, func.coalesce(value, 0)), else_=0)), 0)


_SUMS = (
    select(
        func.count().label("jobs"),
        _sum_open(1).label("open_jobs"),
        func.coalesce(func.sum(case((_UNAPPROVED, 1), else_=0)), 0).label("pending_jobs"),
        _sum_open(_O.c.matching * (1 - _P.c.prospect)).label("matching_jobs"),
        _sum_open(_P.c.slots).label("slots"),
        _sum_open(_O.c.slots_filled).label("slots_filled"),
        _sum_open(_O.c.open_offers).label("open_offers"),
        _sum_open(_O.c.expected).label("expected"),
        _sum_open(_O.c.checked_in).label("checked_in"),
        _sum_open(_O.c.no_shows).label("no_shows"),
    )
    .select_from(_P)
    .outerjoin(_O, _O.c.number == _P.c.number)
    .where(
        _P.c.organization_id == bindparam("organization_id"),
        _P.c.employer_user_id == bindparam("employer_id"),
    )
)


class StoredContent(NamedTuple):
    """Serialized content of a job."""

    content: bytes
    pay: bytes
    application: bytes
    revision: int


class NewContent(NamedTuple):
    """New serialized content of a mirrored job."""

    number: int
    title: str
    prospect: bool
    content: bytes
    pay: bytes
    application: bytes
    revision: int


class Jobs:
    """Reads and writes the jobs of one database."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, job_id: str) -> Job | None:
        """Returns any organization's job; the caller checks organization and employer."""
        row = self._session.one(_BY_ID, job_id=job_id)
        return None if row is None else job_of(row)

    def numbered(self, numbers: Sequence[int]) -> dict[int, Job]:
        """Returns jobs by number."""
        if not numbers:
            return {}
        rows = self._session.all(_BY_NUMBERS, numbers=list(numbers))
        return {row.number: job_of(row) for row in rows}

    def listing(self, wanted: JobFilter, *, before: int | None = None, limit: int) -> list[Job]:
        """Returns matching jobs with numbers below `before`, newest first."""
        params = _filter_params(wanted)
        if before is not None:
            params["before"] = before
        params["limit"] = limit
        return [job_of(row) for row in self._session.all(_listing(frozenset(params)), **params)]

    def new_numbers(self, count: int) -> list[int]:
        """Returns numbers for jobs to be added, in rising order."""
        return _NUMBERS.draw(self._session, count)

    def ask_numbers(self, count: int) -> Callable[[], list[int]]:
        """Asks for what `new_numbers` returns; the result waits for it."""
        return _NUMBERS.ask(self._session, count)

    def add(self, job: Job) -> None:
        """Inserts a direct job with its client's half."""
        self._session.run(_INSERT, job_values(job, None))

    def add_mirrored(self, jobs: Sequence[Job], integration_id: str) -> None:
        """Inserts mirrored jobs with their client's halves, before their mirrors."""
        self._session.run(_INSERT, [job_values(job, integration_id) for job in jobs])

    def postings(self, numbers: Sequence[int]) -> dict[int, Posting]:
        """Returns the client's halves by job number."""
        if not numbers:
            return {}
        rows = self._session.all(POSTINGS, numbers=list(numbers))
        return {row.number: posting_of(row) for row in rows}

    def store_posting(self, number: int, posting: Posting) -> None:
        """Writes the client's half only."""
        self.store_postings([(number, posting)])

    def store_postings(self, changed: Sequence[tuple[int, Posting]]) -> None:
        """Writes the client's halves of many jobs."""
        rows = [
            {
                "at_number": number,
                **{f"new_{name}": value for name, value in posting_values(posting).items()},
            }
            for number, posting in changed
        ]
        self._session.run(_UPDATE, rows)

    def contents(self, numbers: Sequence[int]) -> dict[int, StoredContent]:
        """Returns the serialized contents by job number."""
        if not numbers:
            return {}
        rows = self._session.all(_CONTENTS, numbers=list(numbers))
        return {row[0]: StoredContent(*row[1:]) for row in map(tuple, rows)}

    def store_contents(self, changed: Sequence[NewContent], now: datetime) -> None:
        """Writes jobs' contents; publication and operations stay."""
        micros = to_micros(now)
        rows = [
            (number, title, int(prospect), *rest, 0, micros)
            for number, title, prospect, *rest in changed
        ]
        self._session.run_rows(_UPDATE_CONTENT, _NEW_CONTENT, rows)

    def store_operations(self, number: int, half: OperationsHalf) -> None:
        """Writes the operations half only."""
        self._session.run(
            _STORE_OPERATIONS,
            {
                "number": number,
                "document": half.document,
                "hold_reason": half.hold_reason,
                "hold_time": to_micros(half.hold_time),
                "matching": int(half.matching),
                "slots_filled": half.slots_filled,
                "open_offers": half.open_offers,
                "expected": half.expected,
                "checked_in": half.checked_in,
                "no_shows": half.no_shows,
                "payroll": half.payroll,
                "revision": half.revision,
                "updated_time": to_micros(half.updated_time),
            },
        )

    def sums(self, organization_id: str, employer_id: str) -> WorkforceSums:
        """Returns the sums over an employer's jobs."""
        row = self._session.one(_SUMS, organization_id=organization_id, employer_id=employer_id)
        if row is None:
            return WorkforceSums()
        return WorkforceSums(
            open_jobs=int(row.open_jobs),
            closed_jobs=int(row.jobs) - int(row.open_jobs) - int(row.pending_jobs),
            pending_jobs=int(row.pending_jobs),
            matching_jobs=int(row.matching_jobs),
            slots=int(row.slots),
            slots_filled=int(row.slots_filled),
            open_offers=int(row.open_offers),
            expected=int(row.expected),
            checked_in=int(row.checked_in),
            no_shows=int(row.no_shows),
        )


@lru_cache(maxsize=256)
def _listing(names: frozenset[str]) -> Select[Any]:
    """Builds the list statement for one set of filters."""
    found = JOB
    if "organization_id" in names:
        found = found.where(_P.c.organization_id == bindparam("organization_id"))
    if "employer_id" in names:
        found = found.where(_P.c.employer_user_id == bindparam("employer_id"))
    elif "employer_ids" in names:
        found = found.where(_P.c.employer_user_id.in_(bindparam("employer_ids", expanding=True)))
    for name in ("job_id", "source", "external_reference", "integration_id"):
        if name in names:
            found = found.where(_P.c[name] == bindparam(name))
    if "external_reference" in names:
        found = found.where(_P.c.external_reference != "")  # matches the partial index
    if "state" in names:
        found = found.where(bindparam("state") == _SHOWN_STATE)
    if "listed" in names:
        found = found.where(_P.c.listed == bindparam("listed"), _P.c.prospect == 0)
    if "unapproved" in names:
        found = found.where(bindparam("unapproved") == case((_UNAPPROVED, 1), else_=0))
    if "before" in names:
        found = found.where(_P.c.number < bindparam("before"))
    return found.order_by(_P.c.number.desc()).limit(bindparam("limit"))


def reach_params(wanted: JobFilter) -> dict[str, Any]:
    """Returns the parameters that say whose jobs are wanted: organization and employers."""
    params: dict[str, Any] = {}
    if wanted.organization_id:
        params["organization_id"] = wanted.organization_id
    if wanted.employer_ids is None:
        return params
    if len(wanted.employer_ids) == 1:
        params["employer_id"] = wanted.employer_ids[0]
    else:
        params["employer_ids"] = list(wanted.employer_ids)
    return params


def _filter_params(wanted: JobFilter) -> dict[str, Any]:
    params = reach_params(wanted)
    for name in ("job_id", "source", "external_reference", "integration_id"):
        if value := getattr(wanted, name):
            params[name] = value
    if state := ("OPEN" if wanted.published else wanted.state):
        params["state"] = state
    if wanted.published:
        params["listed"] = 1
    if wanted.offered:
        params["unapproved"] = 0
    return params
