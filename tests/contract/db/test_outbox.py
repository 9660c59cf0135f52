"""The outbox: outgoing events in the order of their commits."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from xaigh_server.db.database import Database
from xaigh_server.db.errors import UniqueViolation
from xaigh_server.db.outbox import Outbox, OutgoingEvent
from xaigh_server.webhooks.events import published_event

NOW = datetime(2026, 1, 31, 9, 30, 0, 123456, tzinfo=UTC)


def outgoing(event_id: str) -> OutgoingEvent:
    return OutgoingEvent(
        event_id=event_id,
        event_type="key.issued",
        organization_id="org_1",
        environment="sandbox",
        payload='{"a":"ä"}',
        created_time=NOW,
    )


async def test_the_outbox_keeps_the_order_of_commits(control: Database) -> None:
    """Events come out as they went in, and numbers of deleted ones never come again."""
    await control.write(lambda s: Outbox(s).append([outgoing("a"), outgoing("b")]))
    await control.write(lambda s: Outbox(s).append([outgoing("c")]))
    queued = await control.read(lambda s: Outbox(s).after(0, limit=2))
    assert [one.event for one in queued] == [outgoing("a"), outgoing("b")]
    rest = await control.read(lambda s: Outbox(s).after(queued[-1].sequence, limit=9))
    assert [one.event.event_id for one in rest] == ["c"]

    await control.write(lambda s: Outbox(s).delete([*queued, *rest]))
    await control.write(lambda s: Outbox(s).append([outgoing("d")]))
    (last,) = await control.read(lambda s: Outbox(s).after(0, limit=9))
    assert last.sequence > rest[-1].sequence


async def test_events_alike_share_a_row(control: Database) -> None:
    """They come out one by one, in order, each with an id of its own that stays the same."""
    row = outgoing("evt_1")._replace(payload='[{"jobId":"a"},{"jobId":"ä"}]')
    await control.write(lambda s: Outbox(s).append([row, outgoing("evt_2")]))
    first, second = await control.read(lambda s: Outbox(s).after(0, limit=9))
    assert (first.event, second.event) == (row, outgoing("evt_2"))
    bundle, single = published_event(first.event), published_event(second.event)
    assert bundle is not None and single is not None
    assert (bundle.count, single.count) == (2, 1)
    assert list(single.each()) == [single]
    told = [("evt_1000", '{"jobId":"a"}'), ("evt_1001", '{"jobId":"ä"}')]
    assert list(bundle.each()) == [replace(single, id=id, data=data) for id, data in told]
    with pytest.raises(TypeError, match="a body of its own"):
        bundle.body()


async def test_what_is_in_no_catalogue_is_told_to_nobody() -> None:
    """Events for readers in the server have names that no endpoint can ask for."""
    assert published_event(outgoing("evt_1")._replace(event_type="nobody.knows")) is None


async def test_an_outgoing_event_has_one_row(control: Database) -> None:
    """The same id again is refused; no events at all is fine."""
    await control.write(lambda s: Outbox(s).append([]))
    with pytest.raises(UniqueViolation, match="uq_outbox_event_id"):
        await control.write(lambda s: Outbox(s).append([outgoing("a"), outgoing("a")]))
