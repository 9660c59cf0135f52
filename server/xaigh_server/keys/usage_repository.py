"""Repository of usage: calls per key, method and day. Counts only grow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from xaigh_server.db.session import Row, Session, upsert
from xaigh_server.keys.tables import usage_days as _T
from xaigh_server.organizations.tables import organizations as _O

_KEY = ("organization_id", "day", "key_id", "method", "tier", "environment", "billable")
_ADD = upsert(_T, key=_KEY, update=lambda new: {"count": _T.c.count + new["count"]})
_DAYS = select(
    _T.c.organization_id,
    _T.c.key_id,
    _T.c.method,
    _T.c.day,
    _T.c.tier,
    _T.c.environment,
    _T.c.billable,
    _T.c.count,
    _O.c.display_name,
).outerjoin_from(_T, _O, _O.c.organization_id == _T.c.organization_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageDay:
    """Calls of one key to one method on one day (UTC), under one tier.

    `organization_name` is the name of its organization, for readers.
    """

    organization_id: str
    key_id: str
    method: str
    day: date
    tier: str
    environment: str
    billable: bool
    count: int
    organization_name: str = ""


class UsageDays:
    """Reads and adds usage of all organizations, in the control database."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, counts: Sequence[UsageDay]) -> None:
        """Adds counts to their days."""
        self._session.run(_ADD, [_values(count) for count in counts])

    def between(
        self,
        first: date,
        last: date,
        *,
        organization_id: str | None = None,
        key_id: str | None = None,
        environment: str | None = None,
    ) -> list[UsageDay]:
        """Returns usage from `first` to `last`, both included, by day, organization and key."""
        wanted = _DAYS.where(_T.c.day.between(first.isoformat(), last.isoformat()))
        if organization_id is not None:
            wanted = wanted.where(_T.c.organization_id == organization_id)
        if key_id is not None:
            wanted = wanted.where(_T.c.key_id == key_id)
        if environment is not None:
            wanted = wanted.where(_T.c.environment == environment)
        order = (_T.c.day, _T.c.organization_id, _T.c.key_id, _T.c.method, _T.c.tier)
        return [_day(row) for row in self._session.all(wanted.order_by(*order))]


def _values(usage: UsageDay) -> dict[str, object]:
    return {
        "organization_id": usage.organization_id,
        "key_id": usage.key_id,
        "method": usage.method,
        "day": usage.day.isoformat(),
        "tier": usage.tier,
        "environment": usage.environment,
        "billable": usage.billable,
        "count": usage.count,
    }


def _day(row: Row) -> UsageDay:
    return UsageDay(
        organization_id=row.organization_id,
        key_id=row.key_id,
        method=row.method,
        day=date.fromisoformat(row.day),
        tier=row.tier,
        environment=row.environment,
        billable=row.billable,
        count=row.count,
        organization_name=row.display_name or "",
    )
