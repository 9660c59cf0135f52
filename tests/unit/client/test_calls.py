"""Calls of both clients against a scripted server."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2 as rpc
from tests.unit.client.scripted_server import KEY, Driver, Fail, Server, fixed_dependencies

from xaigh.ats.v1.sync_pb2 import SyncFeedRequest, SyncFeedResponse
from xaigh.jobs.v1 import job_pb2, jobs_service_pb2
from xaigh.jobs.v1.job_change_pb2 import JobChange
from xaigh.jobs.v1.job_pb2 import Job
from xaigh.jobs.v1.jobs_service_pb2 import (
    ListJobsRequest,
    ListJobsResponse,
    PostJobRequest,
    WatchJobsRequest,
)
from xaigh.keys.v1.key_admin_service_pb2 import KeyVerdict
from xaigh_client import errors
from xaigh_client.errors import ApiError, ConfigurationError

JOBS = "/xaigh.jobs.v1.JobsService/"
POST, GET = JOBS + "PostJob", JOBS + "GetJob"
LIST, WATCH = JOBS + "ListJobs", JOBS + "WatchJobs"
FEED = "/xaigh.ats.v1.AtsSyncService/SyncFeed"
VERIFY = "/xaigh.keys.v1.KeyAdminService/VerifyKey"
STATUS = "/xaigh.access.v1.AccessRequestService/GetTicketStatus"
DOWN = Fail(code=grpc.StatusCode.UNAVAILABLE)


def _post(client: Any) -> Any:
    return client.jobs.post_job(
        employer_user_id="employer_1",
        title="Crew",
        slots=2,
        starts_at=datetime(2026, 6, 18, 8, tzinfo=UTC),
        pay={"currency": "GBP"},
    )


def test_a_call_sends_what_its_arguments_say(driver: Driver, server: Server) -> None:
    """Keyword arguments become the request, the key the Authorization of the call."""
    server.script[POST] = [Job(job_id="job_1")]
    assert driver.call(_post).job_id == "job_1"
    (seen,) = server.seen
    request = PostJobRequest.FromString(seen.body[0])
    assert (request.title, request.slots, request.pay.currency) == ("Crew", 2, "GBP")
    assert request.starts_at.ToJsonString() == "2026-06-18T08:00:00Z"
    assert seen.metadata["authorization"] == f"Bearer {KEY}"
    assert len(seen.metadata["idempotency-key"]) == 36


def test_a_repeat_carries_the_same_idempotency_key(driver: Driver, server: Server) -> None:
    """A write that met a dead server is tried again under the key of the first try."""
    server.script[POST] = [DOWN, DOWN, Job(job_id="job_1")]
    assert driver.call(_post, dependencies=fixed_dependencies()).job_id == "job_1"
    assert [seen.metadata["idempotency-key"] for seen in server.seen] == ["key-0"] * 3


def test_two_calls_have_two_idempotency_keys(driver: Driver, server: Server) -> None:
    """The key is made anew for each call, else the second job would never be made."""
    server.script[POST] = [Job(job_id="job_1")]
    dependencies = fixed_dependencies()
    driver.call(_post, dependencies=dependencies)
    driver.call(_post, dependencies=dependencies)
    assert [seen.metadata["idempotency-key"] for seen in server.seen] == ["key-0", "key-1"]


def test_the_callers_own_idempotency_key_is_sent(driver: Driver, server: Server) -> None:
    """A key that is given is used as it is."""
    server.script[JOBS + "CloseJob"] = [Job()]
    driver.call(lambda c: c.jobs.close_job(job_id="job_1", idempotency_key="mine"))
    assert server.seen[0].metadata["idempotency-key"] == "mine"


def test_a_read_is_tried_again(driver: Driver, server: Server) -> None:
    """Reads are safe to repeat, and carry no idempotency key."""
    server.script[GET] = [DOWN, Job(job_id="job_1")]
    assert driver.call(lambda c: c.jobs.get_job(job_id="job_1")).job_id == "job_1"
    assert len(server.seen) == 2
    assert "idempotency-key" not in server.seen[0].metadata


def test_what_is_unsafe_to_repeat_is_tried_once(driver: Driver, server: Server) -> None:
    """VerifyKey spends a unit of the limit and takes no idempotency key: it is never repeated."""
    server.script[VERIFY] = [DOWN, KeyVerdict()]
    with pytest.raises(errors.UnavailableError) as caught:
        driver.call(lambda c: c.keys.verify_key(presented_key="x", scope="jobs:read"))
    assert (caught.value.attempts, len(server.seen)) == (1, 1)


def test_it_gives_up_in_the_end(driver: Driver, server: Server) -> None:
    """After `max_attempts` tries the last error is raised, and says how many there were."""
    server.script[GET] = [DOWN]
    with pytest.raises(errors.UnavailableError) as caught:
        driver.call(lambda c: c.jobs.get_job(job_id="job_1"))
    assert (caught.value.attempts, len(server.seen)) == (5, 5)


def test_no_try_begins_past_the_timeout(driver: Driver, server: Server) -> None:
    """A pause that the server asks for and that the timeout doesn't allow isn't begun."""
    server.script[GET] = [
        Fail(code=grpc.StatusCode.RESOURCE_EXHAUSTED, reason="RATE_LIMITED", retry_after=60)
    ]
    with pytest.raises(errors.RateLimitedError) as caught:
        driver.call(lambda c: c.jobs.get_job(job_id="job_1", timeout=5))
    assert (caught.value.retry_after, len(server.seen)) == (60.0, 1)


def test_a_rate_limit_is_waited_out(driver: Driver, server: Server) -> None:
    """RetryInfo says when to come back."""
    server.script[GET] = [
        Fail(code=grpc.StatusCode.RESOURCE_EXHAUSTED, reason="RATE_LIMITED", retry_after=0.01),
        Job(job_id="job_1"),
    ]
    assert driver.call(lambda c: c.jobs.get_job(job_id="job_1")).job_id == "job_1"


def test_a_refusal_is_final(driver: Driver, server: Server) -> None:
    """What a repeat can't cure isn't repeated."""
    server.script[GET] = [Fail(code=grpc.StatusCode.NOT_FOUND, reason="NOT_FOUND"), Job()]
    with pytest.raises(errors.NotFoundError):
        driver.call(lambda c: c.jobs.get_job(job_id="job_1"))
    assert len(server.seen) == 1


def test_an_error_tells_everything(driver: Driver, server: Server) -> None:
    """Class, reason, request id, cure and facts come from the status details."""
    server.script[GET] = [
        Fail(
            code=grpc.StatusCode.PERMISSION_DENIED, reason="SCOPE_NOT_GRANTED", message="No scope."
        )
    ]
    with pytest.raises(errors.InsufficientScopeError) as caught:
        driver.call(lambda c: c.jobs.get_job(job_id="job_1"))
    error = caught.value
    assert (error.code, error.reason) == ("insufficient_scope", "SCOPE_NOT_GRANTED")
    assert (error.request_id, error.metadata["scope"]) == ("req_1", "jobs:read")
    assert error.cure == "Ask for the scope named in the metadata."
    assert str(error) == "No scope. [SCOPE_NOT_GRANTED, req_1]"
    assert KEY not in repr(error)


def test_violations_are_listed_by_field(driver: Driver, server: Server) -> None:
    """Each wrong field is named by its path."""
    bad = rpc.BadRequest()
    bad.field_violations.add(field="pay.minMinor", description="must be at least 0")
    server.script[POST] = [
        Fail(code=grpc.StatusCode.INVALID_ARGUMENT, reason="FIELD_INVALID", details=(bad,))
    ]
    with pytest.raises(errors.InvalidArgumentError) as caught:
        driver.call(_post)
    (violation,) = caught.value.violations
    assert (violation.path, violation.description) == ("pay.minMinor", "must be at least 0")


def test_a_list_is_read_page_by_page(driver: Driver, server: Server) -> None:
    """Iterating over a list crosses its pages, with the filters of the first one."""
    server.script[LIST] = [
        ListJobsResponse(jobs=[Job(job_id="a"), Job(job_id="b")], next_page_token="t"),
        ListJobsResponse(jobs=[Job(job_id="c")]),
    ]
    jobs = driver.read(lambda c: c.jobs.list_jobs(state="OPEN", page_size=2))
    assert [job.job_id for job in jobs] == ["a", "b", "c"]
    requests = [ListJobsRequest.FromString(seen.body[0]) for seen in server.seen]
    assert [request.page_token for request in requests] == ["", "t"]
    assert {request.state for request in requests} == {job_pb2.PublicationStatus.OPEN}


def test_pages_come_whole_when_asked_for(driver: Driver, server: Server) -> None:
    """`.pages()` gives the replies themselves."""
    server.script[LIST] = [
        ListJobsResponse(jobs=[Job(job_id="a")], next_page_token="t"),
        ListJobsResponse(jobs=[Job(job_id="b")]),
    ]
    pages = driver.read(lambda c: c.jobs.list_jobs().pages())
    assert [page.next_page_token for page in pages] == ["t", ""]
    assert all(isinstance(page, jobs_service_pb2.ListJobsResponse) for page in pages)


def test_a_watch_that_is_cut_goes_on_at_its_cursor(driver: Driver, server: Server) -> None:
    """A stream with a cursor reconnects by itself and misses nothing."""
    server.script[WATCH] = [
        [JobChange(cursor="1"), JobChange(cursor="2"), DOWN],
        DOWN,
        [JobChange(cursor="3")],
    ]
    changes = driver.read(lambda c: c.jobs.watch_jobs(include_existing=True))
    assert [change.cursor for change in changes] == ["1", "2", "3"]
    asked = [WatchJobsRequest.FromString(seen.body[0]) for seen in server.seen]
    assert [(one.cursor, one.include_existing) for one in asked] == [
        ("", True),
        ("2", False),
        ("2", False),
    ]


def test_a_watch_ends_when_it_is_refused(driver: Driver, server: Server) -> None:
    """A revoked key ends the stream with the error of its refusal."""
    server.script[WATCH] = [
        [JobChange(cursor="1"), Fail(code=grpc.StatusCode.UNAUTHENTICATED, reason="KEY_REVOKED")]
    ]
    with pytest.raises(errors.UnauthenticatedError):
        driver.read(lambda c: c.jobs.watch_jobs())


def test_a_feed_sends_all_and_reads_all(driver: Driver, server: Server) -> None:
    """Requests come from an iterable, as messages or mappings; replies are iterated over."""
    server.script[FEED] = [[SyncFeedResponse(), SyncFeedResponse()]]
    requests = driver.requests({}, SyncFeedRequest())
    assert len(driver.read(lambda c: c.ats.sync_feed(requests))) == 2
    assert len(server.seen[0].body) == 2


def test_a_feed_is_never_repeated(driver: Driver, server: Server) -> None:
    """Its requests are read once, so that a broken feed is the caller's to begin anew."""
    server.script[FEED] = [[DOWN], []]
    with pytest.raises(errors.UnavailableError):
        driver.read(lambda c: c.ats.sync_feed(driver.requests({})))
    assert len(server.seen) == 1


def test_what_breaks_in_the_callers_own_feed_is_raised(driver: Driver, server: Server) -> None:
    """An exception in the iterable comes out as it is, not as a failed call."""
    server.script[FEED] = [[SyncFeedResponse()]]
    with pytest.raises(ZeroDivisionError):
        driver.read(lambda c: c.ats.sync_feed(driver.requests({}, ZeroDivisionError())))


def test_a_reply_is_heard_with_its_headers(driver: Driver, server: Server) -> None:
    """`on_reply` hears whether an answer was a replay, and under which request id."""
    server.headers = (("x-request-id", "req_9"), ("idempotent-replayed", "true"))
    server.script[POST] = [Job()]
    heard = []
    driver.call(_post, on_reply=lambda path, reply: heard.append((path, reply)))
    ((path, reply),) = heard
    assert (path, reply.request_id, reply.replayed) == (POST, "req_9", True)


def test_any_method_can_be_called_by_its_descriptor(driver: Driver, server: Server) -> None:
    """`call` takes a method's descriptor and returns the reply with what came beside it."""
    server.script[GET] = [Job(job_id="job_1")]
    method = jobs_service_pb2.DESCRIPTOR.services_by_name["JobsService"].methods_by_name["GetJob"]
    reply = driver.call(lambda c: c.call(method, {"job_id": "job_1"}))
    assert (reply.message.job_id, reply.request_id, reply.attempts) == ("job_1", "req_1", 1)


def test_a_status_token_goes_where_it_belongs(driver: Driver, server: Server) -> None:
    """The applicant's methods need no key, but the ticket's token."""
    server.script[STATUS] = [
        Fail(code=grpc.StatusCode.NOT_FOUND, reason="NOT_FOUND", message="No such ticket.")
    ]
    with pytest.raises(ApiError):
        driver.call(
            lambda c: c.access_requests.get_ticket_status(ticket_id="t", status_token="xst_1"),
            api_key="",
        )
    assert server.seen[0].metadata["x-status-token"] == "xst_1"
    assert "authorization" not in server.seen[0].metadata


def test_a_method_that_needs_a_key_sends_nothing_without(driver: Driver, server: Server) -> None:
    """Without a key the call isn't even made."""
    with pytest.raises(ConfigurationError, match="XAIGH_API_KEY"):
        driver.call(lambda c: c.jobs.get_job(job_id="job_1"), api_key="")
    assert server.seen == []


@pytest.mark.parametrize("name", ["Authorization", "Idempotency-Key", "x-status-token"])
def test_metadata_never_replaces_what_has_an_argument(driver: Driver, name: str) -> None:
    """Two ways to say one thing would only contradict each other."""
    with pytest.raises(ConfigurationError):
        driver.call(lambda c: c.jobs.get_job(job_id="job_1", metadata={name: "x"}))


def test_extra_metadata_is_sent(driver: Driver, server: Server) -> None:
    """A caller's own request id goes along."""
    server.script[GET] = [Job()]
    driver.call(lambda c: c.jobs.get_job(job_id="job_1", metadata={"X-Request-Id": "mine"}))
    assert server.seen[0].metadata["x-request-id"] == "mine"


def test_an_unreachable_server_is_unavailable(driver: Driver) -> None:
    """Nobody there: no reason, no request id, but the class says it."""
    with pytest.raises(errors.UnavailableError) as caught:
        driver.call(lambda c: c.jobs.get_job(job_id="job_1"), address="127.0.0.1:1")
    assert (caught.value.reason, caught.value.request_id) == ("", "")


def test_a_late_reply_is_a_deadline(driver: Driver, server: Server) -> None:
    """The timeout ends a call that nobody answers."""
    server.hold = threading.Event()
    server.script[GET] = [Job()]
    with pytest.raises(errors.DeadlineExceededError):
        driver.call(lambda c: c.jobs.get_job(job_id="job_1", timeout=0.2))
    server.hold.set()


def test_the_clients_repr_hides_the_key(driver: Driver) -> None:
    """A repr ends in logs."""

    async def later(client: Any) -> str:
        return repr(client)

    text = driver.call(repr if driver.kind == "sync" else later)
    assert KEY not in text
    assert "test_sk_…" in text
