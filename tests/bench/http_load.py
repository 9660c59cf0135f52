"""A load of HTTP/1.1 requests over kept-alive connections, from a process of its own.

    python -m tests.bench.http_load HOST PORT SECONDS CONNECTIONS < requests

Reads whole requests from standard input, each a line of hex digits, sends them in turn and again,
and prints one JSON object: requests, seconds, errors (replies other than 200), and
latencies in milliseconds.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from itertools import cycle
from typing import cast

import uvloop


class Client(asyncio.Protocol):
    """One connection that asks again as soon as it was answered."""

    def __init__(self, requests: Iterator[bytes], tally: Tally) -> None:
        self._requests = requests
        self._tally = tally
        self._buffer = b""
        self._asked = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._buffer[:end].lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 : head.find(b"\r\n", at) if b"\r\n" in head[at:] else None])
        if len(self._buffer) < end + 4 + length:
            return
        self._tally.note(time.perf_counter() - self._asked, head[9:12] == b"200")
        self._buffer = self._buffer[end + 4 + length :]
        if self._tally.open:
            self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._tally.open:
            self._tally.errors += 1

    def _ask(self) -> None:
        self._asked = time.perf_counter()
        self._transport.write(next(self._requests))


class Tally:
    """What came back so far."""

    def __init__(self) -> None:
        self.open = True
        self.errors = 0
        self.latencies: list[float] = []

    def note(self, seconds: float, good: bool) -> None:
        self.latencies.append(seconds)
        self.errors += not good


async def run(
    host: str, port: int, seconds: float, connections: int, requests: Iterator[bytes]
) -> Tally:
    """Loads for some seconds."""
    loop = asyncio.get_running_loop()
    tally = Tally()
    transports = []
    for _ in range(connections):
        transport, _ = await loop.create_connection(lambda: Client(requests, tally), host, port)
        transports.append(transport)
    await asyncio.sleep(seconds)
    tally.open = False
    for transport in transports:
        transport.close()
    return tally


def main() -> None:
    host, port, seconds, connections = sys.argv[1:5]
    requests = cycle([bytes.fromhex(line) for line in sys.stdin])
    started = time.perf_counter()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        tally = runner.run(run(host, int(port), float(seconds), int(connections), requests))
    took = time.perf_counter() - started
    ordered = sorted(tally.latencies)
    print(
        json.dumps(
            {
                "requests": len(ordered),
                "seconds": took,
                "errors": tally.errors,
                "p50_ms": ordered[len(ordered) // 2] * 1000 if ordered else 0,
                "p99_ms": ordered[len(ordered) * 99 // 100] * 1000 if ordered else 0,
            }
        )
    )


if __name__ == "__main__":
    main()
