"""Sizes of records in either of their forms."""

from __future__ import annotations

from collections.abc import Sequence

from xaigh_server.ats.intake.structs import Record


def size_of(record: Record) -> int:
    """Bytes of a record, as it is held."""
    return len(record) if isinstance(record, bytes) else record.ByteSize()


def bytes_of(records: Sequence[Record]) -> int:
    """Bytes of records, as they are held."""
    return sum(map(size_of, records))
