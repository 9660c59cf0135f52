"""A load of one unary gRPC call, repeated over HTTP/2 from a process of its own.

    python -m tests.bench.grpc_load HOST PORT SECONDS STREAMS PATH AUTHORIZATION < messages

Reads messages from standard input, each a line of hex digits, and sends them in turn and again.

A client in Python with grpcio would cost more than the server under test. This one sends frames
made beforehand and counts what ends well: a reply with a message. It speaks just enough HTTP/2 for
servers on the loopback: settings and pings are answered, windows are opened wide at once.
"""

from __future__ import annotations

import asyncio
import json
import struct
import sys
import time
from collections.abc import Iterator
from itertools import cycle
from typing import cast

import uvloop

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
END_STREAM, END_HEADERS, ACK = 0x1, 0x4, 0x1
WIDE = 2**31 - 1


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    """One HTTP/2 frame."""
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def headers(path: str, authority: str, authorization: str) -> bytes:
    """A header block of literals that no table has to remember."""
    pairs = [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", path),
        (":authority", authority),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    ]
    if authorization:
        pairs.append(("authorization", authorization))
    return b"".join(b"\x10" + _text(name.encode()) + _text(value.encode()) for name, value in pairs)


def _text(value: bytes) -> bytes:
    if len(value) < 127:
        return bytes([len(value)]) + value
    rest, size = len(value) - 127, b"\x7f"
    while rest >= 128:
        size += bytes([rest % 128 + 128])
        rest //= 128
    return size + bytes([rest]) + value


class Client(asyncio.Protocol):
    """One connection with some streams in flight; each that ends makes place for the next."""

    def __init__(self, block: bytes, bodies: Iterator[bytes], streams: int, tally: Tally) -> None:
        self._block = block
        self._bodies = bodies
        self._streams = streams
        self._tally = tally
        self._next = 1
        self._buffer = b""
        self._with_data: set[int] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        settings = struct.pack(">HI", 4, WIDE)  # the window of each stream
        opened = frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", WIDE - 65535))
        self._transport.write(PREFACE + frame(SETTINGS, 0, 0, settings) + opened)
        self._transport.write(b"".join(self._call() for _ in range(self._streams)))

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data if self._buffer else data
        at, answers = 0, []
        while len(buffer) - at >= 9:
            length = int.from_bytes(buffer[at : at + 3], "big")
            if len(buffer) - at < 9 + length:
                break
            kind, flags = buffer[at + 3], buffer[at + 4]
            stream = int.from_bytes(buffer[at + 5 : at + 9], "big") & WIDE
            payload = buffer[at + 9 : at + 9 + length]
            at += 9 + length
            answers.append(self._take(kind, flags, stream, payload))
        self._buffer = buffer[at:]
        out = b"".join(answers)
        if out:
            self._transport.write(out)

    def _take(self, kind: int, flags: int, stream: int, payload: bytes) -> bytes:
        if kind == DATA:
            self._with_data.add(stream)
        elif kind == SETTINGS and not flags & ACK:
            return frame(SETTINGS, ACK, 0, b"")
        elif kind == PING and not flags & ACK:
            return frame(PING, ACK, 0, payload)
        elif kind in (RST_STREAM, GOAWAY):
            self._tally.errors += 1
        if kind in (DATA, HEADERS) and flags & END_STREAM:
            good = stream in self._with_data
            self._with_data.discard(stream)
            self._tally.calls += good
            self._tally.errors += not good
            return self._call() if self._tally.open else b""
        return b""

    def _call(self) -> bytes:
        stream, self._next = self._next, self._next + 2
        return frame(HEADERS, END_HEADERS, stream, self._block) + frame(
            DATA, END_STREAM, stream, next(self._bodies)
        )


class Tally:
    """What came back so far."""

    def __init__(self) -> None:
        self.open = True
        self.calls = 0
        self.errors = 0


async def run(
    host: str, port: int, seconds: float, streams: int, block: bytes, bodies: Iterator[bytes]
) -> Tally:
    """Loads for some seconds over four connections."""
    loop = asyncio.get_running_loop()
    tally = Tally()
    made = []
    for _ in range(4):
        transport, _ = await loop.create_connection(
            lambda: Client(block, bodies, streams // 4, tally), host, port
        )
        made.append(transport)
    await asyncio.sleep(seconds)
    tally.open = False
    for transport in made:
        transport.close()
    return tally


def main() -> None:
    host, port, seconds, streams, path = sys.argv[1:6]
    authorization = sys.argv[6] if len(sys.argv) > 6 else ""
    messages = [bytes.fromhex(line) for line in sys.stdin]
    bodies = cycle([b"\0" + struct.pack(">I", len(each)) + each for each in messages])
    block = headers(path, f"{host}:{port}", authorization)
    began = time.perf_counter()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        tally = runner.run(run(host, int(port), float(seconds), int(streams), block, bodies))
    took = time.perf_counter() - began
    print(json.dumps({"requests": tally.calls, "seconds": took, "errors": tally.errors}))


if __name__ == "__main__":
    main()
