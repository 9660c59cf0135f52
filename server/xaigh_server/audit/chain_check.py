"""Check of what chains have gained since their last anchored head, before a new head is signed.

Events are read for many chains at a time, so a round over thousands of chains costs a few reads of
each database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice

from xaigh_server.audit.merkle import EMPTY_HEAD, ChainHead
from xaigh_server.audit.model import ChainId
from xaigh_server.audit.repository import AuditLog, Span
from xaigh_server.audit.verify import ChainRecord, fault_of
from xaigh_server.db.database import Database
from xaigh_server.db.session import Session

_CHAINS = 200  # in one read
_EVENTS = 4000  # in one read


@dataclass(slots=True)
class _Progress:
    """How far a chain was checked, and where it ends."""

    at: ChainHead
    end: ChainHead
    anchored: ChainHead
    seen: bool = False  # whether the anchored event was found where it was
    fault: str = ""

    def span(self, chain: ChainId) -> Span:
        """The events to read next: the anchored one again, and those behind it."""
        first = self.at.sequence + (1 if self.seen else 0)
        return Span(
            organization_id=chain.organization_id, first=max(first, 1), last=self.end.sequence
        )

    def take(self, records: Sequence[ChainRecord], *, complete: bool) -> None:
        """Checks the next events. `complete`: there are no others up to the end."""
        for record in records:
            self.fault = self.fault or self._fault(record)
        if self.fault or not complete:
            return
        if not self.seen:
            self.fault = _ANOTHER.format(self.anchored.sequence)
        elif self.at.sequence < self.end.sequence:
            self.fault = f"bad at sequence {self.at.sequence + 1}: the event is missing"
        elif self.at.hash != self.end.hash:
            self.fault = f"bad at sequence {self.at.sequence}: the chain's row names another event"

    def _fault(self, record: ChainRecord) -> str:
        if not self.seen:
            if (record.sequence, record.hash) != (self.anchored.sequence, self.anchored.hash):
                return _ANOTHER.format(self.anchored.sequence)
            self.seen = True
            return ""
        expected = self.at.sequence + 1
        if fault := fault_of(record, sequence=expected, prev_hash=self.at.hash):
            return f"bad at sequence {expected}: {fault}"
        self.at = ChainHead(sequence=expected, hash=record.hash)
        return ""


_ANOTHER = "the event at {} isn't the one that a head was signed for"


@dataclass(slots=True)
class ChainCheck:
    """Checks the chains of one database that moved. `faults` are those that may not be signed."""

    database: Database
    anchored: Mapping[ChainId, ChainHead]
    faults: dict[ChainId, str] = field(default_factory=dict)

    async def run(self, ends: Mapping[ChainId, ChainHead]) -> dict[ChainId, ChainHead]:
        """Returns the new heads of the chains that hold up to their ends."""
        waiting = {chain: self._progress(chain, end) for chain, end in ends.items()}
        sound: dict[ChainId, ChainHead] = {}
        while waiting:
            batch = dict(islice(waiting.items(), _CHAINS))
            await self.database.read(partial(_advance, database=self.database.name, batch=batch))
            for chain, progress in batch.items():
                if progress.fault:
                    self.faults[chain] = progress.fault
                elif progress.at == progress.end:
                    sound[chain] = progress.end
                else:
                    continue
                del waiting[chain]
        return sound

    def _progress(self, chain: ChainId, end: ChainHead) -> _Progress:
        anchored = self.anchored.get(chain, EMPTY_HEAD)
        progress = _Progress(at=anchored, end=end, anchored=anchored, seen=not anchored.sequence)
        if end.sequence <= anchored.sequence:  # not the same head: then it wouldn't have moved
            progress.fault = _ANOTHER.format(anchored.sequence)
        return progress


def _advance(session: Session, *, database: str, batch: dict[ChainId, _Progress]) -> None:
    """Reads and checks what is next of each chain. A full page is cut: what is behind it waits."""
    open_ = {chain: each for chain, each in batch.items() if not each.fault}
    found = AuditLog(session, database).spans(
        [each.span(chain) for chain, each in open_.items()], limit=_EVENTS
    )
    full = sum(map(len, found.values())) >= _EVENTS
    last = [*found][-1] if found else ""
    for chain, each in open_.items():
        own = chain.organization_id
        if not full or own in found:
            each.take(found.get(own, ()), complete=not full or own != last)
