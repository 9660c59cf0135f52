"""Applicants and tenants learn what happens to tickets, at the callback that was reviewed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from standardwebhooks import Webhook, WebhookVerificationError
from tests.harness.delivery import GRANT, ORGANIZATION

from xaigh_server.access.repository import Tickets
from xaigh_server.identity import webhook_secrets
from xaigh_server.webhooks.model import DeliveryState, DisableReason
from xaigh_server.webhooks.repository.endpoints import WebhookEndpoints

CALLBACK_SECRET = webhook_secrets.callback_secret("token")


def secret_for(purpose: str) -> bytes:
    return webhook_secrets.derive(CALLBACK_SECRET, purpose)


def approved(harness):
    return harness.event(
        "ticket.approved",
        ticketId="tkt_a",
        state="IN_REVIEW",
        grantId=GRANT,
        environment="sandbox",
    )


async def change_ticket(harness, **changes) -> None:
    def write(session):
        tickets = Tickets(session)
        old = tickets.get("tkt_a")
        assert old is not None
        form = replace(old.form, **{k: v for k, v in changes.items() if k == "callback_url"})
        rest = {k: v for k, v in changes.items() if k != "callback_url"}
        revision = old.revision + (form != old.form)
        tickets.save(old, replace(old, form=form, revision=revision, version=2, **rest))

    await harness.control.write(write)


async def endpoints(harness, database):
    return await database.read(lambda s: WebhookEndpoints(s).enabled_of([ORGANIZATION, ""]))


async def test_an_approval_brings_the_first_endpoint_with_it(harness, receiver):
    """It hears of its own approval, signed with what the holder of the status token derives."""
    await harness.narrow(callback_url=receiver.url)
    await harness.emit(approved(harness), database=harness.control)
    async with harness.working():
        await receiver.wait_for(1)
        await harness.emit(harness.event())
        await receiver.wait_for(2)
    (endpoint,) = await endpoints(harness, harness.sandbox)
    assert endpoint.origin == endpoint.grant_id == GRANT
    assert endpoint.scopes == {"ats:read", "jobs:read"}
    assert endpoint.event_types == ()
    for got in receiver.got:
        Webhook(secret_for("sandbox")).verify(got.body, got.headers)


async def test_the_first_endpoint_is_made_once(harness, receiver):
    """An event that is forwarded twice, or a second approval event, changes nothing of it."""
    await harness.narrow(callback_url=receiver.url)
    event = approved(harness)
    async with harness.working():
        await harness.emit(event, database=harness.control)
        await receiver.wait_for(1)
        (first,) = await endpoints(harness, harness.sandbox)
        await harness.emit(event, database=harness.control)
        await harness.emptied()
        await harness.emit(approved(harness), database=harness.control)
        await receiver.wait_for(2)
    assert await endpoints(harness, harness.sandbox) == [first]
    assert len(receiver.got) == 2


@pytest.mark.parametrize("event_type", ["ticket.needs_info", "ticket.denied"])
async def test_before_a_grant_the_tickets_callback_hears(harness, receiver, event_type):
    """From the control database, signed for the ticket; no endpoint of a tenant comes of it."""
    await change_ticket(harness, callback_url=receiver.url)
    event = harness.event(
        event_type, environment="", organization_id="", ticketId="tkt_a", state="NEEDS_INFO"
    )
    await harness.emit(event, database=harness.control)
    async with harness.working():
        await receiver.wait_for(1)
        (delivery,) = await harness.until(
            lambda found: found[0].state is DeliveryState.SUCCEEDED, database=harness.control
        )
    (got,) = receiver.got
    Webhook(secret_for("ticket")).verify(got.body, got.headers)
    assert delivery.event_id == event.event_id
    assert await endpoints(harness, harness.sandbox) == []
    assert await endpoints(harness, harness.business["production"]) == []


async def test_a_callback_that_nobody_has_looked_at_is_never_called(harness, receiver):
    """Without a reviewer on the ticket, an address is only what a stranger typed."""
    await change_ticket(harness, callback_url=receiver.url, assignee="")
    await harness.emit(
        harness.event("ticket.denied", environment="", organization_id="", ticketId="tkt_a"),
        database=harness.control,
    )
    async with harness.working():
        await harness.settled()
    assert receiver.connections == 0


async def test_an_amended_callback_takes_over_and_is_enabled_again(harness, receiver):
    """The ticket's endpoint follows the latest revision of the request."""
    await change_ticket(harness, callback_url="https://old.example.com/")

    def told():
        return harness.event(
            "ticket.needs_info", environment="", organization_id="", ticketId="tkt_a"
        )

    async with harness.working():
        await harness.emit(told(), database=harness.control)
        await harness.until(lambda found: found[0].attempt_count == 1, database=harness.control)
        (old,) = await endpoints(harness, harness.control)
        off = replace(
            old,
            disabled_at=harness.clock(),
            disable_reason=DisableReason.FAILING,
            revision=old.revision + 1,
        )
        await harness.control.write(lambda s: WebhookEndpoints(s).save(off, before=old))
        await change_ticket(harness, callback_url=receiver.url)
        await harness.emit(told(), database=harness.control)
        await receiver.wait_for(1)
    (new,) = await endpoints(harness, harness.control)
    assert new.id == old.id
    assert new.url == receiver.url


async def test_events_of_unknown_tickets_hold_nothing_up(harness, receiver):
    """They are dropped; those behind them go out."""
    await harness.endpoint(receiver.url)
    await harness.emit(
        harness.event("ticket.denied", environment="", organization_id="", ticketId="tkt_none"),
        harness.event("key.issued", keyId="k"),
        database=harness.control,
    )
    async with harness.working():
        await receiver.wait_for(1)


async def test_a_lost_key_of_the_settings_holds_nothing_up(harness, receiver):
    """A secret that can't be derived is replaced by one that has to be rotated."""
    await harness.narrow(callback_url=receiver.url)
    harness.box = type(harness.box)([b"x" * 32], lambda n: b"r" * n)
    await harness.emit(approved(harness), database=harness.control)
    async with harness.working():
        await receiver.wait_for(1)
    (got,) = receiver.got
    with pytest.raises(WebhookVerificationError):
        Webhook(secret_for("sandbox")).verify(got.body, got.headers)


async def test_an_endpoint_that_cant_be_signed_for_is_left_alone(harness, receiver):
    """Nothing goes out unsigned, nothing is counted against the endpoint, others go on."""
    sealed = harness.box
    harness.box = type(harness.box)([b"x" * 32], lambda n: b"r" * n)
    lost = await harness.endpoint(receiver.url)
    harness.box = sealed
    await harness.endpoint(receiver.url)
    await harness.emit(harness.event())
    async with harness.working():
        await receiver.wait_for(1)
        await harness.settled()
    assert len(receiver.got) == 1
    (delivery,) = await harness.deliveries(lost)
    assert (delivery.state, delivery.attempt_count) == (DeliveryState.PENDING, 0)
    put_off = harness.registry.get_sample_value(
        "xaigh_webhook_unsignable_total", {"database": "sandbox"}
    )
    assert put_off, "operators see in the metrics that a webhook key is missing"
