"""Repository of withheld fields: what a run's records lacked, counted, listed and settled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sqlalchemy import BindParameter, Label, and_, bindparam, case, func, or_, select, update

from xaigh_server.ats.drift import BITS, FieldCount
from xaigh_server.db.session import Row, Session
from xaigh_server.jobs.model import JobState
from xaigh_server.jobs.tables import ats_mirrors as _M
from xaigh_server.jobs.tables import job_postings as _P

_PAGE = 200
_MIRRORS = (
    select(_M.c.number)
    .select_from(_P)
    .join(_M, _M.c.number == _P.c.number)
    .where(_P.c.integration_id == bindparam("integration_id"))
)
_RUN: BindParameter[int] = bindparam("run")
_RECEIVED = or_(_M.c.seen_run == _RUN, _M.c.last_run == _RUN)
_BEFORE = case((_M.c.valued_run == _RUN, _M.c.valued_before), else_=_M.c.valued)


def _count(bit: int, name: str, *, lost: bool) -> Label[int]:
    had = _BEFORE.bitwise_and(bit) != 0
    marked = and_(had, _M.c.withheld_run == _RUN, _M.c.withheld.bitwise_and(bit) != 0)
    return func.coalesce(func.sum(case((marked if lost else had, 1), else_=0)), 0).label(name)


_COUNTS = _MIRRORS.where(_RECEIVED).with_only_columns(
    *(_count(bit, f"lost_{name}", lost=True) for name, bit in BITS.items()),
    *(_count(bit, f"had_{name}", lost=False) for name, bit in BITS.items()),
)
_LISTED = (
    _MIRRORS.with_only_columns(
        _P.c.number,
        _P.c.job_id,
        _P.c.employer_user_id,
        _P.c.state,
        _P.c.title,
        _P.c.prospect,
        _M.c.external_job_id,
        _M.c.raw_hash,
        _M.c.valued,
        _M.c.withheld,
    )
    .where(
        _M.c.withheld_run.between(bindparam("from_run"), bindparam("to_run")),
        _M.c.withheld.bitwise_and(bindparam("bits")) != 0,
        _P.c.number > bindparam("after"),
    )
    .order_by(_P.c.number)
    .limit(bindparam("limit"))
)
_SETTLE = (
    update(_M)
    .where(_M.c.number == bindparam("at_number"))
    .values(valued=bindparam("new_valued"), withheld=bindparam("new_withheld"))
)


class WithheldRole(NamedTuple):
    """A role whose last record lacks fields that it has. Sets of fields are bits (drift.py)."""

    number: int
    job_id: str
    employer_user_id: str
    state: JobState
    title: str
    prospect: bool
    external_job_id: str
    raw_hash: str
    valued: int
    withheld: int


class Withheld:
    """The withheld fields of one integration."""

    def __init__(self, session: Session, integration_id: str) -> None:
        self._session = session
        self._integration_id = integration_id

    def counts(self, run: int) -> dict[str, FieldCount]:
        """For each guarded field: the roles of a run that had it before, and lost it."""
        row = self._session.one(_COUNTS, integration_id=self._integration_id, run=run)
        assert row is not None  # a sum is one row
        return {
            name: FieldCount(getattr(row, f"lost_{name}"), getattr(row, f"had_{name}"))
            for name in BITS
        }

    def pages(self, bits: int, *, runs: tuple[int, int]) -> Iterator[list[WithheldRole]]:
        """The roles that lost any of these fields in the first to the last of runs, in pages."""
        after = 0
        while page := self._page(bits, runs, after, _PAGE):
            yield page
            after = page[-1].number

    def first(self, bits: int, *, run: int, limit: int) -> list[WithheldRole]:
        """The first roles that lost any of these fields in a run."""
        return self._page(bits, (run, run), 0, limit)

    def settle(self, roles: Iterable[tuple[int, int, int]]) -> None:
        """Writes which fields roles have, and which stay withheld: (number, valued, withheld)."""
        self._session.run_rows(_SETTLE, ("at_number", "new_valued", "new_withheld"), list(roles))

    def _page(self, bits: int, runs: tuple[int, int], after: int, limit: int) -> list[WithheldRole]:
        rows = self._session.all(
            _LISTED,
            integration_id=self._integration_id,
            bits=bits,
            from_run=runs[0],
            to_run=runs[1],
            after=after,
            limit=limit,
        )
        return [_role(row) for row in rows]


def _role(row: Row) -> WithheldRole:
    return WithheldRole(
        number=row.number,
        job_id=row.job_id,
        employer_user_id=row.employer_user_id,
        state=JobState(row.state),
        title=row.title,
        prospect=bool(row.prospect),
        external_job_id=row.external_job_id,
        raw_hash=row.raw_hash,
        valued=row.valued,
        withheld=row.withheld,
    )
