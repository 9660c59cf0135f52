"""Reading the records of a batch, before any transaction: hashes, normalizing, duplicates.

A record that is, byte for byte, the one that made its mirror needs no normalizing: what it says is
known. That is proved by its raw hash, and proved again inside the transaction.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, time, timedelta
from hashlib import sha256
from typing import Any, NamedTuple, Protocol

from xaigh_server.ats.content import Content, Offer, content_of
from xaigh_server.ats.intake.hashes import content_hash, raw_hash
from xaigh_server.ats.intake.structs import Record
from xaigh_server.ats.integrations import Integration
from xaigh_server.ats.mirror_ids import external_id, mirror_id
from xaigh_server.ats.providers import boards
from xaigh_server.ats.providers.custom.fieldmap import parse_field_map
from xaigh_server.ats.providers.options import NormalizeOptions
from xaigh_server.ats.providers.record import (
    VERSION,
    Normalized,
    NormalizedJob,
    Note,
    OfferStatus,
    Provider,
    Rejected,
    RejectionReason,
    Result,
)
from xaigh_server.ats.providers.registry import normalize
from xaigh_server.ats.record_decisions import Incoming, Mirror
from xaigh_server.ats.repository.mirrors import KnownMirrors
from xaigh_server.jobs.model import CloseReason, JobState

_ID_MEMBERS = (
    "id",
    "externalJobId",
    "external_job_id",
    "jobReqId",
    "slug",
    "req_id",
    "jobid",
    "identifier",
)
_INNER = ("data", "jobPostingInfo")

Glance = tuple[str, list[str]]
"""A record's raw hash, and the ids of the mirrors that it may be of."""

Known = Callable[[Sequence[str]], Awaitable[KnownMirrors]]
"""The mirrors among these ids."""

_NOT_APPLYABLE = Note("NOT_APPLYABLE", "", "Nobody can apply: no URL, and nothing to forward to.")
_KNOWN_CLOSES = frozenset({CloseReason.ATS_CLOSED, CloseReason.ATS_UNPUBLISHED})


class Reading(NamedTuple):
    """One record, read. Exactly one of three: it is known, it was taken, or it was refused.

    `known` is the content hash of the mirror that the record was found to have made; `incoming`,
    `content` and `offer` are of a record that was taken; `rejections` of one that was refused.
    `external_job_id` is empty where it couldn't be read.
    """

    at: int
    raw_hash: str
    external_job_id: str = ""
    job_id: str = ""
    known: str = ""
    incoming: Incoming | None = None
    content: Content | None = None
    offer: Offer | None = None
    omitted: tuple[str, ...] = ()
    expires_time: datetime | None = None
    rejections: tuple[Note, ...] = ()
    warnings: tuple[Note, ...] = ()
    repeats: bool = False
    """Whether an earlier record of the batch has the same id and the same content."""

    @property
    def content_hash(self) -> str:
        if self.known:
            return self.known
        return "" if self.incoming is None else self.incoming.content_hash


class Desk(Protocol):
    """Where one batch is read, at once or in two steps.

    Between the steps it is looked up what is known of it. A desk that can look that up by itself
    needs no second step.
    """

    async def take(self, reader: RecordReader, records: Sequence[Record]) -> list[Reading] | None:
        """Reads the records, but for what is known; None where they go through both steps."""

    async def sort(self, reader: RecordReader, records: Sequence[Record]) -> list[Glance]:
        """What can be told of each record without normalizing it."""

    async def read(self, indices: Sequence[int]) -> list[Reading]:
        """Normalizes those of the records that were sorted last."""


class ReadingRoom(Protocol):
    """Where batches are read."""

    def desk(
        self, records: Sequence[Record], environment: str
    ) -> AbstractAsyncContextManager[Desk]:
        """A desk for one batch of these records, of an environment."""


class RecordReader:
    """Reads records for one integration at one moment."""

    def __init__(self, integration: Integration, now: datetime) -> None:
        self.integration = integration
        self._provider = Provider(integration.provider)
        self._options = options_of(integration, now)
        self.now = now
        self._board = integration.board
        self._job_ids: dict[str, str] = {}
        self.mapping = mapping_of(integration)
        self.scope = f"{integration.organization_id}/{integration.provider}/".encode()
        """Within what a record's text alone says what a glance tells of it."""

    def glance(self, record: Any, text: bytes | None = None) -> Glance:
        """A record's raw hash, and the ids of the mirrors that it may be of.

        `text` is the record's canonical text, where that is at hand.
        """
        likely = [self._job_id(found) for found in _likely_ids(record)]
        return raw_hash(self._provider, record, text), likely

    def unreadable(self, index: int, record: Any, message: str) -> Reading:
        """The reading of a record that can't be normalized, with the likeliest of its ids."""
        external = next(iter(_likely_ids(record)), "")
        return Reading(
            at=index,
            raw_hash=raw_hash(self._provider, record),
            external_job_id=external,
            job_id=self._job_id(external) if external else "",
            rejections=(Note(RejectionReason.RECORD_UNREADABLE, "", message),),
        )

    def read(self, index: int, record: Any, raw: str) -> Reading:
        """Normalizes a record."""
        return self._reading(index, raw, normalize(self._provider, record, self._options))

    def read_all(self, records: Sequence[tuple[int, Any, str]]) -> list[Reading]:
        """Normalizes records, each with its index and its raw hash.

        One step is taken for all of them before the next is: the processor has at hand what it
        did last, and the whole way of a record is longer than it remembers.
        """
        results = [normalize(self._provider, record, self._options) for _, record, _ in records]
        return [
            self._reading(index, raw, result)
            for (index, _, raw), result in zip(records, results, strict=True)
        ]

    def recognize(
        self, glances: Sequence[Glance], mirrors: Mapping[str, Mirror]
    ) -> list[Reading | None]:
        """The readings of records that their mirrors know word for word; None for all others."""
        return [self._recognized(at, glance, mirrors) for at, glance in enumerate(glances)]

    def says_what_is_known(self, raw: str, mirror: Mirror) -> bool:
        """Whether a record with this raw hash needs no normalizing."""
        return (
            mirror.raw_hash == raw
            and mirror.mapping == self.mapping
            and mirror.integration_id == self.integration.integration_id
            and (mirror.state is JobState.OPEN or mirror.close_reason in _KNOWN_CLOSES)
            and (mirror.expires_time is None or self.now < mirror.expires_time)
        )

    def _recognized(self, at: int, glance: Glance, mirrors: Mapping[str, Mirror]) -> Reading | None:
        raw, likely = glance
        for job_id in likely:
            mirror = mirrors.get(job_id)
            if mirror is not None and self.says_what_is_known(raw, mirror):
                return Reading(
                    at=at,
                    raw_hash=raw,
                    external_job_id=mirror.external_job_id,
                    job_id=mirror.job_id,
                    known=mirror.content_hash,
                    warnings=mirror.warnings,
                )
        return None

    def _reading(self, index: int, raw: str, result: Result) -> Reading:
        if isinstance(result, Rejected):
            return self._refused(index, raw, result)
        return self._taken(index, raw, result)

    def _refused(self, index: int, raw: str, result: Rejected) -> Reading:
        external = result.external_job_id or ""
        return Reading(
            at=index,
            raw_hash=raw,
            external_job_id=external,
            job_id=self._job_id(external) if external else "",
            rejections=result.rejections,
            warnings=result.warnings,
        )

    def _taken(self, index: int, raw: str, result: Normalized) -> Reading:
        job = result.job
        external = job.external_job_id
        job_id = self._job_id(external)
        content, offer = content_of(job, self.integration)
        warnings = result.warnings
        if not offer.applyable:
            warnings = (*warnings, _NOT_APPLYABLE)
        if self._board and boards.belongs(self._board, job.boards) is False:
            message = f"The record is of {', '.join(job.boards)}, not of {self._board}."
            return Reading(
                at=index,
                raw_hash=raw,
                external_job_id=external,
                job_id=job_id,
                rejections=(Note("BOARD_MISMATCH", "", message),),
                warnings=warnings,
            )
        return Reading(
            at=index,
            raw_hash=raw,
            external_job_id=external,
            job_id=job_id,
            incoming=Incoming(
                external_job_id=external,
                job_id=job_id,
                raw_hash=raw,
                content_hash=content_hash(job),
                mapping=self.mapping,
                status=job.status,
                listed=job.listed,
                updated_time=job.updated_at,
            ),
            content=content,
            offer=offer,
            omitted=job.omitted,
            expires_time=None if job.valid_through is None else _expiry(job, self.now),
            warnings=warnings,
        )

    def _job_id(self, external: str) -> str:
        found = self._job_ids.get(external)
        if found is None:
            found = mirror_id(self.integration.organization_id, self._provider, external)
            self._job_ids[external] = found
        return found


async def read_batch(
    reader: RecordReader, records: Sequence[Record], desk: Desk, known: Known
) -> tuple[list[Reading], KnownMirrors | None]:
    """Reads a batch, in the order of its records; only what isn't known is normalized.

    Returns what was known, too, where it was looked up here.
    """
    taken = await desk.take(reader, records)
    if taken is not None:
        return settle_duplicates(taken), None
    glances = await desk.sort(reader, records)
    mirrors = await known(likely_mirrors(glances))
    found = reader.recognize(glances, mirrors.by_job)
    unknown = left_to_read(found)
    readings = completed(found, await desk.read(unknown) if unknown else ())
    return settle_duplicates(readings), mirrors


def left_to_read(found: Sequence[Reading | None]) -> list[int]:
    """The places of the records that weren't recognized."""
    return [at for at, reading in enumerate(found) if reading is None]


def completed(found: Sequence[Reading | None], read: Iterable[Reading]) -> list[Reading]:
    """The recognized and the others, in the order of their records."""
    others = {reading.at: reading for reading in read}
    return [others[at] if reading is None else reading for at, reading in enumerate(found)]


def likely_mirrors(glances: Iterable[Glance]) -> list[str]:
    """The ids of the mirrors that records may be of, each once."""
    return list(dict.fromkeys(job_id for _, likely in glances for job_id in likely))


def settle_duplicates(readings: Sequence[Reading]) -> list[Reading]:
    """One record an id: the same content again repeats the first, other content refuses all."""
    by_id: dict[str, list[Reading]] = {}
    for reading in readings:
        if reading.external_job_id:
            by_id.setdefault(reading.external_job_id, []).append(reading)
    if len(by_id) == len(readings):
        return list(readings)
    settled = list(readings)
    for same_id in by_id.values():
        if len(same_id) > 1:
            for reading in _settled(same_id):
                settled[reading.at] = reading
    return settled


def fingerprint(readings: Iterable[Reading], facts: Sequence[object]) -> bytes:
    """SHA-256 over what a batch says: its records without what is volatile, and its flags."""
    digest = sha256(repr(tuple(facts)).encode())
    for reading in readings:
        digest.update(bytes.fromhex(reading.raw_hash))
    return digest.digest()


def options_of(integration: Integration, now: datetime) -> NormalizeOptions:
    """What the integration knows that its records don't say."""
    field_map = None
    if integration.field_map:
        field_map, _ = parse_field_map(dict(integration.field_map))
    return NormalizeOptions(
        now=now,
        field_map=field_map,
        statuses={
            text.casefold(): OfferStatus(word) for text, word in integration.status_map.items()
        },
        workday_identity=integration.workday_identity,
    )


def mapping_of(integration: Integration) -> str:
    """The version of the rules that make a record into a job, the integration's own included."""
    return f"{VERSION}.{integration.mapping_revision}"


def _settled(same_id: list[Reading]) -> Iterable[Reading]:
    first = same_id[0]
    equal = not first.rejections and all(
        reading.content_hash == first.content_hash and not reading.rejections for reading in same_id
    )
    if equal:
        again = Note("DUPLICATE", "", f"The same as record {first.at}.")
        yield first
        for reading in same_id[1:]:
            yield reading._replace(repeats=True, warnings=(*reading.warnings, again))
        return
    indices = ", ".join(str(reading.at) for reading in same_id)
    why = Note("DUPLICATE_ID", "", f"Records {indices} have one id and different content.")
    for reading in same_id:
        yield reading._replace(
            known="",
            incoming=None,
            content=None,
            offer=None,
            rejections=(*reading.rejections, why),
        )


def _likely_ids(payload: Any) -> list[str]:
    if not isinstance(payload, dict):
        return []
    holders = [payload, *(payload[name] for name in _INNER if name in payload)]
    return [
        found
        for holder in holders
        if isinstance(holder, dict)
        for name in _ID_MEMBERS
        if name in holder and (found := external_id(holder[name])) is not None
    ]


def _expiry(job: NormalizedJob, now: datetime) -> datetime | None:
    """When the record will read otherwise by itself: the end of its last day, if that is ahead."""
    through = job.valid_through
    if through is None:
        return None
    if not isinstance(through, datetime):
        through = datetime.combine(through, time(tzinfo=UTC)) + timedelta(days=1)
    return through if through > now else None
