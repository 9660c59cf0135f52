"""What a server remembers of a job that was read is nobody else's, and is never out of date."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest
from tests.acceptance.conftest import both_engines
from tests.harness.access import EMPLOYER, Access, grant_access, job_form, ok
from tests.harness.api_client import Face, GrpcFace, RestFace
from tests.harness.server import Running, server

databases = both_engines


@pytest.fixture(scope="module")
def faces(running: Running) -> Iterator[list[Face]]:
    """Both faces of two processes on the same data: what either does, the others must know."""
    with ExitStack() as stack:
        second = stack.enter_context(server(running.data_dir, **running.environ))
        yield [
            stack.enter_context(closing(made))
            for each in (running, second)
            for made in (RestFace(each.rest), GrpcFace(each.grpc))
        ]


@pytest.fixture(scope="module")
def owner(faces: list[Face], running: Running) -> Access:
    """A key that may write jobs."""
    return grant_access(faces[0], running.founder)


@pytest.fixture(scope="module")
def job(faces: list[Face], owner: Access) -> str:
    """The id of a job that every server has read."""
    body = ok(faces[0].call("PostJob", job_form(), key=owner.key, idempotency_key="remembered"))
    job_id: str = body["jobId"]
    for face in faces * 2:
        assert ok(face.call("GetJob", {"jobId": job_id}, key=owner.key))["jobId"] == job_id
    return job_id


def test_every_reply_is_whole(faces: list[Face], owner: Access, job: str) -> None:
    """However often it was given out before, and by whom."""
    first, *others = [
        ok(face.call("GetJob", {"jobId": job}, key=owner.key)) for face in faces for _ in range(3)
    ]
    assert first["jobContent"]["title"] == job_form()["title"]
    assert others == [first] * len(others)


def test_others_get_nothing_of_it(
    faces: list[Face], owner: Access, job: str, running: Running
) -> None:
    """Neither another organization nor a key of this one for other employers."""
    stranger = grant_access(faces[0], running.founder, companyName="Another")
    elsewhere = grant_access(
        faces[0],
        running.founder,
        approval_terms={
            "organizationId": owner.organization_id,
            "employerUserIds": ["employer_other"],
        },
    )
    assert elsewhere.organization_id == owner.organization_id
    for face in faces:
        ok(face.call("GetJob", {"jobId": job}, key=owner.key))
        for other in (stranger, elsewhere):
            refused = face.call("GetJob", {"jobId": job}, key=other.key)
            assert refused.code == "not_found"
            assert EMPLOYER not in refused.shown


def test_a_change_shows_everywhere_with_its_reply(
    faces: list[Face], owner: Access, job: str
) -> None:
    """Whoever made it, by whichever process and face, and whoever asks."""
    for number, writer in enumerate(faces * 3):
        asked = {
            "job": {"jobId": job, "jobContent": {"title": f"Crew {number}"}},
            "updateMask": "jobContent.title",
        }
        ok(writer.call("UpdateJob", asked, key=owner.key, idempotency_key=f"change-{number}"))
        for face in faces:
            body = ok(face.call("GetJob", {"jobId": job}, key=owner.key))
            assert body["jobContent"]["title"] == f"Crew {number}"


def test_a_revoked_key_reads_nothing_that_is_remembered(
    faces: list[Face], owner: Access, job: str, running: Running
) -> None:
    """Memory is of rows; rights are asked for each time."""
    issued = ok(
        faces[0].call("IssueKey", {"grantId": owner.grant_id, "name": "x"}, key=running.founder)
    )
    for face in faces:
        ok(face.call("GetJob", {"jobId": job}, key=issued["apiKey"]))
    gone = {"keyId": issued["key"]["keyId"], "reason": "leaked"}
    ok(faces[0].call("RevokeKey", gone, key=running.founder))
    for face in faces:
        assert face.call("GetJob", {"jobId": job}, key=issued["apiKey"]).code == "unauthenticated"
