"""Turns: the order in which the units of one partition run in this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from xaigh_server.db.errors import DatabaseUnavailable


class Turns:
    """One lock for each partition that has units, in the order in which they ask."""

    def __init__(self, seconds: float) -> None:
        """`seconds` is how long a unit waits for its turn."""
        self._seconds = seconds
        self._locks: dict[str, asyncio.Lock] = {}
        self._asking: dict[str, int] = {}

    @asynccontextmanager
    async def of(self, partition: str) -> AsyncIterator[None]:
        """Holds the partition's turn. DatabaseUnavailable: it didn't come in time."""
        lock = self._locks.setdefault(partition, asyncio.Lock())
        self._asking[partition] = self._asking.get(partition, 0) + 1
        try:
            try:
                async with asyncio.timeout(self._seconds):
                    await lock.acquire()
            except TimeoutError as error:
                raise DatabaseUnavailable(f"the turn of {partition} didn't come in time") from error
            try:
                yield
            finally:
                lock.release()
        finally:
            self._asking[partition] -= 1
            if not self._asking[partition]:
                del self._asking[partition], self._locks[partition]
