"""Worker bus: the numbers of a server's worker processes, and their requests over local sockets."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import structlog

from xaigh_server.identity.rate_limit.shared_limiter import SharedCounts
from xaigh_server.log_events import LogEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerInfo:
    """Number of one process among `of`. The first one also delivers webhooks and speaks to people.

    `folder` holds the sockets of the worker bus, `counts` the shared rate limits; both are None for
    a single process.
    """

    index: int = 0
    of: int = 1
    folder: Path | None = field(default=None, repr=False)
    counts: SharedCounts | None = field(default=None, repr=False)

    @property
    def first(self) -> bool:
        """Whether this process delivers webhooks, and prints what one alone shall print."""
        return self.index == 0

    @property
    def alone(self) -> bool:
        """Whether this is the only process."""
        return self.of == 1

    def socket(self, index: int) -> str:
        """Returns the path of the socket on which the process `index` answers."""
        assert self.folder is not None
        return str(self.folder / f"{index}.sock")


SINGLE = WorkerInfo()


Answer: TypeAlias = Callable[[], Awaitable[bytes]]

ASK_SECONDS = 2.0
_GONE = (OSError, RuntimeError)  # errors of a closed peer; uvloop raises RuntimeError
_log = structlog.get_logger("xaigh.processes")


class WorkerBus:
    """Asks the other processes, and answers their requests. A single process asks none."""

    def __init__(self, worker: WorkerInfo) -> None:
        self._worker = worker
        self._answers: dict[str, Answer] = {}
        self._server: asyncio.Server | None = None

    def answers(self, answers: Mapping[str, Answer]) -> None:
        """Registers answers by the words of their requests."""
        self._answers.update(answers)

    async def start(self) -> None:
        """Starts to answer, on a socket in a folder that only this user can open."""
        if self._worker.alone:
            return
        path = self._worker.socket(self._worker.index)
        with suppress(FileNotFoundError):
            os.unlink(path)  # left by a process that died
        self._server = await asyncio.start_unix_server(self._serve, path)

    async def stop(self) -> None:
        """Stops to answer."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def ask(self, word: str) -> list[bytes]:
        """Returns the answers of the others, without those that are starting or gone."""
        worker = self._worker
        others = [index for index in range(worker.of) if index != worker.index]
        found = await asyncio.gather(*(self._ask(index, word) for index in others))
        return [answer for answer in found if answer is not None]

    async def _ask(self, index: int, word: str) -> bytes | None:
        try:
            async with asyncio.timeout(ASK_SECONDS):
                reader, writer = await asyncio.open_unix_connection(self._worker.socket(index))
                try:
                    writer.write(word.encode() + b"\n")
                    return await reader.read(-1)
                finally:
                    writer.close()
        except _GONE as error:
            _log.warning(LogEvent.WORKER_NO_ANSWER, worker=index, asked=word, cause=str(error))
            return None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            answer = self._answers.get(await _word(reader))
            if answer is not None:
                await _say(writer, await answer())
        finally:
            writer.close()


async def _word(reader: asyncio.StreamReader) -> str:
    with suppress(*_GONE):
        return (await reader.readline()).decode().strip()
    return ""


async def _say(writer: asyncio.StreamWriter, answer: bytes) -> None:
    with suppress(*_GONE):
        writer.write(answer)
        await writer.drain()
