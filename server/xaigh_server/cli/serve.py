"""Command `xaigh-server serve`: starts the server, prints its addresses, drains on SIGTERM."""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, closing, contextmanager
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

Listening: TypeAlias = Callable[[tuple[str, int], tuple[str, int]], None]
"""Callback with the addresses of REST and gRPC, once both listen."""


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
    from xaigh_server.runtime.supervisor import Supervisor, reserve

    with ExitStack() as stack:
        rest_port, rest = reserve("rest_address", settings.rest_address)
        stack.enter_context(rest_port)
        grpc_port, grpc = reserve("grpc_address", settings.grpc_address)
        stack.enter_context(grpc_port)
        settings = replace(settings, rest_address=rest, grpc_address=grpc)
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="xaigh-")))
        counts = stack.enter_context(closing(SharedCounts()))

        def one(index: int, ready: Callable[[], None], parent: int) -> int:
            worker = WorkerInfo(index=index, of=number, folder=folder, counts=counts)
            work = _serve_until_signal(settings, worker, lambda *_: ready(), parent=parent)
            return explained(lambda: run_loop(work))

        supervisor = Supervisor(number, one, tell=_print_status)
        return supervisor.run(
            lambda: _announce(
                settings,
                split_address("rest_address", rest),
                split_address("grpc_address", grpc),
            )
        )


def _print_status(text: str) -> None:
    print(f"xaigh-server: {text}", file=sys.stderr, flush=True)


async def _serve_until_signal(
    settings: Settings, worker: WorkerInfo, listening: Listening, *, parent: int | None = None
) -> None:
    """Serves until a signal, or until the end of file of the descriptor `parent`."""
    from xaigh_server.app import open_app

    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    if parent is not None:
        loop.add_reader(parent, stopped.set)
    async with AsyncExitStack() as stack:
        app = await open_app(settings, stack, worker)
        await _add_first_operator(settings, app.databases.control)
        tune_collector()
        await app.start()
        listening(app.rest.address, app.grpc.address)
        await stopped.wait()
        if parent is not None:
            loop.remove_reader(parent)
        if worker.first:
            _print_status("stopping")
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


def _announce(settings: Settings, rest: tuple[str, int], grpc: tuple[str, int]) -> None:
    scheme = "http" if settings.tls_cert is None else "https"
    print(f"REST  {scheme}://{_address(rest)}\ngRPC  {_address(grpc)}", flush=True)


def _address(address: tuple[str, int]) -> str:
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
