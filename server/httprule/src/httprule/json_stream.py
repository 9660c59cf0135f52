"""Splitters of a JSON request stream into its messages.

    lines     = one document a line; blank lines are skipped (NDJSON)
    documents = "[" [ document { "," document } ] "]"  |  { document }

A splitter does not parse: it finds where a value ends, and the codec checks the value. It takes
pieces of any size and buffers at most one unfinished message.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from httprule import http_errors as http_errors
from httprule.errors import MALFORMED_JSON, InvalidArgument

_SPACE: Final = b" \t\r\n"
# The next byte that matters outside of strings, and the text up to the end of a string.
_MARK: Final = re.compile(rb'["\[\]{},]')
_STRING: Final = re.compile(rb'[^"\\]*(?:\\.[^"\\]*)*', re.DOTALL)


class NdjsonSplitter:
    """Splits newline-delimited JSON: one document a line, blank lines skipped."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._rest = bytearray()

    def push(self, piece: bytes) -> Iterator[bytes]:
        """The messages that this piece completes. Raises a 413 error."""
        at = piece.find(b"\n")
        if at < 0:
            self._rest += piece
            self._check()
            return
        first = bytes(self._rest) + piece[:at] if self._rest else piece[:at]
        self._rest.clear()
        last = piece.rfind(b"\n")
        for line in (first, *piece[at + 1 : last].split(b"\n")) if last > at else (first,):
            line = line.strip(_SPACE)
            if line:
                if len(line) > self._limit:
                    raise http_errors.message_too_large(self._limit)
                yield line
        self._rest += piece[last + 1 :]
        self._check()

    def end(self) -> Iterator[bytes]:
        """The last message, if no line feed follows it."""
        line = bytes(self._rest).strip(_SPACE)
        if line:
            yield line

    def _check(self) -> None:
        if len(self._rest) > self._limit:
            raise http_errors.message_too_large(self._limit)


class JsonStreamSplitter:
    """Splits one JSON array into its elements, or documents that follow one another."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held = bytearray()
        self._at = 0  # the bytes of `_held` before this index are scanned
        self._depth = 0
        self._in_string = False
        self._is_array: bool | None = None
        self._is_closed = False
        self._count = 0

    def push(self, piece: bytes) -> Iterator[bytes]:
        """The messages that this piece completes. Raises a 413 error or `InvalidArgument`."""
        self._held += piece
        if self._is_array is None and not self._begin():
            return
        while (message := self._next()) is not None:
            yield message
        if len(self._held) > self._limit:
            raise http_errors.message_too_large(self._limit)

    def end(self) -> Iterator[bytes]:
        """The last document. Raises `InvalidArgument` for an array that is not closed."""
        rest = bytes(self._held).strip(_SPACE)
        if self._is_array and not self._is_closed:
            raise _malformed("the array of messages is not closed")
        if rest and self._is_closed:
            raise _malformed("text follows the array of messages")
        if rest:
            yield rest

    def _begin(self) -> bool:
        stripped = self._held.lstrip(_SPACE)
        if not stripped:
            return False
        self._is_array = stripped[:1] == b"["
        self._held = stripped[1:] if self._is_array else stripped
        return True

    def _next(self) -> bytes | None:
        """Removes the next whole message from `_held`; None where more bytes are needed."""
        while True:
            if self._in_string and not self._skip_string():
                return None
            found = _MARK.search(self._held, self._at)
            if found is None:
                self._at = len(self._held)
                return None
            self._at = found.end()
            mark = found.group()
            if mark == b'"':
                self._in_string = True
            elif mark in b"[{":
                self._open()
            elif mark != b"," and self._depth:
                self._depth -= 1
                if not self._depth and not self._is_array:
                    return self._take(self._at)
            elif not self._depth:
                message = self._separator(mark)
                if message is not None:
                    return message

    def _open(self) -> None:
        if self._is_closed:
            raise _malformed("text follows the array of messages")
        self._depth += 1

    def _separator(self, mark: bytes) -> bytes | None:
        """Handles a comma or the end of the array: the message that it completes."""
        if not self._is_array or self._is_closed or mark == b"}":
            raise _malformed("a bracket or comma stands where none can")
        message = self._take(self._at)[:-1].strip(_SPACE)
        if mark == b"]":
            self._is_closed = True
            if not message and not self._count:
                return None
        if not message:
            raise _malformed("an element of the array is missing")
        self._count += 1
        return message

    def _skip_string(self) -> bool:
        """Skips to the end of a string; False where it is not there yet. Scans no byte twice."""
        found = _STRING.match(self._held, self._at)
        assert found is not None  # the pattern matches the empty string too
        self._at = found.end()
        if self._held[self._at : self._at + 1] != b'"':
            return False  # all bytes are scanned, except for half an escape
        self._at += 1
        self._in_string = False
        return True

    def _take(self, end: int) -> bytes:
        if end > self._limit + 1:  # the separator is not counted
            raise http_errors.message_too_large(self._limit)
        message = bytes(self._held[:end])
        del self._held[:end]
        self._at = 0
        return message


def _malformed(text: str) -> InvalidArgument:
    return InvalidArgument.of("", text, MALFORMED_JSON)
