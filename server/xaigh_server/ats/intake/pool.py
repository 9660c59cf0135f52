"""Where records are read: this process, or worker processes beside it.

Reading is most of the work of a sync, and Python runs one thread at a time. What a record says may
also be made to break its parser. So a batch of many records or of more than a few kilobytes goes to
a worker process, which has limits. Where a batch breaks its worker, its records are read one by one
in a fresh one; none of them is ever read in this process instead.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, NamedTuple

from xaigh_server.ats.intake.batch_state import Pages
from xaigh_server.ats.intake.ipc_codec import (
    SEATS,
    BatchAnswer,
    forms_of,
    unpacked,
)
from xaigh_server.ats.intake.one_by_one import read_alone
from xaigh_server.ats.intake.raw_records import bytes_of
from xaigh_server.ats.intake.reading import Desk, Glance, Reading, RecordReader
from xaigh_server.ats.intake.structs import Record
from xaigh_server.worker_pool.isolation import INLINE_BYTES, Quarantine
from xaigh_server.worker_pool.process import Helper

WORTH_A_THREAD = 20
WORTH_A_PROCESS = 50
_MODULE = "xaigh_server.ats.intake.worker"


class LocalDesk:
    """Reads small batches in this process; one of many records in a thread."""

    def __init__(self) -> None:
        self._pages = Pages()

    async def take(self, reader: RecordReader, records: Sequence[Record]) -> None:
        return None  # its caller is who looks up

    async def sort(self, reader: RecordReader, records: Sequence[Record]) -> list[Glance]:
        if len(records) < WORTH_A_THREAD:
            return self._pages.sort(reader, records)
        return await asyncio.to_thread(self._pages.sort, reader, records)

    async def read(self, indices: Sequence[int]) -> list[Reading]:
        if len(indices) < WORTH_A_THREAD:
            return self._pages.read(indices)
        return await asyncio.to_thread(self._pages.read, indices)


class LocalRoom:
    """Desks in this process, for tests: a server has worker processes."""

    @asynccontextmanager
    async def desk(self, records: Sequence[Record], environment: str) -> AsyncIterator[Desk]:
        yield LocalDesk()


class ProcessRoom:
    """Reads large batches in processes of their own, small ones here."""

    def __init__(
        self,
        processes: int,
        files: Mapping[str, str] | None = None,
        *,
        least: int = WORTH_A_PROCESS,
    ) -> None:
        """The processes are started when they are first needed: for batches of `least` records, or
        of more bytes than are read in this process.

        `files` are where the mirrors of each environment can be looked up by another process.
        """
        self._least = least
        self._files = files or {}
        self._idle: asyncio.LifoQueue[_Seat] = asyncio.LifoQueue()
        self._all = [Helper(_MODULE) for _ in range(processes)]
        self._quarantine = Quarantine(_MODULE)
        for number in reversed(range(SEATS)):
            for helper in self._all:
                self._idle.put_nowait(_Seat(helper, number))

    @asynccontextmanager
    async def desk(self, records: Sequence[Record], environment: str) -> AsyncIterator[Desk]:
        if len(records) < self._least and bytes_of(records) <= INLINE_BYTES:
            yield LocalDesk()
            return
        seat = await self._idle.get()
        desk = _ProcessDesk(seat, self._quarantine, self._files.get(environment))
        try:
            yield desk
        finally:
            self._give_back(seat, desk.asked)

    def _give_back(self, seat: _Seat, asked: asyncio.Task[Any] | None) -> None:
        """Frees a seat once its question is answered.

        An exchange goes on to its end whatever becomes of its caller: one that breaks off costs the
        process, and with it the answer to whoever is behind.
        """
        if asked is None or asked.done():
            self._idle.put_nowait(seat)
        else:
            asked.add_done_callback(lambda _: self._idle.put_nowait(seat))

    async def close(self) -> None:
        """Ends the processes."""
        for helper in self._all:
            await helper.close()


class _Seat(NamedTuple):
    """A place in a process for one batch."""

    helper: Helper
    number: int


class _ProcessDesk:
    """Asks a worker process, and where the batch breaks that one, a fresh one for each record."""

    def __init__(self, seat: _Seat, quarantine: Quarantine, file: str | None) -> None:
        self._seat = seat
        self._quarantine = quarantine
        self._file = file
        self.asked: asyncio.Task[Any] | None = None
        self._batch: tuple[RecordReader, Sequence[Record]] | None = None
        self._answer: BatchAnswer | None = None
        self._alone: dict[int, Reading] | None = None

    async def take(self, reader: RecordReader, records: Sequence[Record]) -> list[Reading] | None:
        if self._file is None:
            return None
        await self._ask_of_batch(reader, records)
        if self._alone is not None:
            return list(self._alone.values())
        found = self._answer and self._answer.readings
        return None if found is None else [unpacked(each) for each in found]

    async def sort(self, reader: RecordReader, records: Sequence[Record]) -> list[Glance]:
        if self._batch is None:
            await self._ask_of_batch(reader, records)
        if self._alone is not None:
            read = self._alone.values()
            return [(each.raw_hash, [each.job_id] if each.job_id else []) for each in read]
        assert self._answer is not None and self._answer.glances is not None  # it was asked for
        return self._answer.glances

    async def read(self, indices: Sequence[int]) -> list[Reading]:
        if self._alone is not None:
            return [self._alone[at] for at in indices]
        found = await self._ask(list(indices))
        if found is not None:
            return [unpacked(each) for each in found]
        return await self._read_alone(indices)

    async def _ask_of_batch(self, reader: RecordReader, records: Sequence[Record]) -> None:
        """Has the worker read the records, or else sort them."""
        self._batch = (reader, records)
        asked = (reader.integration, reader.now, forms_of(records), self._file)
        answer = await self._ask(asked)
        if answer is None:
            self._alone = {reading.at: reading for reading in await self._read_alone()}
            return
        self._answer = BatchAnswer(*answer)

    async def _read_alone(self, indices: Sequence[int] | None = None) -> list[Reading]:
        """Reads these records, or all of them, one by one. Raises Unavailable."""
        assert self._batch is not None  # it was asked of
        reader, records = self._batch
        async with self._quarantine.worker() as worker:
            forms = forms_of(records)
            return await read_alone(worker, reader, forms, indices or range(len(forms)))

    async def _ask(self, question: Any) -> Any:
        self.asked = asyncio.ensure_future(self._seat.helper.ask((self._seat.number, question)))
        return await asyncio.shield(self.asked)


def open_room(processes: int, files: Mapping[str, str], stack: AsyncExitStack) -> ProcessRoom:
    """A room with so many worker processes, one at least. They start when they are needed."""
    room = ProcessRoom(max(processes, 1), files)
    stack.push_async_callback(room.close)
    return room
