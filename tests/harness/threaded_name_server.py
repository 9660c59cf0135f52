"""The name server of `name_server.py` on a thread of its own: for servers in another process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.harness.name_server import NameServer, name_server


@contextmanager
def threaded_name_server() -> Iterator[NameServer]:
    """A running server, whose `zones` a test may change at any time."""
    ready, ended = threading.Event(), threading.Event()
    made: list[NameServer] = []

    async def serve() -> None:
        async with name_server() as server:
            made.append(server)
            ready.set()
            await asyncio.to_thread(ended.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert ready.wait(timeout=10)
    try:
        yield made[0]
    finally:
        ended.set()
        thread.join(timeout=10)
