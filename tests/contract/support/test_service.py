"""What operators read and do of an organization's own, on both engines."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from tests.harness.business_services import EMPLOYER, BusinessServices, key, operator
from tests.harness.syncs import authoritative, board, integrate

from xaigh.jobs.v1 import job_pb2
from xaigh.webhooks.v1 import endpoint_pb2
from xaigh_server.audit.repository import AuditFilter, AuditLog
from xaigh_server.db.database import Database, open_database
from xaigh_server.db.tables import business_journal
from xaigh_server.errors import NotFound
from xaigh_server.jobs.model import JobNotHeld
from xaigh_server.runtime.tables import control_metadata
from xaigh_server.webhooks.errors import EndpointHeld

MAYA = operator()
NORTH, SOUTH = key(organization="org_north"), key("employer_9", organization="org_south")
SANDBOX = {"environment": "sandbox"}
PublicationStatus = job_pb2.PublicationStatus


@pytest.fixture
def services(business: Database) -> BusinessServices:
    """The services on the engine under test."""
    return BusinessServices(business, open_database("control", Path("nowhere"), control_metadata))


async def post(services: BusinessServices, by: Any, employer: str = EMPLOYER) -> Any:
    form: dict[str, Any] = {"title": "Crew", "slots": 2, "starts_at": {"seconds": 1}}
    return await services.do("PostJob", by, employer_user_id=employer, **form)


async def endpoint(services: BusinessServices, by: Any) -> Any:
    return await services.do("CreateEndpoint", by, url="https://hooks.example.com/x")


async def read(services: BusinessServices, what: str, organization: str, **filters: Any) -> Any:
    """The items of a list, as an operator reads it."""
    method = f"ListOrganization{what}"
    request = {"organization_id": organization, **SANDBOX, **filters}
    reply = await services.do(method, MAYA, **request)
    return list(getattr(reply, what.lower()))


async def step(services: BusinessServices, method: str, **members: Any) -> Any:
    """A step of an operator on something of org_north."""
    members = {"organization_id": "org_north", **SANDBOX, **members}
    return await services.do(method, MAYA, **members)


async def test_jobs_of_one_organization_or_of_all(services: BusinessServices) -> None:
    """The same as its own list shows, and each read is noted."""
    north, south = await post(services, NORTH), await post(services, SOUTH, "employer_9")
    assert await read(services, "Jobs", "org_north") == [north]
    assert [job.job_id for job in await read(services, "Jobs", "-")] == [
        south.job_id,
        north.job_id,
    ]
    assert await read(services, "Jobs", "-", job_id=north.job_id) == [north]
    assert await read(services, "Jobs", "-", employer_user_id="employer_9") == [south]
    method = "xaigh.support.v1.SupportService.ListOrganizationJobs"
    assert services.reads.noted[:2] == [
        (method, "org_north", "sandbox"),
        (method, "-", "sandbox"),
    ]


async def test_what_syncs_did_is_read_with_raw_hashes(services: BusinessServices) -> None:
    """Integrations, runs and events, each with its organization."""
    integration = await integrate(services)
    await authoritative(services, board(1, 2))
    own = integration.organization_id
    for what, count in (("Integrations", 1), ("Runs", 1), ("Events", 2)):
        found = await read(services, what, own)
        assert [each.organization_id for each in found] == [own] * count
        assert await read(services, what, "-") == found
        assert await read(services, what, "org_other") == []
    events = await read(services, "Events", own)
    assert all(each.raw_hash_after for each in events)
    assert len(await read(services, "Events", own, job_id=events[0].job_id)) == 1
    assert await read(services, "Runs", own, integration_id="int_other") == []


async def test_endpoints_and_deliveries_are_read_without_secrets(
    services: BusinessServices,
) -> None:
    """Of one organization or of all."""
    made = await endpoint(services, NORTH)
    await endpoint(services, SOUTH)
    await services.do("SendTest", NORTH, endpoint_id=made.endpoint_id)
    (found,) = await read(services, "Endpoints", "org_north")
    assert (found.endpoint_id, found.secret) == (made.endpoint_id, "")
    assert len(await read(services, "Endpoints", "-")) == 2
    (delivery,) = await read(services, "Deliveries", "org_north")
    assert (delivery.endpoint_id, delivery.organization_id) == (made.endpoint_id, "org_north")
    assert await read(services, "Deliveries", "-") == [delivery]
    assert await read(services, "Deliveries", "org_south") == []


async def test_a_disabled_endpoint_says_why_and_stays_disabled(services: BusinessServices) -> None:
    """To operators also by whom; its organization can't enable it, operators can."""
    made = await endpoint(services, NORTH)
    await services.do("SendTest", NORTH, endpoint_id=made.endpoint_id)
    it = {"endpoint_id": made.endpoint_id}
    disabled = await step(services, "DisableEndpoint", reason="It floods us.", **it)
    assert (disabled.disabled_by, disabled.disable_note) == ("maya", "It floods us.")
    shown = await services.do("GetEndpoint", NORTH, **it)
    assert shown.disable_reason == endpoint_pb2.Endpoint.OPERATOR
    assert (shown.disabled_by, shown.disable_note) == ("", "It floods us.")
    (delivery,) = await read(services, "Deliveries", "org_north")
    assert delivery.State.Name(delivery.state) == "CANCELLED"
    wanted: dict[str, Any] = {"endpoint": {**it, "state": endpoint_pb2.Endpoint.ENABLED}}
    with pytest.raises(EndpointHeld):
        await services.do("UpdateEndpoint", NORTH, **wanted)
    enabled = await step(services, "EnableEndpoint", **it)
    assert (enabled.state, enabled.disable_note) == (endpoint_pb2.Endpoint.ENABLED, "")
    assert await audited(services, made.endpoint_id) == [
        ("webhook_endpoint.created", "org_north"),
        ("webhook_endpoint.tested", "org_north"),
        ("webhook_endpoint.disabled", "org_north"),
        ("webhook_endpoint.enabled", "org_north"),
    ]


async def audited(services: BusinessServices, target: str) -> list[tuple[str, str]]:
    """Actions and organizations of the events that name something, oldest first."""
    found = await services.database.read(
        lambda session: AuditLog(session, "sandbox").listing(
            AuditFilter(target=target), before=None, limit=9
        )
    )
    return [(each.event.action, each.event.organization_id) for each in reversed(found)]


async def test_a_held_job_is_closed_until_it_is_released(services: BusinessServices) -> None:
    """Held twice it is held once; watchers and webhooks hear of both, the audit log too."""
    job = await post(services, NORTH)
    it = {"job_id": job.job_id}
    held = await step(services, "HoldJob", reason="A complaint.", **it)
    status = held.publication_status
    assert (status.state, status.close_reason) == (
        PublicationStatus.CLOSED,
        PublicationStatus.LOCAL_HOLD,
    )
    assert (status.hold.hold_id[:4], status.hold.reason) == ("hld_", "A complaint.")
    assert held.etag != job.etag
    assert await step(services, "HoldJob", reason="Again.", **it) == held
    assert (
        await services.do("ListPublishedJobs", NORTH)
        == type(await services.do("ListPublishedJobs", NORTH))()
    )
    released = await step(services, "ReleaseJob", **it)
    assert released.publication_status.state == PublicationStatus.OPEN
    with pytest.raises(JobNotHeld):
        await step(services, "ReleaseJob", **it)
    assert [action for action, _ in await audited(services, job.job_id)] == [
        "job.posted",
        "job.held",
        "job.hold_released",
    ]
    outbox = business_journal.outbox
    heard = await services.rows(select(outbox.c.event_type).order_by(outbox.c.sequence))
    assert [row[0] for row in heard] == ["job.created", "job.closed", "job.reopened"]
    again = await step(services, "HoldJob", reason="Once more.", **it)
    assert again.publication_status.hold.hold_id != status.hold.hold_id


@pytest.mark.parametrize("method", ["HoldJob", "ReleaseJob", "DisableEndpoint", "EnableEndpoint"])
async def test_another_organization_s_object_is_not_found(
    services: BusinessServices, method: str
) -> None:
    """By the organization in the path; nor is one that doesn't exist."""
    job, made = await post(services, SOUTH, "employer_9"), await endpoint(services, SOUTH)
    reason = {"reason": "x"} if method in ("HoldJob", "DisableEndpoint") else {}
    name = "job_id" if "Job" in method else "endpoint_id"
    for wanted in (getattr(job if "Job" in method else made, name), "nothing"):
        with pytest.raises(NotFound):
            await step(services, method, **{name: wanted}, **reason)
