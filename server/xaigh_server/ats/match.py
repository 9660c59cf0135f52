"""Matcher: finds the records of a batch whose mirrors are up to date.

A record that is, byte for byte, the one that made its mirror needs no normalizing. The raw hash
proves this here, and again inside the transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from xaigh_server.ats.fingerprint import Fingerprint
from xaigh_server.ats.integrations import Integration
from xaigh_server.ats.normalize import ParsedRecord, mapping_of
from xaigh_server.ats.record_decisions import Mirror
from xaigh_server.jobs.model import CloseReason, JobState

_CLOSED_BY_RECORD = frozenset({CloseReason.ATS_CLOSED, CloseReason.ATS_UNPUBLISHED})


class Matcher:
    """Matches the records of one integration at one moment."""

    def __init__(self, integration: Integration, now: datetime) -> None:
        self._integration_id = integration.integration_id
        self._mapping = mapping_of(integration)
        self._now = now

    def match(
        self, fingerprints: Sequence[Fingerprint], mirrors: Mapping[str, Mirror]
    ) -> list[ParsedRecord | None]:
        """The unchanged records in the order of the batch, and None for each other record."""
        return [self._matched(at, found, mirrors) for at, found in enumerate(fingerprints)]

    def is_unchanged(self, raw_hash: str, mirror: Mirror) -> bool:
        """Whether a record with this raw hash would leave its mirror unchanged."""
        return (
            mirror.raw_hash == raw_hash
            and mirror.mapping == self._mapping
            and mirror.integration_id == self._integration_id
            and (mirror.state is JobState.OPEN or mirror.close_reason in _CLOSED_BY_RECORD)
            and (mirror.expires_time is None or self._now < mirror.expires_time)
        )

    def _matched(
        self, at: int, fingerprint: Fingerprint, mirrors: Mapping[str, Mirror]
    ) -> ParsedRecord | None:
        for job_id in fingerprint.job_ids:
            mirror = mirrors.get(job_id)
            if mirror is not None and self.is_unchanged(fingerprint.raw_hash, mirror):
                return ParsedRecord(
                    at=at,
                    raw_hash=fingerprint.raw_hash,
                    external_job_id=mirror.external_job_id,
                    job_id=mirror.job_id,
                    known=mirror.content_hash,
                    warnings=mirror.warnings,
                )
        return None


def candidates(fingerprints: Iterable[Fingerprint]) -> list[str]:
    """The ids of the mirrors that records may belong to, each once."""
    return list(dict.fromkeys(job_id for found in fingerprints for job_id in found.job_ids))
