"""A batch under a reader's eyes: sorted at a glance, looked up, and read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from xaigh_server.ats.intake.fingerprint_cache import Glances
from xaigh_server.ats.intake.reading import (
    Glance,
    Reading,
    RecordReader,
    completed,
    left_to_read,
    likely_mirrors,
)
from xaigh_server.ats.intake.structs import Record, plain
from xaigh_server.ats.repository.mirrors import KnownMirrors


class Pages:
    """The batch that lies on a desk."""

    def __init__(self, glances: Glances | None = None) -> None:
        """`glances` are those of earlier batches, where they are kept."""
        self._glances = glances
        self._reader: RecordReader | None = None
        self._sent: Sequence[Record] = ()
        self._records: list[Any] = []
        self._hashes: list[str] = []

    @property
    def empty(self) -> bool:
        """Whether no batch lies here yet."""
        return self._reader is None

    def sort(self, reader: RecordReader, records: Sequence[Record]) -> list[Glance]:
        """What can be told of each record without normalizing it. The batch before it is gone."""
        self._reader, self._sent = reader, records
        found = [self._glance(reader, record) for record in records]
        self._records = [record for _, record in found]
        self._hashes = [raw for (raw, _), _ in found]
        return [glance for glance, _ in found]

    def read(self, indices: Sequence[int]) -> list[Reading]:
        """Normalizes those of the records that were sorted last."""
        reader = self._reader
        assert reader is not None  # a batch was sorted
        return reader.read_all([(at, self._record(at), self._hashes[at]) for at in indices])

    def recognize_and_read(
        self, glances: Sequence[Glance], known: Callable[[Sequence[str]], KnownMirrors]
    ) -> list[Reading]:
        """Reads what isn't known of what was sorted. `known` looks up the mirrors of these ids."""
        reader = self._reader
        assert reader is not None  # a batch was sorted
        found = reader.recognize(glances, known(likely_mirrors(glances)).by_job)
        return completed(found, self.read(left_to_read(found)))

    def _glance(self, reader: RecordReader, record: Record) -> tuple[Glance, Any]:
        """The glance at a record, and the record, unless it was known: then None."""
        text = record if type(record) is bytes else None
        if text is not None and self._glances is not None:
            return self._glances.at(reader, text)
        found = plain(record)
        return reader.glance(found, text), found

    def _record(self, at: int) -> Any:
        found = self._records[at]
        return plain(self._sent[at]) if found is None else found
