"""Batches of an audit sink: lines of JSON, with which its receiver proves that nothing is missing.

    {"type":"header","format":"xaigh-audit-batch/1","sink":…}
    {"type":"anchor_header",…}        the newest anchor that there is
    {"type":"event",…} …              the events under the next anchor, in order per chain
    {"type":"anchor",…} …             that anchor, once every event under it was sent

So a receiver that holds an anchor holds every event that the anchor stands for; the newest header
tells how far behind it is. The lines are those of an export.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice

from xaigh_server.audit.anchors import Anchor, AnchorHeader
from xaigh_server.audit.export import anchor_header_line, anchor_line, event_line
from xaigh_server.audit.merkle import ChainHead
from xaigh_server.audit.model import ChainId, canonical_json
from xaigh_server.audit.repository import AuditLog, Span
from xaigh_server.audit.verify import ChainRecord
from xaigh_server.db.database import Database
from xaigh_server.db.session import Session

FORMAT = "xaigh-audit-batch/1"
EVENTS = 1000  # at most, in one batch
BYTES = 4 * 1024 * 1024  # after which no further anchor is begun
_CHAINS = 200  # in one read


@dataclass(slots=True, kw_only=True)
class SinkBatch:
    """A batch in the making. `anchor` and `chains` are the cursors once it is accepted."""

    sink: str
    newest: AnchorHeader
    anchor: int
    chains: dict[ChainId, int] = field(default_factory=dict)
    missing: dict[ChainId, int] = field(default_factory=dict)
    """Chains that lack events under their anchor, and the first sequence that isn't there."""
    lines: list[bytes] = field(default_factory=list)
    events: int = 0

    @property
    def full(self) -> bool:
        """Whether nothing more should be added."""
        return self.events >= EVENTS or sum(map(len, self.lines)) >= BYTES

    def body(self) -> bytes:
        """The batch as it is sent."""
        header = canonical_json({"type": "header", "format": FORMAT, "sink": self.sink})
        return b"\n".join([header, anchor_header_line(self.newest), *self.lines, b""])


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchReader:
    """Reads what a sink lacks. `cursors` say up to where it has each chain."""

    databases: Mapping[str, Database]
    cursors: Mapping[ChainId, int]

    async def fill(self, batch: SinkBatch, anchors: Sequence[Anchor]) -> None:
        """Adds the next anchors, each behind its events, until the batch is full."""
        for anchor in anchors:
            if batch.full or not await self._events(batch, anchor):
                return
            batch.lines.append(anchor_line(anchor))
            batch.anchor = anchor.number

    async def _events(self, batch: SinkBatch, anchor: Anchor) -> bool:
        """Adds the events under an anchor. False: there are more than the batch takes."""
        for name, database in self.databases.items():
            waiting = iter(
                (chain, head)
                for chain, head in sorted(anchor.moved.items())
                if chain.database == name and self._cursor(batch, chain) < head.sequence
            )
            while heads := dict(islice(waiting, _CHAINS)):
                if not await self._chains(batch, database, heads):
                    return False
        return True

    async def _chains(
        self, batch: SinkBatch, database: Database, heads: Mapping[ChainId, ChainHead]
    ) -> bool:
        room = EVENTS - batch.events
        if room <= 0:
            return False
        spans = [
            Span(
                organization_id=chain.organization_id,
                first=self._cursor(batch, chain) + 1,
                last=head.sequence,
            )
            for chain, head in heads.items()
        ]
        found = await database.read(
            partial(_records, database=database.name, spans=spans, limit=room)
        )
        for organization_id, records in found.items():
            _add(batch, ChainId(database.name, organization_id), records)
        if sum(map(len, found.values())) >= room:
            return False
        batch.missing.update(_missing(heads, found, self.cursors))
        batch.chains.update((chain, head.sequence) for chain, head in heads.items())
        return True

    def _cursor(self, batch: SinkBatch, chain: ChainId) -> int:
        return batch.chains.get(chain, self.cursors.get(chain, 0))


def _add(batch: SinkBatch, chain: ChainId, records: Sequence[ChainRecord]) -> None:
    batch.lines.extend(event_line(chain, record) for record in records)
    batch.events += len(records)
    batch.chains[chain] = records[-1].sequence


def _missing(
    heads: Mapping[ChainId, ChainHead],
    found: Mapping[str, Sequence[ChainRecord]],
    cursors: Mapping[ChainId, int],
) -> Iterator[tuple[ChainId, int]]:
    for chain, head in heads.items():
        records = found.get(chain.organization_id, ())
        last = records[-1].sequence if records else cursors.get(chain, 0)
        if last < head.sequence:
            yield chain, last + 1


def _records(
    session: Session, *, database: str, spans: Sequence[Span], limit: int
) -> dict[str, list[ChainRecord]]:
    return AuditLog(session, database).spans(spans, limit=limit)
