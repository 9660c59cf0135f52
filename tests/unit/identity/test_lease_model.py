"""Model of a fleet under leases: whatever happens, a revocation holds when its reply has left.

The machine drives real `LeasedEpoch`s. It owns the true time, the rate of each server's clock, and
each look-up of the row, which it answers late, or never; a server that is stopped does nothing, and
its clock goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from xaigh_server.db.database import Database
from xaigh_server.db.errors import DatabaseUnavailable
from xaigh_server.db.session import Session
from xaigh_server.identity.leased_epoch import LeasedEpoch

SERVERS = 2
servers = st.integers(0, SERVERS - 1)
# Two clocks within 10 % of each other.
rates = st.sampled_from([0.955, 1.0, 1.045])
moments = st.sampled_from([0.0, 0.01, 0.1, 0.2])


@dataclass
class Row:
    """The epoch's row, as committed, and the epoch that every reply so far has promised."""

    committed: int = 0
    promised: int = 0
    now: float = 0.0


class SlowControl:
    """A control database whose point reads wait for the machine."""

    name = "control"

    def __init__(self, row: Row) -> None:
        self._row = row
        self.waiting: list[asyncio.Future[int]] = []
        self.seen: list[tuple[int, asyncio.Future[int]]] = []

    async def point(self, _: Callable[[Session], Any]) -> int:
        answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.waiting.append(answer)
        return await answer

    def see(self) -> None:
        """The oldest look-up reads the row. Its answer is on the way."""
        if self.waiting:
            self.seen.append((self._row.committed, self.waiting.pop(0)))

    def answer(self) -> None:
        """The oldest answer arrives."""
        if self.seen:
            value, answer = self.seen.pop(0)
            answer.set_result(value)

    def lose(self) -> None:
        """The connection of all look-ups is lost."""
        for answer in (*self.waiting, *(answer for _, answer in self.seen)):
            answer.set_exception(DatabaseUnavailable("lost"))
        self.waiting.clear()
        self.seen.clear()


@dataclass
class Call:
    """A call that asked for the epoch, and what had been promised when it was sent."""

    sent_after: int
    answer: asyncio.Task[int]


@dataclass
class Server:
    """A process: its clock, its leases, its calls and the revocations that it settles."""

    row: Row
    rate: float
    ahead: float
    control: SlowControl
    epoch: LeasedEpoch = field(init=False)
    stopped: bool = False
    calls: list[Call] = field(default_factory=list)
    alarms: list[tuple[float, asyncio.Future[None]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.epoch = LeasedEpoch(cast(Database, self.control), clock=self.clock, sleep=self.sleep)

    def clock(self) -> float:
        return self.ahead + self.row.now * self.rate

    async def sleep(self, seconds: float) -> None:
        alarm: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.alarms.append((self.clock() + seconds, alarm))
        await alarm

    def ring(self) -> None:
        for due, alarm in self.alarms:
            if due <= self.clock() and not alarm.done():
                alarm.set_result(None)


class Leases(RuleBasedStateMachine):
    """Servers of one fleet."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.row = Row()
        self.fleet = [
            Server(self.row, 1.0, 1000.0 * number, SlowControl(self.row))
            for number in range(SERVERS)
        ]
        self.revoking: list[asyncio.Task[None]] = []

    def teardown(self) -> None:
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self._turn()
        self.loop.close()

    @rule(number=servers, rate=rates)
    def clock_drifts(self, number: int, rate: float) -> None:
        """The rate changes; the reading doesn't jump."""
        server = self.fleet[number]
        reading = server.clock()
        server.rate = rate
        server.ahead = reading - self.row.now * rate

    @rule(seconds=st.sampled_from([0.01, 0.1, 0.19, 0.2, 0.24, 0.27]))
    def time_passes(self, seconds: float) -> None:
        self._pass(seconds)

    def _pass(self, seconds: float) -> None:
        self.row.now += seconds
        for server in self.fleet:
            if not server.stopped:
                server.ring()
        self._turn()

    @rule(number=servers)
    def call_is_sent(self, number: int) -> None:
        """A stopped server takes it from its socket when it goes on; until then nothing happens."""
        server = self.fleet[number]
        if not server.stopped:
            asked = self.loop.create_task(server.epoch.current())
            server.calls.append(Call(self.row.promised, asked))
            self._turn()

    @rule(number=servers, other=servers, back=st.sampled_from([0.0, 0.1, 0.27]), again=moments)
    def call_is_served_amid_a_revocation(
        self, number: int, other: int, back: float, again: float
    ) -> None:
        """What is worth most of the search: rights go while an answer is on its way."""
        self.call_is_sent(number)
        self.look_up_reads_the_row(number)
        self.rights_are_taken(other)
        self._pass(back)
        self.answer_arrives(number)
        self._pass(again)
        self.call_is_sent(number)

    @rule(number=servers)
    def look_up_reads_the_row(self, number: int) -> None:
        """The database's work: it happens also while the server is stopped."""
        self.fleet[number].control.see()

    @rule(number=servers)
    def answer_arrives(self, number: int) -> None:
        server = self.fleet[number]
        if not server.stopped:
            server.control.answer()
            self._turn()

    @rule(number=servers)
    def connection_is_lost(self, number: int) -> None:
        self.fleet[number].control.lose()
        if not self.fleet[number].stopped:
            self._turn()

    @rule(number=servers)
    def server_stops(self, number: int) -> None:
        self.fleet[number].stopped = True

    @rule(number=servers)
    def server_goes_on(self, number: int) -> None:
        server = self.fleet[number]
        server.stopped = False
        server.ring()
        self._turn()

    @rule(number=servers)
    def rights_are_taken(self, number: int) -> None:
        """Commits, settles, replies."""
        server = self.fleet[number]
        if server.stopped:
            return
        self.row.committed += 1
        number_of_epoch = self.row.committed

        async def revoke() -> None:
            await server.epoch.settle()
            self.row.promised = max(self.row.promised, number_of_epoch)

        self.revoking.append(self.loop.create_task(revoke()))
        self._turn()

    @invariant()
    def no_call_sent_after_the_reply_sees_an_older_epoch(self) -> None:
        for server in self.fleet:
            for call in [each for each in server.calls if each.answer.done()]:
                server.calls.remove(call)
                if call.answer.exception() is None:
                    assert call.answer.result() >= call.sent_after

    def _turn(self) -> None:
        """Lets what can run do so."""

        async def turns() -> None:
            for _ in range(8):
                await asyncio.sleep(0)

        self.loop.run_until_complete(turns())


TestLeases = Leases.TestCase
TestLeases.settings = settings(max_examples=300, stateful_step_count=20, deadline=None)
