"""Answers of the gateway are kept for as long as they say, and each use of one is owed."""

from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest

from xaigh.gating.v1 import envoy_check_service_pb2 as api
from xaigh_client import AsyncClient, Reply, UnavailableError
from xaigh_client.errors import Failure
from xaigh_client.gate import Gate, Head

HEAD = Head(
    method="GET",
    target="/v1/nature/a?b=c",
    headers=(("authorization", "Bearer one"), ("accept", "*/*")),
    peer="192.0.2.1",
)


@dataclass
class Gateway:
    """Answers each question with what it was told, and keeps the questions."""

    max_age: float = 0.2
    down: bool = False
    asked: list[api.CheckRequest] = field(default_factory=list)
    now: float = 100.0

    async def call(self, method: Any, request: api.CheckRequest, **_: Any) -> Reply[Any]:
        self.asked.append(request)
        if self.down:
            raise UnavailableError(Failure(message="no"))
        answer = api.CheckResponse(ok_response=api.CheckResponse.Allowed())
        if self.max_age:
            answer.max_age.FromMicroseconds(int(self.max_age * 1e6))
        self.now += 0.05  # an answer takes a while
        return Reply(message=answer, request_id="", replayed=False, attempts=1, metadata={})


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


@pytest.fixture
def gate(gateway: Gateway) -> Gate:
    return Gate(cast(AsyncClient, gateway), timeout=2, capacity=2, clock=lambda: gateway.now)


def _with(**headers: str) -> Head:
    more = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return replace(HEAD, headers=(*HEAD.headers, *more))


async def test_the_gateway_gets_the_whole_head(gate: Gate, gateway: Gateway) -> None:
    """Repeated headers are joined, as Envoy joins them."""
    await gate.ask(_with(accept="text/html"))
    (request,) = gateway.asked
    http = request.attributes.request.http
    assert (http.method, http.path) == ("GET", "/v1/nature/a?b=c")
    assert dict(http.headers) == {"authorization": "Bearer one", "accept": "*/*,text/html"}
    assert request.attributes.source.address.socket_address.address == "192.0.2.1"


async def test_an_answer_is_used_until_it_ends(gate: Gate, gateway: Gateway) -> None:
    """Counted from before the question: how long the answer took is part of it."""
    await gate.ask(HEAD)  # asked at 100.00, answered at 100.05
    gateway.now = 100.199
    await gate.ask(HEAD)
    assert len(gateway.asked) == 1
    gateway.now = 100.2
    await gate.ask(HEAD)
    assert len(gateway.asked) == 2


@pytest.mark.parametrize(
    "other",
    [
        replace(HEAD, method="POST"),
        replace(HEAD, target="/v1/nature/a"),
        replace(HEAD, peer="192.0.2.2"),
        replace(HEAD, headers=(("authorization", "Bearer two"),)),
    ],
)
async def test_another_call_is_another_question(gate: Gate, gateway: Gateway, other: Head) -> None:
    """By method, path and query, address, or key."""
    await gate.ask(HEAD)
    await gate.ask(other)
    assert len(gateway.asked) == 2


@pytest.mark.parametrize(
    "head",
    [
        _with(origin="https://app.example"),
        _with(sec_fetch_site="same-origin"),
        _with(authorization="Bearer one"),
        _with(cookie="key=test_sk_abc"),
        replace(HEAD, headers=()),
    ],
)
async def test_what_may_break_a_rule_is_always_asked(
    gate: Gate, gateway: Gateway, head: Head
) -> None:
    """A browser, a second key, or none."""
    await gate.ask(HEAD)
    await gate.ask(head)
    await gate.ask(head)
    assert len(gateway.asked) == 3


async def test_an_answer_without_an_age_holds_for_one_call(gate: Gate, gateway: Gateway) -> None:
    """As those of a gateway on SQLite."""
    gateway.max_age = 0
    await gate.ask(HEAD)
    await gate.ask(HEAD)
    assert len(gateway.asked) == 2


async def test_uses_are_counted_with_the_next_question(gate: Gate, gateway: Gateway) -> None:
    """Whatever that one is about, and again where it failed; each once."""
    await gate.ask(HEAD)
    for _ in range(3):
        await gate.ask(HEAD)
    gateway.down = True
    other = replace(HEAD, target="/v1/nature/other")
    with pytest.raises(UnavailableError):
        await gate.ask(other)
    gateway.down = False
    await gate.ask(other)
    await gate.ask(replace(HEAD, target="/v1/nature/more"))
    assert [each.kept_calls for each in gateway.asked] == [0, 3, 3, 0]


async def test_memory_is_bounded(gate: Gate, gateway: Gateway) -> None:
    """The oldest answer goes first."""
    for target in ("/1", "/2", "/3"):
        await gate.ask(replace(HEAD, target=target))
    await gate.ask(replace(HEAD, target="/3"))
    assert len(gateway.asked) == 3
    await gate.ask(replace(HEAD, target="/1"))
    assert len(gateway.asked) == 4
