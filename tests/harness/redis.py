"""A real Redis in a process of its own, on a free port of the loopback interface."""

from __future__ import annotations

import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory

from tests.harness.processes import end
from tests.harness.waiting import until


@dataclass(slots=True, kw_only=True)
class Redis:
    """A Redis that can be stopped, frozen and started again on the same port."""

    port: int
    folder: str
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def url(self) -> str:
        """The address, as `limits_url` takes it."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Starts it empty, and returns once it answers."""
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", self.folder]
        self.process = subprocess.Popen(
            ["redis-server", *options, "--save", "", "--appendonly", "no"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until(lambda: self._answers(), "Redis answers")

    def stop(self) -> None:
        """Ends it."""
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)
            end(self.process)
            self.process = None

    def freeze(self) -> None:
        """Lets it answer nothing, while its connections stay open."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Lets it go on."""
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def scripts_run(self) -> int:
        """How many scripts it has run: round trips of limiters."""
        for line in self.command("INFO commandstats").splitlines():
            if line.startswith("cmdstat_evalsha:"):
                return int(line.split("calls=")[1].split(",")[0])
        return 0

    def command(self, text: str) -> str:
        """Runs a command whose answer is one bulk string or a short line."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(text.encode() + b"\r\n")
            with connection.makefile("rb") as answer:
                head = answer.readline()
                body = answer.read(int(head[1:])) if head.startswith(b"$") else head
        return body.decode()

    def _answers(self) -> bool:
        try:
            return self.command("PING").startswith("+PONG")
        except OSError:
            return False


@contextmanager
def redis() -> Iterator[Redis]:
    """Starts one, and ends it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    with TemporaryDirectory(prefix="xaigh-redis-") as folder:
        started = Redis(port=port, folder=folder)
        started.start()
        try:
            yield started
        finally:
            started.stop()
