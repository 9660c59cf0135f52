"""Merkle tree of RFC 6962 over the heads of all audit chains, with its audit paths.

    leaf hash = SHA-256(0x00 leaf)        node hash = SHA-256(0x01 left right)
    leaf      = canonical JSON [chain, sequence, hash], sorted by the chain's name

RFC 6962 splits a list at the largest power of two below its length. Pairing neighbours level by
level, and lifting an odd last node unchanged, gives the same tree, so one changed leaf costs one
hash per level. A new chain moves the leaves behind it: then the levels are built anew.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from xaigh_server.audit.model import GENESIS, ChainId, canonical_json


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainHead:
    """The last event of a chain; sequence 0 and GENESIS where there is none."""

    sequence: int
    hash: str


EMPTY_HEAD = ChainHead(sequence=0, hash=GENESIS)


@dataclass(frozen=True, slots=True, kw_only=True)
class InclusionProof:
    """Proof that a head is a leaf of a root: the leaf's place, and the hashes beside its path."""

    chain: ChainId
    head: ChainHead
    index: int
    path: tuple[str, ...]

    def root(self, chains: int) -> str:
        """The root that the proof gives for a tree of so many leaves; "" where it fits none."""
        index, last = self.index, chains - 1
        if not 0 <= index <= last:
            return ""
        at, beside = leaf_hash(self.chain, self.head), list(self.path)
        while last > 0:
            if index % 2 == 1 or index < last:
                if not beside:
                    return ""
                other = bytes.fromhex(beside.pop(0))
                at = _node(other, at) if index % 2 == 1 else _node(at, other)
            index, last = index // 2, last // 2
        return "" if beside else at.hex()


class HeadTree:
    """The heads of all chains and the tree over them."""

    def __init__(self, heads: Mapping[ChainId, ChainHead] | None = None) -> None:
        self._heads: dict[ChainId, ChainHead] = {}
        self._names: list[str] = []
        self._levels: list[list[bytes]] = [[]]
        self.move(heads or {})

    @property
    def heads(self) -> Mapping[ChainId, ChainHead]:
        """The present heads."""
        return self._heads

    @property
    def root(self) -> str:
        """The root in hex. A tree without leaves has the SHA-256 of nothing."""
        top = self._levels[-1]
        return (top[0] if top else hashlib.sha256().digest()).hex()

    def __len__(self) -> int:
        return len(self._names)

    def move(self, heads: Mapping[ChainId, ChainHead]) -> None:
        """Gives chains other heads. A chain that is new gets its place."""
        known = len(self._heads)
        self._heads.update(heads)
        if len(self._heads) != known:
            self._build()
            return
        for chain, head in heads.items():
            self._set(self._place(chain), leaf_hash(chain, head))

    def proof(self, chain: ChainId) -> InclusionProof:
        """The proof for the head of a chain. KeyError: the chain has none."""
        head, index = self._heads[chain], self._place(chain)
        at, path = index, []
        for level in self._levels[:-1]:
            if at ^ 1 < len(level):
                path.append(level[at ^ 1].hex())
            at //= 2
        return InclusionProof(chain=chain, head=head, index=index, path=tuple(path))

    def _place(self, chain: ChainId) -> int:
        return bisect_left(self._names, str(chain))

    def _build(self) -> None:
        ordered = sorted((str(chain), chain) for chain in self._heads)
        self._names = [name for name, _ in ordered]
        self._levels = [[leaf_hash(chain, self._heads[chain]) for _, chain in ordered]]
        while len(self._levels[-1]) > 1:
            self._levels.append(list(_parents(self._levels[-1])))

    def _set(self, at: int, value: bytes) -> None:
        for level in self._levels:
            level[at] = value
            left = at - at % 2
            value = _node(level[left], level[left + 1]) if left + 1 < len(level) else level[left]
            at //= 2


def leaf_hash(chain: ChainId, head: ChainHead) -> bytes:
    """The hash of the leaf of a chain's head."""
    leaf = canonical_json([str(chain), head.sequence, head.hash])
    return hashlib.sha256(b"\x00" + leaf).digest()


def _parents(level: Sequence[bytes]) -> Iterable[bytes]:
    for at in range(0, len(level) - 1, 2):
        yield _node(level[at], level[at + 1])
    if len(level) % 2:
        yield level[-1]


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
