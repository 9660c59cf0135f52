"""Normalizer of records: makes a client's half of a job, or a rejection, from each record.

It runs before any transaction, usually in a worker process, without access to a database.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Any, NamedTuple

from xaigh_server.ats.content import Content, Offer, content_hash, content_of
from xaigh_server.ats.drift import values_of
from xaigh_server.ats.fingerprint import Fingerprinter, likely_ids, raw_hash
from xaigh_server.ats.integrations import Integration
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
    SyncRejection,
    SyncWarning,
)
from xaigh_server.ats.providers.registry import normalize
from xaigh_server.ats.record_decisions import Incoming

_NOT_APPLYABLE = Note(
    SyncWarning.NOT_APPLYABLE, "", "Nobody can apply: no URL, and nothing to forward to."
)


class ParsedRecord(NamedTuple):
    """One record, parsed. Exactly one of three: unchanged, accepted, or rejected.

    `known` is the content hash of the mirror that an unchanged record matches; an accepted record
    has `incoming`, `content` and `offer`; a rejected one has `rejections`. `external_job_id` is
    empty where the record has no readable id. `at` is the record's index in its batch.
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
    valued: int = 0
    """The guarded fields that the record has, as bits (drift.py)."""
    alias_job_id: str = ""
    """The id of the mirror that another form of the record would make; empty for none."""
    repeats: bool = False
    """Whether an earlier record of the batch has the same id and the same content."""

    @property
    def content_hash(self) -> str:
        if self.known:
            return self.known
        return "" if self.incoming is None else self.incoming.content_hash


class Normalizer:
    """Normalizes the records of one integration at one moment."""

    def __init__(self, integration: Integration, now: datetime) -> None:
        self.integration = integration
        self.now = now
        self._mapping = mapping_of(integration)
        self._provider = Provider(integration.provider)
        self._options = options_of(integration, now)
        self._board = integration.board
        self._job_id = Fingerprinter(integration.organization_id, integration.provider).job_id

    def unreadable(self, at: int, record: Any, message: str) -> ParsedRecord:
        """The record of a record that can't be normalized, with the likeliest of its ids."""
        external = next(iter(likely_ids(record)), "")
        return ParsedRecord(
            at=at,
            raw_hash=raw_hash(self._provider, record),
            external_job_id=external,
            job_id=self._job_id(external) if external else "",
            rejections=(Note(RejectionReason.RECORD_UNREADABLE, "", message),),
        )

    def normalize(self, at: int, record: Any, raw: str) -> ParsedRecord:
        """Normalizes the record at an index of its batch; `raw` is its raw hash."""
        return self._parsed(at, raw, normalize(self._provider, record, self._options))

    def normalize_all(self, records: Sequence[tuple[int, Any, str]]) -> list[ParsedRecord]:
        """Normalizes records, each with its index and its raw hash.

        All records take one step before any takes the next: the processor's caches hold the code of
        one step, and not of all.
        """
        results = [normalize(self._provider, record, self._options) for _, record, _ in records]
        return [
            self._parsed(at, raw, result)
            for (at, _, raw), result in zip(records, results, strict=True)
        ]

    def _parsed(self, at: int, raw: str, result: Result) -> ParsedRecord:
        if isinstance(result, Rejected):
            return self._rejected(at, raw, result)
        return self._accepted(at, raw, result)

    def _rejected(self, at: int, raw: str, result: Rejected) -> ParsedRecord:
        external = result.external_job_id or ""
        return ParsedRecord(
            at=at,
            raw_hash=raw,
            external_job_id=external,
            job_id=self._job_id(external) if external else "",
            rejections=result.rejections,
            warnings=result.warnings,
        )

    def _accepted(self, at: int, raw: str, result: Normalized) -> ParsedRecord:
        job = result.job
        job_id = self._job_id(job.external_job_id)
        content, offer = content_of(job, self.integration)
        warnings = result.warnings if offer.applyable else (*result.warnings, _NOT_APPLYABLE)
        known = partial(
            ParsedRecord,
            at=at,
            raw_hash=raw,
            external_job_id=job.external_job_id,
            job_id=job_id,
            warnings=warnings,
        )
        if self._board and boards.belongs(self._board, job.boards) is False:
            message = f"The record is of {', '.join(job.boards)}, not of {self._board}."
            return known(rejections=(Note(SyncRejection.BOARD_MISMATCH, "", message),))
        return known(
            incoming=self._incoming(job, job_id, raw),
            content=content,
            offer=offer,
            omitted=job.omitted,
            valued=values_of(job),
            alias_job_id=self._job_id(job.alias) if job.alias else "",
            expires_time=None if job.valid_through is None else _expiry(job, self.now),
        )

    def _incoming(self, job: NormalizedJob, job_id: str, raw: str) -> Incoming:
        return Incoming(
            external_job_id=job.external_job_id,
            job_id=job_id,
            raw_hash=raw,
            content_hash=content_hash(job),
            mapping=self._mapping,
            status=job.status,
            listed=job.listed,
            updated_time=job.updated_at,
        )


def mark_duplicates(records: Sequence[ParsedRecord]) -> list[ParsedRecord]:
    """One record an id: the same content again repeats the first, other content refuses all."""
    by_id: dict[str, list[ParsedRecord]] = {}
    for record in records:
        if record.external_job_id:
            by_id.setdefault(record.external_job_id, []).append(record)
    if len(by_id) == len(records):
        return list(records)
    marked = list(records)
    for same_id in by_id.values():
        if len(same_id) > 1:
            for record in _marked(same_id):
                marked[record.at] = record
    return marked


def options_of(integration: Integration, now: datetime) -> NormalizeOptions:
    """Options of the normalizer, from the settings of the integration."""
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


def _marked(same_id: list[ParsedRecord]) -> Iterable[ParsedRecord]:
    first = same_id[0]
    equal = not first.rejections and all(
        record.content_hash == first.content_hash and not record.rejections for record in same_id
    )
    if equal:
        again = Note(SyncWarning.DUPLICATE, "", f"The same as record {first.at}.")
        yield first
        for record in same_id[1:]:
            yield record._replace(repeats=True, warnings=(*record.warnings, again))
        return
    indices = ", ".join(str(record.at) for record in same_id)
    why = Note(
        SyncRejection.DUPLICATE_ID, "", f"Records {indices} have one id and different content."
    )
    for record in same_id:
        yield record._replace(
            known="",
            incoming=None,
            content=None,
            offer=None,
            rejections=(*record.rejections, why),
        )


def _expiry(job: NormalizedJob, now: datetime) -> datetime | None:
    """When the record will read otherwise by itself: the end of its last day, if that is ahead."""
    through = job.valid_through
    if through is None:
        return None
    if not isinstance(through, datetime):
        through = datetime.combine(through, time(tzinfo=UTC)) + timedelta(days=1)
    return through if through > now else None
