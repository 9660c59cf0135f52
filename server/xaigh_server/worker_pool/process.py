"""A process beside this one that answers questions: both ends of the line between them.

A frame is its length in eight bytes, and a pickle; both ends are ours. The helper reads frames from
its standard input and answers each on its standard output, until the input ends: so it ends with
its parent, whatever became of that.
"""

from __future__ import annotations

import asyncio
import pickle
import socket
import subprocess
import sys
from collections.abc import Callable
from typing import Any, BinaryIO

import structlog

from xaigh_server.log_events import LogEvent

PATIENCE = 60.0
"""Seconds that an answer may take, the start of the process included: a batch takes 0.02."""
_LENGTH = 8
_HELD = 1024 * 1024  # bytes on their way to an end that is busy; the system may allow less
_AHEAD = 4 * 1024 * 1024  # bytes of an answer that are taken in before anybody has asked for them
_log = structlog.get_logger("xaigh.helpers")


class _Line:
    """Questions and answers in turn. The next question is sent while one is being answered."""

    def __init__(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        self.source = source
        self._sink = sink
        self._last = asyncio.Event()
        self._last.set()
        self._broken = False

    @property
    def stands(self) -> bool:
        """Whether another question may be answered."""
        return not (self._broken or self.source.at_eof())

    async def exchange(self, question: Any) -> Any:
        """The answer. An exchange that fails or is cancelled breaks the line for all behind it."""
        body = pickle.dumps(question, protocol=pickle.HIGHEST_PROTOCOL)
        before, self._last = self._last, asyncio.Event()
        answered = self._last
        try:
            self._sink.writelines([len(body).to_bytes(_LENGTH, "big"), body])
            # Nobody waits until it has left: what it waits for may wait for an answer to be read.
            await before.wait()
            if self._broken:
                raise ConnectionError("the line broke over an earlier question")
            length = int.from_bytes(await self.source.readexactly(_LENGTH), "big")
            return pickle.loads(await self.source.readexactly(length))
        except BaseException:
            self._broken = True
            raise
        finally:
            answered.set()

    def close(self) -> None:
        self._sink.close()


class Helper:
    """One process that runs a module, started when it is first asked, and anew when it is gone."""

    def __init__(self, module: str, *, patience: float = PATIENCE) -> None:
        """`module` calls `answer_frames` when it is run. `patience` is in seconds an answer."""
        self.process: subprocess.Popen[bytes] | None = None
        self._module = module
        self._patience = patience
        self._line: _Line | None = None
        self._closed = False
        self._starting = asyncio.Lock()

    async def ask(self, question: Any) -> Any:
        """The answer, or None from a process that failed, or that takes too long.

        Questions are answered one after the other.
        """
        line: _Line | None = None
        try:
            async with asyncio.timeout(self._patience):
                async with self._starting:
                    line = await self._standing()
                return None if line is None else await line.exchange(question)
        except Exception as error:  # Whatever it is: loops have errors of their own.
            _log.warning(LogEvent.NORMALIZER_FAILED, module=self._module, cause=repr(error))
            if line is self._line:  # and not another that was begun since
                await self._stop()
            return None

    async def close(self) -> None:
        """Ends the process; nothing is asked of it any more."""
        self._closed = True
        await self._stop()

    async def _standing(self) -> _Line | None:
        """The line to a process that answers; None once this is closed."""
        if self._closed:
            return None
        if self._line is not None and not self._line.stands:
            await self._stop()  # It died of something between two questions.
        return self._line or await self._start()

    async def _start(self) -> _Line:
        ours = await asyncio.to_thread(self._spawn)
        try:
            if self._closed:
                raise ConnectionError("closed while it started")
            self._line = _Line(*await asyncio.open_unix_connection(sock=ours, limit=_AHEAD))
        except BaseException:
            ours.close()
            raise
        return self._line

    def _spawn(self) -> socket.socket:
        """Starts the process; whoever asked may have gone, so it is kept here. Returns our end.

        Not by the loop: uvloop forks, and what gRPC does at a fork leaves one in twenty of the
        processes that start beside calls without a line. Here no hook runs.
        """
        ours, theirs = socket.socketpair()
        for end in (ours, theirs):  # most batches fit: then neither waits for the other to read
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _HELD)
        with theirs:
            line = theirs.fileno()
            try:
                self.process = subprocess.Popen(
                    [sys.executable, "-m", self._module], stdin=line, stdout=line
                )
            except BaseException:
                ours.close()
                raise
        return ours

    async def _stop(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()
        process, self.process = self.process, None
        if process is not None:
            process.kill()
            await asyncio.to_thread(process.wait)


def answer_frames(source: BinaryIO, sink: BinaryIO, answer: Callable[[Any], Any]) -> None:
    """Answers frames until there are no more. None is a question, too: whether anybody is there."""
    while len(head := source.read(_LENGTH)) == _LENGTH:
        question = pickle.loads(source.read(int.from_bytes(head, "big")))
        found = True if question is None else answer(question)
        body = pickle.dumps(found, protocol=pickle.HIGHEST_PROTOCOL)
        # At once: a part would wake its reader for nothing.
        sink.write(len(body).to_bytes(_LENGTH, "big") + body)
        sink.flush()
