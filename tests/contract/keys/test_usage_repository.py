"""Usage by key, method and day."""

from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from xaigh_server.db.database import Database
from xaigh_server.db.session import Session
from xaigh_server.keys.usage_repository import UsageDay, UsageDays

NOW = datetime(2026, 1, 31, 9, 30, 0, 123456, tzinfo=UTC)


def used(count: int, **members: Any) -> UsageDay:
    values: dict[str, Any] = {
        "organization_id": "org_1",
        "key_id": "k1",
        "method": "m",
        "day": date(2026, 1, 31),
        "tier": "standard",
        "environment": "sandbox",
        "billable": False,
    }
    return UsageDay(**{**values, **members}, count=count)


async def test_usage_adds_up(control: Database) -> None:
    """Counts of the same day grow, in one batch and over several; others stay apart."""
    live = {"environment": "production", "billable": True}
    await control.write(lambda s: UsageDays(s).add([used(2), used(3), used(1, **live)]))
    await control.write(lambda s: UsageDays(s).add([used(5), used(7, day=date(2026, 2, 1))]))
    await control.write(lambda s: UsageDays(s).add([used(9, organization_id="org_2")]))
    month = (date(2026, 1, 1), date(2026, 1, 31))
    read = await control.read(lambda s: UsageDays(s).between(*month, organization_id="org_1"))
    assert sorted(read, key=lambda usage: usage.count) == [used(1, **live), used(10)]
    assert len(await control.read(lambda s: UsageDays(s).between(*month))) == 3
    for only, counts in (({"key_id": "k2"}, []), ({"environment": "production"}, [1])):
        found = await control.read(partial(usage_of, days=month, only=only))
        assert [usage.count for usage in found] == counts


def usage_of(session: Session, days: tuple[date, date], only: dict[str, Any]) -> list[UsageDay]:
    return UsageDays(session).between(*days, **only)
