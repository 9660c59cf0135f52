"""A webhook receiver on the event loop, with an answer that a test chooses."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

OK = b"HTTP/1.1 204 No Content\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    """One post, as raw as it came. Header names are in lower case."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


Answer = bytes | Callable[["Got", asyncio.StreamWriter], Awaitable[None]]


@dataclass(slots=True)
class Receiver:
    """Counts what comes and gives the present `answer`: bytes, or a function that writes."""

    answer: Answer = OK
    got: list[Got] = field(default_factory=list)
    connections: int = 0
    host: str = "localhost"
    port: int = 0
    _more: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}/hook"

    @property
    def ids(self) -> list[str]:
        return [got.id for got in self.got]

    async def wait_for(self, count: int, *, seconds: float = 10) -> None:
        """Returns once so many posts have come."""
        async with asyncio.timeout(seconds), self._more:
            await self._more.wait_for(lambda: len(self.got) >= count)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                got = await _read(reader)
                async with self._more:
                    self.got.append(got)
                    self._more.notify_all()
                if callable(self.answer):
                    await self.answer(got, writer)
                else:
                    writer.write(self.answer)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass  # the other side went away, as some tests want it to
        finally:
            writer.close()


@contextlib.asynccontextmanager
async def receiving(
    answer: Answer = OK, *, tls: ssl.SSLContext | None = None, host: str = "localhost"
) -> AsyncIterator[Receiver]:
    """A receiver on a free port of 127.0.0.1."""
    receiver = Receiver(answer=answer)
    tasks: set[asyncio.Task[None]] = set()

    def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(receiver.serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    receiver.host = host
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def status(code: int, *headers: str, body: bytes = b"") -> bytes:
    """A plain reply."""
    head = [f"HTTP/1.1 {code} X", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


async def _read(reader: asyncio.StreamReader) -> Got:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    line, *lines = head[:-4].split("\r\n")
    pairs = (each.split(": ", 1) for each in lines)
    headers = {name.lower(): value for name, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Got(line=line, headers=headers, body=body)
