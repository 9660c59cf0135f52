"""History of anchors: follows them one by one and says where one is forged, altered or missing.

Each anchor is signed under the key that it names, and states the digest of the one before it. So
the key of the newest anchor vouches for all of them: it must be one that the reader knows. Keys
replace one another forwards; by the former key's signature, a reader who knows only that one sees
that its owner made the change.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from xaigh_server.audit.anchors import Anchor, AnchorHeader, key_name
from xaigh_server.audit.merkle import ChainHead, HeadTree
from xaigh_server.audit.model import GENESIS, ChainId
from xaigh_server.audit.verify import KeyUse


class AnchorHistory:
    """Checks anchors from the first on. It stops at the first fault.

    `heads` are those of the anchors before the fault: hashes by sequence, for each chain.
    """

    def __init__(self, *known: Ed25519PublicKey) -> None:
        """`known` are keys of which one must be that of the newest anchor."""
        self._known = frozenset(map(key_name, known))
        self.keys: list[KeyUse] = []
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
        self._use_key(anchor.header)
        self.count, self._previous = anchor.number, anchor.header.digest()
        for chain, head in anchor.moved.items():
            self.heads.setdefault(chain, {})[head.sequence] = head.hash

    def close(self) -> None:
        """Ends the history: where the reader doesn't know the last key, it proves nothing."""
        if not self.keys or self.keys[-1].key in self._known:
            return
        self.heads = {}
        if not self.fault:
            since, key = self.keys[-1].number, self.keys[-1].key
            self.fail(f"from here on they are signed by the key {key}, which isn't known here")
            self.count = since - 1

    def _use_key(self, header: AnchorHeader) -> None:
        if not self.keys or self.keys[-1].key != header.key:
            handed_over = not self.keys or bool(header.former_signature)
            use = KeyUse(number=header.number, key=header.key, handed_over=handed_over)
            self.keys.append(use)

    def _key_fault(self, header: AnchorHeader) -> str:
        if not header.is_genuine():
            return "the signature is wrong"
        if not self.keys or self.keys[-1].key == header.key:
            return ""
        if any(use.key == header.key for use in self.keys):
            return "the anchor goes back to a key that was replaced"
        if header.former_signature and not header.is_handed_over_by(self.keys[-1].key):
            return "the signature of the former key is wrong"
        return ""

    def _fault_of(self, anchor: Anchor) -> str:
        header = anchor.header
        if header.number != self.count + 1:
            return f"an anchor is missing: the next one is {header.number}"
        if fault := self._key_fault(header):
            return fault
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
