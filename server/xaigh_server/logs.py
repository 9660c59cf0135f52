"""Structured logs: one JSON object a line, or readable lines on a terminal."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any, BinaryIO, Protocol

import orjson
import structlog

_LINE = orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z


class Log(Protocol):
    """Writes one line of a kind that is written for every call."""

    def __call__(self, event: str, fields: dict[str, Any]) -> None:
        """`fields` become the line's own."""


def configure(log_format: str) -> None:
    """Sets logging up for the process. `auto` is readable on a terminal and JSON elsewhere."""
    readable = is_readable(log_format)
    processors: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(message)s"
    )
    if readable:
        structlog.configure(
            processors=[*processors, structlog.dev.ConsoleRenderer()],
            wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
            logger_factory=structlog.PrintLoggerFactory(sys.stderr),
            cache_logger_on_first_use=True,
        )
        return
    structlog.configure(
        processors=[
            *processors,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=orjson.dumps),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )


def is_readable(log_format: str) -> bool:
    """Whether lines are for people: on a terminal, unless the setting says otherwise."""
    return log_format == "console" or (log_format == "auto" and sys.stderr.isatty())


@contextmanager
def call_log(log_format: str) -> Iterator[Log]:
    """The log of calls, in the format of all other lines, complete at the end of the context."""
    if is_readable(log_format):
        readable = structlog.get_logger("xaigh.calls")
        yield lambda event, fields: readable.info(event, **fields)
        return
    lines = JsonLines(sys.stderr.buffer)
    yield lines
    lines.flush()


class JsonLines:
    """What structlog would write, at a fraction of its cost: every call pays for one such line.

    Lines wait for `seconds` at most and leave in one write. Lines that can't be written are lost;
    the calls that they tell of have been answered.
    """

    def __init__(self, stream: BinaryIO, *, seconds: float = 0.01) -> None:
        self._stream = stream
        self._seconds = seconds
        self._lines: list[dict[str, Any]] = []

    def __call__(self, event: str, fields: dict[str, Any]) -> None:
        fields["event"] = event
        fields["level"] = "info"
        fields["timestamp"] = datetime.now(UTC)
        self._lines.append(fields)
        if len(self._lines) == 1:
            self._schedule()

    def flush(self) -> None:
        """Writes what waits."""
        lines, self._lines = self._lines, []
        with suppress(OSError):
            self._stream.write(b"".join([orjson.dumps(line, option=_LINE) for line in lines]))
            self._stream.flush()

    def _schedule(self) -> None:
        try:
            asyncio.get_running_loop().call_later(self._seconds, self.flush)
        except RuntimeError:  # no loop runs, so nobody would come back
            self.flush()
