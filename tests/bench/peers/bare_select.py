"""Peer: a bare ASGI handler that does one SELECT by key on held connections of PostgreSQL.

    python -m tests.bench.peers.bare_select URL PORT CONNECTIONS

`GET /v1/jobs/{id}` answers the row of `bench_jobs`. Nothing is checked, parsed or printed.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import psycopg
import uvicorn

_SELECT = "SELECT reply FROM bench_jobs WHERE job_id = $1"


class App:
    """Answers each request by one statement on a free connection."""

    def __init__(self, url: str, connections: int) -> None:
        self._url = url
        self._connections = connections
        self._free: asyncio.LifoQueue[psycopg.AsyncCursor[Any]] = asyncio.LifoQueue()

    async def open(self) -> None:
        """Opens the connections."""
        for _ in range(self._connections):
            connection = await psycopg.AsyncConnection.connect(
                self._url,
                autocommit=True,
                prepare_threshold=0,
                cursor_factory=psycopg.AsyncRawCursor,
            )
            self._free.put_nowait(connection.cursor(binary=True))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        cursor = await self._free.get()
        try:
            await cursor.execute(_SELECT, (scope["path"].rpartition("/")[2],))
            row = await cursor.fetchone()
        finally:
            self._free.put_nowait(cursor)
        body = row[0] if row else b"{}"
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


async def main(url: str, port: str, connections: str) -> None:
    """Serves until the process is ended."""
    app = App(url, int(connections))
    await app.open()
    config = uvicorn.Config(
        app, host="127.0.0.1", port=int(port), loop="uvloop", http="httptools",
        lifespan="off", access_log=False, log_level="warning",
    )  # fmt: skip
    await uvicorn.Server(config).serve()


if __name__ == "__main__":
    import uvloop

    uvloop.run(main(*sys.argv[1:]))
