"""Webhooks over the API: endpoints, their secrets, tests, the delivery log and redelivery."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.harness.business_services import BusinessServices, key

from xaigh.webhooks.v1 import delivery_pb2, endpoint_pb2
from xaigh.webhooks.v1 import webhooks_service_pb2 as api
from xaigh_server.audit.model import SealedEvent
from xaigh_server.audit.repository import AuditFilter, AuditLog
from xaigh_server.db.session import Session
from xaigh_server.errors import DomainError, FieldInvalid, NotFound
from xaigh_server.identity.errors import ScopeNotGranted
from xaigh_server.identity.principal import KeyPrincipal
from xaigh_server.net.url_guard import CallbackForbidden
from xaigh_server.rpc.errors import EtagMismatch
from xaigh_server.webhooks.disabling import Disabling, disable, enable
from xaigh_server.webhooks.errors import EndpointDisabled, EndpointHeld
from xaigh_server.webhooks.events import EVENT_TYPES
from xaigh_server.webhooks.model import DisableReason, Endpoint
from xaigh_server.webhooks.repository.endpoints import WebhookEndpoints

URL = "https://hooks.northline.example/events"
ENABLED, DISABLED = endpoint_pb2.Endpoint.ENABLED, endpoint_pb2.Endpoint.DISABLED


def reader(*scopes: str, organization: str = "org_northline") -> KeyPrincipal:
    """A key that may read jobs, or what is named."""
    granted = frozenset(scopes or ("jobs:read",))
    return replace(key(organization=organization), scopes=granted)


READER = reader()
STRANGER = reader(organization="org_other")


async def create(services: BusinessServices, by: KeyPrincipal = READER, **members: Any) -> Any:
    return await services.do("CreateEndpoint", by, **{"url": URL, **members})


async def update(
    services: BusinessServices, endpoint: Any, *mask: str, by: KeyPrincipal = READER, **to: Any
) -> Any:
    wanted = {"endpoint_id": endpoint.endpoint_id, **to}
    return await services.do(
        "UpdateEndpoint", by, endpoint=wanted, update_mask={"paths": list(mask)}
    )


async def read(services: BusinessServices, endpoint: Any, by: KeyPrincipal = READER) -> Any:
    return await services.do("GetEndpoint", by, endpoint_id=endpoint.endpoint_id)


async def events(services: BusinessServices) -> list[SealedEvent]:
    """The audit chain, oldest first."""
    found = await services.database.read(
        lambda session: AuditLog(session, "sandbox").listing(AuditFilter(), before=None, limit=100)
    )
    return list(found)[::-1]


class TestCreation:
    async def test_the_secret_is_shown_once(self, services: BusinessServices) -> None:
        """With the reply of the creation; a replay and a reading show the endpoint without it."""
        request = {"url": URL, "description": "Events.", "idempotency_key": "once"}
        made = await services.do("CreateEndpoint", READER, **request)
        again = await services.do("CreateEndpoint", READER, **request)
        assert made.secret.startswith("whsec_")
        assert (again.endpoint_id, again.secret) == (made.endpoint_id, "")
        found = await read(services, made)
        assert (found.secret, found.url, found.description) == ("", URL, "Events.")
        assert (found.state, found.grant_id) == (ENABLED, "")

    async def test_its_audit_event_knows_the_host_and_no_secret(
        self, services: BusinessServices
    ) -> None:
        """What stands behind the host may be a secret as well."""
        made = await create(services, url=URL + "?token=hidden", event_types=["job.created"])
        (sealed,) = await events(services)
        assert sealed.event.after == {
            "host": "hooks.northline.example",
            "description": "",
            "eventTypes": ["job.created"],
            "scopes": ["jobs:read"],
            "grantId": "grant_1",
            "keyId": "kkkkkkkkkk",
            "disableReason": "",
        }
        assert "hidden" not in str(sealed) and made.secret not in str(sealed)

    @pytest.mark.parametrize(
        ("members", "error"),
        [
            ({"url": "http://hooks.example/"}, None),
            ({"url": "ftp://hooks.example/"}, CallbackForbidden),
            ({"url": "https://127.0.0.1/"}, CallbackForbidden),
            ({"url": "https://inside.example/"}, CallbackForbidden),
            ({"event_types": ["job.eaten"]}, FieldInvalid),
            ({"event_types": ["ats.run.held"]}, ScopeNotGranted),
        ],
    )
    async def test_what_an_endpoint_may_be(
        self, services: BusinessServices, members: dict[str, Any], error: type[DomainError] | None
    ) -> None:
        """An address in public, known events, and no more than its key may read."""
        services.outside.addresses_of["inside.example"] = ["192.168.0.1"]
        if error is None:
            assert await create(services, **members)
            return
        with pytest.raises(error):
            await create(services, **members)
        assert not await events(services)

    async def test_every_event_that_needs_a_scope_asks_for_it(
        self, services: BusinessServices
    ) -> None:
        """And those that need none are for every key."""
        nobody = reader("webhooks:write")
        for name, kind in EVENT_TYPES.items():
            if kind.scope:
                with pytest.raises(ScopeNotGranted):
                    await create(services, nobody, event_types=[name])
                await create(services, reader(kind.scope), event_types=[name])

    async def test_it_knows_the_key_that_made_it_or_last_set_its_url(
        self, services: BusinessServices
    ) -> None:
        """Another key that changes anything else doesn't answer for the address."""
        made = await create(services)
        assert made.key_id == READER.key_id
        other = replace(READER, key_id="otherkey01")
        for members, key_id in (
            ({"description": "x"}, READER.key_id),
            ({"url": URL + "/2"}, "otherkey01"),
        ):
            made = await services.do(
                "UpdateEndpoint",
                other,
                endpoint={"endpoint_id": made.endpoint_id, **members},
                update_mask={"paths": list(members)},
            )
            assert made.key_id == key_id

    async def test_what_an_operator_disabled_is_neither_moved_deleted_nor_made_again(
        self, services: BusinessServices
    ) -> None:
        """With another query or by another endpoint's change neither; other organizations may."""
        made, other = await create(services), await create(services, url=URL + "/2")
        by = Disabling(reason=DisableReason.OPERATOR, time=services.now, actor_id="maya")

        def hold(session: Session) -> object:
            endpoint = WebhookEndpoints(session).find(made.endpoint_id)
            assert endpoint is not None
            return disable(session, endpoint, by, database="sandbox")

        await services.database.write(hold)
        for step in (
            lambda: create(services),
            lambda: create(services, url=URL + "?again=1"),
            lambda: update(services, other, "url", url=URL),
            lambda: update(services, made, "url", url=URL + "/3"),
            lambda: services.do("DeleteEndpoint", READER, endpoint_id=made.endpoint_id),
        ):
            with pytest.raises(EndpointHeld) as refused:
                await step()
            assert refused.value.metadata == {"endpointId": made.endpoint_id}
        assert await update(services, other, "url", url=URL + "/3")
        assert await create(services, STRANGER)

    async def test_what_an_operator_disabled_only_an_operator_enables(
        self, services: BusinessServices
    ) -> None:
        """The integrator is told whom to ask."""
        made = await create(services)
        by = Disabling(reason=DisableReason.OPERATOR, time=services.now, actor_id="maya")

        def change(session: Session, step: Callable[..., Endpoint | None]) -> Endpoint | None:
            endpoint = WebhookEndpoints(session).find(made.endpoint_id)
            assert endpoint is not None
            return step(session, endpoint, by, database="sandbox")

        assert await services.database.write(lambda session: change(session, disable))
        with pytest.raises(EndpointHeld):
            await services.do(
                "UpdateEndpoint",
                READER,
                endpoint={"endpoint_id": made.endpoint_id, "state": "ENABLED"},
                update_mask={"paths": ["state"]},
            )
        assert await services.database.write(lambda session: change(session, enable))
        shown = await services.do("GetEndpoint", READER, endpoint_id=made.endpoint_id)
        assert shown.state == shown.ENABLED
        actions = [each.event.action for each in await events(services)]
        assert actions[-2:] == ["webhook_endpoint.disabled", "webhook_endpoint.enabled"]

    async def test_there_is_a_quota(self, services: BusinessServices) -> None:
        """Of one organization; another one has its own."""
        with pytest.raises(DomainError) as refused:
            for _ in range(1000):
                await create(services)
        listed = await services.do("ListEndpoints", READER, page_size=1000)
        assert str(len(listed.endpoints)) in str(refused.value)
        assert await create(services, STRANGER)


class TestTenants:
    async def test_a_foreign_endpoint_is_a_missing_one(self, services: BusinessServices) -> None:
        """By every method that names one."""
        made = await create(services)
        test = await services.do("SendTest", READER, endpoint_id=made.endpoint_id)
        by_id = {"endpoint_id": made.endpoint_id}
        for method, request in (
            ("GetEndpoint", by_id),
            ("UpdateEndpoint", {"endpoint": {**by_id, "description": "Mine."}}),
            ("DeleteEndpoint", by_id),
            ("RotateSecret", by_id),
            ("SendTest", by_id),
            ("Redeliver", {"delivery_id": test.delivery_id}),
        ):
            with pytest.raises(NotFound):
                await services.do(method, STRANGER, **request)
        assert not (await services.do("ListEndpoints", STRANGER)).endpoints
        assert not (await services.do("ListDeliveries", STRANGER)).deliveries
        assert await read(services, made) == replace_secret(made)


def replace_secret(endpoint: Any) -> Any:
    """The endpoint as it is read: its secret was shown once."""
    read = endpoint_pb2.Endpoint()
    read.CopyFrom(endpoint)
    read.ClearField("secret")
    return read


class TestList:
    async def test_pages_meet(self, services: BusinessServices) -> None:
        """Newest first."""
        ids = []
        for _ in range(3):
            ids.append((await create(services)).endpoint_id)
            services.pass_time(seconds=1)
        page = await services.do("ListEndpoints", READER, page_size=2)
        rest = await services.do(
            "ListEndpoints", READER, page_size=2, page_token=page.next_page_token
        )
        found = [each.endpoint_id for each in (*page.endpoints, *rest.endpoints)]
        assert found == ids[::-1]


class TestUpdate:
    async def test_only_what_the_mask_names_changes(self, services: BusinessServices) -> None:
        """With both states in the audit event, and a new etag."""
        made = await create(services, description="Old.", event_types=["job.created"])
        changed = await update(services, made, "description", description="New.", url="https://x/")
        assert (changed.description, changed.url) == ("New.", URL)
        assert changed.etag != made.etag
        event = (await events(services))[-1].event
        assert event.before is not None and event.after is not None
        assert (event.before["description"], event.after["description"]) == ("Old.", "New.")

    async def test_an_update_that_changes_nothing_leaves_no_trace(
        self, services: BusinessServices
    ) -> None:
        """The etag stays."""
        made = await create(services, description="Old.")
        same = await update(services, made, "description", description="Old.")
        assert same.etag == made.etag

    async def test_a_stale_etag_changes_nothing(self, services: BusinessServices) -> None:
        """Neither an update nor a deletion."""
        made = await create(services)
        await update(services, made, "description", description="New.")
        with pytest.raises(EtagMismatch):
            await update(services, made, "description", description="X.", etag=made.etag)
        with pytest.raises(EtagMismatch):
            await services.do(
                "DeleteEndpoint", READER, endpoint_id=made.endpoint_id, etag=made.etag
            )
        assert (await read(services, made)).description == "New."

    @pytest.mark.parametrize(
        ("mask", "members", "error"),
        [
            ("url", {"url": "https://127.0.0.1/"}, CallbackForbidden),
            ("event_types", {"event_types": ["ats.run.held"]}, ScopeNotGranted),
            ("event_types", {"event_types": ["job.eaten"]}, FieldInvalid),
            ("state", {}, FieldInvalid),
            ("secret", {"secret": "whsec_x"}, FieldInvalid),
            ("grant_id", {"grant_id": "grt_2"}, FieldInvalid),
        ],
    )
    async def test_changes_that_are_refused(
        self,
        services: BusinessServices,
        mask: str,
        members: dict[str, Any],
        error: type[DomainError],
    ) -> None:
        """What a creation refuses, and what the server alone writes."""
        made = await create(services, event_types=["job.created"])
        with pytest.raises(error):
            await update(services, made, mask, **members)
        assert (await read(services, made)).etag == made.etag

    async def test_who_changes_what_is_heard_vouches_for_it(
        self, services: BusinessServices
    ) -> None:
        """The endpoint's scopes become those of the key that changed its URL or its events."""
        made = await create(services, reader("jobs:read", "ats:read"))
        await update(services, made, "url", by=READER, url=URL + "/2")
        kept = await services.database.read(
            lambda session: WebhookEndpoints(session).find(made.endpoint_id)
        )
        assert kept is not None and kept.scopes == {"jobs:read"}

    async def test_a_disabled_endpoint_takes_nothing_until_it_is_enabled(
        self, services: BusinessServices
    ) -> None:
        """What waited for it is cancelled."""
        made = await create(services)
        waiting = await services.do("SendTest", READER, endpoint_id=made.endpoint_id)
        off = await update(services, made, "state", state=DISABLED)
        assert (off.state, off.disable_reason) == (DISABLED, endpoint_pb2.Endpoint.REQUESTED)
        (delivery,) = (await services.do("ListDeliveries", READER)).deliveries
        assert (delivery.delivery_id, delivery.state) == (
            waiting.delivery_id,
            delivery_pb2.Delivery.CANCELLED,
        )
        for method, request in (
            ("SendTest", {"endpoint_id": made.endpoint_id}),
            ("Redeliver", {"delivery_id": waiting.delivery_id}),
        ):
            with pytest.raises(EndpointDisabled):
                await services.do(method, READER, **request)
        on = await update(services, made, "state", state=ENABLED)
        assert (on.state, on.disable_reason) == (ENABLED, 0)
        assert await services.do("SendTest", READER, endpoint_id=made.endpoint_id)


class TestSecrets:
    async def test_a_rotation_gives_a_new_secret_and_keeps_the_old_one_for_a_while(
        self, services: BusinessServices
    ) -> None:
        """For a day, unless the call says otherwise; the audit event says how long."""
        made = await create(services)
        by_id = {"endpoint_id": made.endpoint_id}
        rotated = await services.do("RotateSecret", READER, **by_id)
        assert rotated.secret.startswith("whsec_") and rotated.secret != made.secret
        assert await self.kept(services, made) == timedelta(days=1)
        await services.do("RotateSecret", READER, **by_id, overlap_seconds=60)
        assert await self.kept(services, made) == timedelta(minutes=1)
        await services.do("RotateSecret", READER, **by_id, overlap_seconds=0)
        assert await self.kept(services, made) is None
        said = [each.event.after for each in (await events(services))[1:]]
        assert said == [{"overlapSeconds": 86400}, {"overlapSeconds": 60}, {"overlapSeconds": 0}]

    async def kept(self, services: BusinessServices, endpoint: Any) -> timedelta | None:
        """How much longer the previous secret signs."""
        found = await services.database.read(
            lambda session: WebhookEndpoints(session).find(endpoint.endpoint_id)
        )
        assert found is not None
        until = found.secrets.previous_expires_at
        return until - services.now if until is not None else None

    async def test_a_replay_of_a_rotation_shows_no_secret(self, services: BusinessServices) -> None:
        """And rotates nothing again."""
        made = await create(services)
        request = {"endpoint_id": made.endpoint_id, "idempotency_key": "once"}
        first = await services.do("RotateSecret", READER, **request)
        again = await services.do("RotateSecret", READER, **request)
        assert first.secret and (again.secret, again.etag) == ("", first.etag)


class TestDeletion:
    async def test_a_deleted_endpoint_is_gone(self, services: BusinessServices) -> None:
        """With what waited for it; the event tells what it was."""
        made = await create(services, event_types=["job.created"])
        await services.do("DeleteEndpoint", READER, endpoint_id=made.endpoint_id)
        with pytest.raises(NotFound):
            await read(services, made)
        event = (await events(services))[-1].event
        assert (event.action, event.before and event.before["eventTypes"]) == (
            "webhook_endpoint.deleted",
            ["job.created"],
        )


class TestDeliveries:
    async def test_a_test_is_a_delivery_that_waits(self, services: BusinessServices) -> None:
        """To this endpoint alone, whatever its event types."""
        made, other = await create(services, event_types=["job.created"]), await create(services)
        sent = await services.do("SendTest", READER, endpoint_id=made.endpoint_id)
        assert (sent.event_type, sent.state) == ("webhook.test", delivery_pb2.Delivery.PENDING)
        assert sent.endpoint_id == made.endpoint_id != other.endpoint_id
        listed = (await services.do("ListDeliveries", READER)).deliveries
        assert [each.delivery_id for each in listed] == [sent.delivery_id]

    async def test_the_log_is_filtered_and_in_pages(self, services: BusinessServices) -> None:
        """By endpoint, event, type, state and time, newest first."""
        made, other = await create(services), await create(services)
        sent = []
        for endpoint in (made, other, made):
            sent.append(await services.do("SendTest", READER, endpoint_id=endpoint.endpoint_id))
            services.pass_time(minutes=1)
        ids = [each.delivery_id for each in sent]

        async def listed(**wanted: Any) -> list[str]:
            page: api.ListDeliveriesResponse = await services.do("ListDeliveries", READER, **wanted)
            return [each.delivery_id for each in page.deliveries]

        page = await services.do("ListDeliveries", READER, page_size=2)
        rest = await listed(page_size=2, page_token=page.next_page_token)
        assert [each.delivery_id for each in page.deliveries] + rest == ids[::-1]
        assert await listed(endpoint_id=other.endpoint_id) == [ids[1]]
        assert await listed(event_id=sent[0].event_id) == [ids[0]]
        assert await listed(event_type="job.created") == []
        assert await listed(state=delivery_pb2.Delivery.SUCCEEDED) == []
        assert await listed(created_after_time=services.now - timedelta(seconds=90)) == [ids[2]]
        assert await listed(created_before_time=services.now - timedelta(minutes=2)) == [ids[0]]

    async def test_a_redelivery_waits_again_and_is_in_the_log(
        self, services: BusinessServices
    ) -> None:
        """Of a delivery that ended."""
        made = await create(services)
        sent = await services.do("SendTest", READER, endpoint_id=made.endpoint_id)
        await update(services, made, "state", state=DISABLED)
        await update(services, made, "state", state=ENABLED)
        again = await services.do("Redeliver", READER, delivery_id=sent.delivery_id)
        assert again.state == delivery_pb2.Delivery.PENDING
        event = (await events(services))[-1].event
        assert (event.action, event.targets) == (
            "webhook_delivery.redelivered",
            (sent.delivery_id, made.endpoint_id),
        )
