"""Purge: deletes expired rows in small transactions, so no other write waits long."""

from __future__ import annotations

from collections.abc import Callable

from xaigh_server.db.database import Database
from xaigh_server.db.partition import Partition
from xaigh_server.db.session import Session


async def sweep(database: Database, delete: Callable[[Session], int]) -> int:
    """Runs a deletion of a few rows again and again until it finds none. Returns how many."""
    deleted = 0
    partition = Partition(database.name)
    while batch := await database.write(delete, partition=partition):
        deleted += batch
    return deleted
