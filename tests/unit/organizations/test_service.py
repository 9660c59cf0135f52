"""Organizations over the API: reading, suspending and resuming them."""

from datetime import timedelta
from typing import Any

import pytest
from tests.harness.control_services import ControlServices
from tests.harness.reviews import granted

from xaigh.organizations.v1 import organization_pb2 as pb
from xaigh_server.errors import NotFound
from xaigh_server.organizations.errors import OrganizationInactive


async def two(services: ControlServices) -> list[str]:
    """The ids of two tenants, in the order of their ids."""
    first = await granted(services)
    second = await granted(services, contact_email="x@other.example", company_name="Other")
    return sorted([first.organization_id, second.organization_id])


async def test_an_organization_is_read_by_its_id(services: ControlServices) -> None:
    """With its name, its mail domains and its times."""
    grant = await granted(services)
    found = await services.do("GetOrganization", organization_id=grant.organization_id)
    assert (found.display_name, list(found.email_domains)) == (
        "Northline Warehousing",
        ["northline.example"],
    )
    assert (found.state, found.suspension_reason) == (pb.Organization.ACTIVE, "")
    assert found.create_time.ToDatetime(tzinfo=services.clock.now.tzinfo) == services.clock.now
    assert found.etag
    with pytest.raises(NotFound):
        await services.do("GetOrganization", organization_id="org_x")


async def test_a_list_is_filtered_and_in_pages(services: ControlServices) -> None:
    """By state and by mail domain, whose case doesn't matter."""
    ids = await two(services)

    async def listed(**wanted: Any) -> list[str]:
        page = await services.do("ListOrganizations", **wanted)
        return [each.organization_id for each in page.organizations]

    page = await services.do("ListOrganizations", page_size=1)
    rest = await listed(page_size=1, page_token=page.next_page_token)
    assert [page.organizations[0].organization_id, *rest] == ids
    assert len(await listed(email_domain="OTHER.example")) == 1
    assert await listed(state=pb.Organization.SUSPENDED) == []
    await services.do("SuspendOrganization", organization_id=ids[0], reason="Unpaid.")
    assert await listed(state=pb.Organization.SUSPENDED) == [ids[0]]


async def test_suspending_and_resuming(services: ControlServices) -> None:
    """Each writes one event with its reason; doing it twice changes nothing."""
    grant = await granted(services)
    tenant = {"organization_id": grant.organization_id}
    services.clock.now += timedelta(hours=1)
    suspended = await services.do("SuspendOrganization", **tenant, reason="Unpaid.")
    assert (suspended.state, suspended.suspension_reason) == (pb.Organization.SUSPENDED, "Unpaid.")
    again = await services.do("SuspendOrganization", **tenant, reason="Still unpaid.")
    assert again == suspended
    with pytest.raises(OrganizationInactive):
        await services.do("IssueKey", grant_id=grant.grant_id, name="nightly")
    resumed = await services.do("ResumeOrganization", **tenant, reason="Paid.")
    assert (resumed.state, resumed.suspension_reason) == (pb.Organization.ACTIVE, "")
    assert resumed.etag != suspended.etag
    assert await services.do("IssueKey", grant_id=grant.grant_id, name="nightly")
    (down,) = await services.audit_events("organization.suspended")
    (up,) = await services.audit_events("organization.resumed")
    assert (down.event.reason, up.event.reason) == ("Unpaid.", "Paid.")
    assert (down.event.before, down.event.after) == ({"state": "ACTIVE"}, {"state": "SUSPENDED"})


@pytest.mark.parametrize("method", ["SuspendOrganization", "ResumeOrganization"])
async def test_a_missing_organization_has_no_state(services: ControlServices, method: str) -> None:
    """It is not found."""
    with pytest.raises(NotFound):
        await services.do(method, organization_id="org_x", reason="Unpaid.")
