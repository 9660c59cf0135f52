"""Anchors of the audit log: signed statements of the heads of all chains, and proofs from them.

The header of an anchor has its number, the digest of the header before it, its time, the number of
chains, the root of the Merkle tree (RFC 6962) over their heads, and the key that it is signed
under, with Ed25519. The first header under a new key has a signature of the former one, too. Since
each states the digest of the one before, the key of the newest anchor vouches for all of them. A
leaf of the tree is the canonical JSON of `[chain, sequence, hash]`, and leaves are in the order of
the chains' names. `moved` names the heads that differ from the anchor before. An export of one
organization has the header alone, and a proof of inclusion for the head of each of its chains.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from xaigh_client.cli.problems import UsageProblem

GENESIS = "0" * 64
"""The previous hash of a chain's first event, and of the first anchor."""
_PURPOSE = b"xaigh-audit-anchor/1\n"
_SIGNED = ("chains", "key", "number", "previous", "root", "time")


class Anchors:
    """Anchors in order, or the header of one with proofs. Without a key they are ignored.

    Every method raises UsageProblem, which names the place, for what isn't an anchor of this key.
    """

    def __init__(self, key: Ed25519PublicKey | None) -> None:
        self._key = "" if key is None else key.public_bytes_raw().hex()
        self._keys: list[str] = []  # one after the other
        self._digests: list[str] = []
        self._heads: dict[str, dict[int, str]] = {}
        self._last: Mapping[str, Any] | None = None
        self._header: Mapping[str, Any] | None = None

    def add(self, anchor: Mapping[str, Any], place: str) -> None:
        """Verifies and keeps the next anchor. Skips an anchor that another file held already."""
        if not self._key:
            return
        digest = _digest(anchor, place)
        number, moved = int(anchor["number"]), _moved(anchor, place)
        if digest in self._digests[number - 1 : number]:
            return
        previous = self._digests[-1] if self._digests else GENESIS
        if (number, anchor["previous"]) != (len(self._digests) + 1, previous):
            raise UsageProblem(f"an anchor is missing before {place}")
        self._use_key(anchor, place)
        self._digests.append(digest)
        self._last = anchor
        for chain, sequence, head in moved:
            self._heads.setdefault(chain, {})[sequence] = head

    def add_header(self, header: Mapping[str, Any], place: str) -> None:
        """Verifies and keeps the header that proofs belong to."""
        if self._key:
            _digest(header, place)
            self._known(str(header["key"]), place)
            self._header = header

    def add_proof(self, proof: Mapping[str, Any], place: str) -> None:
        """Verifies a proof against the header before it."""
        if not self._key:
            return
        if self._header is None:
            raise UsageProblem(f"{place} is a proof without the header of an anchor before it")
        try:
            chain, sequence, head = str(proof["chain"]), int(proof["sequence"]), str(proof["hash"])
            at = _leaf(chain, sequence, head)
            path = [bytes.fromhex(each) for each in proof["path"]]
            root = _climb(at, int(proof["index"]), int(self._header["chains"]), path)
        except (ValueError, KeyError, TypeError):
            raise UsageProblem(f"{place} is no proof") from None
        if root != self._header["root"]:
            raise UsageProblem(f"{place} doesn't prove the head of {chain}")
        self._heads.setdefault(chain, {})[sequence] = head

    def close(self) -> None:
        """Verifies, after the last anchor, that its root is that of all heads.

        The last heads are enough: the hash of a later event covers all events before it.
        """
        if self._last is None:
            return
        self._known(self._keys[-1], f"anchor {self._last['number']}")
        ends = {chain: max(heads.items()) for chain, heads in self._heads.items()}
        root = _root([_leaf(chain, *ends[chain]) for chain in sorted(ends)])
        if (len(ends), root) != (self._last["chains"], self._last["root"]):
            raise UsageProblem(
                f"the heads up to anchor {self._last['number']} aren't those that were signed"
            )
        self._last = None

    def _known(self, key: str, place: str) -> None:
        if key != self._key:
            raise UsageProblem(f"{place} was signed by another key: {key}")

    def _use_key(self, anchor: Mapping[str, Any], place: str) -> None:
        """Notes the key of the next anchor. Keys replace one another forwards."""
        key = str(anchor["key"])
        if self._keys and key != self._keys[-1]:
            if key in self._keys:
                raise UsageProblem(f"{place} goes back to a key that was replaced")
            self._check_former(anchor, place)
        if key not in self._keys:
            self._keys.append(key)

    def _check_former(self, anchor: Mapping[str, Any], place: str) -> None:
        signature = anchor.get("formerSignature")
        if signature is None:
            return  # the former key was lost; the new one vouches for the anchors before it
        form = rfc8785.dumps({name: anchor[name] for name in _SIGNED})
        try:
            _verify(self._keys[-1], signature, form)
        except (ValueError, TypeError, InvalidSignature, binascii.Error):
            raise UsageProblem(f"{place} wasn't signed by the former key") from None

    def of_chain(self, chain: str) -> Mapping[int, str]:
        """Returns the heads of a chain: hashes by sequence."""
        return self._heads.get(chain, {})

    def chains(self) -> Iterable[str]:
        """Returns the names of the chains that have heads."""
        return self._heads.keys()


def _digest(anchor: Mapping[str, Any], place: str) -> str:
    """The digest of an anchor's header, after its signature was checked."""
    try:
        form = rfc8785.dumps({name: anchor[name] for name in _SIGNED})
        _verify(str(anchor["key"]), anchor["signature"], form)
    except (ValueError, KeyError, TypeError, binascii.Error):
        raise UsageProblem(f"{place} is no anchor") from None
    except InvalidSignature:
        raise UsageProblem(f"{place} wasn't signed by the key that it names") from None
    return hashlib.sha256(form).hexdigest()


def _verify(key: str, signature: str, form: bytes) -> None:
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
    public.verify(base64.b64decode(signature, validate=True), _PURPOSE + form)


def _moved(anchor: Mapping[str, Any], place: str) -> list[tuple[str, int, str]]:
    try:
        return [(str(c), int(sequence), str(head)) for c, sequence, head in anchor["moved"]]
    except (ValueError, KeyError, TypeError):
        raise UsageProblem(f"{place} is no anchor: it doesn't say which heads moved") from None


def _leaf(chain: str, sequence: int, head: str) -> bytes:
    return hashlib.sha256(b"\x00" + rfc8785.dumps([chain, sequence, head])).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _root(level: list[bytes]) -> str:
    """The root over leaf hashes. An odd last node goes up unchanged."""
    while len(level) > 1:
        paired = [_node(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
        level = paired + level[len(paired) * 2 :]
    return (level[0] if level else hashlib.sha256().digest()).hex()


def _climb(at: bytes, index: int, size: int, path: list[bytes]) -> str:
    """The root that a path from a leaf gives; ValueError where it fits no tree of that size."""
    last = size - 1
    if not 0 <= index <= last:
        raise ValueError("no such leaf")
    while last > 0:
        if index % 2:
            at = _node(_next(path), at)
        elif index < last:
            at = _node(at, _next(path))
        index, last = index // 2, last // 2
    if path:
        raise ValueError("the path is too long")
    return at.hex()


def _next(path: list[bytes]) -> bytes:
    if not path:
        raise ValueError("the path is too short")
    return path.pop(0)
