"""Capture of text that libraries write to the log or to stderr, as log lines of the server.

Libraries print values that callers sent: gRPC logs metadata that isn't UTF-8 with a traceback,
asyncio the objects of a failed task. So a library's line keeps its literal text, numbers and names
of types, and no value that was passed to it. Its exceptions keep types and code locations, without
their text. The server's own lines keep the text of exceptions as well, up to a limit.

`capture` replaces every output of such text: the standard library's logging, warnings, uncaught
exceptions in any thread, and text that is printed to stderr (`StrayText`).
`handle_loop_error` is for an event loop. gRPC's core writes to the descriptor itself: the program
silences it before it is imported, unless GRPC_VERBOSITY says otherwise.
"""

from __future__ import annotations

import asyncio
import io
import logging
import sys
import threading
import traceback
import warnings
from collections.abc import Iterator
from typing import Any, BinaryIO, TextIO

import structlog

from xaigh_server.identity.redaction import redact_bytes
from xaigh_server.log_events import LogEvent

_OWN = ("xaigh", "httprule")  # how the names of the server's own loggers begin
_LONGEST_TEXT = 300  # characters of a message or of an exception's text
_MOST_FRAMES = 30
_MOST_CAUSES = 5
_OWN_WORDS = "xaigh-server:"
"""What the program tells whoever started it begins with; it stays text in any format."""

_log = structlog.get_logger("xaigh.foreign")


def capture() -> None:
    """Sends everything that isn't logged by the server itself through the server's log."""
    logging.raiseExceptions = False  # else a record that can't be formatted is printed with a trace
    logging.basicConfig(level=logging.WARNING, handlers=[ForeignHandler()], force=True)
    # psycopg warns of each error that ends a pipeline, and raises the same error.
    logging.getLogger("psycopg").setLevel(logging.ERROR)
    warnings.showwarning = _on_warning
    sys.excepthook = _on_exception
    sys.unraisablehook = _on_unraisable
    threading.excepthook = _on_thread_exception


class RedactedStream(io.BufferedIOBase):
    """Output stream that removes credentials from each line. All lines pass through it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def write(self, data: Any) -> int:
        self._stream.write(redact_bytes(bytes(data)))
        return len(data)

    def flush(self) -> None:
        self._stream.flush()

    def fileno(self) -> int:
        return self._stream.fileno()

    def isatty(self) -> bool:
        return self._stream.isatty()

    def writable(self) -> bool:
        return True


class StrayText(io.TextIOBase):
    """`sys.stderr` of a server that logs JSON: whatever is printed there becomes a log line."""

    def __init__(self, lines: RedactedStream) -> None:
        self.buffer = lines
        self._begun = ""
        self._lock = threading.RLock()

    def write(self, text: str) -> int:
        with self._lock:
            *lines, self._begun = (self._begun + text).split("\n")
            for line in lines:
                self._line(line)
        return len(text)

    def flush(self) -> None:
        with self._lock:
            begun, self._begun = self._begun, ""
            if begun:
                self._line(begun)
        self.buffer.flush()

    def fileno(self) -> int:
        return self.buffer.fileno()

    def isatty(self) -> bool:
        return self.buffer.isatty()

    def writable(self) -> bool:
        return True

    def _line(self, line: str) -> None:
        if line.startswith(_OWN_WORDS):
            self.buffer.write(line.encode("utf-8", "backslashreplace") + b"\n")
            self.buffer.flush()
        elif line.strip():
            _log.warning(LogEvent.PROCESS_STDERR, text=line[:_LONGEST_TEXT])


class ForeignHandler(logging.Handler):
    """Writes records of the standard library's logging."""

    def emit(self, record: logging.LogRecord) -> None:
        own = record.name.startswith(_OWN)
        fields = {"logger": record.name, "message": _message(record, values=own)}
        if record.exc_info and record.exc_info[1] is not None:
            fields["exception"] = describe(record.exc_info[1], texts=own)
        try:
            _log.log(record.levelno, LogEvent.LIBRARY_LOG, **fields)
        except Exception:  # A failure to log must not fail the caller, and no other output is left.
            return


def describe(error: BaseException, *, texts: bool) -> str:
    """Types, places and, if `texts`, the texts of an exception and of what caused it."""
    return "\n".join(_lines(error, texts=texts))


def describe_own(exc_info: Any) -> str:
    """The same, with texts, as structlog asks for it."""
    return describe(exc_info[1], texts=True)


def handle_loop_error(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """An event loop's exception handler: logs what went wrong without the objects concerned."""
    # What follows the words is the repr of a callback, with its arguments.
    message = str(context.get("message", "")).partition("<")[0].partition("(")[0]
    error = context.get("exception")
    fields = {"message": message.strip()[:_LONGEST_TEXT]}
    if error is not None:
        fields["exception"] = describe(error, texts=True)
    _log.error(LogEvent.LOOP_ERROR, **fields)


class _Value:
    """Placeholder of a value in a library's message."""

    def __init__(self, value: object) -> None:
        size = f" of {len(value)}" if isinstance(value, str | bytes) else ""
        self._text = f"<{type(value).__name__}{size}>"

    def __repr__(self) -> str:
        return self._text


def _message(record: logging.LogRecord, *, values: bool) -> str:
    if not isinstance(record.msg, str):
        return f"<{type(record.msg).__name__}>"
    try:
        shown = record.getMessage() if values else _without_values(record.msg, record.args)
    except (TypeError, ValueError, KeyError):
        shown = record.msg
    return shown[:_LONGEST_TEXT]


def _without_values(template: str, args: Any) -> str:
    if not args:
        return template
    if isinstance(args, dict):
        return template % {name: _shown(value) for name, value in args.items()}
    return template % tuple(_shown(value) for value in args)


def _shown(value: object) -> object:
    return value if value is None or isinstance(value, int | float) else _Value(value)


def _lines(error: BaseException, *, texts: bool) -> Iterator[str]:
    for number, each in enumerate(_chain(error)):
        name = f"{type(each).__module__}.{type(each).__qualname__}"
        text = f": {str(each)[:_LONGEST_TEXT]}" if texts and str(each) else ""
        yield ("" if number == 0 else "caused by ") + name + text
        frames = traceback.StackSummary.extract(
            traceback.walk_tb(each.__traceback__), limit=-_MOST_FRAMES, lookup_lines=False
        )
        yield from (f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception and its causes; of a group, its first member alone."""
    current: BaseException | None = error
    for _ in range(_MOST_CAUSES):
        if current is None:
            return
        yield current
        inner = current.exceptions[0] if isinstance(current, BaseExceptionGroup) else None
        unseen = None if current.__suppress_context__ else current.__context__
        current = inner or current.__cause__ or unseen


def _on_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    text = str(message)[:_LONGEST_TEXT]
    at = f"{filename}:{lineno}"
    _log.warning(LogEvent.PROCESS_WARNING, category=category.__name__, text=text, at=at)


def _on_exception(kind: type[BaseException], error: BaseException, trace: Any) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    _log.error(LogEvent.PROCESS_UNCAUGHT, exception=describe(error, texts=True))


def _on_thread_exception(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        name = args.thread.name if args.thread is not None else ""
        _log.error(
            LogEvent.PROCESS_UNCAUGHT, thread=name, exception=describe(args.exc_value, texts=True)
        )


def _on_unraisable(args: sys.UnraisableHookArgs) -> None:
    if args.exc_value is not None:
        _log.error(LogEvent.PROCESS_UNRAISABLE, exception=describe(args.exc_value, texts=True))
