"""A PostgreSQL server that can be broken: stopped, frozen and restarted."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
from tests.harness.postgres import postgres
from tests.harness.waiting import until


class Cluster:
    """One data folder and the server on it, which listens on a unix socket."""

    def __init__(self, url: str) -> None:
        """`url` is that of the maintenance database."""
        self.url = url
        self.folder = parse_qs(urlsplit(url).query)["host"][0]
        with psycopg.connect(url) as connection:
            found = connection.execute("SHOW data_directory").fetchone()
        assert found is not None
        self.data = Path(found[0])
        self._command = shlex.split((self.data / "postmaster.opts").read_text())
        self._user = self.data.owner()
        self._started: list[subprocess.Popen[bytes]] = []

    @property
    def process(self) -> int:
        """The process id of the server."""
        return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])

    def freeze(self) -> None:
        """Lets neither the server nor any of its processes run."""
        for each in (*self._children(), self.process):
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGSTOP)

    def thaw(self) -> None:
        """Lets all of them go on."""
        for each in (self.process, *self._children()):
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGCONT)

    def stop(self) -> None:
        """Ends it in order, and cuts its connections."""
        process = self.process
        os.kill(process, signal.SIGINT)
        until(lambda: not _runs(process), "PostgreSQL has ended")
        self._reap()

    def start(self) -> None:
        """Starts it again, and returns once it takes connections."""
        with (self.data / "again.log").open("a") as log:
            again = subprocess.Popen(
                self._command, user=self._user, stdout=log, stderr=log, start_new_session=True
            )
        self._started.append(again)
        until(self._answers, "PostgreSQL answers")

    def run(self, command: str) -> list[tuple[object, ...]]:
        """Runs one statement in the maintenance database."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            done = connection.execute(command.encode())
            return done.fetchall() if done.description else []

    def _answers(self) -> bool:
        try:
            self.run("SELECT 1")
        except psycopg.OperationalError:
            if not (self.data / "postmaster.pid").exists():
                time.sleep(0.1)
            return False
        return True

    def _reap(self) -> None:
        for each in self._started:
            each.wait(timeout=10)

    def _children(self) -> list[int]:
        found = Path(f"/proc/{self.process}/task/{self.process}/children").read_text()
        return [int(each) for each in found.split()]


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Runs a server of its own, which the test may break."""
    with postgres() as url:
        made = Cluster(url)
        try:
            yield made
        finally:
            with suppress(FileNotFoundError, AssertionError):
                made.thaw()
                made.stop()


def _runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except FileNotFoundError:
        return False
