"""Rules across the fields of a direct job. The protos have those of single fields."""

from __future__ import annotations

from collections.abc import Iterator

from google.protobuf.timestamp_pb2 import Timestamp

from xaigh.jobs.v1 import job_pb2, pay_pb2
from xaigh_server.errors import FieldInvalid, FieldViolation
from xaigh_server.text.sanitize import is_blank


def check_posted(message: job_pb2.Job, *, names: dict[str, str] | None = None) -> None:
    """Raises FieldInvalid for an inconsistent direct job.

    `names` maps a job's field to its path in the request, where they differ.
    """
    found = list(_violations(message))
    if found:
        called = names or {}
        raise FieldInvalid(
            [FieldViolation(path=called.get(path, path), description=why) for path, why in found]
        )


def _violations(message: job_pb2.Job) -> Iterator[tuple[str, str]]:
    content = message.job_content
    if is_blank(content.title):
        yield "jobContent.title", "A job needs a title."
    if content.slots < 1:
        yield "jobContent.slots", "A job needs at least one slot."
    if not content.HasField("starts_at"):
        yield "jobContent.startsAt", "A job needs a time to begin at."
    elif content.HasField("ends_at") and _nanos(content.ends_at) <= _nanos(content.starts_at):
        yield "jobContent.endsAt", "The end must be later than the beginning."
    for index, pay in enumerate(message.pay_range.pays):
        yield from _pay_violations(pay, f"payRange.pays[{index}]")


def _pay_violations(pay: pay_pb2.Pay, path: str) -> Iterator[tuple[str, str]]:
    low, high = pay.HasField("min_minor"), pay.HasField("max_minor")
    if low and high and pay.min_minor > pay.max_minor:
        yield f"{path}.minMinor", "The lower end must not be above the upper one."
    if (low or high) and not pay.currency:
        yield f"{path}.currency", "An amount needs a currency."


def _nanos(time: Timestamp) -> int:
    return time.seconds * 1_000_000_000 + time.nanos
