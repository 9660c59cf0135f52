"""Structured logs: one JSON object a line, or readable lines on a terminal."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, BinaryIO, Protocol

import orjson
import structlog

_LINE = orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z


class Log(Protocol):
    """Writes one line of a kind that is written for every call."""

    def __call__(self, event: str, **fields: Any) -> None: ...


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


def call_log(log_format: str) -> Log:
    """The log of calls, in the format of all other lines."""
    if is_readable(log_format):
        readable: Log = structlog.get_logger("xaigh.calls").info
        return readable
    return json_lines(sys.stderr.buffer)


def json_lines(stream: BinaryIO) -> Log:
    """What structlog would write, at a third of its cost: every call pays for one such line.

    A line that can't be written is lost. The call that it tells of has been answered.
    """

    def write(event: str, **fields: Any) -> None:
        line = {**fields, "event": event, "level": "info", "timestamp": datetime.now(UTC)}
        with suppress(OSError):
            stream.write(orjson.dumps(line, option=_LINE))
            stream.flush()

    return write
