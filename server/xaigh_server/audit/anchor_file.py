"""Anchor file: the anchors of the control database again, one per line, outside every database.

Each machine has its own file, which follows the table. The server only appends to it. Copy new
lines to another machine as they come: an intruder who has this file, its signing key and the
databases can rewrite all of them.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from xaigh_server.audit.anchors import Anchor, parse_anchor
from xaigh_server.db.errors import DatabaseUnavailable

_BLOCK = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEnd:
    """The last anchor of a file, None where it has none, and the offset behind its line."""

    last: Anchor | None
    offset: int

    @property
    def number(self) -> int:
        """The number of the last anchor; 0 where there is none."""
        return 0 if self.last is None else self.last.number


class AnchorFile:
    """Reads and appends anchors. Several processes may share the file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def anchors(self) -> Iterator[Anchor]:
        """Every anchor in the file's order; none where there is no file.

        A last line without an end is being written, or was torn by a crash: it isn't one yet.
        AnchorMalformed: a line is something else. DatabaseUnavailable: the file can't be read.
        """
        try:
            with self._path.open("rb") as file:
                for line in file:
                    if line.endswith(b"\n"):
                        yield parse_anchor(line)
        except FileNotFoundError:
            return
        except OSError as error:
            raise DatabaseUnavailable(f"{self._path}: {error.strerror}") from error

    def end(self) -> FileEnd:
        """The end of the file. AnchorMalformed, DatabaseUnavailable."""
        try:
            descriptor = os.open(self._path, os.O_RDONLY)
        except FileNotFoundError:
            return FileEnd(last=None, offset=0)
        except OSError as error:
            raise DatabaseUnavailable(f"{self._path}: {error.strerror}") from error
        try:
            line, offset = _last_line(descriptor)
        finally:
            os.close(descriptor)
        return FileEnd(last=parse_anchor(line) if line else None, offset=offset)

    def append(self, anchors: Sequence[Anchor], *, behind: FileEnd) -> FileEnd | None:
        """Writes anchors behind a known end, sees them on disk and returns the new end.

        None: another process has written there first. DatabaseUnavailable: it can't be written.
        """
        lines = b"".join(anchor.line() + b"\n" for anchor in anchors)
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                if not _append(descriptor, lines, behind.offset):
                    return None
            finally:
                os.close(descriptor)
        except OSError as error:
            raise DatabaseUnavailable(f"{self._path}: {error.strerror}") from error
        return FileEnd(last=anchors[-1], offset=behind.offset + len(lines))


def _last_line(descriptor: int) -> tuple[bytes, int]:
    """The last whole line without its end, and the offset behind it."""
    start, found = os.fstat(descriptor).st_size, b""
    while start > 0 and found.count(b"\n") < 2:
        step = min(max(_BLOCK, len(found)), start)
        start -= step
        found = os.pread(descriptor, step, start) + found
    whole = found[: found.rfind(b"\n") + 1]
    if not whole:
        return b"", 0
    return whole[:-1].rpartition(b"\n")[2], start + len(whole)


def _append(descriptor: int, lines: bytes, at: int) -> bool:
    size = os.fstat(descriptor).st_size
    if size < at or b"\n" in os.pread(descriptor, size - at, at):
        return False
    if size > at:
        os.ftruncate(descriptor, at)  # a torn line: this process holds the lock
    written = os.write(descriptor, lines)
    os.fsync(descriptor)
    if written != len(lines):
        raise OSError(0, "the lines were written in part")
    return True
