"""Provider times: ISO 8601 in its variants, epochs, the iCIMS clock, and plain dates.

A plain date stays a date. A time without an offset is taken as UTC, with a warning.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from xaigh_server.ats.providers.fields import Notes
from xaigh_server.ats.providers.record import WarningCode

_TWELVE_HOUR = re.compile(r"(\d{4}-\d{2}-\d{2}) (\d{1,2}):(\d{2}) ?([AP])M\Z", re.IGNORECASE)
_MILLISECONDS_FROM = 100_000_000_000
_EARLIEST, _LATEST = 1990, 2200


def moment(value: object, field: str, notes: Notes) -> datetime | date | None:
    """Parses a UTC time or a plain date; None with a warning for anything else."""
    if value is None or value == "":
        return None
    found = _read(value, field, notes)
    if found is not None and _EARLIEST <= found.year <= _LATEST:
        return found
    notes.warn(WarningCode.TIME_INVALID, field, "This is not a time that can be read.")
    return None


def instant(value: object, field: str, notes: Notes) -> datetime | None:
    """Parses a UTC time; a plain date is the start of its day."""
    found = moment(value, field, notes)
    if found is None or isinstance(found, datetime):
        return found
    return datetime(found.year, found.month, found.day, tzinfo=UTC)


def _read(value: object, field: str, notes: Notes) -> datetime | date | None:
    try:
        if type(value) is str:
            return _read_text(value.strip(), field, notes)
        if type(value) is int or type(value) is float:
            return _of_epoch(value)
    except (ValueError, OverflowError, OSError):
        return None
    return None


def _read_text(text: str, field: str, notes: Notes) -> datetime | date:
    if text.isdigit():
        return date.fromisoformat(text) if len(text) == 8 else _of_epoch(int(text[:17]))
    if len(text) == 10:
        return date.fromisoformat(text)
    if text[-1:] in ("M", "m"):
        return _twelve_hour(text)
    read = datetime.fromisoformat(text)
    if read.tzinfo is None:
        notes.warn(WarningCode.TIME_WITHOUT_ZONE, field, "No offset is given: taken as UTC.")
        return read.replace(tzinfo=UTC)
    return read.astimezone(UTC)


def _of_epoch(number: float) -> datetime:
    """Seconds, or milliseconds where the number is too large for seconds."""
    seconds = number / 1000 if abs(number) >= _MILLISECONDS_FROM else number
    return datetime.fromtimestamp(seconds, UTC)


def _twelve_hour(text: str) -> datetime:
    """The clock of iCIMS, "2026-08-18 09:42 PM", which is in UTC."""
    clock = _TWELVE_HOUR.match(text)
    if clock is None or not 1 <= int(clock[2]) <= 12:
        raise ValueError(text)
    hour = int(clock[2]) % 12 + (12 if clock[4] in "Pp" else 0)
    day = date.fromisoformat(clock[1])
    return datetime(day.year, day.month, day.day, hour, int(clock[3]), tzinfo=UTC)
