"""Command `xaigh-server serve`: starts the server, prints its addresses, drains on SIGTERM.

A worker process of several also gives a sign of life each second, by which the supervisor notices
one that hangs.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, ExitStack, closing, contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TextIO, TypeAlias

from xaigh_server.cli.common import explained, run_loop
from xaigh_server.cli.operators import open_operator_admin
from xaigh_server.runtime.worker_bus import SINGLE, WorkerInfo
from xaigh_server.settings import Settings, split_address

FIRST_OPERATOR = "founder"

BEAT_SECONDS = 1.0

Address: TypeAlias = tuple[str, int]
Listening: TypeAlias = Callable[[Address, Address, Address | None, Address | None], None]
"""Callback with the addresses of REST and gRPC and of the admin server, once all listen."""


def serve(settings: Settings, arguments: argparse.Namespace) -> int:
    number = settings.processes or os.cpu_count() or 1
    if number > 1:
        return _serve_in(number, settings)
    run_loop(_serve_until_signal(settings, SINGLE, partial(_announce, settings)))
    return 0


def _serve_in(number: int, settings: Settings) -> int:
    """Serves in several worker processes behind the same addresses."""
    from xaigh_server import app  # noqa: F401  # imported once, before the fork
    from xaigh_server.identity.rate_limit.shared_limiter import SharedCounts
    from xaigh_server.runtime.supervisor import Supervisor

    with ExitStack() as stack:
        settings = _with_reserved_ports(stack, settings)
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="xaigh-")))
        counts = stack.enter_context(closing(SharedCounts()))

        def one(index: int, beat: Callable[[], None], parent: int) -> int:
            worker = WorkerInfo(index=index, of=number, folder=folder, counts=counts)
            work = _beating(
                beat, lambda ready: _serve_until_signal(settings, worker, ready, parent=parent)
            )
            return explained(lambda: run_loop(work))

        supervisor = Supervisor(number, one, tell=_print_status, hang_seconds=settings.hang_seconds)
        return supervisor.run(
            lambda: _announce(
                settings,
                split_address("rest_address", settings.rest_address),
                split_address("grpc_address", settings.grpc_address),
                _split_if_given("admin_address", settings.admin_address),
                _split_if_given("admin_grpc_address", settings.admin_grpc_address),
            )
        )


def _with_reserved_ports(stack: ExitStack, settings: Settings) -> Settings:
    """The settings with the ports that were found free, which the stack holds for the workers."""
    from xaigh_server.runtime.supervisor import reserve

    real: dict[str, Any] = {}
    for name in ("rest_address", "grpc_address", "admin_address", "admin_grpc_address"):
        if getattr(settings, name):
            port, real[name] = reserve(name, getattr(settings, name))
            stack.enter_context(port)
    return replace(settings, **real)


def _split_if_given(name: str, address: str) -> Address | None:
    return split_address(name, address) if address else None


async def _beating(
    beat: Callable[[], None], serving: Callable[[Listening], Coroutine[Any, Any, None]]
) -> None:
    """Serves, and calls `beat` each second from the moment at which the server listens."""

    async def go_on() -> None:
        while True:
            beat()
            await asyncio.sleep(BEAT_SECONDS)

    beating: list[asyncio.Task[None]] = []
    try:
        await serving(lambda *_: beating.append(asyncio.create_task(go_on())))
    finally:
        for task in beating:
            task.cancel()


def _print_status(text: str) -> None:
    print(f"xaigh-server: {text}", file=sys.stderr, flush=True)


async def _serve_until_signal(
    settings: Settings, worker: WorkerInfo, listening: Listening, *, parent: int | None = None
) -> None:
    """Serves until a signal, or until the end of file of the descriptor `parent`."""
    from xaigh_server.app import open_app

    stopping, hurried = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def hurry() -> None:
        stopping.set()
        hurried.set()

    loop.add_signal_handler(signal.SIGTERM, stopping.set)
    loop.add_signal_handler(signal.SIGINT, hurry)
    if parent is not None:
        loop.add_reader(parent, hurry)
    async with AsyncExitStack() as stack:
        app = await open_app(settings, stack, worker)
        await _add_first_operator(settings, app.databases.control)
        tune_collector()
        await app.start()
        listening(app.rest.address, app.grpc.address, app.admin.address, app.admin.grpc_address)
        await stopping.wait()
        if worker.first:
            _print_status("stopping")
        await app.not_ready()
        with suppress(TimeoutError):
            await asyncio.wait_for(hurried.wait(), settings.drain_delay_seconds)
        if parent is not None:
            loop.remove_reader(parent)
        await app.stop()


def tune_collector() -> None:
    """Freezes the objects of the start, and makes garbage collection rarer.

    A message with thousands of parts triggers scans of the whole heap; with this, unchanged batches
    of a sync are half as fast again. Cycles are still collected, later. `__main__` disabled the
    collector, since the start makes next to no garbage.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    gc.enable()


async def _add_first_operator(settings: Settings, control: Any) -> None:
    """Adds a founder on the first start, where the credential has a place to go.

    Standard output of a service ends in a log, which more people read and which is kept.
    """
    admin = open_operator_admin(settings)
    if not await control.read(admin.is_empty):
        return
    if settings.founder_file is None and not sys.stdout.isatty():
        _print_status("there is no operator yet: xaigh-server operator add NAME --role founder")
        return
    from xaigh_server.db.partition import CONTROL, Partition
    from xaigh_server.identity.scopes import Role

    with _credential_output(settings.founder_file) as output:  # opened first: a lost one is lost
        made = await control.write(
            lambda session: admin.add(session, FIRST_OPERATOR, Role.FOUNDER),
            partition=Partition(CONTROL),
        )
        output.write(made.text + "\n")
    if settings.founder_file is not None:
        _print_status(f"added the operator {FIRST_OPERATOR!r}; see {settings.founder_file}")


@contextmanager
def _credential_output(path: Path | None) -> Iterator[TextIO]:
    """A new file that its owner alone can read, or the terminal. Raises OSError."""
    if path is None:
        print(
            f"\nFirst start: added the operator {FIRST_OPERATOR!r}. This is its credential, shown "
            "this once:\n"
        )
        yield sys.stdout
        print(flush=True)
        return
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise OSError(f"founder_file: can't make {path}: {error.strerror}") from error
    with open(descriptor, "w", encoding="ascii") as file:
        os.fchmod(descriptor, 0o600)
        yield file
        file.flush()
        os.fsync(descriptor)


def _announce(
    settings: Settings, rest: Address, grpc: Address, pages: Address | None, admin: Address | None
) -> None:
    scheme = "http" if settings.tls_cert is None else "https"
    if pages is not None:
        print(f"Admin http://{_address(pages)}")
    if admin is not None:
        print(f"Admin gRPC {_address(admin)}")
    print(f"REST  {scheme}://{_address(rest)}\ngRPC  {_address(grpc)}", flush=True)


def _address(address: tuple[str, int]) -> str:
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
