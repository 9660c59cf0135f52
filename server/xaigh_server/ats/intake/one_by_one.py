"""Reading the records of a batch one by one, after the batch as a whole broke its worker."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

from xaigh_server.ats.intake.ipc_codec import BREAKS, Form, Identify, ReadAlone, unpacked
from xaigh_server.ats.intake.reading import Reading, RecordReader
from xaigh_server.ats.providers.record import Note, RejectionReason
from xaigh_server.worker_pool.isolation import LoneWorker

MOST_BREAKS = 3
"""Workers that one batch may break: each costs seconds, and whoever is behind it waits."""

_NOT_TRIED = (
    f"{MOST_BREAKS} records before it couldn't be read, so this one wasn't tried. Send it without"
    " those."
)


async def read_alone(
    worker: LoneWorker, reader: RecordReader, forms: Sequence[Form], indices: Iterable[int]
) -> list[Reading]:
    """The readings of these records. One that breaks the worker is RECORD_UNREADABLE.

    It counts as seen where its id can still be read.
    """
    readings: list[Reading] = []
    broken = 0
    for at in indices:
        if broken == MOST_BREAKS:
            readings.append(_unreadable(at, forms[at], _NOT_TRIED))
            continue
        asked = (reader.integration, reader.now, forms[at], at)
        answer = await worker.ask((0, ReadAlone(*asked)))
        if answer is not None:
            readings.append(unpacked(answer))
            continue
        broken += 1
        found = await worker.ask((0, Identify(*asked)))
        readings.append(_unreadable(at, forms[at], BREAKS) if found is None else unpacked(found))
    return readings


def _unreadable(at: int, form: Form, why: str) -> Reading:
    said = form if isinstance(form, bytes) else form[1]
    note = Note(RejectionReason.RECORD_UNREADABLE, "", why)
    return Reading(at, sha256(said).hexdigest(), rejections=(note,))
