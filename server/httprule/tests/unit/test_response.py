"""The write coalescer: order, limits, closed transports."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from httprule.response import WriteCoalescer


class Wire:
    """A transport that notes what was written to it, and when in the order of all."""

    def __init__(self, written: list[tuple[str, bytes]], name: str) -> None:
        self._written = written
        self._name = name
        self.closing = False

    def is_closing(self) -> bool:
        return self.closing

    def write(self, data: bytes) -> None:
        self._written.append((self._name, data))


def wires(*names: str) -> tuple[list[tuple[str, bytes]], list[Any]]:
    written: list[tuple[str, bytes]] = []
    return written, [cast(Any, Wire(written, name)) for name in names]


async def test_replies_of_a_turn_leave_at_its_end_in_their_order():
    """Nothing is written while the turn goes on; then all is, in the order it was put."""
    loop, write_coalescer = asyncio.get_running_loop(), WriteCoalescer()
    written, (one, two) = wires("one", "two")
    write_coalescer.write(loop, one, b"1")
    write_coalescer.write(loop, two, b"2")
    write_coalescer.write(loop, one, b"3")
    assert written == []
    await asyncio.sleep(0)
    assert written == [("one", b"1"), ("two", b"2"), ("one", b"3")]


async def test_the_next_turn_has_its_own():
    """What is put after the replies have left leaves at the end of that turn."""
    loop, write_coalescer = asyncio.get_running_loop(), WriteCoalescer()
    written, (one,) = wires("one")
    for data in (b"1", b"2"):
        write_coalescer.write(loop, one, data)
        await asyncio.sleep(0)
    assert written == [("one", b"1"), ("one", b"2")]


async def test_many_do_not_wait_for_more():
    """Sixteen replies leave without the end of the turn, so that the first is not kept long."""
    loop, write_coalescer = asyncio.get_running_loop(), WriteCoalescer()
    written, (one,) = wires("one")
    for number in range(17):
        write_coalescer.write(loop, one, b"%d" % number)
    assert len(written) == 16


async def test_a_large_reply_leaves_at_once():
    """It takes what waits before it along, so that the order holds."""
    loop, write_coalescer = asyncio.get_running_loop(), WriteCoalescer()
    written, (one,) = wires("one")
    write_coalescer.write(loop, one, b"small")
    write_coalescer.write(loop, one, b"x" * 100_000)
    assert [len(data) for _, data in written] == [5, 100_000]


async def test_what_waits_can_be_sent_before_a_connection_closes():
    """`flush` writes now, and the end of the turn finds nothing left."""
    loop, write_coalescer = asyncio.get_running_loop(), WriteCoalescer()
    written, (one,) = wires("one")
    write_coalescer.write(loop, one, b"1")
    write_coalescer.flush()
    assert written == [("one", b"1")]
    await asyncio.sleep(0)
    assert written == [("one", b"1")]


async def test_a_connection_that_has_gone_gets_nothing():
    """Its reply is dropped, and the others leave."""
    loop, write_coalescer = asyncio.get_running_loop(), WriteCoalescer()
    written, (one, two) = wires("one", "two")
    write_coalescer.write(loop, one, b"1")
    write_coalescer.write(loop, two, b"2")
    one.closing = True
    await asyncio.sleep(0)
    assert written == [("two", b"2")]
