"""Formats and parses times and spans for people."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from google.protobuf.timestamp_pb2 import Timestamp

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_SPAN = re.compile(r"(\d+)\s*([smhdw])", re.ASCII)


def exact(time: Timestamp) -> str:
    """Formats a time exactly: `2026-11-22 03:15:17 UTC`."""
    return time.ToDatetime(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def relative(time: Timestamp, now: datetime) -> str:
    """Formats a time relative to now: `5 min ago`, `in 2 days`; the date beyond a month."""
    seconds = (time.ToDatetime(UTC) - now).total_seconds()
    size = abs(seconds)
    if size >= 31 * 86_400:
        return time.ToDatetime(UTC).strftime("%-d %b %Y")
    if size < 45:
        return "just now" if seconds <= 0 else "in a moment"
    span = format_span(timedelta(seconds=size))
    return f"{span} ago" if seconds < 0 else f"in {span}"


def format_span(span: timedelta) -> str:
    """Formats a span, rounded to one unit: `45 s`, `5 min`, `3 h`, `2 days`."""
    seconds = span.total_seconds()
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    if seconds < 36 * 3600:
        return f"{seconds / 3600:.0f} h"
    return f"{seconds / 86_400:.0f} days"


def parse_span(text: str) -> timedelta:
    """Parses `90s`, `15m`, `2h`, `7d`, `2w`, or several: `1d12h`. Raises ValueError."""
    parts = _SPAN.findall(text.strip().lower())
    if not parts or _SPAN.sub("", text.strip().lower()).strip():
        raise ValueError(f"{text!r} is no length of time; write 90s, 15m, 2h, 7d or 2w")
    return timedelta(seconds=sum(int(number) * _UNITS[unit] for number, unit in parts))


def parse_time(text: str, now: datetime) -> datetime:
    """Parses a date, an RFC 3339 time, or a span from now, as `30d`. Raises ValueError.

    A time without a zone is UTC.
    """
    text = text.strip()
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return now + parse_span(text)
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)


def parse_past(text: str, now: datetime) -> datetime:
    """Parses a date, an RFC 3339 time, or a span before now, as `2h`. Raises ValueError.

    A time without a zone is UTC.
    """
    text = text.strip()
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return now - parse_span(text)
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)
