"""A job that was read before is nobody else's, and is never out of date."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest
from tests.acceptance.conftest import both_engines
from tests.harness.access import EMPLOYER, Access, grant_access, job_form, ok
from tests.harness.api_client import ApiClient, GrpcClient, RestClient
from tests.harness.server import Running, server

databases = both_engines


@pytest.fixture(scope="module")
def apis(running: Running) -> Iterator[list[ApiClient]]:
    """Both apis of two processes on the same data: what either does, the others must know."""
    with ExitStack() as stack:
        second = stack.enter_context(server(running.data_dir, **running.environ))
        yield [
            stack.enter_context(closing(made))
            for each in (running, second)
            for made in (RestClient(each.rest), GrpcClient(each.grpc))
        ]


@pytest.fixture(scope="module")
def owner(apis: list[ApiClient], running: Running) -> Access:
    """A key that may write jobs."""
    return grant_access(apis[0], running.founder)


@pytest.fixture(scope="module")
def job(apis: list[ApiClient], owner: Access) -> str:
    """The id of a job that every server has read."""
    body = ok(apis[0].call("PostJob", job_form(), key=owner.key, idempotency_key="remembered"))
    job_id: str = body["jobId"]
    for api in apis * 2:
        assert ok(api.call("GetJob", {"jobId": job_id}, key=owner.key))["jobId"] == job_id
    return job_id


def test_every_reply_is_whole(apis: list[ApiClient], owner: Access, job: str) -> None:
    """However often it was given out before, and by whom."""
    first, *others = [
        ok(api.call("GetJob", {"jobId": job}, key=owner.key)) for api in apis for _ in range(3)
    ]
    assert first["jobContent"]["title"] == job_form()["title"]
    assert others == [first] * len(others)


def test_others_get_nothing_of_it(
    apis: list[ApiClient], owner: Access, job: str, running: Running
) -> None:
    """Neither another organization nor a key of this one for other employers."""
    stranger = grant_access(apis[0], running.founder, companyName="Another")
    elsewhere = grant_access(
        apis[0],
        running.founder,
        approval_terms={
            "organizationId": owner.organization_id,
            "employerUserIds": ["employer_other"],
        },
    )
    assert elsewhere.organization_id == owner.organization_id
    for api in apis:
        ok(api.call("GetJob", {"jobId": job}, key=owner.key))
        for other in (stranger, elsewhere):
            refused = api.call("GetJob", {"jobId": job}, key=other.key)
            assert refused.code == "not_found"
            assert EMPLOYER not in refused.shown


def test_a_change_shows_everywhere_with_its_reply(
    apis: list[ApiClient], owner: Access, job: str
) -> None:
    """Whoever made it, by whichever process and api, and whoever asks."""
    for number, writer in enumerate(apis * 3):
        asked = {
            "job": {"jobId": job, "jobContent": {"title": f"Crew {number}"}},
            "updateMask": "jobContent.title",
        }
        ok(writer.call("UpdateJob", asked, key=owner.key, idempotency_key=f"change-{number}"))
        for api in apis:
            body = ok(api.call("GetJob", {"jobId": job}, key=owner.key))
            assert body["jobContent"]["title"] == f"Crew {number}"


def test_a_revoked_key_reads_no_job_that_it_read_before(
    apis: list[ApiClient], owner: Access, job: str, running: Running
) -> None:
    """Memory is of rows; rights are asked for each time."""
    issued = ok(
        apis[0].call("IssueKey", {"grantId": owner.grant_id, "name": "x"}, key=running.founder)
    )
    for api in apis:
        ok(api.call("GetJob", {"jobId": job}, key=issued["apiKey"]))
    gone = {"keyId": issued["key"]["keyId"], "reason": "leaked"}
    ok(apis[0].call("RevokeKey", gone, key=running.founder))
    for api in apis:
        assert api.call("GetJob", {"jobId": job}, key=issued["apiKey"]).code == "unauthenticated"
