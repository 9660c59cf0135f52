"""Where records are read: a thread of this process, or processes beside it.

Reading is most of the work of a sync, and Python runs one thread at a time: so large batches go to
a process of their own while this one answers other calls. A process that can't be had, or that
fails, costs nothing but speed: then the records are read here.

The other process is this module run as a program. A question to it names a seat. One to sort has
records, or all of them as they were sent: then the answer has their digest, too, or neither where
they don't fit. One to read has the places of some of those that were sorted last at that seat.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import Any, BinaryIO, NamedTuple, TypeAlias

from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct

from xaigh.ats.v1.normalized_job_pb2 import NormalizedJob
from xaigh_server.domain.call import Unread
from xaigh_server.domain.sync.integrations import Integration
from xaigh_server.domain.sync.records import Incoming, Note, OfferStatus
from xaigh_server.services.sync.content import Content, Offer
from xaigh_server.services.sync.glances import Glances
from xaigh_server.services.sync.helper import Helper, answer_frames
from xaigh_server.services.sync.reading import Desk, Glance, Reading, RecordReader
from xaigh_server.services.sync.sent import SentRecords, Unfit, most_of
from xaigh_server.services.sync.structs import Record, plain

WORTH_A_THREAD = 20
WORTH_A_PROCESS = 50
SEATS = 2  # while one batch is looked up between its two steps, another is read
_MODULE = "xaigh_server.services.sync.rooms"  # not __name__: it may be running as __main__

_Form: TypeAlias = bytes | tuple[bool, bytes]
_Forms: TypeAlias = list[_Form] | Unread


class LocalDesk:
    """Reads in this process; a batch of some size in a thread, out of the loop's way."""

    def __init__(self) -> None:
        self._pages = _Pages()

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
    async def desk(self, records: int) -> AsyncIterator[Desk]:
        yield LocalDesk()


class ProcessRoom:
    """Reads large batches in processes of their own, small ones here."""

    def __init__(self, processes: int) -> None:
        """The processes are started when they are first needed."""
        self._idle: asyncio.LifoQueue[_Seat] = asyncio.LifoQueue()
        self._all = [Helper(_MODULE) for _ in range(processes)]
        for number in reversed(range(SEATS)):
            for helper in self._all:
                self._idle.put_nowait(_Seat(helper, number))

    @asynccontextmanager
    async def desk(self, records: int) -> AsyncIterator[Desk]:
        if records < WORTH_A_PROCESS:
            yield LocalDesk()
            return
        seat = await self._idle.get()
        desk = _ProcessDesk(seat)
        try:
            yield desk
        finally:
            self._give_back(seat, desk.asked)

    def _give_back(self, seat: _Seat, asked: asyncio.Task[Any] | None) -> None:
        """Frees a seat once its question is answered.

        An exchange goes on to its end whatever becomes of its caller: a helper that was left in
        the middle of one would answer the next question with the rest of it.
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

    def __init__(self, seat: _Seat) -> None:
        self._seat = seat
        self._local = LocalDesk()
        self.asked: asyncio.Task[Any] | None = None
        self._batch: tuple[RecordReader, Sequence[Record]] | None = None
        self._alone = False

    async def sort(self, reader: RecordReader, records: Sequence[Record]) -> list[Glance]:
        self._batch = (reader, records)
        answer = await self._ask((reader.integration, reader.now, _forms(records)))
        if answer is None:
            return await self._fall_back(reader, records)
        if isinstance(records, SentRecords):
            digest, answer = answer
            if digest is None:
                raise Unfit
            records.digest = digest
        glances: list[Glance] = answer
        return glances

    async def read(self, indices: Sequence[int]) -> list[Reading]:
        answer = None if self._alone else await self._ask(list(indices))
        if answer is not None:
            return [unpacked(each) for each in answer]
        if not self._alone and self._batch is not None:
            await self._fall_back(*self._batch)
        return await self._local.read(indices)

    async def _fall_back(self, reader: RecordReader, records: Sequence[Record]) -> list[Glance]:
        self._alone = True
        return await self._local.sort(reader, records)

    async def _ask(self, question: Any) -> Any:
        self.asked = asyncio.ensure_future(self._seat.helper.ask((self._seat.number, question)))
        return await asyncio.shield(self.asked)


class _Pages:
    """The batch that lies on a desk."""

    def __init__(self, glances: Glances | None = None) -> None:
        """`glances` are those of earlier batches, where they are kept."""
        self._glances = glances
        self._reader: RecordReader | None = None
        self._sent: Sequence[Record] = ()
        self._records: list[Any] = []
        self._hashes: list[str] = []

    @property
    def empty(self) -> bool:
        """Whether no batch lies here yet."""
        return self._reader is None

    def sort(self, reader: RecordReader, records: Sequence[Record]) -> list[Glance]:
        self._reader, self._sent = reader, records
        found = [self._glance(reader, record) for record in records]
        self._records = [record for _, record in found]
        self._hashes = [raw for (raw, _), _ in found]
        return [glance for glance, _ in found]

    def read(self, indices: Sequence[int]) -> list[Reading]:
        reader = self._reader
        assert reader is not None  # a batch was sorted
        return reader.read_all([(at, self._record(at), self._hashes[at]) for at in indices])

    def _glance(self, reader: RecordReader, record: Record) -> tuple[Glance, Any]:
        """The glance at a record, and the record, unless it was known: then None."""
        text = record if type(record) is bytes else None
        if text is not None and self._glances is not None:
            return self._glances.at(reader, text)
        found = plain(record)
        return reader.glance(found, text), found

    def _record(self, at: int) -> Any:
        found = self._records[at]
        return plain(self._sent[at]) if found is None else found


def open_room(processes: int, stack: AsyncExitStack) -> LocalRoom | ProcessRoom:
    """A room with so many processes of its own; on a single core they would only cost memory."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    if processes < 1 or (cores or 1) < 2:
        return LocalRoom()
    room = ProcessRoom(processes)
    stack.push_async_callback(room.close)
    return room


def packed(reading: Reading) -> tuple[Any, ...]:
    """A reading as plain values: unpickling dataclasses costs more than what they say."""
    incoming, content, offer = reading.incoming, reading.content, reading.offer
    return (
        reading.at,
        reading.raw_hash,
        reading.external_job_id,
        reading.job_id,
        None
        if incoming is None
        else (
            incoming.content_hash,
            incoming.mapping,
            incoming.status.value,
            incoming.listed,
            incoming.updated_time,
        ),
        None if content is None else (content.content, content.pay, content.application),
        None if offer is None else (offer.title, offer.applyable),
        reading.omitted,
        reading.expires_time,
        [(note.code, note.field, note.message) for note in reading.rejections],
        [(note.code, note.field, note.message) for note in reading.warnings],
    )


def unpacked(values: tuple[Any, ...]) -> Reading:
    """The reading that was packed."""
    index, raw, external, job_id, said, content, offer, omitted, expires, refused, warned = values
    incoming = None
    if said is not None:
        content_hash, mapping, status, listed, updated = said
        incoming = Incoming(
            external_job_id=external,
            job_id=job_id,
            raw_hash=raw,
            content_hash=content_hash,
            mapping=mapping,
            status=OfferStatus(status),
            listed=listed,
            updated_time=updated,
        )
    return Reading(
        at=index,
        raw_hash=raw,
        external_job_id=external,
        job_id=job_id,
        incoming=incoming,
        content=None if content is None else Content(*content),
        offer=None if offer is None else Offer(*offer),
        omitted=omitted,
        expires_time=expires,
        rejections=tuple(Note(*note) for note in refused),
        warnings=tuple(Note(*note) for note in warned),
    )


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Sorts and reads for whoever asks, until the questions end."""
    glances = Glances()
    seats = [_Pages(glances) for _ in range(SEATS)]

    def answer(asked: tuple[int, Any]) -> Any:
        seat, question = asked
        pages = seats[seat]
        if not isinstance(question, list):
            return _sorted(pages, *question)
        if pages.empty:
            return None  # what was sorted was sorted by another process, which is gone
        return [packed(reading) for reading in pages.read(question)]

    answer_frames(source, sink, answer)


def _sorted(pages: _Pages, integration: Integration, now: datetime, forms: _Forms) -> Any:
    reader = RecordReader(integration, now)
    if isinstance(forms, list):
        return pages.sort(reader, [_record(form) for form in forms])
    sent = SentRecords(forms)
    try:
        return sent.digest, pages.sort(reader, sent.texts)
    except Unfit:
        return None, None


def _forms(records: Sequence[Record]) -> _Forms:
    """Records as they cross over."""
    return records.unread if isinstance(records, SentRecords) else [_form(each) for each in records]


def _form(record: Record) -> _Form:
    """A record as it crosses over: its text, or its wire form and whether that is a Struct's."""
    if type(record) is bytes:
        return record
    assert isinstance(record, Message)  # no other form is left
    return isinstance(record, Struct), record.SerializeToString()


def _record(form: _Form) -> Record:
    if isinstance(form, bytes):
        return form
    is_struct, wire = form
    return (Struct if is_struct else NormalizedJob).FromString(wire)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent's to answer
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)  # a batch is many small objects, and hardly a cycle
    answers, sys.stdout = sys.stdout.buffer, sys.stderr  # what is printed is no answer
    serve(sys.stdin.buffer, answers)
