"""Where records are read: a thread of this process, or processes beside it.

Reading is most of the work of a sync, and Python runs one thread at a time: so large batches go to
a process of their own while this one answers other calls. A process that can't be had, or that
fails, costs nothing but speed: then the records are read here.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, NamedTuple

from xaigh_server.services.sync.crossing import SEATS, BatchAnswer, forms_of, unpacked
from xaigh_server.services.sync.helper import Helper
from xaigh_server.services.sync.pages import Pages
from xaigh_server.services.sync.reading import Desk, Glance, Reading, RecordReader
from xaigh_server.services.sync.sent import SentRecords, Unfit, most_of
from xaigh_server.services.sync.structs import Record

WORTH_A_THREAD = 20
WORTH_A_PROCESS = 50
_MODULE = "xaigh_server.services.sync.reading_process"


class LocalDesk:
    """Reads in this process; a batch of some size in a thread, out of the loop's way."""

    def __init__(self) -> None:
        self._pages = Pages()

    async def take(self, reader: RecordReader, records: Sequence[Record]) -> None:
        return None  # its caller is who looks up

    async def sort(self, reader: RecordReader, records: Sequence[Record]) -> list[Glance]:
        if most_of(records) < WORTH_A_THREAD:
            return self._pages.sort(reader, records)
        return await asyncio.to_thread(self._pages.sort, reader, records)

    async def read(self, indices: Sequence[int]) -> list[Reading]:
        if len(indices) < WORTH_A_THREAD:
            return self._pages.read(indices)
        return await asyncio.to_thread(self._pages.read, indices)


class LocalRoom:
    """Desks in this process."""

    @asynccontextmanager
    async def desk(self, records: int, environment: str) -> AsyncIterator[Desk]:
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
        """The processes are started when they are first needed, for batches of `least` records.

        `files` are where the mirrors of each environment can be looked up by another process.
        """
        self._least = least
        self._files = files or {}
        self._idle: asyncio.LifoQueue[_Seat] = asyncio.LifoQueue()
        self._all = [Helper(_MODULE) for _ in range(processes)]
        for number in reversed(range(SEATS)):
            for helper in self._all:
                self._idle.put_nowait(_Seat(helper, number))

    @asynccontextmanager
    async def desk(self, records: int, environment: str) -> AsyncIterator[Desk]:
        if records < self._least:
            yield LocalDesk()
            return
        seat = await self._idle.get()
        desk = _ProcessDesk(seat, self._files.get(environment))
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
    """Asks a process; what that doesn't answer is read here."""

    def __init__(self, seat: _Seat, file: str | None) -> None:
        self._seat = seat
        self._file = file
        self._local = LocalDesk()
        self.asked: asyncio.Task[Any] | None = None
        self._batch: tuple[RecordReader, Sequence[Record]] | None = None
        self._answer: BatchAnswer | None = None

    async def take(self, reader: RecordReader, records: Sequence[Record]) -> list[Reading] | None:
        if self._file is None:
            return None
        await self._ask_of_batch(reader, records)
        found = self._answer and self._answer.readings
        return None if found is None else [unpacked(each) for each in found]

    async def sort(self, reader: RecordReader, records: Sequence[Record]) -> list[Glance]:
        if self._batch is None:
            await self._ask_of_batch(reader, records)
        found = self._answer and self._answer.glances
        return await self._local.sort(reader, records) if found is None else found

    async def read(self, indices: Sequence[int]) -> list[Reading]:
        found = None if self._answer is None else await self._ask(list(indices))
        if found is not None:
            return [unpacked(each) for each in found]
        if self._answer is not None and self._batch is not None:
            await self._local.sort(*self._batch)
        return await self._local.read(indices)

    async def _ask_of_batch(self, reader: RecordReader, records: Sequence[Record]) -> None:
        """Has the process read the records, or else sort them. Raises Unfit."""
        self._batch = (reader, records)
        asked = (reader.integration, reader.now, forms_of(records), self._file)
        answer = await self._ask(asked)
        if answer is None:
            return  # it failed
        self._answer = BatchAnswer(*answer)
        if self._answer.glances is None and self._answer.readings is None:
            raise Unfit
        if isinstance(records, SentRecords):
            records.digest = self._answer.digest

    async def _ask(self, question: Any) -> Any:
        self.asked = asyncio.ensure_future(self._seat.helper.ask((self._seat.number, question)))
        return await asyncio.shield(self.asked)


def open_room(
    processes: int, files: Mapping[str, str], stack: AsyncExitStack
) -> LocalRoom | ProcessRoom:
    """A room with so many processes of its own; on a single core they would only cost memory."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    if processes < 1 or (cores or 1) < 2:
        return LocalRoom()
    room = ProcessRoom(processes, files)
    stack.push_async_callback(room.close)
    return room
