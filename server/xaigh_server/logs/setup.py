"""Structured logs: one JSON object a line, or readable lines on a terminal.

Every line leaves by a `RedactedStream`, also those of libraries (`logs/foreign.py`).
"""

from __future__ import annotations

import asyncio
import io
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any, BinaryIO, Protocol, TextIO, cast

import orjson
import structlog

from xaigh_server.log_events import LogEvent
from xaigh_server.logs import foreign as foreign_logs
from xaigh_server.logs.foreign import RedactedStream

_LINE = orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z


class Log(Protocol):
    """Writes one line of a kind that is written for every call."""

    def __call__(self, event: LogEvent, fields: dict[str, Any]) -> None:
        """Writes the line. Adds `event`, `level` and `timestamp` to `fields` in place."""


def configure(log_format: str) -> None:
    """Configures logging of the process. `auto`: readable on a terminal, JSON elsewhere."""
    readable = is_readable(log_format)
    lines = _lines()
    processors: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.ExceptionRenderer(foreign_logs.describe_own),
    ]
    text: TextIO
    factory: Any
    if readable:
        text = io.TextIOWrapper(
            cast(BinaryIO, lines), "utf-8", "backslashreplace", line_buffering=True
        )
        factory = structlog.PrintLoggerFactory(text)
        processors.append(structlog.dev.ConsoleRenderer(colors=lines.isatty()))
    else:
        text = cast(TextIO, foreign_logs.StrayText(lines))
        factory = structlog.BytesLoggerFactory(cast(BinaryIO, lines))
        processors.append(structlog.processors.JSONRenderer(serializer=_json))
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=factory,
        cache_logger_on_first_use=True,
    )
    sys.stderr = text
    foreign_logs.capture()


def _lines() -> RedactedStream:
    """Output of lines: the current `sys.stderr`, with redaction."""
    stream = sys.stderr.buffer
    return stream if isinstance(stream, RedactedStream) else RedactedStream(stream)


def _json(line: Any, default: Any) -> bytes:
    try:
        return orjson.dumps(line, default=default)
    except TypeError:  # text that is no Unicode, such as a half of a pair of surrogates
        return json.dumps(line, default=default).encode()


def is_readable(log_format: str) -> bool:
    """Returns whether lines are formatted for people."""
    return log_format == "console" or (log_format == "auto" and sys.stderr.isatty())


@contextmanager
def call_log(log_format: str) -> Iterator[Log]:
    """Opens the log of calls, in the format of all other lines. Leaving the context flushes it."""
    if is_readable(log_format):
        readable = structlog.get_logger("xaigh.calls")
        yield lambda event, fields: readable.info(event, **fields)
        return
    lines = JsonLines(cast(BinaryIO, _lines()))
    yield lines
    lines.flush()


class JsonLines:
    """Buffered writer of JSON lines, cheaper than structlog: every call writes one line.

    Lines are written together after `seconds` at most. A line that can't be written is lost; the
    call that it reports has been answered.
    """

    def __init__(self, stream: BinaryIO, *, seconds: float = 0.01) -> None:
        self._stream = stream
        self._seconds = seconds
        self._lines: list[dict[str, Any]] = []

    def __call__(self, event: LogEvent, fields: dict[str, Any]) -> None:
        fields["event"] = event
        fields["level"] = "info"
        fields["timestamp"] = datetime.now(UTC)
        self._lines.append(fields)
        if len(self._lines) == 1:
            self._schedule()

    def flush(self) -> None:
        """Writes all buffered lines."""
        lines, self._lines = self._lines, []
        with suppress(OSError):
            self._stream.write(b"".join([orjson.dumps(line, option=_LINE) for line in lines]))
            self._stream.flush()

    def _schedule(self) -> None:
        try:
            asyncio.get_running_loop().call_later(self._seconds, self.flush)
        except RuntimeError:  # no loop runs that could flush later
            self.flush()
