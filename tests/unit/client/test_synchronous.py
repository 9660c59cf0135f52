"""The blocking client on a testing channel, under a clock that only the client's pauses move."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

import grpc
import grpc_testing
import pytest
from google.protobuf.message import Message
from grpc_status import rpc_status
from tests.unit.client.scripted_server import KEY, Fail

from xaigh.jobs.v1 import jobs_service_pb2
from xaigh.jobs.v1.job_change_pb2 import JobChange
from xaigh.jobs.v1.job_pb2 import Job
from xaigh.jobs.v1.jobs_service_pb2 import ListJobsResponse
from xaigh.sdk.services import Services
from xaigh_client import RetryPolicy, errors
from xaigh_client.address import parse
from xaigh_client.calls import Dependencies
from xaigh_client.settings import Settings, Tls
from xaigh_client.synchronous import Caller

T = TypeVar("T")

SERVICE = jobs_service_pb2.DESCRIPTOR.services_by_name["JobsService"]
GET, LIST, POST, WATCH = (
    SERVICE.methods_by_name[name] for name in ("GetJob", "ListJobs", "PostJob", "WatchJobs")
)
START = 1000.0
LIMIT = 10.0  # seconds for a conversation of threads that never wait for real time
DOWN = Fail(code=grpc.StatusCode.UNAVAILABLE)


@dataclass
class Try:
    """One try of a call, as the server's side of the channel took it."""

    time: float
    metadata: dict[str, str]
    request: Message


class _TimeoutsChannel:
    """A testing channel that records the timeout of each call: grpc_testing drops it."""

    def __init__(self, channel: Any) -> None:
        self._channel = channel
        self.timeouts: list[float | None] = []

    def unary_unary(self, *arguments: Any) -> Any:
        return self._recording(self._channel.unary_unary(*arguments), "with_call")

    def unary_stream(self, *arguments: Any) -> Any:
        return self._recording(self._channel.unary_stream(*arguments), "__call__")

    def _recording(self, rpc: Any, invoke: str) -> Any:
        def call(request: Message, *, timeout: float | None, metadata: Any) -> Any:
            self.timeouts.append(timeout)
            return getattr(rpc, invoke)(request, timeout=timeout, metadata=metadata)

        call.with_call = call  # type: ignore[attr-defined]  # The callable that gRPC returns.
        return call


@dataclass
class Wire:
    """Both ends of a testing channel."""

    time: Any = field(default_factory=lambda: grpc_testing.strict_fake_time(START))
    tries: list[Try] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.channel = grpc_testing.channel([SERVICE], self.time)
        self._recorded = _TimeoutsChannel(self.channel)
        self._read = threading.Semaphore(0)

    @property
    def timeouts(self) -> list[float | None]:
        """Seconds that each try was given, in order."""
        return self._recorded.timeouts

    def client(self, **policy: Any) -> Services:
        """A client whose clock and whose pauses are those of the fake time."""
        numbers = itertools.count()
        caller = Caller(
            Settings(
                address=parse("localhost:1"),
                api_key=KEY,
                timeout=30.0,
                retry=RetryPolicy(**policy),
                tls=Tls(),
                user_agent="test",
            ),
            dependencies=Dependencies(
                clock=self.time.time,
                random=lambda: 0.0,
                new_key=lambda: f"key-{next(numbers)}",
            ),
            sleep=self.time.sleep_for,
            channel=self._recorded,  # type: ignore[arg-type]  # All of a channel that is used.
        )
        return Services(caller)

    def answer(self, method: Any, *answers: Message | Fail, takes: float = 0.0) -> None:
        """Answers so many unary tries, each after `takes` seconds."""
        for answer in answers:
            metadata, request, rpc = self.channel.take_unary_unary(method)
            self.tries.append(Try(self.time.time(), dict(metadata), request))
            self.time.sleep_for(takes)
            rpc.send_initial_metadata((("x-request-id", "req_1"),))
            if isinstance(answer, Fail):
                rpc.terminate(None, *_ending(answer))
            else:
                rpc.terminate(answer, (), grpc.StatusCode.OK, "")

    def stream(self, method: Any, messages: Sequence[Message], end: Fail | None = None) -> Any:
        """Answers one try with messages, and then with an end; None leaves the stream open.

        A testing channel drops messages that are unread at the end: `read` says which were.
        """
        metadata, request, rpc = self.channel.take_unary_stream(method)
        self.tries.append(Try(self.time.time(), dict(metadata), request))
        rpc.send_initial_metadata(())
        for message in messages:
            rpc.send_response(message)
        if end is not None:
            for _ in messages:
                assert self._read.acquire(timeout=LIMIT)
            rpc.terminate(*_ending(end))
        return rpc

    def read(self, stream: Iterator[Message]) -> str:
        """The cursor of the next message of a stream."""
        message: Any = next(stream)
        self._read.release()
        return str(message.cursor)

    @property
    def begun(self) -> list[float]:
        """Seconds from the start to each try."""
        return [round(each.time - START, 6) for each in self.tries]


def _ending(failure: Fail) -> tuple[Any, grpc.StatusCode, str]:
    status: Any = rpc_status.to_status(failure.proto())
    return status.trailing_metadata, status.code, status.details


def beside(function: Callable[[], T]) -> Future[T]:
    """Runs a function in a thread that can't keep the tests from ending."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(function())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future


@pytest.fixture
def wire() -> Wire:
    return Wire()


def converse(wire: Wire, use: Callable[[], T], serve: Callable[[], Any]) -> T:
    """The result of `use` on the client's side while `serve` runs on the server's."""
    serving, using = beside(serve), beside(use)
    result = using.result(LIMIT)
    serving.result(LIMIT)
    return result


def test_pauses_between_tries_double(wire: Wire) -> None:
    """Each pause is half of its ceiling at least, and the ceiling doubles."""
    client = wire.client()
    converse(
        wire,
        lambda: client.jobs.get_job(job_id="job_1"),
        lambda: wire.answer(GET, DOWN, DOWN, DOWN, DOWN, Job()),
    )
    assert wire.begun == [0.0, 0.05, 0.15, 0.35, 0.75]


def test_a_pause_never_exceeds_the_policys_limit(wire: Wire) -> None:
    """`max_delay` bounds the ceiling."""
    client = wire.client(first_delay=2.0, max_delay=4.0)
    converse(
        wire,
        lambda: client.jobs.get_job(job_id="job_1"),
        lambda: wire.answer(GET, DOWN, DOWN, DOWN, Job()),
    )
    assert wire.begun == [0.0, 1.0, 3.0, 5.0]


def test_the_server_sets_the_pause_by_retry_info(wire: Wire) -> None:
    """The next try comes after the RetryInfo's delay, not before it."""
    limited = Fail(code=grpc.StatusCode.RESOURCE_EXHAUSTED, reason="RATE_LIMITED", retry_after=7.25)
    client = wire.client()
    converse(
        wire,
        lambda: client.jobs.get_job(job_id="job_1"),
        lambda: wire.answer(GET, limited, Job()),
    )
    assert wire.begun == [0.0, 7.25]


def test_each_try_gets_the_time_that_is_left(wire: Wire) -> None:
    """The timeout is for the whole call: tries and pauses use it up."""
    client = wire.client()
    converse(
        wire,
        lambda: client.jobs.get_job(job_id="job_1"),
        lambda: wire.answer(GET, DOWN, DOWN, Job(), takes=10.0),
    )
    assert wire.timeouts == pytest.approx([30.0, 19.95, 9.85])


def test_the_callers_timeout_replaces_the_clients(wire: Wire) -> None:
    """A call may have more or less time than the client's default."""
    client = wire.client()
    converse(
        wire,
        lambda: client.jobs.get_job(job_id="job_1", timeout=2.5),
        lambda: wire.answer(GET, Job()),
    )
    assert wire.timeouts == [2.5]


def test_a_call_ends_where_its_next_pause_would_outlast_it(wire: Wire) -> None:
    """The error is raised at once: waiting for a try that can't be made helps nobody."""
    limited = Fail(code=grpc.StatusCode.RESOURCE_EXHAUSTED, reason="RATE_LIMITED", retry_after=60)
    client = wire.client()
    with pytest.raises(errors.RateLimitedError) as caught:
        converse(
            wire,
            lambda: client.jobs.get_job(job_id="job_1", timeout=5),
            lambda: wire.answer(GET, limited),
        )
    assert (caught.value.retry_after, wire.time.time()) == (60.0, START)


def test_a_slow_server_leaves_no_time_for_another_try(wire: Wire) -> None:
    """A try that used up the timeout is the last one, however many the policy allows."""
    client = wire.client()
    with pytest.raises(errors.UnavailableError) as caught:
        converse(
            wire,
            lambda: client.jobs.get_job(job_id="job_1", timeout=5),
            lambda: wire.answer(GET, DOWN, takes=5.0),
        )
    assert caught.value.attempts == 1


def test_every_try_of_a_write_has_the_same_metadata(wire: Wire) -> None:
    """The server knows a repeat by the idempotency key of the first try."""
    client = wire.client()
    converse(
        wire,
        lambda: client.jobs.post_job(
            employer_user_id="employer_1", title="Crew", slots=1, starts_at="2027-06-18T08:00:00Z"
        ),
        lambda: wire.answer(POST, DOWN, DOWN, Job()),
    )
    sent = [
        (each.metadata["authorization"], each.metadata["idempotency-key"]) for each in wire.tries
    ]
    assert sent == [(f"Bearer {KEY}", "key-0")] * 3


def test_a_page_is_fetched_when_it_is_reached(wire: Wire) -> None:
    """Reading the first page's items costs one call."""
    pager = wire.client().jobs.list_jobs()
    first = ListJobsResponse(jobs=[Job(job_id="a")], next_page_token="t")
    items = iter(pager)
    found = converse(wire, lambda: next(items), lambda: wire.answer(LIST, first))
    assert (found.job_id, len(wire.tries)) == ("a", 1)


def test_a_watch_has_no_timeout_of_its_own(wire: Wire) -> None:
    """A stream goes on until its caller ends it; the client's timeout is for unary calls."""
    client = wire.client()
    converse(wire, client.jobs.watch_jobs, lambda: wire.stream(WATCH, []))
    assert wire.timeouts == [None]


def test_a_cut_watch_resumes_at_its_cursor_after_a_pause(wire: Wire) -> None:
    """The new call goes on behind the last message that arrived."""
    client = wire.client()

    def serve() -> None:
        wire.stream(WATCH, [JobChange(cursor="1"), JobChange(cursor="2")], DOWN)
        wire.stream(WATCH, [JobChange(cursor="3")])

    def use() -> list[str]:
        stream = client.jobs.watch_jobs(include_existing=True)
        return [wire.read(stream) for _ in range(3)]

    assert converse(wire, use, serve) == ["1", "2", "3"]
    assert wire.begun == [0.0, 0.05]
    resumed: Any = wire.tries[1].request
    assert (resumed.cursor, resumed.include_existing) == ("2", False)


def test_a_message_starts_the_count_of_tries_anew(wire: Wire) -> None:
    """A watch that lives for days meets more failures than one call may have tries."""
    client = wire.client(max_attempts=2)

    def serve() -> None:
        for cursor in ("1", "2", "3"):
            wire.stream(WATCH, [JobChange(cursor=cursor)], DOWN)
        wire.stream(WATCH, [JobChange(cursor="4")])

    def use() -> list[str]:
        stream = client.jobs.watch_jobs()
        return [wire.read(stream) for _ in range(4)]

    assert converse(wire, use, serve) == ["1", "2", "3", "4"]


def test_a_watch_without_messages_gives_up(wire: Wire) -> None:
    """Tries that bring nothing count as those of one call."""
    client = wire.client(max_attempts=2)

    def serve() -> None:
        wire.stream(WATCH, [], DOWN)
        wire.stream(WATCH, [], DOWN)

    with pytest.raises(errors.UnavailableError) as caught:
        converse(wire, lambda: next(client.jobs.watch_jobs()), serve)
    assert caught.value.attempts == 2


def test_closing_a_stream_cancels_its_call(wire: Wire) -> None:
    """The server hears that nobody reads any more."""
    client = wire.client()

    def use() -> None:
        with client.jobs.watch_jobs() as stream:
            next(stream)

    def serve() -> None:
        wire.stream(WATCH, [JobChange(cursor="1")]).cancelled()

    converse(wire, use, serve)
