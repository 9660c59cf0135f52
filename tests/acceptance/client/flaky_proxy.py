"""TCP proxy that cuts and delays connections, and whose upstream may change."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class FlakyProxy:
    """Forwards bytes in both directions until it cuts a connection."""

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream
        self.address = ""
        self.cuts = 0
        self.delay = 0.0
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()

    def cut(self) -> None:
        """Aborts every open connection."""
        self._loop.call_soon_threadsafe(self._cut)

    def cut_at_random(self, seed: int, *, between: tuple[float, float]) -> threading.Event:
        """Cuts repeatedly, `between` so many seconds apart, until the returned event is set."""
        end, chance = threading.Event(), random.Random(seed)

        def run() -> None:
            while not end.wait(chance.uniform(*between)):
                self.cut()

        threading.Thread(target=run, daemon=True).start()
        return end

    def run(self, ready: threading.Event) -> None:
        """Serves until the loop is stopped."""
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        ready.set()
        self._loop.run_forever()
        server.close()
        self._cut()
        rest = asyncio.all_tasks(self._loop)
        for task in rest:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*rest, return_exceptions=True))
        self._loop.close()

    def stop(self) -> None:
        """Stops `run`."""
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _cut(self) -> None:
        self.cuts += bool(self._open)
        for writer in list(self._open):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, _, port = self.upstream.rpartition(":")
        try:
            there_reader, there_writer = await asyncio.open_connection(host, int(port))
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, there_writer}
        await asyncio.gather(self._pump(reader, there_writer), self._pump(there_reader, writer))
        self._open -= {writer, there_writer}

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while chunk := await reader.read(65536):
                if self.delay:
                    await asyncio.sleep(self.delay)
                writer.write(chunk)
                await writer.drain()
        writer.transport.abort()


@contextmanager
def flaky_proxy(upstream: str) -> Iterator[FlakyProxy]:
    """Runs a proxy in a thread of its own."""
    proxy, ready = FlakyProxy(upstream), threading.Event()
    thread = threading.Thread(target=proxy.run, args=(ready,))
    thread.start()
    ready.wait(10)
    try:
        yield proxy
    finally:
        proxy.stop()
        thread.join(10)
