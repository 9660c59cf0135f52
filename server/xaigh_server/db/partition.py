"""Partition: the part of one database in which writes run one after another.

The control database is one partition. A business database has one partition for each organization,
and one of its own. A unit holds its partition's lock from its first statement to its commit, so
what it has read of that partition can't change under it.

The partition of the database itself, `sandbox/-`, is for background work over the rows of several
organizations. Units of organizations run beside it: its statements say in their WHERE what they
rely on (a lease that is free, a time that has passed) and never read first and write later.

SQLite has one writer, so there each partition waits for every other one. On PostgreSQL each has an
advisory lock of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

CONTROL = "control"


@dataclass(frozen=True, slots=True)
class Partition:
    """`organization_id` is empty for the partition of the database itself."""

    database: str
    organization_id: str = ""

    @classmethod
    def of(cls, database: str, organization_id: str) -> Partition:
        """The partition that holds an organization's rows: in control, the whole database."""
        return cls(database) if database == CONTROL else cls(database, organization_id)

    def __post_init__(self) -> None:
        if self.database == CONTROL and self.organization_id:
            raise ValueError("the control database is one partition")

    def __str__(self) -> str:
        """`control/-`, `sandbox/-`, `sandbox/org_…`."""
        return f"{self.database}/{self.organization_id or '-'}"


def check_partition(name: str, partition: Partition | None) -> None:
    """ValueError: the partition is another database's than the one of this name."""
    if partition is not None and partition.database != name:
        raise ValueError(f"{partition} is no partition of the {name} database")
