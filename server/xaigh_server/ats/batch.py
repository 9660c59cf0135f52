"""Batch of records, and its state from step to step: fingerprint, match, normalize, plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from xaigh_server.ats.errors import BatchTooLarge
from xaigh_server.ats.fingerprint import Fingerprint
from xaigh_server.ats.integrations import Integration
from xaigh_server.ats.normalize import ParsedRecord
from xaigh_server.ats.records import Record
from xaigh_server.ats.repository.mirrors import NO_MIRRORS, KnownMirrors
from xaigh_server.errors import FieldInvalid, FieldViolation

MOST_RECORDS = 200


class BatchKind(StrEnum):
    """Which part of a feed a batch is."""

    IN_RUN = "IN_RUN"
    """One of the batches of a run."""
    WHOLE = "WHOLE"
    """The whole feed: a run of one batch."""
    PARTIAL = "PARTIAL"
    """Some records, as they changed: proof of nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchHeader:
    """What the caller says about a batch, beside its records. Empty texts and None are left out.

    `replayable` is False for the rest of a feed that was cut off: it may come again, longer.
    """

    provider: str = ""
    integration_id: str = ""
    employer_id: str = ""
    sync_run_id: str = ""
    batch_index: int | None = None
    complete: bool = False
    expected_total: int | None = None
    close_missing: bool = False
    generated_time: datetime | None = None
    dry_run: bool = False
    replayable: bool = True

    @property
    def kind(self) -> BatchKind:
        if self.sync_run_id:
            return BatchKind.IN_RUN
        if self.complete or self.close_missing:
            return BatchKind.WHOLE
        return BatchKind.PARTIAL

    @property
    def says_whole(self) -> bool:
        """Whether this batch says that all of the feed was sent."""
        return self.complete or self.kind is BatchKind.WHOLE

    def check(self, records: int) -> None:
        """Raises BatchTooLarge or FieldInvalid, before anything is read."""
        if records > MOST_RECORDS:
            raise BatchTooLarge(records, most=MOST_RECORDS)
        found = list(self._violations(records))
        if found:
            raise FieldInvalid(found)

    def _violations(self, records: int) -> Iterator[FieldViolation]:
        if not self.provider and not self.integration_id:
            yield FieldViolation(path="provider", description="Needed without integrationId.")
        if not self.employer_id and not self.integration_id:
            yield FieldViolation(path="employerUserId", description="Needed without integrationId.")
        in_run = self.kind is BatchKind.IN_RUN
        if in_run and self.batch_index is None:
            yield FieldViolation(path="batchIndex", description="Needed with syncRunId.")
        if not in_run and self.batch_index is not None:
            yield FieldViolation(path="batchIndex", description="Only with syncRunId.")
        if self.expected_total is None and in_run and self.complete:
            yield FieldViolation(path="expectedTotal", description="Needed with complete.")
        full = not in_run and records == MOST_RECORDS
        if self.expected_total is None and full and self.kind is BatchKind.WHOLE:
            why = f"Needed where a batch of {MOST_RECORDS} is the whole feed."
            yield FieldViolation(path="expectedTotal", description=why)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One batch. Each step before the transaction returns it with what that step found.

    `integration` is as it was at `now`, when the records came.
    """

    header: BatchHeader
    integration: Integration
    now: datetime
    records: Sequence[Record]
    fingerprints: Sequence[Fingerprint] = ()
    """Of each record: the result of the step `fingerprint`."""
    mirrors: KnownMirrors = NO_MIRRORS
    """Mirrors of these records before the transaction, which looks again: the result of `match`."""
    parsed: Sequence[ParsedRecord | None] = ()
    """Each record once `normalize` has run; after `match`, the unchanged ones, None for others."""

    @property
    def unmatched(self) -> list[int]:
        """The indices of the records that `match` left to `normalize`."""
        return [at for at, found in enumerate(self.parsed) if found is None]

    @property
    def outcomes(self) -> list[ParsedRecord]:
        """The parsed records of a normalized batch, in the order of the request."""
        return [found for found in self.parsed if found is not None]

    @property
    def digest(self) -> bytes:
        """Digest that detects another batch under the same index of a run; empty outside a run.

        SHA-256 over the header's flags and the raw hashes, so without what is volatile.
        """
        header = self.header
        if header.batch_index is None:
            return b""
        facts = (header.complete, header.close_missing, header.expected_total, header.employer_id)
        digest = sha256(repr(facts).encode())
        for found in self.fingerprints:
            digest.update(bytes.fromhex(found.raw_hash))
        return digest.digest()
