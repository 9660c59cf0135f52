"""The small links: order, request ids, decoding, authorization, limits, metering, draining."""

import asyncio
import contextlib
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from google.protobuf import struct_pb2
from tests.harness.call import (
    BY_NAME,
    Directory,
    End,
    Source,
    call,
    method,
    replies,
)

from httprule.lazy_lists import Unread
from xaigh_server.errors import (
    BodyMalformed,
    NotFound,
    PeerRateLimited,
    RateLimited,
    ScopeNotGranted,
    ShuttingDown,
)
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.principal import KeyPrincipal
from xaigh_server.identity.rate_limit.memory_limiter import MemoryLimiter
from xaigh_server.identity.rate_limit.model import PUBLIC_TIER, Tier, Tiers, Window
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.interceptor import chain
from xaigh_server.rpc.interceptors.authorize import Authorize
from xaigh_server.rpc.interceptors.decode import Decode
from xaigh_server.rpc.interceptors.drain import Drain
from xaigh_server.rpc.interceptors.meter import Meter
from xaigh_server.rpc.interceptors.rate_limit import RateLimit
from xaigh_server.rpc.interceptors.request_id import RequestId


def principal(*scopes: str, **facts) -> KeyPrincipal:
    """A key's principal."""
    directory = Directory()
    found = directory.principals[directory.add_key(*scopes, **facts)]
    assert isinstance(found, KeyPrincipal)
    return found


# --- chain ------------------------------------------------------------------------------------


async def test_links_run_in_their_order_around_what_follows():
    """The first sees a call first and its reply last."""
    seen: list[str] = []

    class Link:
        def __init__(self, name: str) -> None:
            self.name = name

        async def __call__(self, call_next, request, call):
            seen.append(self.name)
            reply = await call_next(request, call)
            seen.append(f"{self.name}'")
            return reply

    assert await chain([Link("a"), Link("b")], End())("request", call()) == "answered"
    assert seen == ["a", "b", "b'", "a'"]


async def test_a_chain_without_links_is_its_end():
    """Nothing stands in between."""
    end = End()
    assert await chain([], end)("request", call()) == "answered"
    assert end.requests == ["request"]


# --- request id -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("mine-1", "mine-1"),
        ("a" * 128, "a" * 128),
        ("A.b_c-9", "A.b_c-9"),
        ("a" * 129, ""),
        ("", ""),
        ("two words", ""),
        ("ä", ""),
        ("x\n", ""),
        ("<script>", ""),
        ("req/1", ""),
        ("test_sk_0123456789abcdefghij", ""),
        ("xst_0123456789abcdefghij", ""),
    ],
)
async def test_a_clients_id_is_kept_if_it_is_harmless(sent: str, kept: str):
    """Ours is always there; anything unusual of theirs is dropped, not refused."""
    made = call(x_request_id=sent)
    await RequestId(new_id=lambda: "req_1")(End(), None, made)
    assert (made.request_id, made.client_request_id) == ("req_1", kept)
    assert made.reply_metadata == [("x-request-id", "req_1")]


async def test_every_call_has_an_id_of_its_own():
    """Two calls never share one, whatever the client sends."""
    numbers = count(1)
    link = RequestId(new_id=lambda: f"req_{next(numbers)}")
    made = [call(x_request_id="same") for _ in range(3)]
    for each in made:
        await link(End(), None, each)
    assert [each.request_id for each in made] == ["req_1", "req_2", "req_3"]


# --- decode -----------------------------------------------------------------------------------


async def test_a_request_is_read_once_and_as_late_as_here():
    """A unary method gets its message."""
    source, end = Source(struct_pb2.Value(string_value="x")), End()
    await Decode()(end, source, call("GetJob"))
    assert end.requests == [struct_pb2.Value(string_value="x")] and source.reads == 1


class Breaks(End):
    """Fails over a request of which a part is unread."""

    async def __call__(self, request: Any, call: Call) -> Any:
        await super().__call__(request, call)
        if request.string_value != "whole":
            raise NotFound("job")
        return "answered"


PART = struct_pb2.Value(string_value="part")
WHOLE = struct_pb2.Value(string_value="whole")


async def test_what_fails_before_all_was_read_is_read_whole():
    """The rest of the chain gets it once more, and answers to all of it."""
    source, end, made = Source(PART, WHOLE), Breaks(), call("SyncJobs")
    made.unread = {"jobs": Unread(b"[")}
    assert await Decode()(end, source, made) == "answered"
    assert end.requests == [PART, WHOLE] and source.reads == 2


async def test_what_fails_after_all_was_read_fails():
    """It is no fault of the part that was unread."""
    source, end = Source(PART, WHOLE), Breaks()
    with pytest.raises(NotFound):
        await Decode()(end, source, call("SyncJobs"))
    assert source.reads == 1


async def test_a_fault_of_the_unread_part_is_the_one_that_is_told():
    """Whatever else went wrong."""

    class Faulty(Source):
        async def whole(self) -> Any:
            raise BodyMalformed("no JSON")

    made = call("SyncJobs")
    made.unread = {"jobs": Unread(b"[")}
    with pytest.raises(BodyMalformed):
        await Decode()(Breaks(), Faulty(PART), made)


async def test_a_stream_of_requests_is_not_read_ahead():
    """Messages are decoded as the handler takes them."""
    source, end = Source(struct_pb2.Value(), struct_pb2.Value()), End()
    await Decode()(end, source, call("SyncFeed"))
    assert source.reads == 0
    assert [each async for each in end.requests[0]] == [struct_pb2.Value()] * 2


# --- authorize --------------------------------------------------------------------------------


async def test_a_scope_opens_its_methods_and_nothing_is_implied():
    """To write isn't to read; every scope but the right one is none."""
    link, writer = Authorize(), principal("jobs:write", "ats:read", "nature:read")
    made, end = call("GetJob"), End()
    made.principal = writer
    with pytest.raises(ScopeNotGranted) as refused:
        await link(end, None, made)
    assert refused.value.metadata == {"scope": "jobs:read"} and not end.ran
    made = call("PostJob")
    made.principal = writer
    await link(end, None, made)
    assert end.ran


async def test_nobody_has_no_scope():
    """A scoped method that let an anonymous call in by mistake would still refuse it."""
    with pytest.raises(ScopeNotGranted):
        await Authorize()(End(), None, call("GetJob"))


@pytest.mark.parametrize("name", ["SubmitAccessRequest", "WhoAmI"])
async def test_public_and_self_methods_ask_for_no_scope(name: str):
    """What guards them stands before."""
    end = End()
    await Authorize()(end, None, call(name))
    assert end.ran


# --- rate limit -------------------------------------------------------------------------------

TINY = Tier(name="tiny", windows=(Window(name="second", calls=2, seconds=1),))


def limit(**tiers: Tier) -> RateLimit:
    return RateLimit(MemoryLimiter(lambda: 0.0), tiers=Tiers([TINY]), public=TINY)


async def test_the_keys_of_a_grant_share_a_limit_in_each_environment():
    """A rotated key begins nothing anew; the other environment has a bucket of its own."""
    link, end = limit(), End()
    for _ in range(2):
        made = call("GetJob")
        made.principal = principal("jobs:read", tier="tiny")
        await link(end, None, made)
    made = call("GetJob")
    made.principal = principal("jobs:read", tier="tiny")
    with pytest.raises(RateLimited) as refused:
        await link(end, None, made)
    assert refused.value.retry_after == 1 and refused.value.metadata == {"policy": "second"}
    assert dict(made.reply_metadata) == {
        "ratelimit-policy": '"second";q=2;w=1',
        "ratelimit": '"second";r=0;t=1',
    }
    live = call("GetJob")
    live.principal = principal("jobs:read", tier="tiny", environment=Environment.PRODUCTION)
    await link(end, None, live)
    assert len(end.requests) == 3


async def test_public_methods_are_limited_by_peer():
    """A credential that came along makes no difference."""
    link, end = limit(), End()
    for _ in range(2):
        await link(end, None, call("SubmitAccessRequest"))
    with pytest.raises(PeerRateLimited):
        await link(end, None, call("SubmitAccessRequest"))
    other = replace(call("SubmitAccessRequest"), peer="192.0.2.8")
    await link(end, None, other)
    assert len(end.requests) == 3


async def test_operators_are_not_limited():
    """Nobody stops a revocation in an emergency."""
    directory = Directory()
    found = directory.principals[directory.add_operator("keys:write")]
    link, end = limit(), End()
    for _ in range(5):
        made = call("RevokeKey")
        made.principal = found
        await link(end, None, made)
    assert len(end.requests) == 5


async def test_a_limit_is_exact_under_parallel_calls():
    """Of fifty at once exactly as many get in as the tier has."""
    tier = Tier(name="ten", windows=(Window(name="minute", calls=10, seconds=60),))
    link = RateLimit(MemoryLimiter(lambda: 0.0), tiers=Tiers([tier]), public=PUBLIC_TIER)
    caller = principal("jobs:read", tier="ten")

    async def one() -> bool:
        made = call("GetJob")
        made.principal = caller
        try:
            await link(End(), None, made)
        except RateLimited:
            return False
        return True

    assert sum(await asyncio.gather(*(one() for _ in range(50)))) == 10


# --- meter ------------------------------------------------------------------------------------


class Ledger:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, bool]] = []

    def used(self, principal, method, *, replayed):
        self.lines.append(("used", method.rpartition(".")[2], replayed))

    def failed(self, principal, method):
        self.lines.append(("failed", method.rpartition(".")[2], False))


async def test_every_ledger_hears_how_a_call_of_a_key_ended():
    """Answered, replayed or refused."""
    ledgers = Ledger(), Ledger()
    link = Meter(ledgers)
    for outcome in ("answered", "replayed", NotFound("job")):
        made = call("GetJob")
        made.principal = principal("jobs:read")
        made.replayed = outcome == "replayed"

        async def answer(request, call, outcome=outcome):
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        with contextlib.suppress(NotFound):
            await link(answer, None, made)
    assert ledgers[0].lines == ledgers[1].lines
    assert ledgers[0].lines == [
        ("used", "GetJob", False),
        ("used", "GetJob", True),
        ("failed", "GetJob", False),
    ]


async def test_only_keys_are_metered():
    """Operators and passers-by use nothing."""
    ledger = Ledger()
    assert await Meter([ledger])(End(), None, call("SubmitAccessRequest")) == "answered"
    assert ledger.lines == []


# --- drain ------------------------------------------------------------------------------------


async def test_a_closing_server_waits_for_what_runs_and_takes_nothing_new():
    """The running call ends as it would have; a new one is told to go elsewhere."""
    drain, go = Drain(), asyncio.Event()

    async def slow(request, call):
        await go.wait()
        return "done"

    running = asyncio.create_task(drain(slow, None, call()))
    await asyncio.sleep(0)
    closing = asyncio.create_task(drain.close(5))
    await asyncio.sleep(0)
    assert drain.closed and not closing.done()
    with pytest.raises(ShuttingDown):
        await drain(End(), None, call())
    go.set()
    assert await running == "done" and await closing is True


async def test_a_call_that_does_not_end_is_not_waited_for_without_limit():
    """Closing says that something was still running."""
    drain = Drain()

    async def endless(request, call):
        await asyncio.Event().wait()

    running = asyncio.create_task(drain(endless, None, call()))
    await asyncio.sleep(0)
    assert await drain.close(0.01) is False
    running.cancel()
    await asyncio.wait([running])
    assert await drain.close(0.01) is True


async def test_a_stream_runs_until_its_last_reply_and_a_failed_call_does_not_count():
    """Errors and streams leave as they should."""
    drain = Drain()
    stream = await drain(End(lambda: replies(1, 2)), None, call("WatchJobs"))
    assert await drain.close(0.01) is False
    assert [each async for each in stream] == [1, 2]
    assert await drain.close(0.01) is True

    failing = Drain()

    async def broken(request, call):
        raise NotFound("job")

    with pytest.raises(NotFound):
        await failing(broken, None, call())
    assert await failing.close(0.01) is True


def test_the_methods_used_here_are_what_they_are_used_as():
    """A change of the protos shows here first."""
    assert BY_NAME["WatchJobs"].server_streaming and BY_NAME["SyncFeed"].client_streaming
    assert method("GetJob").rule.scope == "jobs:read"
