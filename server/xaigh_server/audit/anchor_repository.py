"""Repository of anchors, in the control database: the one order of the anchors of all servers."""

from __future__ import annotations

from sqlalchemy import bindparam, insert, select

from xaigh_server.audit.anchors import Anchor, AnchorHeader, parse_anchor
from xaigh_server.audit.merkle import ChainHead
from xaigh_server.audit.model import ChainId
from xaigh_server.audit.tables import audit_anchored_heads, audit_anchors
from xaigh_server.db.session import Session, upsert

_A = audit_anchors
_H = audit_anchored_heads
_NEWEST = select(_A.c.line).order_by(_A.c.number.desc()).limit(1)
_NEWEST_NUMBER = select(_A.c.number).order_by(_A.c.number.desc()).limit(1)
_DIGEST = select(_A.c.digest).where(_A.c.number == bindparam("number"))
_AFTER = (
    select(_A.c.line)
    .where(_A.c.number > bindparam("after"))
    .order_by(_A.c.number)
    .limit(bindparam("limit"))
)
_SIGNED_BY = select(_A.c.number).where(_A.c.key == bindparam("key")).limit(1)
_ADD = insert(_A)
_MOVE = upsert(_H, key=("chain",), update=("sequence", "hash"))
_HEADS = select(_H.c.chain, _H.c.sequence, _H.c.hash)


class Anchors:
    """The anchors that were signed, and the heads that the newest one states."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, anchor: Anchor) -> bool:
        """Writes the anchor that follows the newest. False: another server wrote that one first."""
        if self.newest_number() != anchor.number - 1:
            return False
        header = anchor.header
        line = anchor.line().decode()
        self._session.run(
            _ADD, number=header.number, digest=header.digest(), key=header.key, line=line
        )
        moved = [
            {"chain": str(chain), "sequence": head.sequence, "hash": head.hash}
            for chain, head in anchor.moved.items()
        ]
        if moved:
            self._session.run(_MOVE, moved)
        return True

    def has_key(self, key: str) -> bool:
        """Whether some anchor is signed under this key, as anchors name it."""
        return self._session.scalar(_SIGNED_BY, key=key) is not None

    def newest_number(self) -> int:
        """The number of the newest anchor; 0 where there is none."""
        return int(self._session.scalar(_NEWEST_NUMBER) or 0)

    def newest(self) -> AnchorHeader | None:
        """The header of the newest anchor. AnchorMalformed: the row was altered."""
        line = self._session.scalar(_NEWEST)
        return None if line is None else parse_anchor(line.encode()).header

    def digest(self, number: int) -> str:
        """The digest of an anchor's header; "" where there is none of the number."""
        return str(self._session.scalar(_DIGEST, number=number) or "")

    def after(self, number: int, *, limit: int) -> list[Anchor]:
        """The anchors that follow a number, in order. AnchorMalformed: a row was altered."""
        rows = self._session.all(_AFTER, after=number, limit=limit)
        return [parse_anchor(row.line.encode()) for row in rows]

    def state(self) -> tuple[AnchorHeader | None, dict[ChainId, ChainHead]]:
        """The header of the newest anchor, and the heads of all chains that it states."""
        return self.newest(), {
            ChainId.parse(row.chain): ChainHead(sequence=row.sequence, hash=row.hash)
            for row in self._session.all(_HEADS)
        }
