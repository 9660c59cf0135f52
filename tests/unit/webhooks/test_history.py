"""Events over the API: listed, read and watched by the keys that may hear them."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from google.protobuf import json_format
from tests.harness.business_services import EMPLOYER, BusinessServices, key

from xaigh_server.errors import FieldInvalid, NotFound
from xaigh_server.identity.principal import KeyPrincipal
from xaigh_server.rpc.errors import PageTokenInvalid
from xaigh_server.webhooks import event_history
from xaigh_server.webhooks.event_watch import may_see
from xaigh_server.webhooks.events import Event, event_of
from xaigh_server.webhooks.repository.events import WebhookEvents

_numbers = count(1)


def reader(*scopes: str, employer: str = EMPLOYER, organization: str = "org_northline") -> Any:
    return replace(key(employer, organization=organization), scopes=frozenset(scopes))


READER = reader("jobs:read")


async def happen(
    services: BusinessServices,
    name: str = "job.created",
    *,
    events: int = 1,
    employer: str = EMPLOYER,
    organization: str = "org_northline",
) -> Event:
    """An event, or a batch of so many, as fan-out logs it."""
    members = [
        {"jobId": f"job_{number}", "employerUserId": employer, "source": "DIRECT"}
        for number in range(events)
    ]
    event = event_of(
        event_id=f"evt_history{next(_numbers)}",
        event_type=name,
        time=services.now,
        environment="sandbox",
        organization_id=organization,
        data=json.dumps(members if events > 1 else members[0]),
    )
    await services.database.write(lambda s: WebhookEvents(s).append([event], now=services.now))
    return event


async def listed(services: BusinessServices, by: KeyPrincipal = READER, **wanted: Any) -> list[str]:
    page = await services.do("ListEvents", by, **wanted)
    return [each.id for each in page.events]


async def test_an_event_is_shown_as_it_is_posted(services: BusinessServices) -> None:
    """The JSON of the reply is the body of the webhook, times but for their digits."""
    event = await happen(services)
    (shown,) = (await services.do("ListEvents", READER)).events
    assert shown == await services.do("GetEvent", READER, event_id=event.id)
    body = json.loads(event.body())
    read = json.loads(json_format.MessageToJson(shown))
    assert {**read, "timestamp": ""} == {**body, "timestamp": ""}
    assert shown.timestamp.ToDatetime() == event.time.replace(tzinfo=None)


async def test_a_key_sees_what_its_endpoint_would_hear(services: BusinessServices) -> None:
    """By its scopes, its grant's employers, its organization; events of keys are everybody's."""
    job = await happen(services)
    other = await happen(services, employer="employer_other")
    issued = await happen(services, "key.issued")
    foreign = await happen(services, organization="org_other")
    assert await listed(services) == [issued.id, job.id]
    assert await listed(services, reader("webhooks:read")) == [issued.id]
    both = reader("jobs:write", "employer:read")
    assert await listed(services, both) == [issued.id, job.id]
    for hidden in (other, foreign):
        with pytest.raises(NotFound):
            await services.do("GetEvent", READER, event_id=hidden.id)
    with pytest.raises(NotFound):
        await services.do("GetEvent", reader("ats:read"), event_id=job.id)


async def test_the_list_is_filtered_and_in_pages(services: BusinessServices) -> None:
    """A page may end within a batch; a token of other filters is none."""
    batch = await happen(services, events=5)
    services.pass_time(minutes=1)
    closed = await happen(services, "job.closed")
    ids = [closed.id, *reversed([each.id for each in batch.each()])]
    found, token = [], ""
    for _ in range(4):
        page = await services.do("ListEvents", READER, page_size=2, page_token=token)
        found += [each.id for each in page.events]
        token = page.next_page_token
        if not token:
            break
    assert found == ids
    assert await listed(services, event_type="job.closed") == [closed.id]
    assert await listed(services, since=services.now) == [closed.id]
    assert await listed(services, until=services.now) == ids[1:]
    first = await services.do("ListEvents", READER, page_size=2)
    with pytest.raises(PageTokenInvalid):
        await listed(services, page_token=first.next_page_token, event_type="job.closed")


async def test_an_unknown_type_is_refused_with_those_that_there_are(
    services: BusinessServices,
) -> None:
    """In a list, in a watch, and in an endpoint."""
    with pytest.raises(FieldInvalid, match=r"eventType: 'job\.eaten'.*job\.created, .*ats\.stale"):
        await listed(services, event_type="job.eaten")
    watch = await services.stream("WatchEvents", READER, event_types=["job.eaten"])
    with pytest.raises(FieldInvalid, match=r"There are: ticket\.approved, "):
        await anext(watch)
    with pytest.raises(FieldInvalid, match=r"There are: ticket\.approved, "):
        await services.do(
            "CreateEndpoint", READER, url="https://a.example/", event_types=["job.eaten"]
        )


async def test_a_key_that_hears_little_gets_short_pages(
    services: BusinessServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call reads a bounded number of rows; the token leads on to the rest."""
    monkeypatch.setattr(event_history, "_CHUNK", 2)
    monkeypatch.setattr(event_history, "_MOST_ROWS", 4)
    own = await happen(services)
    for _ in range(5):
        await happen(services, employer="employer_other")
    page = await services.do("ListEvents", READER)
    assert not page.events and page.next_page_token
    assert await listed(services, page_token=page.next_page_token) == [own.id]


class TestWatch:
    async def test_it_hears_what_happens_from_now_on(self, services: BusinessServices) -> None:
        """After a bookmark; a batch as single events; and goes on from any of their cursors."""
        await happen(services)
        watch = await services.stream("WatchEvents", READER)
        begun = await anext(watch)
        assert begun.cursor and not begun.HasField("event")
        await happen(services, employer="employer_other")
        batch = await happen(services, events=3)
        ids = [each.id for each in batch.each()]
        async with asyncio.timeout(10):
            heard = [await anext(watch) for _ in ids]
        assert [each.event.id for each in heard] == ids
        await watch.aclose()
        again = await services.stream("WatchEvents", READER, cursor=heard[0].cursor)
        async with asyncio.timeout(10):
            following = [await anext(again) for _ in ids]
        assert [each.event.id for each in following] == ["", *ids[1:]]
        await again.aclose()

    async def test_it_hears_the_types_that_it_asks_for(self, services: BusinessServices) -> None:
        """A cursor holds for the same types alone."""
        watch = await services.stream("WatchEvents", READER, event_types=["job.closed"])
        begun = await anext(watch)
        await happen(services)
        closed = await happen(services, "job.closed")
        async with asyncio.timeout(10):
            heard = await anext(watch)
        assert heard.event.id == closed.id
        await watch.aclose()
        other = await services.stream("WatchEvents", READER, cursor=begun.cursor)
        with pytest.raises(FieldInvalid, match="cursor"):
            await anext(other)

    async def test_what_was_read_for_a_key_is_not_sent_once_it_lost_the_right(
        self, services: BusinessServices
    ) -> None:
        """The guard of the stream asks before each message."""
        watch = await services.stream("WatchEvents", READER)
        begun = await anext(watch)
        await happen(services)
        async with asyncio.timeout(10):
            heard = await anext(watch)
        await watch.aclose()
        for by, allowed in [(READER, True), (reader("jobs:read", employer="another"), False)]:
            assert may_see(heard, services.call("WatchEvents", by)) is allowed
            assert may_see(begun, services.call("WatchEvents", by))

    async def test_a_quiet_watch_shows_that_it_lives(
        self, services: BusinessServices, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """With a bookmark now and then."""
        monkeypatch.setattr(
            "xaigh_server.webhooks.event_watch._BOOKMARK_EVERY", timedelta(milliseconds=3)
        )
        watch = await services.stream("WatchEvents", READER)
        async with asyncio.timeout(10):
            found = [await anext(watch) for _ in range(3)]
        assert not any(each.HasField("event") for each in found)
        await watch.aclose()
