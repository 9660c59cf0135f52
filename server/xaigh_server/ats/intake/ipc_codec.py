"""What crosses between a server and the processes that read for it: records, and their readings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct

from xaigh.ats.v1.normalized_job_pb2 import NormalizedJob
from xaigh_server.ats.content import Content, Offer
from xaigh_server.ats.intake.reading import Glance, Reading
from xaigh_server.ats.intake.structs import Record
from xaigh_server.ats.integrations import Integration
from xaigh_server.ats.record_decisions import Incoming, Note, OfferStatus

Form: TypeAlias = bytes | tuple[bool, bytes]


BREAKS = (
    "Reading the record takes more memory or time than any record may. Shorten its description,"
    " and close each HTML element in it."
)
"""What the client is told of a record that breaks its worker."""

SEATS = 2
"""Batches that may lie in one process: one is read, and another is on its way or looked up."""

_STATUSES = {status.value: status for status in OfferStatus}
_OF_KNOWN = 6  # values of the reading of a record that is known


class ReadAlone(NamedTuple):
    """Asks for the reading of one record, packed; `at` is its place in its batch."""

    integration: Integration
    now: datetime
    form: Form
    at: int


class Identify(NamedTuple):
    """Asks of one record, which can't be read, for its raw hash and its likeliest id alone."""

    integration: Integration
    now: datetime
    form: Form
    at: int


class BatchAnswer(NamedTuple):
    """What comes back of a batch: readings as they cross, or else glances."""

    glances: list[Glance] | None = None
    readings: list[tuple[Any, ...]] | None = None


def packed(reading: Reading) -> tuple[Any, ...]:
    """A reading as plain values: unpickling dataclasses costs more than what they say."""
    incoming, content, offer = reading.incoming, reading.content, reading.offer
    if reading.known:
        found = reading.at, reading.raw_hash, reading.external_job_id, reading.job_id
        return (*found, reading.known, _packed_notes(reading.warnings))
    return (
        reading.at,
        reading.raw_hash,
        reading.external_job_id,
        reading.job_id,
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
        None if offer is None else (offer.title, offer.applyable),
        reading.omitted,
        reading.expires_time,
        _packed_notes(reading.rejections),
        _packed_notes(reading.warnings),
    )


def unpacked(values: tuple[Any, ...]) -> Reading:
    """The reading that was packed."""
    if len(values) == _OF_KNOWN:
        index, raw, external, job_id, known, warned = values
        return Reading(index, raw, external, job_id, known, warnings=_unpacked_notes(warned))
    index, raw, external, job_id, said, content, offer, omitted, expires, refused, warned = values
    incoming = None
    if said is not None:
        content_hash, mapping, status, listed, updated = said
        incoming = Incoming(
            *(external, job_id, raw, content_hash, mapping, _STATUSES[status], listed, updated)
        )
    return Reading(
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
        _unpacked_notes(refused),
        _unpacked_notes(warned),
    )


def _packed_notes(notes: Sequence[Note]) -> list[tuple[str, str, str]]:
    return [(note.code, note.field, note.message) for note in notes]


def _unpacked_notes(notes: Sequence[tuple[str, str, str]]) -> tuple[Note, ...]:
    return tuple([Note(*note) for note in notes]) if notes else ()


def forms_of(records: Sequence[Record]) -> list[Form]:
    """Records as they cross over."""
    return [_form(each) for each in records]


def _form(record: Record) -> Form:
    """A record as it crosses over: its text, or its wire form and whether that is a Struct's."""
    if type(record) is bytes:
        return record
    assert isinstance(record, Message)  # no other form is left
    return isinstance(record, Struct), record.SerializeToString()


def record_of(form: Form) -> Record:
    """The record that crossed over so."""
    if isinstance(form, bytes):
        return form
    is_struct, wire = form
    return (Struct if is_struct else NormalizedJob).FromString(wire)
