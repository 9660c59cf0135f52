"""Finder of roles that are mirrored from another form of record, under another id.

Workday knows a role by its requisition and by its posting, and each form of a record by one of the
two. A record without a mirror may give the other id away, or an earlier one gave away this one's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xaigh_server.ats.normalize import ParsedRecord
from xaigh_server.ats.record_decisions import Mirror
from xaigh_server.ats.repository.mirrors import Mirrors
from xaigh_server.db.session import Session

_PROVIDERS = frozenset({"WORKDAY"})


class OtherForms:
    """The roles of one batch that other forms of records made, those of the batch included."""

    def __init__(
        self,
        session: Session,
        provider: str,
        records: Sequence[ParsedRecord],
        known: Mapping[str, Mirror],
    ) -> None:
        """`known` are the records' own mirrors, by job id."""
        self._made: set[str] = set()
        self._made_aliases: set[str] = set()
        self._found: dict[str, Mirror] = {}
        fresh = [each for each in records if each.incoming and each.job_id not in known]
        if provider in _PROVIDERS and fresh:
            self._find(session, fresh)

    def mirror(self, record: ParsedRecord) -> Mirror | None:
        """The mirror that another form of the record made before this batch."""
        return self._found.get(record.job_id)

    def is_made(self, record: ParsedRecord) -> bool:
        """Whether an earlier record of the batch made a mirror of the same role."""
        return record.job_id in self._made_aliases or record.alias_job_id in self._made

    def make(self, record: ParsedRecord) -> None:
        """Notes that a record makes a mirror."""
        if record.alias_job_id:
            self._made_aliases.add(record.alias_job_id)
        self._made.add(record.job_id)

    def _find(self, session: Session, fresh: Sequence[ParsedRecord]) -> None:
        mirrors = Mirrors(session)
        others = mirrors.aliased([each.job_id for each in fresh])
        for each in fresh:
            if each.alias_job_id:
                others.setdefault(each.job_id, each.alias_job_id)
        by_job = mirrors.known(list(dict.fromkeys(others.values()))).by_job
        self._found = {own: by_job[other] for own, other in others.items() if other in by_job}
