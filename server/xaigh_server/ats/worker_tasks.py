"""Tasks of the normalizer's worker processes, and the serialization of their results.

The tasks are stateless except for a cache of fingerprints in each process.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeAlias

from xaigh_server.ats.content import Content, Offer
from xaigh_server.ats.fingerprint import Fingerprint, FingerprintCache, Fingerprinter
from xaigh_server.ats.integrations import Integration
from xaigh_server.ats.normalize import Normalizer, ParsedRecord
from xaigh_server.ats.providers.record import Note, OfferStatus
from xaigh_server.ats.record_decisions import Incoming
from xaigh_server.ats.records import Record, plain

Packed: TypeAlias = tuple[Any, ...]
Indexed: TypeAlias = tuple[int, Record, str]
"""A record's index in its batch, the record, and its raw hash."""

_STATUSES = {status.value: status for status in OfferStatus}
_CACHE = FingerprintCache()


def fingerprint_records(
    organization_id: str,
    provider: str,
    records: Sequence[Record],
    cache: FingerprintCache | None = _CACHE,
) -> list[tuple[str, Sequence[str]]]:
    """The raw hash of each record, and the ids of the mirrors that it may belong to."""
    fingerprinter = Fingerprinter(organization_id, provider)
    return [_fingerprint(fingerprinter, record, cache)[:2] for record in records]


def normalize_records(
    integration: Integration, now: datetime, records: Sequence[Indexed]
) -> list[Packed]:
    """The parsed records, packed."""
    loaded = [(at, plain(record), raw) for at, record, raw in records]
    return [pack(parsed) for parsed in Normalizer(integration, now).normalize_all(loaded)]


def identify_record(
    integration: Integration, now: datetime, at: int, record: Record, why: str
) -> Packed:
    """The rejection of a record that can't be normalized, with its likeliest id, packed."""
    return pack(Normalizer(integration, now).unreadable(at, plain(record), why))


def _fingerprint(
    fingerprinter: Fingerprinter, record: Record, cache: FingerprintCache | None
) -> Fingerprint:
    text = record if isinstance(record, bytes) else None
    if text is not None and cache is not None:
        return cache.of(fingerprinter, text)
    return fingerprinter.of(plain(record), text)


def pack(record: ParsedRecord) -> Packed:
    """A parsed record as plain values: unpickling dataclasses costs more than their content."""
    incoming, content, offer = record.incoming, record.content, record.offer
    return (
        record.at,
        record.raw_hash,
        record.external_job_id,
        record.job_id,
        None
        if incoming is None
        else (
            incoming.content_hash,
            incoming.mapping,
            incoming.status.value,
            incoming.listed,
            incoming.updated_time,
        ),
        None if content is None else (content.content, content.pay, content.application),
        None if offer is None else tuple(offer),
        record.omitted,
        record.expires_time,
        _pack_notes(record.rejections),
        _pack_notes(record.warnings),
        record.valued,
        record.alias_job_id,
    )


def unpack(values: Packed) -> ParsedRecord:
    """The parsed record that was packed."""
    index, raw, external, job_id, said, content, offer, omitted, expires, *others = values
    refused, warned, valued, alias_job_id = others
    incoming = None
    if said is not None:
        content_hash, mapping, status, listed, updated = said
        incoming = Incoming(
            *(external, job_id, raw, content_hash, mapping, _STATUSES[status], listed, updated)
        )
    return ParsedRecord(
        index,
        raw,
        external,
        job_id,
        "",
        incoming,
        None if content is None else Content(*content),
        None if offer is None else Offer(*offer),
        omitted,
        expires,
        _unpack_notes(refused),
        _unpack_notes(warned),
        valued,
        alias_job_id,
    )


def _pack_notes(notes: Sequence[Note]) -> list[tuple[str, str, str]]:
    return [(note.code, note.field, note.message) for note in notes]


def _unpack_notes(notes: Sequence[tuple[str, str, str]]) -> tuple[Note, ...]:
    return tuple([Note(*note) for note in notes]) if notes else ()
