"""Times as people say them, and as they type them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from google.protobuf.timestamp_pb2 import Timestamp

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_SPAN = re.compile(r"(\d+)\s*([smhdw])", re.ASCII)


def exact(time: Timestamp) -> str:
    """`2026-11-22 03:15:17 UTC`."""
    return time.ToDatetime(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def said(time: Timestamp, now: datetime) -> str:
    """`5 min ago`, `in 2 days`, or the date where it is more than a month away."""
    seconds = (time.ToDatetime(UTC) - now).total_seconds()
    size = abs(seconds)
    if size >= 31 * 86_400:
        return time.ToDatetime(UTC).strftime("%-d %b %Y")
    if size < 45:
        return "just now" if seconds <= 0 else "in a moment"
    span = length(timedelta(seconds=size))
    return f"{span} ago" if seconds < 0 else f"in {span}"


def length(span: timedelta) -> str:
    """`45 s`, `5 min`, `3 h`, `2 days`: rounded to one unit."""
    seconds = span.total_seconds()
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    if seconds < 36 * 3600:
        return f"{seconds / 3600:.0f} h"
    return f"{seconds / 86_400:.0f} days"


def parse_span(text: str) -> timedelta:
    """`90s`, `15m`, `2h`, `7d`, `2w`, or several: `1d12h`. Raises ValueError."""
    parts = _SPAN.findall(text.strip().lower())
    if not parts or _SPAN.sub("", text.strip().lower()).strip():
        raise ValueError(f"{text!r} is no length of time; write 90s, 15m, 2h, 7d or 2w")
    return timedelta(seconds=sum(int(number) * _UNITS[unit] for number, unit in parts))


def parse_time(text: str, now: datetime) -> datetime:
    """A date, an RFC 3339 time, or a span from now, as `30d`. Raises ValueError."""
    text = text.strip()
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return now + parse_span(text)
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)
