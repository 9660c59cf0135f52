"""A stream of replies ends with the rights of its caller."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Any

import pytest
from tests.harness.call import call, replies

from xaigh_server.identity.errors import KeyRevoked
from xaigh_server.rpc import stream_guard as guarding
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.stream_guard import guard


class Rights:
    """Stand until they are taken."""

    def __init__(self) -> None:
        self.refusal: Exception | None = None

    async def renew(self, call: Call) -> None:
        if self.refusal is not None:
            raise self.refusal


@pytest.fixture
def rights() -> Rights:
    return Rights()


def guarded(
    items: AsyncIterator[Any],
    rights: Rights,
    may_see: Callable[[Any, Call], bool] | None = None,
) -> AsyncIterator[Any]:
    return guard(items, call("WatchJobs"), renew=rights.renew, may_see=may_see)


async def test_a_stream_passes_while_its_caller_is_authorized(rights: Rights):
    """To its own end."""
    assert [each async for each in guarded(replies(1, 2, 3), rights)] == [1, 2, 3]


async def test_a_stream_ends_before_its_next_reply_once_the_rights_are_gone(rights: Rights):
    """A reply that was ready doesn't leave any more."""
    stream = guarded(replies(1, 2, 3), rights)
    assert await anext(stream) == 1
    rights.refusal = KeyRevoked()
    with pytest.raises(KeyRevoked):
        await anext(stream)


async def test_a_reply_that_the_caller_may_not_see_any_more_is_dropped(rights: Rights):
    """The question is asked after the call was authorized again, so by the newest grant."""
    hidden: set[int] = set()
    stream = guarded(replies(1, 2, 3), rights, lambda reply, _: reply not in hidden)
    assert await anext(stream) == 1
    hidden.add(2)
    assert [each async for each in stream] == [3]


async def test_an_idle_stream_ends_soon_after_the_rights(
    rights: Rights, monkeypatch: pytest.MonkeyPatch
):
    """Nothing has to come for the end to be noticed; the handler's stream is closed."""
    monkeypatch.setattr(guarding, "RECHECK_SECONDS", 0.01)
    closed = asyncio.Event()

    async def idle():
        try:
            await asyncio.Event().wait()
            yield 1
        finally:
            closed.set()

    waiting = asyncio.ensure_future(anext(guarded(idle(), rights)))
    await asyncio.sleep(0)
    rights.refusal = KeyRevoked()
    with pytest.raises(KeyRevoked):
        await asyncio.wait_for(waiting, 5)
    assert closed.is_set()


async def test_an_error_in_a_stream_comes_through(rights: Rights):
    """The guard adds nothing and hides nothing."""
    stream = guarded(replies(1, ValueError("x")), rights)
    assert await anext(stream) == 1
    with pytest.raises(ValueError, match="x"):
        await anext(stream)


async def test_a_caller_who_goes_away_ends_the_handlers_stream(rights: Rights):
    """Closing the guard closes it."""
    closed = asyncio.Event()

    async def endless():
        try:
            while True:
                yield 1
                await asyncio.sleep(0)
        finally:
            closed.set()

    stream = guarded(endless(), rights)
    await anext(stream)
    assert isinstance(stream, AsyncGenerator)
    await stream.aclose()
    assert closed.is_set()
