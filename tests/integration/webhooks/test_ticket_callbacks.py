"""Applicants and tenants learn what happens to tickets, at the callback that was reviewed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from standardwebhooks import Webhook, WebhookVerificationError
from tests.harness.delivery import GRANT, ORGANIZATION

from xaigh_server.access.ticket_repository import Tickets
from xaigh_server.identity import webhook_secrets
from xaigh_server.webhooks.model import DeliveryState, DisableReason
from xaigh_server.webhooks.repository.endpoints import WebhookEndpoints

CALLBACK_SECRET = webhook_secrets.callback_secret("token")


def secret_for(purpose: str) -> bytes:
    return webhook_secrets.derive(CALLBACK_SECRET, purpose)


def approved(plant):
    return plant.event(
        "ticket.approved",
        ticketId="tkt_a",
        state="IN_REVIEW",
        grantId=GRANT,
        environment="sandbox",
    )


async def change_ticket(plant, **changes) -> None:
    def write(session):
        tickets = Tickets(session)
        old = tickets.get("tkt_a")
        assert old is not None
        form = replace(old.form, **{k: v for k, v in changes.items() if k == "callback_url"})
        rest = {k: v for k, v in changes.items() if k != "callback_url"}
        revision = old.revision + (form != old.form)
        tickets.save(old, replace(old, form=form, revision=revision, version=2, **rest))

    await plant.control.write(write)


async def endpoints(plant, database):
    return await database.read(lambda s: WebhookEndpoints(s).enabled_of([ORGANIZATION, ""]))


async def test_an_approval_brings_the_first_endpoint_with_it(plant, receiver):
    """It hears of its own approval, signed with what the holder of the status token derives."""
    await plant.narrow(callback_url=receiver.url)
    await plant.emit(approved(plant), database=plant.control)
    async with plant.working():
        await receiver.wait_for(1)
        await plant.emit(plant.event())
        await receiver.wait_for(2)
    (endpoint,) = await endpoints(plant, plant.sandbox)
    assert endpoint.origin == endpoint.grant_id == GRANT
    assert endpoint.scopes == {"ats:read", "jobs:read"}
    assert endpoint.event_types == ()
    for got in receiver.got:
        Webhook(secret_for("sandbox")).verify(got.body, got.headers)


async def test_the_first_endpoint_is_made_once(plant, receiver):
    """An event that is forwarded twice, or a second approval event, changes nothing of it."""
    await plant.narrow(callback_url=receiver.url)
    event = approved(plant)
    async with plant.working():
        await plant.emit(event, database=plant.control)
        await receiver.wait_for(1)
        (first,) = await endpoints(plant, plant.sandbox)
        await plant.emit(event, database=plant.control)
        await plant.emptied()
        await plant.emit(approved(plant), database=plant.control)
        await receiver.wait_for(2)
    assert await endpoints(plant, plant.sandbox) == [first]
    assert len(receiver.got) == 2


@pytest.mark.parametrize("event_type", ["ticket.needs_info", "ticket.denied"])
async def test_before_a_grant_the_tickets_callback_hears(plant, receiver, event_type):
    """From the control database, signed for the ticket; no endpoint of a tenant comes of it."""
    await change_ticket(plant, callback_url=receiver.url)
    event = plant.event(
        event_type, environment="", organization_id="", ticketId="tkt_a", state="NEEDS_INFO"
    )
    await plant.emit(event, database=plant.control)
    async with plant.working():
        await receiver.wait_for(1)
        (delivery,) = await plant.until(
            lambda found: found[0].state is DeliveryState.SUCCEEDED, database=plant.control
        )
    (got,) = receiver.got
    Webhook(secret_for("ticket")).verify(got.body, got.headers)
    assert delivery.event_id == event.event_id
    assert await endpoints(plant, plant.sandbox) == []
    assert await endpoints(plant, plant.business["production"]) == []


async def test_a_callback_that_nobody_has_looked_at_is_never_called(plant, receiver):
    """Without a reviewer on the ticket, an address is only what a stranger typed."""
    await change_ticket(plant, callback_url=receiver.url, assignee="")
    await plant.emit(
        plant.event("ticket.denied", environment="", organization_id="", ticketId="tkt_a"),
        database=plant.control,
    )
    async with plant.working():
        await plant.settled()
    assert receiver.connections == 0


async def test_an_amended_callback_takes_over_and_is_enabled_again(plant, receiver):
    """The ticket's endpoint follows the latest revision of the request."""
    await change_ticket(plant, callback_url="https://old.example.com/")

    def told():
        return plant.event(
            "ticket.needs_info", environment="", organization_id="", ticketId="tkt_a"
        )

    async with plant.working():
        await plant.emit(told(), database=plant.control)
        await plant.until(lambda found: found[0].attempt_count == 1, database=plant.control)
        (old,) = await endpoints(plant, plant.control)
        off = replace(
            old,
            disabled_at=plant.clock(),
            disable_reason=DisableReason.FAILING,
            revision=old.revision + 1,
        )
        await plant.control.write(lambda s: WebhookEndpoints(s).save(off, before=old))
        await change_ticket(plant, callback_url=receiver.url)
        await plant.emit(told(), database=plant.control)
        await receiver.wait_for(1)
    (new,) = await endpoints(plant, plant.control)
    assert new.id == old.id
    assert new.url == receiver.url


async def test_events_of_unknown_tickets_hold_nothing_up(plant, receiver):
    """They are dropped; those behind them go out."""
    await plant.endpoint(receiver.url)
    await plant.emit(
        plant.event("ticket.denied", environment="", organization_id="", ticketId="tkt_none"),
        plant.event("key.issued", keyId="k"),
        database=plant.control,
    )
    async with plant.working():
        await receiver.wait_for(1)


async def test_a_lost_key_of_the_settings_holds_nothing_up(plant, receiver):
    """A secret that can't be derived is replaced by one that has to be rotated."""
    await plant.narrow(callback_url=receiver.url)
    plant.box = type(plant.box)([b"x" * 32], lambda n: b"r" * n)
    await plant.emit(approved(plant), database=plant.control)
    async with plant.working():
        await receiver.wait_for(1)
    (got,) = receiver.got
    with pytest.raises(WebhookVerificationError):
        Webhook(secret_for("sandbox")).verify(got.body, got.headers)


async def test_an_endpoint_that_cant_be_signed_for_is_left_alone(plant, receiver):
    """Nothing goes out unsigned, nothing is counted against the endpoint, others go on."""
    sealed = plant.box
    plant.box = type(plant.box)([b"x" * 32], lambda n: b"r" * n)
    lost = await plant.endpoint(receiver.url)
    plant.box = sealed
    await plant.endpoint(receiver.url)
    await plant.emit(plant.event())
    async with plant.working():
        await receiver.wait_for(1)
        await plant.settled()
    assert len(receiver.got) == 1
    (delivery,) = await plant.deliveries(lost)
    assert (delivery.state, delivery.attempt_count) == (DeliveryState.PENDING, 0)
