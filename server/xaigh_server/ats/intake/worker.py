"""The process that reads large batches for a server: this module, run as a program.

A question to it names a seat. One about a batch has its records. Where it says in which file
their mirrors are, these are looked up, and the answer is every reading. Where it doesn't, or they
can't be looked up, the answer is a glance at each record; then the next question at that seat has
the places of those that are to be read.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from xaigh_server.ats.intake.batch_state import Pages
from xaigh_server.ats.intake.fingerprint_cache import Glances
from xaigh_server.ats.intake.ipc_codec import (
    BREAKS,
    SEATS,
    BatchAnswer,
    Form,
    Identify,
    ReadAlone,
    packed,
    record_of,
)
from xaigh_server.ats.intake.reading import Reading, RecordReader
from xaigh_server.ats.intake.structs import plain
from xaigh_server.ats.integrations import Integration
from xaigh_server.ats.repository.mirrors import KnownMirrors, Mirrors
from xaigh_server.db.errors import StoreError
from xaigh_server.db.metadata import business_metadata
from xaigh_server.db.sqlite.reader import Reader, open_reader
from xaigh_server.logs import setup as logs
from xaigh_server.worker_pool.isolation import confine, time_limit
from xaigh_server.worker_pool.process import answer_frames


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

    sizes = [0] * SEATS

    def answer(asked: tuple[int, Any]) -> Any:
        seat, question = asked
        if not isinstance(question, list):
            sizes[seat] = _size(question)
        with time_limit(sizes[seat]):
            return _answer(seats[seat], shelves, question)

    answer_frames(source, sink, answer)


def _answer(pages: Pages, shelves: Shelves, question: Any) -> Any:
    if isinstance(question, ReadAlone | Identify):
        return packed(_of_one(question))
    if not isinstance(question, list):
        return tuple(_of_batch(pages, shelves, *question))
    if pages.empty:
        return None  # what was sorted was sorted by another process, which is gone
    return [packed(reading) for reading in pages.read(question)]


def _size(question: Any) -> int:
    """Bytes of the records that a question brings."""
    if isinstance(question, ReadAlone | Identify):
        return _form_size(question.form)
    return sum(map(_form_size, question[2]))


def _form_size(form: Form) -> int:
    return len(form if isinstance(form, bytes) else form[1])


def _of_one(question: ReadAlone | Identify) -> Reading:
    reader = RecordReader(question.integration, question.now)
    sent = record_of(question.form)
    record = plain(sent)
    if isinstance(question, Identify):
        return reader.unreadable(question.at, record, BREAKS)
    raw, _ = reader.glance(record, sent if isinstance(sent, bytes) else None)
    return reader.read(question.at, record, raw)


def _of_batch(
    pages: Pages,
    shelves: Shelves,
    integration: Integration,
    now: datetime,
    forms: list[Form],
    file: str | None,
) -> BatchAnswer:
    reader = RecordReader(integration, now)
    records = [record_of(form) for form in forms]
    glances = pages.sort(reader, records)
    if file is not None:
        try:
            readings = pages.recognize_and_read(glances, lambda ids: shelves.known(file, ids))
            return BatchAnswer(readings=[packed(reading) for reading in readings])
        except StoreError:
            pass  # its server looks them up, and says so if that can't be done
    return BatchAnswer(glances)


if __name__ == "__main__":
    logs.configure(os.environ.get("XAIGH_LOG_FORMAT", "auto"))
    confine()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)  # a batch is many small objects, and hardly a cycle
    answers, sys.stdout = sys.stdout.buffer, sys.stderr  # what is printed is no answer
    serve(sys.stdin.buffer, answers)
