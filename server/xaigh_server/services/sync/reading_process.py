"""The process that reads large batches for a server: this module, run as a program.

A question to it names a seat. One about a batch has its records, or all of them as they were sent:
then the answer has their digest, too, or none where they don't fit. Where it says in which file
their mirrors are, these are looked up, and the answer is every reading. Where it doesn't, or they
can't be looked up, the answer is a glance at each record; then the next question at that seat has
the places of those that are to be read.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from xaigh_server import logs
from xaigh_server.domain.sync.integrations import Integration
from xaigh_server.services.sync.crossing import SEATS, BatchAnswer, Forms, packed, record_of
from xaigh_server.services.sync.glances import Glances
from xaigh_server.services.sync.helper import answer_frames
from xaigh_server.services.sync.pages import Pages
from xaigh_server.services.sync.reading import RecordReader
from xaigh_server.services.sync.sent import SentRecords, Unfit
from xaigh_server.services.sync.structs import Record
from xaigh_server.store.errors import StoreError
from xaigh_server.store.sqlite.reader import Reader, open_reader
from xaigh_server.store.sync.mirrors import KnownMirrors, Mirrors
from xaigh_server.store.tables import business_metadata


class Shelves:
    """The files that mirrors are looked up in, each opened when it is first needed."""

    def __init__(self) -> None:
        self._readers: dict[str, Reader] = {}

    def known(self, file: str, job_ids: Sequence[str]) -> KnownMirrors:
        """The mirrors among these. Raises StoreError."""
        reader = self._readers.get(file)
        if reader is None:
            reader = self._readers[file] = open_reader(Path(file), business_metadata)
        return reader.run(lambda session: Mirrors(session).known(job_ids))


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Reads for whoever asks, until the questions end."""
    glances, shelves = Glances(), Shelves()
    seats = [Pages(glances) for _ in range(SEATS)]

    def answer(asked: tuple[int, Any]) -> Any:
        seat, question = asked
        pages = seats[seat]
        if not isinstance(question, list):
            return tuple(_of_batch(pages, shelves, *question))
        if pages.empty:
            return None  # what was sorted was sorted by another process, which is gone
        return [packed(reading) for reading in pages.read(question)]

    answer_frames(source, sink, answer)


def _of_batch(
    pages: Pages,
    shelves: Shelves,
    integration: Integration,
    now: datetime,
    forms: Forms,
    file: str | None,
) -> BatchAnswer:
    reader, digest = RecordReader(integration, now), b""
    records: Sequence[Record]
    if isinstance(forms, list):
        records = [record_of(form) for form in forms]
    else:
        sent = SentRecords(forms)
        try:
            records, digest = sent.texts, sent.digest
        except Unfit:
            return BatchAnswer()
    glances = pages.sort(reader, records)
    if file is not None:
        try:
            readings = pages.recognize_and_read(glances, lambda ids: shelves.known(file, ids))
            return BatchAnswer(digest, readings=[packed(reading) for reading in readings])
        except StoreError:
            pass  # its server looks them up, and says so if that can't be done
    return BatchAnswer(digest, glances)


if __name__ == "__main__":
    logs.configure(os.environ.get("XAIGH_LOG_FORMAT", "auto"))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent's to answer
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)  # a batch is many small objects, and hardly a cycle
    answers, sys.stdout = sys.stdout.buffer, sys.stderr  # what is printed is no answer
    serve(sys.stdin.buffer, answers)
