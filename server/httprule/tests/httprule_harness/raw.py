"""A raw HTTP client: sends bytes and parses replies, and corrects nothing."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RawReply:
    """A reply as it came. `framing` is "length", "chunked", "close" or "none"."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    framing: str

    def header(self, name: str) -> str | None:
        """The values of a header, joined; None when there is none."""
        values = [value for key, value in self.headers if key == name]
        return ", ".join(values) if values else None

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Connection:
    """One connection of a client that does exactly what it is told."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def open(cls, address: tuple[str, int]) -> Connection:
        return cls(*await asyncio.open_connection(*address, limit=1 << 24))

    async def send(self, data: bytes) -> None:
        """Write, and wait until the kernel has it or the server refuses more."""
        self.writer.write(data)
        async with asyncio.timeout(_SECONDS):
            await self.writer.drain()

    async def reply(self, method: str = "GET") -> RawReply:
        """The next reply. Raises `IncompleteReadError` when it is cut."""
        async with asyncio.timeout(_SECONDS):
            status, headers = await self.head()
            return await self._body(status, headers, method)

    async def head(self) -> tuple[int, list[tuple[str, str]]]:
        """Status and headers of the next reply."""
        async with asyncio.timeout(_SECONDS):
            block = await self.reader.readuntil(b"\r\n\r\n")
        first, *lines = block.decode("latin-1").split("\r\n")[:-2]
        pairs = [line.split(": ", 1) for line in lines]
        return int(first.split(" ")[1]), [(name, value) for name, value in pairs]

    async def chunk(self) -> bytes:
        """The next chunk of a chunked body; empty at its end."""
        async with asyncio.timeout(_SECONDS):
            size = int((await self.reader.readuntil(b"\r\n")).strip(), 16)
            data = await self.reader.readexactly(size)
            await self.reader.readexactly(2)
        return data

    async def _body(self, status: int, headers: list[tuple[str, str]], method: str) -> RawReply:
        known = dict(headers)
        if method == "HEAD" or status in (204, 304) or status < 200:
            body, framing = b"", "none"
        elif "content-length" in known:
            body, framing = await self.reader.readexactly(int(known["content-length"])), "length"
        elif known.get("transfer-encoding") == "chunked":
            parts = []
            while part := await self.chunk():
                parts.append(part)
            body, framing = b"".join(parts), "chunked"
        else:
            body, framing = await self.reader.read(), "close"
        return RawReply(status=status, headers=headers, body=body, framing=framing)

    async def closed(self) -> bytes:
        """What is left until the server closes its half."""
        async with asyncio.timeout(_SECONDS):
            return await self.reader.read()

    async def close(self) -> None:
        self.writer.close()
        with suppress(ConnectionError):  # the server was first
            await self.writer.wait_closed()


def request(
    method: str, path: str, *headers: str, body: bytes | None = None, host: str = "test"
) -> bytes:
    """The bytes of a request; `headers` are whole lines. With a body: its length."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", *headers]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + (body or b"")


def chunked(*pieces: bytes) -> bytes:
    """Pieces as a chunked body."""
    return b"".join(b"%x\r\n%b\r\n" % (len(p), p) for p in pieces) + b"0\r\n\r\n"
