"""What the HTTP half of the gateway carries: requests a second, and streams of messages.

Server and client are two processes on the loopback, so on two cores; the server's handlers do
nothing. Memory is the server's resident set.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections.abc import AsyncIterator
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Any

import uvloop
from tests.bench.bars import Bar

from httprule.exchange import Exchange
from httprule.options import GatewayOptions
from httprule_harness.notes import Site, note, summary
from httprule_harness.raw import Connection, request

MESSAGES = 200_000
NOTE = note(note_id="note_01J9", text="Moves pallets between dock and racks. " * 4, size=12)
LINE = b'{"noteId":"note_01J9","text":"Moves pallets between dock and racks.","size":"12"}\n'


def serve(pipe: Pipe) -> None:
    """The server's process: tells its port, then lives until it is told to stop."""
    uvloop.run(_serve(pipe))


async def _serve(pipe: Pipe) -> None:
    site = Site(GatewayOptions(mounts={"/rss": _rss}))
    site.backend.handlers.update(GetNote=_get, WatchNotes=_watch, FeedNotes=_feed)
    site.backend.unary = _plain(site)  # type: ignore[method-assign]  # without the notes it takes
    await site.server.start()
    pipe.send(site.address)
    while not pipe.poll():  # noqa: ASYNC110 - a pipe of another process
        await asyncio.sleep(0.1)
    await site.server.stop(0)


def _plain(site: Site) -> Any:
    async def unary(exchange: Exchange) -> Any:
        return await site.backend.handlers[exchange.method.name](exchange)

    return unary


async def _get(exchange: Exchange) -> Any:
    await exchange.request()
    return NOTE


async def _watch(exchange: Exchange) -> AsyncIterator[Any]:
    asked: Any = await exchange.request()
    for _ in range(asked.count):
        yield NOTE


async def _feed(exchange: Exchange) -> Any:
    count = 0
    async for _ in exchange.requests():
        count += 1
    return summary(count=count)


async def _rss(scope: Any, receive: Any, send: Any) -> None:
    body = str(_resident()).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _resident() -> int:
    """Kilobytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1])
    return 0


class _Loader(asyncio.Protocol):
    """Asks again as soon as it is answered."""

    answered = 0
    ask = request(
        "GET",
        "/v1/notes/note_01J9",
        "Accept: application/json",
        "Authorization: Bearer test_sk_0123456789",
        "Accept-Encoding: gzip",
        "User-Agent: bench",
    )

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.held = b""
        transport.write(self.ask)

    def data_received(self, data: bytes) -> None:
        self.held += data
        head, found, rest = self.held.partition(b"\r\n\r\n")
        if not found:
            return
        size = int(head.rpartition(b"content-length: ")[2].partition(b"\r\n")[0])
        if len(rest) >= size:
            self.held = rest[size:]
            _Loader.answered += 1
            self.transport.write(self.ask)


async def _requests(address: tuple[str, int], connections: int, seconds: float) -> float:
    loop = asyncio.get_running_loop()
    opened = [await loop.create_connection(_Loader, *address) for _ in range(connections)]
    await asyncio.sleep(0.5)
    first, began = _Loader.answered, time.perf_counter()
    await asyncio.sleep(seconds)
    rate = (_Loader.answered - first) / (time.perf_counter() - began)
    for transport, _ in opened:
        transport.abort()
    return rate


class _Watched:
    """The server's memory while something runs."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address
        self.most = 0

    async def __aenter__(self) -> _Watched:
        self._connection = await Connection.open(self._address)
        self.first = self.most = await self._ask()
        self._task = asyncio.create_task(self._look())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await self._connection.close()

    async def _look(self) -> None:
        while True:
            self.most = max(self.most, await self._ask())
            await asyncio.sleep(0.2)

    async def _ask(self) -> int:
        await self._connection.send(request("GET", "/rss"))
        return int((await self._connection.reply()).body)


async def _out(address: tuple[str, int], count: int, accept: str) -> None:
    async with _Watched(address) as memory:
        reader, writer = await asyncio.open_connection(*address, limit=1 << 20)
        began = time.perf_counter()
        writer.write(
            request(
                "GET", f"/v1/notes:watch?count={count}", f"Accept: {accept}", "Connection: close"
            )
        )
        size = 0
        while data := await reader.read(1 << 18):
            size += len(data)
        took = time.perf_counter() - began
        writer.close()
    _print(f"out, {accept}", count, took, memory)


async def _in(address: tuple[str, int], count: int) -> None:
    async with _Watched(address) as memory:
        reader, writer = await asyncio.open_connection(*address)
        began = time.perf_counter()
        kind = "Content-Type: application/x-ndjson"
        writer.write(request("POST", "/v1/boards/b/feed", kind, "Transfer-Encoding: chunked"))
        block = LINE * 500
        for _ in range(count // 500):
            writer.write(b"%x\r\n%b\r\n" % (len(block), block))
            await writer.drain()
        writer.write(b"0\r\n\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        assert b"200 OK" in head, head
        took = time.perf_counter() - began
        writer.close()
    _print("in, application/x-ndjson", count, took, memory)


def _print(what: str, count: int, took: float, memory: _Watched) -> None:
    grown = memory.most - memory.first
    print(
        f"  {count:>9,} messages {what:<28} {count / took:>9,.0f}/s   "
        f"resident {memory.first // 1024} MB, at most {grown / 1024:+.1f} MB"
    )


async def _measure(address: tuple[str, int], messages: int) -> None:
    for connections in (1, 32):
        rate = await _requests(address, connections, 3)
        print(f"  {rate:>9,.0f} requests/s, GET unary, {connections} connections kept alive")
    await _out(address, messages, "application/x-ndjson")
    await _out(address, messages, "text/event-stream")
    await _in(address, messages)


def measure() -> list[Bar]:
    """Prints what the gateway carries without handlers. No bar hangs on it."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,))
    server.start()
    try:
        uvloop.run(_measure(ours.recv(), MESSAGES))
    finally:
        ours.send("stop")
        server.join()
    return []
