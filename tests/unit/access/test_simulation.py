"""Simulations: which past calls a narrower grant would refuse, and what is never used."""

from datetime import timedelta
from typing import Any

import pytest
from tests.harness.control_rows import NOW
from tests.harness.control_services import ControlServices
from tests.harness.reviews import approve, reviewed

from xaigh.access.v1 import grant_pb2
from xaigh_server.access.simulation import CallSum
from xaigh_server.db.session import Session
from xaigh_server.errors import ConcurrentUpdate, FieldInvalid, NotFound
from xaigh_server.keys.grant_repository import Grants
from xaigh_server.keys.usage_repository import UsageDay, UsageDays

JOBS = "xaigh.jobs.v1.JobsService."
STAYS, GOES = "employer_1", "employer_2"


async def granted(services: ControlServices, **terms: Any) -> Any:
    """A grant of the sandbox for two employers."""
    _, ticket = await reviewed(services, environments=["sandbox"], key_types=["sk", "pk"])
    wanted = {"employer_user_ids": [STAYS, GOES], "key_types": ["sk", "pk"], **terms}
    return (await approve(services, ticket, **wanted)).grant


async def key_of(services: ControlServices, grant: Any) -> str:
    issued = await services.do("IssueKey", grant_id=grant.grant_id, name="nightly", key_type="sk")
    key_id: str = issued.key.key_id
    return key_id


def past(services: ControlServices, key: str, method: str, calls: int = 1, **about: Any) -> None:
    """Puts answered calls into the log."""
    services.history.sums.append(
        CallSum(
            key_id=key,
            method=JOBS + method,
            calls=calls,
            first_time=NOW,
            last_time=NOW + timedelta(minutes=len(services.history.sums)),
            **about,
        )
    )


async def simulate(services: ControlServices, grant: Any, **kept: Any) -> Any:
    return await services.do("SimulateGrant", grant_id=grant.grant_id, **kept)


async def test_calls_without_their_scope_are_refused(services: ControlServices) -> None:
    """By method and reason, the most frequent first, with examples by request id."""
    grant = await granted(services)
    key = await key_of(services, grant)
    past(services, key, "PostJob", 2, needs=(STAYS,))
    past(services, key, "CloseJob", 3, needs=(STAYS,))
    past(services, key, "GetJob", 5, needs=(STAYS,))
    found = await simulate(services, grant, scopes=["jobs:read"])
    assert (found.calls, found.refused_calls) == (10, 5)
    assert [(each.method, each.calls) for each in found.refused] == [
        (f"{JOBS}CloseJob", 3),
        (f"{JOBS}PostJob", 2),
    ]
    first = found.refused[0]
    assert (first.reason, list(first.missing)) == ("SCOPE_NOT_GRANTED", ["jobs:write"])
    assert (first.route, list(first.key_ids)) == ("POST /v1/jobs/{job_id}:close", [key])
    assert list(first.request_ids) == [f"{key}/CloseJob"]
    assert (list(found.scopes), found.simulated_by) == (["jobs:read"], "maya")


async def test_calls_about_employers_that_go_are_refused(services: ControlServices) -> None:
    """A list of such an employer is answered, but empty."""
    grant = await granted(services)
    key = await key_of(services, grant)
    past(services, key, "GetJob", needs=(STAYS,))
    past(services, key, "GetJob", 2, needs=(GOES,))
    past(services, key, "ListJobs", 4, lists=(GOES,))
    past(services, key, "ListJobs", 8)
    found = await simulate(services, grant, employer_user_ids=[STAYS])
    (refused,) = found.refused
    assert (refused.reason, list(refused.missing), refused.calls) == ("NOT_FOUND", [GOES], 2)
    assert (found.emptied_calls, found.refused_calls) == (4, 2)
    assert any("8 calls name no employer" in text for text in found.unknowns)


async def test_keys_of_a_type_that_goes_are_refused(services: ControlServices) -> None:
    """Whatever they call."""
    grant = await granted(services)
    secret = await key_of(services, grant)
    past(services, secret, "GetJob")
    found = await simulate(services, grant, key_types=["pk"])
    assert [(each.reason, each.calls) for each in found.refused] == [("GRANT_REVOKED", 1)]


async def test_without_a_proposal_it_tells_what_is_never_used(services: ControlServices) -> None:
    """Verifications by other services use a scope as calls do; calls of other grants don't."""
    grant = await granted(services)
    key = await key_of(services, grant)
    past(services, key, "GetJob", lists=(STAYS,))
    past(services, "0000000000", "PostJob", needs=(GOES,))
    found = await simulate(services, grant)
    assert list(found.unused_scopes) == ["jobs:write"]
    assert list(found.unused_employer_user_ids) == [GOES]
    assert (found.calls, found.refused_calls) == (1, 0)

    def verified(session: Session) -> None:
        day = UsageDay(
            organization_id=grant.organization_id,
            key_id=key,
            method="verify:jobs:write",
            day=NOW.date(),
            tier="standard",
            environment="sandbox",
            billable=False,
            count=7,
        )
        UsageDays(session).add([day])

    await services.control.write(verified)
    assert not (await simulate(services, grant)).unused_scopes
    narrower = await simulate(services, grant, scopes=["jobs:read"])
    assert [(each.method, each.calls) for each in narrower.refused] == [("", 7)]


async def test_nothing_wider_can_be_simulated(services: ControlServices) -> None:
    """The fields are named; a grant that isn't there is missing."""
    grant = await granted(services)
    with pytest.raises(FieldInvalid) as refused:
        await simulate(services, grant, scopes=["ats:sync"], employer_user_ids=["emp_9"])
    assert [each.path for each in refused.value.violations] == ["scopes[0]", "employerUserIds[0]"]
    with pytest.raises(NotFound):
        await services.do("SimulateGrant", grant_id="grt_x")


async def test_a_grant_that_changes_meanwhile_is_not_answered(
    services: ControlServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was found would be of another revision."""
    grant = await granted(services)
    await key_of(services, grant)
    read = services.history.read

    async def narrowed_meanwhile(*args: Any) -> Any:
        await services.do(
            "NarrowGrant", grant_id=grant.grant_id, reason="Less.", scopes=["jobs:read"]
        )
        return await read(*args)

    monkeypatch.setattr(services.history, "read", narrowed_meanwhile)
    with pytest.raises(ConcurrentUpdate):
        await simulate(services, grant)
    current = await services.control.read(lambda session: Grants(session).current(grant.grant_id))
    assert current is not None
    assert current.revision == 2


async def test_it_changes_nothing_and_stands_in_the_dossier(services: ControlServices) -> None:
    """The last one of the organization, with an audit event."""
    grant = await granted(services)
    key = await key_of(services, grant)
    past(services, key, "PostJob", needs=(STAYS,))
    await simulate(services, grant)
    last = await simulate(services, grant, scopes=["jobs:read"])
    assert await services.do("GetGrant", grant_id=grant.grant_id) == _with_keys(grant, 1)
    event = (await services.audit_events("grant.simulated"))[-1].event
    assert event.after is not None
    assert (event.after["refusedCalls"], event.targets) == (1, (grant.grant_id,))
    dossier = await services.do(
        "GetDossier", ticket_id=grant.ticket_id, organization_id=grant.organization_id
    )
    assert dossier.last_simulation == last
    _, other = await reviewed(services, contact_email="x@other.example", company_name="Other")
    assert not (await services.do("GetDossier", ticket_id=other.ticket_id)).HasField(
        "last_simulation"
    )


async def test_a_server_that_records_nothing_says_so(services: ControlServices) -> None:
    """It has nothing to replay."""
    services.history.days = 0
    found = await simulate(services, await granted(services))
    assert list(found.unknowns) == [
        "The server records no calls (request_log_days is 0), so nothing was replayed."
    ]


def _with_keys(grant: grant_pb2.Grant, issued: int) -> grant_pb2.Grant:
    found = grant_pb2.Grant()
    found.CopyFrom(grant)
    found.keys_issued = issued
    return found
