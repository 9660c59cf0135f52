"""`xaigh-server serve`: starts, announces itself, and drains on SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import asyncio
import gc
import signal
import sys
from contextlib import AsyncExitStack
from typing import Any

from xaigh_server.commands.common import run_loop
from xaigh_server.commands.operators import open_desk
from xaigh_server.settings import Settings

FIRST_OPERATOR = "founder"


def serve(settings: Settings, arguments: argparse.Namespace) -> int:
    run_loop(_serve_until_signal(settings))
    return 0


async def _serve_until_signal(settings: Settings) -> None:
    from xaigh_server.app import open_app

    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    async with AsyncExitStack() as stack:
        app = await open_app(settings, stack)
        await _add_first_operator(settings, app.databases.control)
        tune_collector()
        await app.start()
        _announce(app.rest.address, app.grpc.address, tls=settings.tls_cert is not None)
        await stopped.wait()
        print("xaigh-server: stopping", file=sys.stderr, flush=True)
        await app.stop()


def tune_collector() -> None:
    """Spares the garbage collector what lives as long as the server.

    A message with thousands of parts makes it look at the whole heap again and again: unchanged
    batches of a sync are taken half as fast again this way. Cycles are collected as before, later.
    It was off since the program began: starting makes next to no garbage.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    gc.enable()


async def _add_first_operator(settings: Settings, control: Any) -> None:
    """On the very first start somebody has to be able to review: one founder, shown once."""
    desk = open_desk(settings)
    if not await control.read(desk.is_empty):
        return
    from xaigh_server.domain.scopes import Role

    made = await control.write(lambda session: desk.add(session, FIRST_OPERATOR, Role.FOUNDER))
    print(
        f"\nFirst start: added the operator {FIRST_OPERATOR!r}. This is its credential, "
        f"shown this once:\n\n    {made.text}\n",
        flush=True,
    )


def _announce(rest: tuple[str, int], grpc: tuple[str, int], *, tls: bool) -> None:
    scheme = "https" if tls else "http"
    print(f"REST  {scheme}://{_address(rest)}\ngRPC  {_address(grpc)}", flush=True)


def _address(address: tuple[str, int]) -> str:
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
