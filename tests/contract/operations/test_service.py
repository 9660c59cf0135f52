"""Jobs of all organizations, as services of ours read and watch them."""

from pathlib import Path
from typing import Any

import pytest
from tests.harness.business_services import EMPLOYER, BusinessServices, key, operator
from tests.harness.syncs import authoritative, board, integrate

from xaigh.jobs.v1 import job_pb2
from xaigh_server.db.database import Database, open_database
from xaigh_server.errors import FieldInvalid, NotFound
from xaigh_server.identity.scopes import Role
from xaigh_server.runtime.tables import control_metadata

SERVICE = operator(Role.SERVICE)
NORTH, SOUTH = key(organization="org_north"), key("employer_9", organization="org_south")
SANDBOX = {"environment": "sandbox"}
WATCH = "OperationsService.WatchJobs"


@pytest.fixture
def services(business: Database) -> BusinessServices:
    """The services on the engine under test."""
    return BusinessServices(business, open_database("control", Path("nowhere"), control_metadata))


async def post(services: BusinessServices, by: Any, employer: str = EMPLOYER) -> Any:
    form: dict[str, Any] = {
        "employer_user_id": employer,
        "title": "Crew",
        "slots": 2,
        "starts_at": {"seconds": 1},
    }
    return await services.do("PostJob", by, **form)


async def listed(services: BusinessServices, **filters: Any) -> list[str]:
    reply = await services.do("OperationsService.ListJobs", SERVICE, **SANDBOX, **filters)
    return [job.job_id for job in reply.jobs]


async def test_jobs_of_all_organizations_are_listed(services: BusinessServices) -> None:
    """Each says whose it is; filters narrow the list, and pages cut it."""
    north, south = await post(services, NORTH), await post(services, SOUTH, "employer_9")
    assert await listed(services) == [south.job_id, north.job_id]
    assert await listed(services, organization_id="org_north") == [north.job_id]
    assert await listed(services, employer_user_id="employer_9") == [south.job_id]
    assert await listed(services, organization_id="org_north", employer_user_id="employer_9") == []
    await services.do("CloseJob", SOUTH, job_id=south.job_id)
    assert await listed(services, state=job_pb2.PublicationStatus.OPEN) == [north.job_id]
    first = await services.do("OperationsService.ListJobs", SERVICE, page_size=1, **SANDBOX)
    again = await services.do(
        "OperationsService.ListJobs",
        SERVICE,
        page_size=1,
        page_token=first.next_page_token,
        **SANDBOX,
    )
    assert [job.organization_id for job in (*first.jobs, *again.jobs)] == ["org_south", "org_north"]


async def test_one_job_is_read_with_its_organization(services: BusinessServices) -> None:
    """And a missing one is not found."""
    job = await post(services, NORTH)
    found = await services.do("OperationsService.GetJob", SERVICE, job_id=job.job_id, **SANDBOX)
    assert (found.organization_id, found.employer_user_id) == ("org_north", EMPLOYER)
    with pytest.raises(NotFound):
        await services.do("OperationsService.GetJob", SERVICE, job_id="job_none", **SANDBOX)


async def test_sync_events_of_all_organizations_are_listed(services: BusinessServices) -> None:
    """By organization, integration and job as well."""
    integration = await integrate(services)
    await authoritative(services, board(1, 2))
    method = "OperationsService.ListSyncEvents"
    every = (await services.do(method, SERVICE, **SANDBOX)).events
    assert {each.organization_id for each in every} == {integration.organization_id}
    assert len(every) == 2
    for filters, count in (
        ({"organization_id": integration.organization_id}, 2),
        ({"organization_id": "org_other"}, 0),
        ({"integration_id": integration.integration_id}, 2),
        ({"job_id": every[0].job_id}, 1),
    ):
        found = await services.do(method, SERVICE, **SANDBOX, **filters)
        assert len(found.events) == count


async def test_a_watch_misses_nothing_of_any_organization(services: BusinessServices) -> None:
    """Across reconnects at every message, in the order of the commits; another service goes on."""
    stream = await services.stream(WATCH, SERVICE, **SANDBOX)
    cursor = (await anext(stream)).cursor
    await stream.aclose()
    north, south = await post(services, NORTH), await post(services, SOUTH, "employer_9")
    await services.do("CloseJob", NORTH, job_id=north.job_id)
    await services.do("CloseJob", SOUTH, job_id=south.job_id)
    heard = []
    for _ in range(4):
        stream = await services.stream(WATCH, operator(Role.SERVICE), cursor=cursor, **SANDBOX)
        await anext(stream)
        change = await anext(stream)
        heard.append((change.Kind.Name(change.kind), change.job.organization_id))
        cursor = change.cursor
        await stream.aclose()
    assert heard == [
        ("CREATED", "org_north"),
        ("CREATED", "org_south"),
        ("CLOSED", "org_north"),
        ("CLOSED", "org_south"),
    ]


async def test_a_watch_can_be_of_one_organization_or_employer(services: BusinessServices) -> None:
    """Existing jobs first where that is wanted; a cursor holds for its filters alone."""
    await post(services, NORTH)
    south = await post(services, SOUTH, "employer_9")
    for filters in ({"organization_id": "org_south"}, {"employer_user_id": "employer_9"}):
        stream = await services.stream(WATCH, SERVICE, include_existing=True, **SANDBOX, **filters)
        bookmark, existing = await anext(stream), await anext(stream)
        assert existing.job.job_id == south.job_id
        await post(services, NORTH)
        late = await post(services, SOUTH, "employer_9")
        while (heard := await anext(stream)).job.job_id != late.job_id:
            assert heard.job.organization_id == "org_south"
        await stream.aclose()
        await services.do("CloseJob", SOUTH, job_id=late.job_id)
        other = await services.stream(WATCH, SERVICE, cursor=bookmark.cursor, **SANDBOX)
        with pytest.raises(FieldInvalid):
            await anext(other)
        south = late


@pytest.mark.parametrize("method", ["GetJob", "ListJobs", "ListSyncEvents", "WatchJobs"])
async def test_the_environment_is_named(services: BusinessServices, method: str) -> None:
    """A service belongs to none."""
    request = {"job_id": "job_1"} if method == "GetJob" else {}
    with pytest.raises(FieldInvalid, match="environment"):
        await services.stream(f"OperationsService.{method}", SERVICE, **request)
