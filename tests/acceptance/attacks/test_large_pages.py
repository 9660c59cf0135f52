"""Lists of large objects: a page is cut at a few megabytes, which every client takes."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from google.protobuf.json_format import MessageToJson
from tests.harness.access import Access, job_form, ok
from tests.harness.api_client import ApiClient
from tests.harness.server import Running

from xaigh.jobs.v1 import jobs_service_pb2, jobs_service_pb2_grpc

JOBS, LETTERS = 12, 390_000
MOST_BYTES = 4 * 1024 * 1024  # what gRPC's clients take unless told otherwise


@pytest.fixture(scope="module")
def posted(api: ApiClient, access: Access) -> set[str]:
    """Jobs with descriptions as long as the API takes."""
    form = job_form(description="words " * (LETTERS // 6))
    replies = [
        api.call("PostJob", form, key=access.key, idempotency_key=f"large-{number}")
        for number in range(JOBS)
    ]
    return {ok(reply)["jobId"] for reply in replies}


def test_a_list_of_large_jobs_comes_in_pages_that_a_client_takes(
    api: ApiClient, access: Access, posted: set[str]
) -> None:
    """Whatever size it asks for; the pages together hold each job once."""
    seen: list[str] = []
    pages, token = 0, ""
    while token or not pages:
        asked: dict[str, Any] = {"pageSize": 200, "pageToken": token}
        page = ok(api.call("ListJobs", asked, key=access.key))
        assert len(str(page["jobs"])) < MOST_BYTES
        seen += [job["jobId"] for job in page["jobs"]]
        pages, token = pages + 1, page.get("nextPageToken", "")
    assert sorted(seen) == sorted(posted)
    assert pages > 1


def test_a_plain_grpc_client_can_read_the_list(
    running: Running, access: Access, posted: set[str]
) -> None:
    """With its default limit of a message; the reply used to be larger than that."""
    with grpc.insecure_channel(running.grpc) as channel:
        stub = jobs_service_pb2_grpc.JobsServiceStub(channel)
        page = stub.ListJobs(
            jobs_service_pb2.ListJobsRequest(page_size=200),
            metadata=(("authorization", f"Bearer {access.key}"),),
        )
    assert page.next_page_token
    assert page.ByteSize() < MOST_BYTES, MessageToJson(page)[:200]
