"""Name server on loopback over UDP that answers, hangs, delays or lies as a test says."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import struct
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import cast

A, TXT, AAAA = 1, 16, 28
_NXDOMAIN, _SERVFAIL = 3, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """What the server says of a name. Times to live are 0."""

    addresses: Sequence[str] = ()
    texts: Sequence[bytes] = ()
    hangs: bool = False
    delay: float = 0.0
    code: int = 0
    mangle: Callable[[bytes], bytes] = field(default=lambda reply: reply)
    """Changes the reply, so that it lies or isn't well-formed."""


class NameServer(asyncio.DatagramProtocol):
    """Answers for the names in `zones`, which tests change; any other name doesn't exist."""

    def __init__(self) -> None:
        self.zones: dict[str, Zone] = {}
        self.asked: list[tuple[str, int]] = []
        self.was_asked = asyncio.Event()
        self.port = 0
        self._transport: asyncio.DatagramTransport | None = None

    @property
    def address(self) -> str:
        """The setting `name_servers` that names this server."""
        return f"127.0.0.1:{self.port}"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        name, kind, question = _question(data)
        self.asked.append((name, kind))
        self.was_asked.set()
        zone = self.zones.get(name, Zone(code=_NXDOMAIN))
        if zone.hangs:
            return
        reply = zone.mangle(_reply(data, question, zone, kind))
        asyncio.get_running_loop().call_later(zone.delay, self._send, reply, addr)

    def _send(self, reply: bytes, addr: tuple[str, int]) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(reply, addr)


@contextlib.asynccontextmanager
async def name_server(**zones: Zone) -> AsyncIterator[NameServer]:
    """A running server; names in `zones` are given with `_` for a dot."""
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(NameServer, local_addr=("127.0.0.1", 0))
    server.zones.update({name.replace("_", "."): zone for name, zone in zones.items()})
    try:
        yield server
    finally:
        transport.close()


def _question(data: bytes) -> tuple[str, int, bytes]:
    labels, place = [], 12
    while length := data[place]:
        labels.append(data[place + 1 : place + 1 + length].decode())
        place += 1 + length
    (kind,) = struct.unpack("!H", data[place + 1 : place + 3])
    return ".".join(labels).lower(), kind, data[12 : place + 5]


def _reply(query: bytes, question: bytes, zone: Zone, kind: int) -> bytes:
    records = [(kind, body) for body in _bodies(zone, kind)]
    flags = 0x8180 | zone.code
    head = query[:2] + struct.pack("!HHHHH", flags, 1, len(records), 0, 0)
    return (
        head
        + question
        + b"".join(
            b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 0, len(body)) + body
            for kind, body in records
        )
    )


def _bodies(zone: Zone, kind: int) -> list[bytes]:
    if kind == TXT:
        return [b"".join(_pieces(text)) for text in zone.texts]
    version = {A: 4, AAAA: 6}.get(kind)
    found = [ipaddress.ip_address(text) for text in zone.addresses]
    return [address.packed for address in found if address.version == version]


def _pieces(text: bytes) -> list[bytes]:
    parts = [text[start : start + 255] for start in range(0, len(text), 255)] or [b""]
    return [bytes([len(part)]) + part for part in parts]
