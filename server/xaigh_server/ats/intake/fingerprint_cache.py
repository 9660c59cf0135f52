"""What was told of records at a glance, kept for when they are sent again.

A feed repeats most of its records from one run to the next, byte for byte. What a glance tells of
one follows from its text, its organization and its provider alone: it needn't be found again.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from xaigh_server.ats.intake.reading import Glance, RecordReader
from xaigh_server.ats.intake.structs import plain

MOST = 60_000
"""Glances that are kept; one takes some 500 bytes."""


class Glances:
    """The last glances at canonical texts that were new, in two halves: the older goes as a whole.

    One that is asked for isn't renewed: a feed that is longer than a half, and asked for in turn,
    would push itself out. For one thread.
    """

    def __init__(self, most: int = MOST) -> None:
        self._half = most // 2
        self._newer: dict[bytes, Glance] = {}
        self._older: dict[bytes, Glance] = {}

    def at(self, reader: RecordReader, text: bytes) -> tuple[Glance, Any]:
        """The glance at a record, and the record, unless that needn't be read: then None."""
        key = b"%b%b" % (reader.scope, sha256(text).digest())
        kept = self._newer.get(key) or self._older.get(key)
        if kept is not None:
            return kept, None
        record = plain(text)
        glance = reader.glance(record, text)
        self._keep(key, glance)
        return glance, record

    def _keep(self, key: bytes, glance: Glance) -> None:
        if len(self._newer) >= self._half:
            self._older, self._newer = self._newer, {}
        self._newer[key] = glance
