"""Proxy before a PostgreSQL server: adds a network's delay, counts round trips, goes silent."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import parse_qs, urlsplit


class DatabaseProxy:
    """Listens on loopback and forwards to the unix socket of a server.

    A round trip is an answer that follows a question on one connection, however many packets each
    takes. Runs on an event loop in a thread of its own.
    """

    def __init__(self, folder: str, port: int) -> None:
        self._upstream = f"{folder}/.s.PGSQL.{port}"
        self.delay = 0.0
        """Seconds that each packet takes, in either direction."""
        self.refuses = False
        """Whether new connections are refused."""
        self.round_trips = 0
        self.port = 0
        self._links: set[_Link] = set()
        self._serving: set[asyncio.Task[None]] = set()

    def silence(self) -> None:
        """Drops what the connections that exist now send and receive, their ends included.

        Either side believes that the other one is still there, as behind a firewall that forgot.
        """
        for link in [*self._links]:
            link.silent = True

    def cut(self) -> None:
        """Ends every connection."""
        for link in [*self._links]:
            link.close()

    async def close(self) -> None:
        """Ends every connection, and waits for that."""
        self.cut()
        if self._serving:
            await asyncio.wait(self._serving)

    async def serve(self) -> asyncio.Server:
        """Starts to listen; `port` says where."""

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.create_task(self._accept(reader, writer))
            self._serving.add(task)
            task.add_done_callback(self._serving.discard)

        made = await asyncio.start_server(accept, "127.0.0.1", 0)
        self.port = made.sockets[0].getsockname()[1]
        return made

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if self.refuses:
                raise ConnectionRefusedError
            up_reader, up_writer = await asyncio.open_unix_connection(self._upstream)
        except OSError:  # the server is gone: refuse, as its own port would
            writer.transport.abort()
            return
        link = _Link(self, (writer, up_writer))
        self._links.add(link)
        try:
            await asyncio.gather(
                link.pump(reader, up_writer, asks=True), link.pump(up_reader, writer, asks=False)
            )
        finally:
            self._links.discard(link)
            link.close()


class _Link:
    """One connection, through the proxy."""

    def __init__(self, proxy: DatabaseProxy, ends: tuple[asyncio.StreamWriter, ...]) -> None:
        self._proxy = proxy
        self._ends = ends
        self._asked = False
        self.silent = False

    def close(self) -> None:
        for end in self._ends:
            end.transport.abort()

    async def pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, asks: bool
    ) -> None:
        """Forwards one direction, each packet at its time and all in order."""
        due: deque[tuple[float, bytes]] = deque()
        more = asyncio.Event()
        sending = asyncio.create_task(self._send(due, more, writer))
        loop = asyncio.get_running_loop()
        with suppress(OSError):
            while data := await reader.read(1 << 16):
                self._count(asks)
                due.append((loop.time() + self._proxy.delay, data))
                more.set()
        due.append((0.0, b""))
        more.set()
        await sending

    async def _send(
        self, due: deque[tuple[float, bytes]], more: asyncio.Event, writer: asyncio.StreamWriter
    ) -> None:
        loop = asyncio.get_running_loop()
        with suppress(OSError):
            while True:
                while not due:
                    more.clear()
                    await more.wait()
                when, data = due.popleft()
                if not data:
                    break
                if when > loop.time():
                    await asyncio.sleep(when - loop.time())
                if not self.silent:
                    writer.write(data)
                    await writer.drain()
        if not self.silent:
            writer.close()

    def _count(self, asks: bool) -> None:
        if self._asked and not asks:
            self._proxy.round_trips += 1
        self._asked = asks


@contextmanager
def database_proxy(server: str) -> Iterator[DatabaseProxy]:
    """Starts a proxy before a server, whose URL names its unix socket."""
    folder = parse_qs(urlsplit(server).query)["host"][0]
    proxy = DatabaseProxy(folder, 5432)
    ready, ends = threading.Event(), asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def run() -> None:
        loops.append(asyncio.get_running_loop())
        async with await proxy.serve():
            ready.set()
            await ends.wait()
            await proxy.close()

    thread = threading.Thread(target=asyncio.run, args=[run()], daemon=True)
    thread.start()
    ready.wait(timeout=10)
    try:
        yield proxy
    finally:
        loops[0].call_soon_threadsafe(ends.set)
        thread.join(timeout=10)


def through(proxy: DatabaseProxy, url: str) -> str:
    """The URL of a database, by way of the proxy."""
    found = urlsplit(url)
    user = found.username or "postgres"
    return f"postgresql://{user}@127.0.0.1:{proxy.port}{found.path}"
