"""History of anchors: follows them one by one and says where one is forged, altered or missing."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from xaigh_server.audit.anchors import Anchor
from xaigh_server.audit.merkle import ChainHead, HeadTree
from xaigh_server.audit.model import GENESIS, ChainId


class AnchorHistory:
    """Checks anchors from the first on. It stops at the first fault.

    `heads` are those of the anchors before the fault: hashes by sequence, for each chain.
    """

    def __init__(self, public_key: Ed25519PublicKey) -> None:
        self._public_key = public_key
        self._tree = HeadTree()
        self._previous = GENESIS
        self.count = 0
        self.fault = ""
        self.heads: dict[ChainId, dict[int, str]] = {}

    def fail(self, fault: str) -> None:
        """Ends the history: what follows isn't an anchor, or isn't the one that was kept."""
        self.fault = self.fault or fault

    def take(self, anchor: Anchor) -> None:
        """Checks the next anchor."""
        if self.fault:
            return
        self.fault = self._fault_of(anchor)
        if self.fault:
            return
        self.count, self._previous = anchor.number, anchor.header.digest()
        for chain, head in anchor.moved.items():
            self.heads.setdefault(chain, {})[head.sequence] = head.hash

    def _fault_of(self, anchor: Anchor) -> str:
        header = anchor.header
        if header.number != self.count + 1:
            return f"an anchor is missing: the next one is {header.number}"
        if not header.is_signed_by(self._public_key):
            return "the signature is wrong"
        if header.previous != self._previous:
            return "the anchor doesn't follow the one before it: another history was signed"
        backwards = [c for c, head in anchor.moved.items() if not _forward(self._tree, c, head)]
        if backwards:
            return f"the head of {min(backwards)} doesn't move forward"
        self._tree.move(anchor.moved)
        if (header.chains, header.root) != (len(self._tree), self._tree.root):
            return "the moved heads don't give the signed root: some were altered or left out"
        return ""


def _forward(tree: HeadTree, chain: ChainId, head: ChainHead) -> bool:
    known = tree.heads.get(chain)
    return known is None or head.sequence > known.sequence
