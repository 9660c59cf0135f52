"""Provider records, an integration, and short forms of the calls of a sync."""

from collections.abc import Sequence
from typing import Any

from tests.harness.business_services import EMPLOYER, NOW, BusinessServices, operator

from xaigh.ats.v1 import sync_event_pb2, sync_pb2, sync_run_pb2
from xaigh.jobs.v1 import ats_job_link_pb2, job_pb2
from xaigh_server.ats.fingerprint import Fingerprinter
from xaigh_server.ats.integrations import Integration, IntegrationState
from xaigh_server.ats.normalize import Normalizer
from xaigh_server.identity.principal import Principal

GREENHOUSE = ats_job_link_pb2.AtsJobLink.GREENHOUSE
LEVER = ats_job_link_pb2.AtsJobLink.LEVER
CUSTOM = ats_job_link_pb2.AtsJobLink.CUSTOM
BOARD = "northline"
INTEGRATION = Integration(
    number=1,
    integration_id="int_1",
    organization_id="org_1",
    provider="GREENHOUSE",
    board=BOARD,
    employer_ids=("e",),
    state=IntegrationState.ACTIVE,
    created_time=NOW,
    updated_time=NOW,
)
FINGERPRINTER = Fingerprinter(INTEGRATION.organization_id, INTEGRATION.provider)
NORMALIZER = Normalizer(INTEGRATION, NOW)


def greenhouse(number: int, **members: Any) -> dict[str, Any]:
    """One job of a Greenhouse board."""
    record: dict[str, Any] = {
        "id": number,
        "internal_job_id": number + 1,
        "title": f"Picker {number}",
        "absolute_url": f"https://boards.greenhouse.io/{BOARD}/jobs/{number}",
        "location": {"name": "Reno, NV"},
        "updated_at": "2026-05-01T10:00:00-04:00",
        "content": "&lt;p&gt;Lift and carry.&lt;/p&gt;",
        "departments": [],
        "offices": [],
    }
    record.update(members)
    return {name: value for name, value in record.items() if value is not ...}


def board(*numbers: int, **members: Any) -> list[dict[str, Any]]:
    """Jobs of a Greenhouse board."""
    return [greenhouse(number, **members) for number in numbers]


def lever(number: int, **members: Any) -> dict[str, Any]:
    """One Lever posting: Lever doesn't date its changes."""
    identity = f"00000000-0000-4000-8000-{number:012d}"
    return {
        "id": identity,
        "text": f"Picker {number}",
        "hostedUrl": f"https://jobs.lever.co/{BOARD}/{identity}",
        "applyUrl": f"https://jobs.lever.co/{BOARD}/{identity}/apply",
        "categories": {
            "location": "Reno, NV",
            "allLocations": ["Reno, NV"],
            "commitment": "Full-time",
        },
        "createdAt": 1_700_000_000_000,
        "description": "<p>Lift and carry.</p>",
        **members,
    }


async def integrate(
    services: BusinessServices,
    *,
    provider: int = GREENHOUSE,
    employers: Sequence[str] = (EMPLOYER,),
    by: Principal | None = None,
    activate: bool = True,
    **settings: Any,
) -> Any:
    """An integration, activated unless it is not to be. In the sandbox each one is active."""
    made = await services.do(
        "CreateIntegration",
        by,
        integration={
            "provider": provider,
            "board": settings.pop("board", BOARD),
            "employer_user_ids": list(employers),
            **settings,
        },
    )
    return await operate(services, "ActivateIntegration", made) if activate else made


async def operate(services: BusinessServices, method: str, integration: Any, **said: Any) -> Any:
    """One step of an operator on an integration."""
    return await services.do(
        method,
        operator(),
        organization_id=integration.organization_id,
        integration_id=integration.integration_id,
        environment=services.environment.value,
        **said,
    )


async def sync(
    services: BusinessServices,
    jobs: Sequence[dict[str, Any]],
    by: Principal | None = None,
    **said: Any,
) -> Any:
    """One batch of Greenhouse records of EMPLOYER, unless said otherwise."""
    request = {"provider": GREENHOUSE, "employer_user_id": EMPLOYER, **said}
    return await services.do("SyncJobs", by, jobs=list(jobs), **request)


async def authoritative(
    services: BusinessServices,
    jobs: Sequence[dict[str, Any]],
    by: Principal | None = None,
    **said: Any,
) -> Any:
    """One batch that is the whole feed, and closes what it doesn't hold."""
    return await sync(
        services, jobs, by, **{"close_missing": True, "expected_total": len(jobs), **said}
    )


def words(reply: Any) -> list[str]:
    """What became of each record."""
    return [sync_pb2.RecordOutcome.Outcome.Name(each.outcome) for each in reply.outcomes]


def run_state(run: Any) -> str:
    return sync_run_pb2.SyncRun.State.Name(run.state)


def close_state(run: Any) -> str:
    return sync_run_pb2.MissingClose.State.Name(run.close.state)


def close_reason(run: Any) -> str:
    return sync_run_pb2.MissingClose.Reason.Name(run.close.reason)


def codes(notes: Any) -> list[str]:
    """The codes of warnings or rejections."""
    return [note.code for note in notes]


async def open_ids(services: BusinessServices, by: Principal | None = None) -> set[str]:
    """The external ids of the roles that the client offers."""
    return {
        job.ats_link.external_job_id
        for job in await every_job(services, by)
        if job.publication_status.state == job_pb2.PublicationStatus.OPEN
    }


async def every_job(services: BusinessServices, by: Principal | None = None) -> list[Any]:
    """All jobs of the caller, newest first."""
    found: list[Any] = []
    token = ""
    while True:
        page = await services.do("ListJobs", by, page_size=200, page_token=token)
        found += page.jobs
        token = page.next_page_token
        if not token:
            return found


async def mirror(services: BusinessServices, number: int, by: Principal | None = None) -> Any:
    """The job that mirrors an external id."""
    jobs = await every_job(services, by)
    return next(job for job in jobs if job.ats_link.external_job_id == str(number))


async def history(services: BusinessServices, **filters: Any) -> list[str]:
    """The types of sync events, the oldest first."""
    page = await services.do("ListSyncEvents", page_size=200, **filters)
    kinds = sync_event_pb2.AtsJobSyncEvent.Type
    return [kinds.Name(event.type) for event in page.events][::-1]
