"""Supervisor of worker processes: reserves ports, starts workers, restarts and stops them.

A worker that listens gives a sign of life each second, through a pipe, from its event loop. One
that gives none for `hang_seconds` hangs: it is killed, and started again like any that died.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn, TypeAlias

from xaigh_server.settings import split_address


def reserve(name: str, address: str) -> tuple[socket.socket, str]:
    """Reserves the address of a setting. Returns the socket that holds it, and the real address.

    With SO_REUSEPORT the kernel spreads connections over all listeners, so another server on the
    same port would receive some of them. The port must be free now; the returned socket is bound
    and doesn't listen, so that only sockets that share ports can be bound beside it. OSError,
    naming the setting: the port is taken.
    """
    host, port = split_address(name, address)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, number, _, socket_address = found[0]
        with socket.socket(family, kind, number) as alone:
            alone.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            alone.bind(socket_address)
            alone.listen(1)
            socket_address = alone.getsockname()
        kept = socket.socket(family, kind, number)
        try:
            kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            kept.bind(socket_address)
        except OSError:
            kept.close()
            raise
    except OSError as error:
        raise OSError(f"{name}: can't listen on {host}:{port}: {error.strerror}") from error
    return kept, f"[{host}]:{socket_address[1]}" if ":" in host else f"{host}:{socket_address[1]}"


Serve: TypeAlias = Callable[[int, Callable[[], None], int], int]
"""(index, beat, life) -> exit code: runs one worker process. It calls `beat` once it listens and
about once a second from then on, and stops in order on SIGTERM or at the end of file of the
descriptor `life`."""

_YOUR_TURN = 2
_PATIENCE = (5, 60.0)
"""Deaths, and the seconds within which so many pause the restarts, or end the server if none of the
dead workers had begun to listen."""
_PAUSE = 1.0  # seconds
_LOOK = 0.25  # seconds between two looks at the workers


class Supervisor:
    """Parent process, which serves nothing itself. It forks, so it must not have any thread."""

    def __init__(
        self,
        number: int,
        serve: Serve,
        *,
        tell: Callable[[str], None],
        hang_seconds: float = 30.0,
    ) -> None:
        """`tell` is called with one sentence for each process that died or hangs."""
        self._tell = tell
        self._hang_seconds = hang_seconds
        self._beats: dict[int, int] = {}  # by process id, the pipe with its signs of life
        self._quiet: dict[int, float] = {}  # by process id, the seconds since its last sign
        self._number = number
        self._serve = serve
        self._running: dict[int, int] = {}  # by process id, its index
        self._listening: set[int] = set()  # by process id
        self._deaths: deque[tuple[float, bool]] = deque(maxlen=_PATIENCE[0])  # whether it listened
        self._stopping = False
        self._code = 0
        # The kernel closes the write end when this process ends; workers read that and stop.
        self._life, self._alive = os.pipe()

    def run(self, ready: Callable[[], None]) -> int:
        """Supervises until SIGTERM or SIGINT. Calls `ready` once all workers listen.

        Returns 0, or the exit code of a process that says its settings can't be used, or 1 where
        they die again and again before they listen. One that listened is always started again.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        if self._fill():
            ready()
            ready = _nothing
        while self._running:
            self._bury(*self._wait())
            if not self._stopping and self._fill():
                ready()
                ready = _nothing
        return self._code

    def _fill(self) -> bool:
        """Starts workers that don't run, one after another. Returns whether all of them listen.

        The first worker makes the schema and the first operator; the others find them.
        """
        for index in range(self._number):
            if index not in self._running.values() and not self._start(index):
                return False
        return True

    def _start(self, index: int) -> bool:
        """Forks a worker. Returns whether it listens now."""
        if self._stopping:
            return False
        heard, tells = os.pipe()
        process = os.fork()
        if process == 0:
            os.close(heard)
            os.close(self._alive)
            self._become(index, tells)
        os.close(tells)
        self._running[process] = index
        if self._stopping:  # the signal came between fork and registration
            os.kill(process, signal.SIGTERM)
        came = os.read(heard, 1) == b"1"
        if came:
            self._listening.add(process)
            self._beats[process], self._quiet[process] = heard, 0.0
        else:
            os.close(heard)
        return came

    def _wait(self) -> tuple[int, int]:
        """Waits for the end of a worker, and kills those that hang meanwhile."""
        while True:
            process, status = os.waitpid(-1, os.WNOHANG)
            if process:
                return process, status
            before = time.monotonic()
            heard, _, _ = select.select(list(self._beats.values()), [], [], _LOOK)
            if heard:
                time.sleep(_LOOK)  # many signs are read together
            # No more than a few looks at a time: this process may have been stopped itself.
            self._listen(set(heard), min(time.monotonic() - before, 4 * _LOOK))

    def _listen(self, heard: set[int], passed: float) -> None:
        for process, pipe in list(self._beats.items()):
            if pipe not in heard:
                self._quiet[process] += passed
                if self._quiet[process] >= self._hang_seconds:
                    self._tell(f"process {self._running[process]} hangs; killing it")
                    self._forget(process)
                    os.kill(process, signal.SIGKILL)  # also ends one that was stopped
            elif os.read(pipe, 4096):
                self._quiet[process] = 0.0
            else:
                self._forget(process)  # the end of file: it is ending

    def _forget(self, process: int) -> None:
        if process in self._beats:
            os.close(self._beats.pop(process))
            del self._quiet[process]

    def _become(self, index: int, tells: int) -> NoReturn:
        code = 1
        try:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_DFL)
            os.set_blocking(tells, False)
            code = self._serve(index, lambda: _beat(tells), self._life)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)  # the child must not run cleanup of its parent

    def _bury(self, process: int, status: int) -> None:
        index = self._running.pop(process)
        self._forget(process)
        code = os.waitstatus_to_exitcode(status)
        if self._stopping:
            self._code = self._code or (code if code > 0 else 0)
            return
        self._deaths.append((time.monotonic(), process in self._listening))
        self._listening.discard(process)
        if code == _YOUR_TURN or self._is_hopeless:
            self._code = code if code == _YOUR_TURN else 1
            self._stop()
            return
        how = f"of signal {-code}" if code < 0 else f"with code {code}"
        self._tell(f"process {index} ended {how}; starting it again")
        if self._is_busy_dying:
            time.sleep(_PAUSE)

    @property
    def _is_busy_dying(self) -> bool:
        """Whether the last deaths followed closely on one another."""
        most, seconds = _PATIENCE
        return len(self._deaths) == most and self._deaths[-1][0] - self._deaths[0][0] < seconds

    @property
    def _is_hopeless(self) -> bool:
        """Whether none of the workers that died had begun to listen."""
        return self._is_busy_dying and not any(listened for _, listened in self._deaths)

    def _stop(self, number: int = signal.SIGTERM, _: object = None) -> None:
        """Passes the signal on: SIGINT is in more of a hurry than SIGTERM."""
        self._stopping = True
        for process in list(self._running):
            os.kill(process, number)


def _nothing() -> None:
    """Replaces `ready` after its call."""


def _beat(tells: int) -> None:
    with suppress(OSError):  # the supervisor has gone, or hasn't listened for long
        os.write(tells, b"1")
