"""What every conversion between messages and domain values needs: times, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def set_time(field: Timestamp, time: datetime | None) -> None:
    """Sets a Timestamp field; None leaves it absent."""
    if time is not None:
        since = time - _EPOCH
        field.seconds = since.days * 86_400 + since.seconds
        field.nanos = since.microseconds * 1000


def get_time(message: Any, name: str) -> datetime | None:
    """The time in a Timestamp field, in UTC; None where it is absent."""
    if not message.HasField(name):
        return None
    stamp: Timestamp = getattr(message, name)
    return stamp.ToDatetime(tzinfo=UTC)
