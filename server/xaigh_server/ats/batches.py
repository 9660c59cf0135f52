"""What a caller says about a batch, and which of it must hold together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from xaigh_server.ats.errors import BatchTooLarge
from xaigh_server.errors import FieldInvalid, FieldViolation

MOST_RECORDS = 200


class BatchKind(StrEnum):
    """How a batch stands to its feed."""

    IN_RUN = "IN_RUN"
    """One of the batches of a run."""
    WHOLE = "WHOLE"
    """The whole feed: a run of one batch."""
    PARTIAL = "PARTIAL"
    """Some records, as they changed: proof of nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What is said about a batch. Empty texts and None are left out by the caller.

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
    rehearsal: bool = False
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
