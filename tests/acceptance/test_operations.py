"""A matching service: it learns of the jobs of all organizations, over both transports."""

from __future__ import annotations

from contextlib import closing
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from tests.harness.access import Access, grant_access, job_form, ok
from tests.harness.api_client import ApiClient
from tests.harness.open_calls import GrpcOpenCall, RestOpenCall
from tests.harness.server import Running, operator, program
from tests.harness.waiting import until

SANDBOX = {"environment": "sandbox"}
WATCH = "OperationsService.WatchJobs"
_numbers = count(1)


@pytest.fixture
def matcher(running: Running) -> tuple[str, str]:
    """Name and credential of a new service."""
    name = f"matcher-{next(_numbers)}"
    return name, operator(running.data_dir, name, "service", **running.environ)


def watch(running: Running, api: ApiClient, key: str, **request: Any) -> Any:
    """An open watch over the transport of an API client."""
    if api.name == "REST":
        return RestOpenCall(running.rest, WATCH, key, **SANDBOX, **request)
    return GrpcOpenCall(running.grpc, WATCH, key, **SANDBOX, **request)


def post(api: ApiClient, access: Access) -> str:
    """The id of a new job."""
    reply = api.call("PostJob", job_form(), key=access.key, idempotency_key=uuid4().hex)
    return str(ok(reply)["jobId"])


def test_a_service_reads_what_any_organization_posts(
    api: ApiClient, running: Running, access: Access, matcher: tuple[str, str]
) -> None:
    """GetJob, ListJobs and ListSyncEvents, each with the environment."""
    job, (_, key) = post(api, access), matcher
    found = ok(api.call("OperationsService.GetJob", {"jobId": job, **SANDBOX}, key=key))
    assert found["organizationId"] == access.organization_id
    wanted = {**SANDBOX, "organizationId": access.organization_id}
    jobs = ok(api.call("OperationsService.ListJobs", wanted, key=key))["jobs"]
    assert jobs[0] == found
    events = ok(api.call("OperationsService.ListSyncEvents", wanted, key=key))
    assert events == {} or events["events"] == []
    refused = api.call("OperationsService.ListJobs", {}, key=key)
    assert (refused.code, refused.violations) == ("invalid_argument", ["environment"])
    for other in (access.key, running.founder):
        refused = api.call("OperationsService.GetJob", {"jobId": job, **SANDBOX}, key=other)
        assert refused.reason in ("CREDENTIAL_KIND_REFUSED", "SCOPE_NOT_GRANTED")


def test_a_service_hears_that_a_role_closed_and_ends_with_its_credential(
    api: ApiClient, running: Running, access: Access, matcher: tuple[str, str]
) -> None:
    """Of every organization, also what happened between two connections."""
    name, key = matcher
    rival = grant_access(api, running.founder, companyName=f"Rival {uuid4().hex[:6]}")
    with closing(watch(running, api, key)) as first:
        until(lambda: bool(first.replies), "the watch has begun")
        jobs = [post(api, access), post(api, rival)]
        until(lambda: len(_changes(first)) == 2, "both jobs are heard")
    cursor = first.replies[-1]["cursor"]
    for job, holder in zip(jobs, (access, rival), strict=True):
        ok(api.call("CloseJob", {"jobId": job}, key=holder.key))
    with closing(watch(running, api, key, cursor=cursor)) as second:
        until(lambda: len(_changes(second)) == 2, "both closes are heard")
        assert _changes(second) == [
            ("CLOSED", access.organization_id, jobs[0]),
            ("CLOSED", rival.organization_id, jobs[1]),
        ]
        step = ("operator", "revoke", name, "--reason", "over")
        program(*step, "--data-dir", str(running.data_dir), **running.environ).check_returncode()
        assert second.wait() == "OPERATOR_REVOKED"


def _changes(watch: Any) -> list[tuple[str, str, str]]:
    return [
        (reply["kind"], reply["job"]["organizationId"], reply["job"]["jobId"])
        for reply in watch.replies
        if "job" in reply
    ]
