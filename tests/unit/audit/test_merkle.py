"""The tree of heads is that of RFC 6962, also after each change, and its proofs hold."""

import hashlib
from dataclasses import replace

import pytest

from xaigh_server.audit.merkle import ChainHead, HeadTree, leaf_hash
from xaigh_server.audit.model import ChainId


def chain(number: int) -> ChainId:
    return ChainId("control", f"org_{number:03}")


def head(text: str) -> ChainHead:
    return ChainHead(sequence=len(text), hash=hashlib.sha256(text.encode()).hexdigest())


def tree_hash(leaves: list[bytes]) -> bytes:
    """The Merkle tree hash as section 2.1 of the RFC defines it."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + tree_hash(leaves[:split]) + tree_hash(leaves[split:])).digest()


def root(heads: dict[ChainId, ChainHead]) -> str:
    ordered = sorted(heads, key=str)
    return tree_hash([leaf_hash(each, heads[each]) for each in ordered]).hex()


@pytest.mark.parametrize("size", range(18))
def test_roots_and_proofs_of_every_size(size: int) -> None:
    """Whatever is added or moved, the root is that of the RFC, and each leaf has its proof."""
    heads = {chain(number): head(f"{number}") for number in range(size)}
    tree = HeadTree(heads)
    assert (len(tree), tree.root) == (size, root(heads))
    for moved in [*heads, chain(999), ChainId("control")]:
        heads[moved] = head(f"{moved} moved")
        tree.move({moved: heads[moved]})
        assert tree.root == root(heads)
    for each in heads:
        proof = tree.proof(each)
        assert proof.root(len(heads)) == tree.root
        assert replace(proof, head=head("other")).root(len(heads)) != tree.root
        assert replace(proof, index=(proof.index + 1) % len(heads)).root(len(heads)) != tree.root
        assert replace(proof, path=(*proof.path, "0" * 64)).root(len(heads)) == ""
        assert replace(proof, path=proof.path[:-1]).root(len(heads)) == ""
        assert replace(proof, index=len(heads)).root(len(heads)) == ""


def test_a_leaf_is_canonical_json() -> None:
    """So that another implementation finds it."""
    found = leaf_hash(ChainId("control"), ChainHead(sequence=7, hash="ab"))
    assert found == hashlib.sha256(b'\x00["control/-",7,"ab"]').digest()
