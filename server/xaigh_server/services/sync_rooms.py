"""Where records are normalized: a thread of this process, or processes beside it.

Normalizing is most of the work of a sync, and Python runs one thread at a time: so large batches
go to a process of their own while this one answers other calls. A room that can't be had, or that
fails, costs nothing but speed: then the records are read here.

The other process is this module run as a program. It reads frames from its standard input and
answers each on its standard output, until the input ends; so it ends with its parent, whatever
became of that. A frame is its length in eight bytes, and a pickle; both ends are ours.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any, BinaryIO

from xaigh_server.domain.sync.records import Incoming, Note, OfferStatus
from xaigh_server.services.sync_content import Content, Offer
from xaigh_server.services.sync_reading import Reading, RecordReader, Unread

WORTH_A_THREAD = 20
WORTH_A_ROOM = 50
_LENGTH = 8


class LocalRoom:
    """Normalizes in this process; a batch of some size in a thread, out of the loop's way."""

    async def read(self, reader: RecordReader, unread: Sequence[Unread]) -> list[Reading]:
        if len(unread) < WORTH_A_THREAD:
            return reader.read_all(unread)
        return await asyncio.to_thread(reader.read_all, unread)


class ProcessRoom:
    """Normalizes large batches in processes of their own, small ones here."""

    def __init__(self, processes: int) -> None:
        """The processes are started when they are first needed."""
        self._local = LocalRoom()
        self._idle: asyncio.LifoQueue[_Desk] = asyncio.LifoQueue()
        self._all = [_Desk() for _ in range(processes)]
        for desk in self._all:
            self._idle.put_nowait(desk)

    async def read(self, reader: RecordReader, unread: Sequence[Unread]) -> list[Reading]:
        if len(unread) < WORTH_A_ROOM:
            return await self._local.read(reader, unread)
        # An exchange goes on to its end whatever becomes of its caller: a desk that was left in
        # the middle of one would answer the next call with the rest of it.
        answer = await asyncio.shield(asyncio.ensure_future(self._exchange(reader, unread)))
        if answer is None:
            return await self._local.read(reader, unread)
        return [unpacked(each) for each in answer]

    async def close(self) -> None:
        """Ends the processes."""
        for desk in self._all:
            await desk.close()

    async def _exchange(
        self, reader: RecordReader, unread: Sequence[Unread]
    ) -> list[tuple[Any, ...]] | None:
        desk = await self._idle.get()
        try:
            return await desk.ask((reader.integration, reader.now, list(unread)))
        finally:
            self._idle.put_nowait(desk)


class _Desk:
    """One process, started anew whenever it isn't there."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._closed = False

    async def ask(self, question: Any) -> list[tuple[Any, ...]] | None:
        """The answer, or None from a process that failed."""
        if self._closed:
            return None
        try:
            process = self._process or await self._start()
            assert process.stdin is not None and process.stdout is not None  # both are pipes
            body = pickle.dumps(question, protocol=pickle.HIGHEST_PROTOCOL)
            process.stdin.write(len(body).to_bytes(_LENGTH, "big") + body)
            await process.stdin.drain()
            length = int.from_bytes(await process.stdout.readexactly(_LENGTH), "big")
            answer: list[tuple[Any, ...]] | None = pickle.loads(
                await process.stdout.readexactly(length)
            )
        except (OSError, EOFError):
            await self._stop()
            return None
        return answer

    async def close(self) -> None:
        self._closed = True
        await self._stop()

    async def _start(self) -> asyncio.subprocess.Process:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "xaigh_server.services.sync_rooms",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        return self._process

    async def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            process.kill()
        await process.wait()


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
        reading.index,
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
        index=index,
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
    """Answers frames until there are no more."""
    while len(head := source.read(_LENGTH)) == _LENGTH:
        integration, now, unread = pickle.loads(source.read(int.from_bytes(head, "big")))
        reader = RecordReader(integration, now)
        answer = pickle.dumps(
            [packed(reading) for reading in reader.read_all(unread)],
            protocol=pickle.HIGHEST_PROTOCOL,
        )
        sink.write(len(answer).to_bytes(_LENGTH, "big"))
        sink.write(answer)
        sink.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent's to answer
    serve(sys.stdin.buffer, sys.stdout.buffer)
