"""Anchor file: signed heads, one per line, outside every database.

The server only appends to it. Copy new lines to another machine as they come: an intruder who has
this file, its signing key and the databases can rewrite all of them.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from xaigh_server.audit.heads import SignedHead, parse_head
from xaigh_server.audit.model import ChainId
from xaigh_server.db.errors import DatabaseUnavailable, StoreError


class AnchorsCut(StoreError):
    """The anchor file lost lines that it had."""


class AnchorFile:
    """Reads and appends heads. Several processes may share the file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def heads(self) -> dict[ChainId, list[SignedHead]]:
        """Every head, by chain, in the file's order; none where there is no file yet.

        HeadMalformed: a line is something else. DatabaseUnavailable: the file can't be read.
        """
        return self.newer(0)[0]

    def newer(self, offset: int) -> tuple[dict[ChainId, list[SignedHead]], int]:
        """The heads behind an offset in bytes, by chain, and the offset behind them.

        A last line without an end is being written, or was torn by a crash: it isn't one yet.
        AnchorsCut: the file ends before the offset, or is gone.
        """
        content = self._read_from(offset)
        lines = content.split(b"\n")[:-1]
        found: dict[ChainId, list[SignedHead]] = {}
        for head in map(parse_head, lines):
            found.setdefault(head.chain, []).append(head)
        return found, offset + sum(len(line) + 1 for line in lines)

    def _read_from(self, offset: int) -> bytes:
        try:
            with self._path.open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                file.seek(offset)
                content = file.read()
        except FileNotFoundError:
            size, content = 0, b""
        except OSError as error:
            raise DatabaseUnavailable(f"{self._path}: {error.strerror}") from error
        if size < offset:
            raise AnchorsCut(f"{self._path} was cut, replaced or removed")
        return content

    def append(self, head: SignedHead, *, at: int) -> bool:
        """Writes a head behind the line that ends at an offset, and sees it on disk.

        False: another process has written there first. DatabaseUnavailable: it can't be written.
        """
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                return _append(descriptor, head.line() + b"\n", at)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise DatabaseUnavailable(f"{self._path}: {error.strerror}") from error


def _append(descriptor: int, line: bytes, at: int) -> bool:
    size = os.fstat(descriptor).st_size
    if b"\n" in os.pread(descriptor, max(0, size - at), at) or size < at:
        return False
    if size > at:
        os.ftruncate(descriptor, at)  # a torn line: this process holds the lock
    written = os.write(descriptor, line)
    os.fsync(descriptor)
    if written != len(line):
        raise OSError(0, "the line was written in part")
    return True
