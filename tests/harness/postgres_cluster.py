"""A PostgreSQL server that can be stopped, killed, frozen and restarted, and its standby."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
from tests.harness.postgres import postgres
from tests.harness.waiting import until


class Cluster:
    """One data folder and the server on it, which listens on a unix socket."""

    def __init__(self, url: str, command: Sequence[str], data: Path) -> None:
        """`url` is that of the maintenance database, `command` starts the server."""
        self.url = url
        self.data = data
        self._sockets = Path(parse_qs(urlsplit(url).query)["host"][0])
        self._command = command
        self._user = data.owner()
        self._started: list[subprocess.Popen[bytes]] = []

    @classmethod
    def of(cls, url: str) -> Cluster:
        """The one that runs at a URL."""
        with psycopg.connect(url) as connection:
            found = connection.execute("SHOW data_directory").fetchone()
        assert found is not None
        data = Path(found[0])
        return cls(url, shlex.split((data / "postmaster.opts").read_text()), data)

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

    def kill(self) -> None:
        """Kills the server and all of its processes at once."""
        process = self.process
        os.kill(process, signal.SIGSTOP)  # it starts no other one meanwhile
        killed = [*self._children(), process]
        for each in killed:
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        until(lambda: not any(_runs(each) for each in killed), "PostgreSQL is dead")
        self._reap()
        # One that nobody has reaped yet would count as running.
        for left in (self.data / "postmaster.pid", self._sockets / ".s.PGSQL.5432.lock"):
            left.unlink()

    def start(self) -> None:
        """Starts it again, and returns once it takes connections."""
        until(self._starts, "PostgreSQL answers")

    def _starts(self) -> bool:
        if not self._started or self._started[-1].poll() is not None:
            time.sleep(0.1)
            with self.data.with_name(f"{self.data.name}.log").open("a") as log:
                again = subprocess.Popen(
                    self._command, user=self._user, stdout=log, stderr=log, start_new_session=True
                )
            self._started.append(again)
        return self._answers()

    def run(self, command: str) -> list[tuple[object, ...]]:
        """Runs one statement in the maintenance database."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            done = connection.execute(command.encode())
            return done.fetchall() if done.description else []

    def database(self, name: str) -> str:
        """The URL of one of its databases."""
        head, _, tail = self.url.partition("?")
        return f"{head.rpartition('/')[0]}/{name}?{tail}"

    def standby(self, sockets: Path) -> Cluster:
        """Starts a copy that follows this one, and makes every commit wait for it."""
        os.chown(sockets, self.data.stat().st_uid, -1)
        copy = sockets / "data"
        program = Path(self._command[0])
        options = ("--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast")
        source = ("-h", str(self._sockets), "-U", "postgres")
        subprocess.run(
            [program.with_name("pg_basebackup"), *options, *source, "-D", copy],
            user=self._user,
            check=True,
            capture_output=True,
        )
        command = (str(program), "-D", str(copy), "-h", "", "-k", str(sockets))
        made = Cluster(f"postgresql://postgres@/postgres?host={sockets}", command, copy)
        made.start()
        streams = "SELECT 1 FROM pg_stat_replication WHERE state = 'streaming'"
        until(lambda: bool(self.run(streams)), "the standby follows")
        self.run("ALTER SYSTEM SET synchronous_standby_names = '*'")
        self.run("SELECT pg_reload_conf()")
        waits = "SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'"
        until(lambda: bool(self.run(waits)), "commits wait for the standby")
        return made

    def promote(self) -> None:
        """Makes a standby the server that writes."""
        self.run("SELECT pg_promote()")
        until(lambda: self.run("SELECT pg_is_in_recovery()") == [(False,)], "it writes")

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
def cluster(folder: Path | None = None) -> Iterator[Cluster]:
    """Runs a server of its own, which the test may break, and which loses no answered commit."""
    with postgres(folder) as url:
        made = Cluster.of(url)
        made.run("ALTER SYSTEM SET synchronous_commit = on")
        made.run("SELECT pg_reload_conf()")
        with broken(made):
            yield made


@contextmanager
def broken(made: Cluster) -> Iterator[None]:
    """Stops a server at the end, in whatever state it is."""
    try:
        yield
    finally:
        with suppress(FileNotFoundError, AssertionError):
            made.thaw()
            made.stop()


def _runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except FileNotFoundError:
        return False
