"""Repository of the cursors of sinks, in the control database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import bindparam, select

from xaigh_server.audit.model import ChainId
from xaigh_server.audit.tables import audit_sink_cursors, audit_sinks
from xaigh_server.db.session import Session, upsert

_S = audit_sinks
_C = audit_sink_cursors
_POSITION = select(_S.c.anchor, _S.c.accepted).where(_S.c.name == bindparam("name"))
_CURSORS = select(_C.c.chain, _C.c.sequence).where(_C.c.sink == bindparam("sink"))
_MOVE = upsert(_S, key=("name",), update=("anchor", "accepted"))
_MOVE_CHAIN = upsert(_C, key=("sink", "chain"), update=("sequence",))


@dataclass(frozen=True, slots=True, kw_only=True)
class SinkPosition:
    """How far a sink has everything: the number of an anchor, and of batches that it accepted."""

    anchor: int = 0
    accepted: int = 0


class SinkCursors:
    """The cursors of one sink."""

    def __init__(self, session: Session, sink: str) -> None:
        self._session = session
        self._sink = sink

    def position(self) -> SinkPosition:
        """The position of the sink; that of the beginning for a new one."""
        row = self._session.one(_POSITION, name=self._sink)
        if row is None:
            return SinkPosition()
        return SinkPosition(anchor=row.anchor, accepted=row.accepted)

    def chains(self) -> dict[ChainId, int]:
        """The sequence up to which the sink has each chain."""
        rows = self._session.all(_CURSORS, sink=self._sink)
        return {ChainId.parse(row.chain): row.sequence for row in rows}

    def move(self, known: SinkPosition, anchor: int, chains: Mapping[ChainId, int]) -> bool:
        """Moves the cursors past an accepted batch. False: another process moved them first."""
        if self.position() != known:
            return False
        self._session.run(_MOVE, name=self._sink, anchor=anchor, accepted=known.accepted + 1)
        if chains:
            rows = [
                {"sink": self._sink, "chain": str(chain), "sequence": sequence}
                for chain, sequence in chains.items()
            ]
            self._session.run(_MOVE_CHAIN, rows)
        return True
