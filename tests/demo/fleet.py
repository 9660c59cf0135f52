"""`make fleet`: the story through Envoy, against two servers on one PostgreSQL and one Redis.

Everything runs on loopback and in temporary folders, and ends with the play, on Ctrl-C too. With
`KEEP=1` it stays up after the play until Ctrl-C, with `VERBOSE=1` all messages are shown.

Exit codes: 0, the story held and both servers answered; 1, it didn't; 130, interrupted.
"""

from __future__ import annotations

import os
import re
import signal
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import httpx
from tests.demo.show import Printer
from tests.demo.story import play_each
from tests.harness.api_client import GrpcClient, RestClient
from tests.harness.envoy import fronted
from tests.harness.postgres import empty_database, postgres
from tests.harness.redis import Redis, redis
from tests.harness.server import Running, migrate, new_secrets, operator, program, server
from tests.harness.waiting import until

INTERRUPTED = 130
_NAMES = ("app-1", "app-2")
_CALLS = re.compile(r'^xaigh_calls_total\{.*transport="(\w+)".*\} (\S+)$', re.MULTILINE)
_LEADER = re.compile(r"^xaigh_leader\{.*\} (\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """What runs: servers in the order of their names, and the address of Envoy."""

    servers: tuple[Running, ...]
    store: Redis
    address: str
    founder: str
    second: str


class Interrupts:
    """Ctrl-C and SIGTERM: the first one ends the play, later ones disturb nothing."""

    def __init__(self) -> None:
        self.came = threading.Event()
        self._held = False

    def install(self) -> None:
        """From now on they come here."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._take)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Lets the block end first: what is half started could not be stopped."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
        if self.came.is_set():
            raise KeyboardInterrupt

    def _take(self, number: int, frame: FrameType | None) -> None:
        is_first = not self.came.is_set()
        self.came.set()
        if is_first and not self._held:
            raise KeyboardInterrupt


def main() -> int:
    """Starts the fleet, plays, and ends it. Returns the exit code."""
    printer = Printer(bodies=bool(os.environ.get("VERBOSE")))
    interrupts = Interrupts()
    interrupts.install()
    try:
        with tempfile.TemporaryDirectory(prefix="xaigh-fleet-") as folder:
            held = _run(Path(folder), printer, interrupts)
    except BaseException:
        # The programs hear Ctrl-C as well, so whatever failed then failed for it.
        if not interrupts.came.is_set():
            raise
        held = False
    if interrupts.came.is_set() and not held:
        print("\nInterrupted; everything has ended.")
        return INTERRUPTED
    print("\nEverything has ended.")
    return 0 if held else 1


def _run(folder: Path, printer: Printer, interrupts: Interrupts) -> bool:
    with _fleet(folder, printer, interrupts) as fleet:
        first = fleet.servers[0]
        held = play_each(
            [RestClient(fleet.address), GrpcClient(fleet.address)],
            printer=printer,
            founder=fleet.founder,
            second=fleet.second,
            data_dir=first.data_dir,
            environ=first.environ,
        )
        held = held and _spread(fleet, printer) and _examine(first, printer)
        if held and os.environ.get("KEEP"):
            _keep(folder, fleet, printer, interrupts)
        return held


@contextmanager
def _fleet(folder: Path, printer: Printer, interrupts: Interrupts) -> Iterator[Fleet]:
    printer.title("Two servers behave as one")
    with ExitStack() as stack:
        with interrupts.held():
            base = stack.enter_context(postgres())
        urls = {
            f"XAIGH_{name}_URL": stack.enter_context(empty_database(base))
            for name in ("CONTROL", "SANDBOX", "PRODUCTION")
        }
        printer.fine("PostgreSQL has the three databases, on a socket")
        store = stack.enter_context(redis())
        printer.fine(f"Redis counts calls, on 127.0.0.1:{store.port}")
        shared = {
            **urls,
            **new_secrets(),
            "XAIGH_LIMITS_URL": store.url,
            "XAIGH_TRUSTED_PROXIES": "127.0.0.1/32",
            "XAIGH_ALLOW_LOOPBACK_CALLBACKS": "true",
        }
        folders = [folder / name for name in _NAMES]
        for each in folders:
            each.mkdir()
        migrate(folders[0], **shared)
        founder = operator(folders[0], "founder", "founder", **shared)
        second = operator(folders[0], "api-ops", "api_ops", **shared)
        servers = []
        for name, each in zip(_NAMES, folders, strict=True):
            running = stack.enter_context(server(each, **shared))
            servers.append(running)
            printer.fine(f"{name} serves REST on {running.rest}, gRPC on {running.grpc}")
        address = stack.enter_context(fronted(folder, servers))
        printer.fine(f"Envoy takes both on {address} and asks the servers in turn")
        yield Fleet(
            servers=tuple(servers), store=store, address=address, founder=founder, second=second
        )


def _spread(fleet: Fleet, printer: Printer) -> bool:
    """Prints which server answered how many calls. Returns whether each one answered some."""
    printer.title("How the calls spread")
    printer.line(f"{'':8}{'REST':>8}{'gRPC':>8}{'leads':>8}")
    even = True
    for name, each in zip(_NAMES, fleet.servers, strict=True):
        text = httpx.get(f"http://{each.admin}/metrics", timeout=20).text
        calls: Counter[str] = Counter()
        for transport, number in _CALLS.findall(text):
            calls[transport] += int(float(number))
        led = sum(map(float, _LEADER.findall(text)))
        printer.line(f"{name:8}{calls['rest']:>8}{calls['grpc']:>8}{led:>8.0f} background tasks")
        even = even and bool(calls["rest"]) and bool(calls["grpc"])
    printer.line(f"Redis answered {fleet.store.scripts_run()} questions about limits")
    (printer.fine if even else printer.wrong)("each server answered calls by both transports")
    return even


def _examine(running: Running, printer: Printer) -> bool:
    """Prints what the doctor says. Returns whether all is well."""
    printer.title("xaigh-server doctor")
    step = ("doctor", "--data-dir", str(running.data_dir))
    done = program(*step, **running.environ)

    def is_well() -> bool:
        nonlocal done
        done = done if done.returncode == 0 else program(*step, **running.environ)
        return done.returncode == 0

    try:
        until(is_well, "the fleet is well")  # the newest anchor reaches the file within seconds
    except AssertionError:
        printer.wrong("the fleet isn't well")
    for line in done.stdout.splitlines():
        printer.line(line)
    return done.returncode == 0


def _keep(folder: Path, fleet: Fleet, printer: Printer, interrupts: Interrupts) -> None:
    """Leaves the fleet running until an interrupt."""
    credential = folder / "founder"
    credential.touch(mode=0o600)
    credential.write_text(fleet.founder + "\n")
    printer.title("The fleet goes on until Ctrl-C")
    printer.line(f"export XAIGH_ADDR={fleet.address} XAIGH_API_KEY=$(cat {credential})")
    sys.stdout.flush()
    try:
        interrupts.came.wait()
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    sys.exit(main())
