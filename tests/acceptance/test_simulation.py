"""What a simulation says would be refused is refused once the grant is narrowed, and nothing else.

Calls are made, a narrower grant is simulated, the grant is narrowed, and the calls are made again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from tests.acceptance.test_syncs import BOARD, SCOPES, posting
from tests.harness.access import Access, grant_access, job_form, ok
from tests.harness.api_client import ApiClient, Reply
from tests.harness.server import Running

STAYS, GOES, ATS_STAYS, ATS_GOES = "sim_stays", "sim_goes", "sim_ats_stays", "sim_ats_goes"
EMPLOYERS = [STAYS, GOES, ATS_STAYS, ATS_GOES]
GRANTED = [*SCOPES, "employer:read", "workforce:read"]
PROPOSALS = [
    pytest.param({"scopes": ["jobs:read", "ats:read", "employer:read"]}, id="scopes"),
    pytest.param({"employerUserIds": [STAYS, ATS_STAYS]}, id="employers"),
    pytest.param({"keyTypes": ["pk"]}, id="key types"),
]


def calls_of(api: ApiClient, mine: Access) -> dict[str, Callable[[], Reply]]:
    """Calls of every kind of check, by a name for each; all are answered at first."""
    made: dict[str, Callable[[], Reply]] = {}
    for employer in (STAYS, GOES):
        form, key = job_form(employerUserId=employer), uuid4().hex
        job = ok(api.call("PostJob", form, key=mine.key, idempotency_key=key))["jobId"]
        made |= {
            f"post {employer}": lambda form=form, key=key: api.call(  # type: ignore[misc]
                "PostJob", form, key=mine.key, idempotency_key=key
            ),
            f"get {employer}": lambda job=job: api.call(  # type: ignore[misc]
                "GetJob", {"jobId": job}, key=mine.key
            ),
        }
        for method in ("ListJobs", "ListEmployerJobs", "GetWorkforceStatus"):
            named = {"employerUserId": employer}
            made[f"{method} {employer}"] = lambda method=method, named=named: api.call(  # type: ignore[misc]
                method, named, key=mine.key
            )
    for employer in (ATS_STAYS, ATS_GOES):
        wanted = {"provider": "GREENHOUSE", "board": f"{BOARD}-{employer}"}
        found = {"integration": {**wanted, "employerUserIds": [employer]}}
        integration = ok(api.call("CreateIntegration", found, key=mine.key))["integrationId"]
        body = {"integrationId": integration, "jobs": [posting(1)]}
        made |= {
            f"sync {employer}": lambda body=body: api.call(  # type: ignore[misc]
                "SyncJobs", body, key=mine.key, idempotency_key=uuid4().hex
            ),
            f"integration {employer}": lambda named={"integrationId": integration}: api.call(  # type: ignore[misc]
                "GetIntegration", named, key=mine.key
            ),
        }
    for method in ("ListJobs", "GetSyncStatus", "WhoAmI", "ListEmployers"):
        made[method] = lambda method=method: api.call(method, {}, key=mine.key)  # type: ignore[misc]
    return made


@pytest.mark.parametrize("proposal", PROPOSALS)
def test_what_it_says_comes_true(
    api: ApiClient, running: Running, proposal: dict[str, Any]
) -> None:
    """Call by call, by their request ids."""
    mine = grant_access(
        api,
        running.founder,
        requestedScopes=GRANTED,
        keyTypes=["sk", "pk"],
        approval_terms={"employerUserIds": EMPLOYERS, "keyTypes": ["sk", "pk"]},
        key={"keyType": "sk"},
        companyName=f"Simulated {uuid4().hex[:6]}",
    )
    calls = calls_of(api, mine)
    ids = {}
    for name, make in calls.items():
        reply = make()
        ok(reply)
        ids[reply.headers["x-request-id"]] = name
    named = {"grantId": mine.grant_id, **proposal}
    found = ok(api.call("SimulateGrant", named, key=running.founder))
    predicted = {
        (ids[request_id], entry["reason"])
        for entry in found.get("refused", [])
        for request_id in entry["requestIds"]
        if request_id in ids
    }
    wanted = {**named, "reason": "As simulated."}
    ok(api.call("NarrowGrant", wanted, key=running.founder))
    replies = {name: make() for name, make in calls.items()}
    refused = {(name, reply.reason) for name, reply in replies.items() if reply.code != "ok"}
    assert predicted == refused
    assert refused
    emptied = [name for name in calls if name == f"ListJobs {GOES}"]
    if "employerUserIds" in proposal:
        assert int(found["emptiedCalls"]) == len(emptied)
        assert not ok(replies[emptied[0]]).get("jobs")


def test_only_operators_simulate(api: ApiClient, running: Running) -> None:
    """A key may not, and nothing wider than the grant can be proposed."""
    mine = grant_access(api, running.founder, companyName=f"Asks {uuid4().hex[:6]}")
    named = {"grantId": mine.grant_id}
    assert api.call("SimulateGrant", named, key=mine.key).reason == "CREDENTIAL_KIND_REFUSED"
    wider = api.call("SimulateGrant", {**named, "scopes": ["ats:sync"]}, key=running.founder)
    assert (wider.code, wider.violations) == ("invalid_argument", ["scopes[0]"])
    missing = api.call("SimulateGrant", {"grantId": "grt_none"}, key=running.founder)
    assert missing.code == "not_found"
    ok(api.call("WhoAmI", {}, key=mine.key))
    found = ok(api.call("SimulateGrant", named, key=running.founder))
    assert (found["unusedScopes"], found["calls"]) == (
        ["employer:read", "jobs:read", "jobs:write"],
        "1",
    )
    assert found["unknowns"]
