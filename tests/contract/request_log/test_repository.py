"""The request log on both engines: order, filters, ids of others, and what retention leaves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import text
from tests.harness.call import NOW

from xaigh_server.db.database import Database
from xaigh_server.db.session import Session
from xaigh_server.db.sqlite.database import SqliteDatabase
from xaigh_server.db.times import to_micros
from xaigh_server.request_log.employers import employers_text
from xaigh_server.request_log.model import CallFilter, CallGroup, LoggedCall
from xaigh_server.request_log.repository import CallRow, RequestLogs, place_of
from xaigh_server.request_log.retention import RequestLogRetention

MINUTE = timedelta(minutes=1)
BASE = CallRow(
    request_id="req_0",
    organization_id="org_1",
    key_id="key_1",
    client_request_id="",
    transport="rest",
    method="xaigh.jobs.v1.JobsService.GetJob",
    code="ok",
    reason="",
    violations="",
    idempotency_key="",
    replayed=0,
    employers="",
    end_time=to_micros(NOW),
    duration=1500,
)


def row(name: str, *, minutes: int = 0, **changed: object) -> CallRow:
    """A call that ended some minutes after NOW."""
    changed = {"request_id": name, "end_time": to_micros(NOW + minutes * MINUTE), **changed}
    return BASE._replace(**changed)  # type: ignore[arg-type]


async def add(business: Database, *rows: CallRow) -> None:
    await business.write(lambda session: RequestLogs(session).add(rows))


def two_before(before: tuple[int, int] | None, session: Session) -> list[LoggedCall]:
    """A page of two calls."""
    return RequestLogs(session).page(CallFilter(), before=before, limit=2)


async def listed(business: Database, wanted: CallFilter, **page: int) -> list[str]:
    found = await business.read(
        lambda session: RequestLogs(session).page(wanted, before=None, limit=page.get("limit", 9))
    )
    return [call.request_id for call in found]


async def get(business: Database, name: str, organization: str) -> LoggedCall | None:
    return await business.read(
        lambda session: RequestLogs(session).get(name, organization_id=organization)
    )


async def test_a_call_is_read_as_it_was_written(business: Database) -> None:
    """Times to the microsecond, violations, and whether it was a replay."""
    violations = '[["job.title", "Is required \\u0000."]]'
    await add(business, row("req_a", violations=violations, replayed=1, reason="FIELD_INVALID"))
    found = await get(business, "req_a", "org_1")
    assert found is not None
    assert (found.ended_at, found.duration) == (NOW, timedelta(microseconds=1500))
    assert [(each.path, each.description) for each in found.violations] == [
        ("job.title", "Is required \0.")
    ]
    assert found.replayed


async def test_an_id_of_another_organization_is_unknown(business: Database) -> None:
    """The empty organization is an operator's."""
    await add(business, row("req_a"))
    assert await get(business, "req_a", "org_2") is None
    assert await get(business, "req_b", "org_1") is None
    assert await get(business, "req_a", "") is not None


async def test_what_ended_last_comes_first(business: Database) -> None:
    """Also where it was written first; at the same time what was written last."""
    await add(business, row("req_a", minutes=2), row("req_b"), row("req_c"))
    assert await listed(business, CallFilter(organization_id="org_1")) == [
        "req_a",
        "req_c",
        "req_b",
    ]


async def test_pages_join_without_a_gap(business: Database) -> None:
    """Calls of one microsecond lie on both sides of a page's end."""
    await add(business, *(row(f"req_{at}") for at in range(5)))
    seen: list[str] = []
    before: tuple[int, int] | None = None
    while len(seen) < 5:
        page = await business.read(partial(two_before, before))
        seen += [call.request_id for call in page]
        before = place_of(page[-1])
    assert seen == ["req_4", "req_3", "req_2", "req_1", "req_0"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (CallFilter(organization_id="org_2"), ["req_other"]),
        (CallFilter(errors_only=True), ["req_bad"]),
        (CallFilter(reason="FIELD_INVALID"), ["req_bad"]),
        (CallFilter(method="m"), ["req_other"]),
        (CallFilter(key_id="key_2"), ["req_other"]),
        (CallFilter(client_request_id="mine"), ["req_bad"]),
        (CallFilter(start=NOW + 2 * MINUTE), ["req_other"]),
        (CallFilter(start=NOW + MINUTE, end=NOW + 2 * MINUTE), ["req_bad"]),
        (CallFilter(), ["req_other", "req_bad", "req_good"]),
    ],
)
async def test_filters(business: Database, wanted: CallFilter, found: list[str]) -> None:
    """Each member filters; `start` is included, `end` isn't."""
    refused = {"code": "invalid_argument", "reason": "FIELD_INVALID", "client_request_id": "mine"}
    other = {"organization_id": "org_2", "key_id": "key_2", "method": "m"}
    await add(
        business,
        row("req_good"),
        row("req_bad", minutes=1, **refused),
        row("req_other", minutes=2, **other),
    )
    assert await listed(business, wanted) == found


async def test_retention_deletes_what_is_older(business: Database) -> None:
    """In as many steps as it takes, and nothing younger. PostgreSQL drops a day when it is over."""
    midnight = (datetime(NOW.year, NOW.month, NOW.day, tzinfo=UTC) - NOW) // MINUTE + 1440
    old = [row(f"req_{at}", minutes=midnight - 1) for at in range(1100)]
    kept = [row("req_edge", minutes=midnight), row("req_new", minutes=midnight + 1)]
    await add(business, *old, *kept)
    now = NOW + (midnight - 1) * MINUTE
    retention = RequestLogRetention([business], clock=lambda: now, keep=timedelta(minutes=1))
    assert await retention.sweep() == 0
    now += 2 * MINUTE
    assert await retention.sweep() == (len(old) if isinstance(business, SqliteDatabase) else 1)
    assert await listed(business, CallFilter()) == ["req_new", "req_edge"]
    assert await retention.sweep() == 0


async def test_a_day_has_a_table_on_postgresql(business: Database) -> None:
    """Reads, places in lists and numbers don't show it; a late call finds the table of its day."""
    day = 24 * 60
    await add(business, row("req_1"), row("req_2", minutes=day), row("req_3", minutes=2 * day))
    await add(business, row("req_late"), row("req_4", minutes=2 * day + 1))
    names = ["req_4", "req_3", "req_2", "req_late", "req_1"]
    assert await listed(business, CallFilter()) == names
    found = await business.read(
        lambda session: RequestLogs(session).page(CallFilter(), before=None, limit=9)
    )
    assert len({call.sequence for call in found}) == len(found)
    for name in names:
        assert (await get(business, name, "org_1")) is not None
    tables = await business.read(_sizes)
    if tables:
        stamps = [f"request_logs_d{NOW + timedelta(days=at):%Y%m%d}" for at in range(3)]
        assert tables == {stamps[0]: 2, stamps[1]: 1, stamps[2]: 2}


def _sizes(session: Session) -> dict[str, int]:
    """The rows of each table that inherits, on PostgreSQL; the table itself has none."""
    if session.dialect == "sqlite":
        return {}
    assert session.scalar(text("SELECT count(*) FROM ONLY request_logs")) == 0
    counted = "SELECT tableoid::regclass::text AS name, count(*) AS calls FROM request_logs"
    found = session.all(text(counted + " GROUP BY 1"))
    return {row.name: row.calls for row in found}


async def test_answered_calls_in_groups(business: Database) -> None:
    """By key, method and employers, the newest alone; with the last ones of a group by id."""
    mine, both = (
        employers_text(("emp_1",), (), False),
        employers_text(("emp_1", "emp_2"), (), False),
    )
    await add(
        business,
        row("old", employers=mine),
        row("new", minutes=3, employers=mine),
        row("both", minutes=2, employers=both),
        row("refused", minutes=4, code="not_found"),
        row("other key", minutes=5, key_id="key_2"),
        row("other organization", minutes=6, organization_id="org_2"),
    )

    async def groups(most: int) -> list[CallGroup]:
        keys = ["key_1", "key_3"]
        return await business.read(
            lambda session: RequestLogs(session).groups("org_1", keys, most=most)
        )

    one, two = sorted(await groups(10), key=lambda each: -each.calls)
    assert (one.employers, one.calls, two.employers, two.calls) == (mine, 2, both, 1)
    assert (one.first_time, one.last_time) == (NOW, NOW + 3 * MINUTE)
    assert sum(each.calls for each in await groups(2)) == 2
    last = await business.read(lambda session: RequestLogs(session).last_of("org_1", one, limit=9))
    assert [request_id for _, request_id in last] == ["new", "old"]


async def test_calls_that_carried_an_idempotency_key(business: Database) -> None:
    """The newest of an organization, since a time."""
    await add(
        business,
        row("early", idempotency_key="a"),
        row("none", minutes=1),
        row("first", minutes=2, idempotency_key="b"),
        row("second", minutes=3, idempotency_key="b", replayed=1),
        row("foreign", minutes=4, idempotency_key="b", organization_id="org_2"),
    )
    found = await business.read(
        lambda session: RequestLogs(session).repeatable("org_1", since=NOW + MINUTE, limit=9)
    )
    assert [call.request_id for call in found] == ["second", "first"]
    newest = await business.read(
        lambda session: RequestLogs(session).repeatable("org_1", since=None, limit=1)
    )
    assert [call.request_id for call in newest] == ["second"]
