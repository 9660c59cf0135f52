"""Anchors: signed statements of the heads of all audit chains at a moment.

An anchor's header has its number, which counts from 1; `previous`, the digest of the header before
it; its time; the number of chains; the root of the Merkle tree over their heads; and the public key
that it is signed under, with Ed25519. The first header under a new key is signed under the former
one as well, unless that one was lost. An anchor is the header and `moved`, the heads that differ
from the anchor before: whoever follows all anchors knows every head, and the signed root proves
that none was left out or changed. The header alone, with a proof of inclusion for each chain of an
organization, proves the heads of that organization and names no other.

In the control database, in a file and in a sink an anchor is one line of canonical JSON.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from xaigh_server.audit.merkle import ChainHead, InclusionProof
from xaigh_server.audit.model import GENESIS, ChainId, canonical_json

_PURPOSE = b"xaigh-audit-anchor/1\n"  # what is signed is no message of any other kind
_HASH = re.compile(r"[0-9a-f]{64}")


class AnchorMalformed(ValueError):
    """A line isn't an anchor. The text says what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorHeader:
    """What is signed of an anchor.

    `root` and `previous` are hex SHA-256, `time` is RFC 3339, `key` is a raw public key in hex.
    """

    number: int
    previous: str = GENESIS
    time: str
    chains: int
    root: str
    key: str = ""
    signature: bytes = b""
    former_signature: bytes = b""
    """That of the former key, in the first header under a new one; else empty."""

    def form(self) -> bytes:
        """What is signed, after the purpose: canonical JSON of all members but the signatures."""
        return canonical_json(self._members())

    def digest(self) -> str:
        """SHA-256 of the form, in hex: what the next anchor calls `previous`."""
        return hashlib.sha256(self.form()).hexdigest()

    def signed(
        self, key: Ed25519PrivateKey, *, former: Ed25519PrivateKey | None = None
    ) -> AnchorHeader:
        """The same header under a key, with the signatures of it and of the key it replaces."""
        made = replace(self, key=key_name(key.public_key()))
        signature = key.sign(_PURPOSE + made.form())
        by_former = b"" if former is None else former.sign(_PURPOSE + made.form())
        return replace(made, signature=signature, former_signature=by_former)

    def is_genuine(self) -> bool:
        """Whether the signature is of this header and the key that it names."""
        return self._is_signed(self.signature, self.key)

    def is_handed_over_by(self, former: str) -> bool:
        """Whether a former key signed this header, too."""
        return self._is_signed(self.former_signature, former)

    def members(self) -> dict[str, Any]:
        """The header as a JSON object, with its signatures."""
        made = {**self._members(), "signature": base64.b64encode(self.signature).decode()}
        if self.former_signature:
            made["formerSignature"] = base64.b64encode(self.former_signature).decode()
        return made

    def _is_signed(self, signature: bytes, key: str) -> bool:
        try:
            public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
            public.verify(signature, _PURPOSE + self.form())
        except (InvalidSignature, ValueError):
            return False
        return True

    def _members(self) -> dict[str, Any]:
        return {
            "chains": self.chains,
            "key": self.key,
            "number": self.number,
            "previous": self.previous,
            "root": self.root,
            "time": self.time,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """A header and the heads that moved since the anchor before."""

    header: AnchorHeader
    moved: Mapping[ChainId, ChainHead]

    @property
    def number(self) -> int:
        """The header's number."""
        return self.header.number

    def line(self) -> bytes:
        """The anchor as a line, without the line's end."""
        return canonical_json(self.members())

    def members(self) -> dict[str, Any]:
        """The anchor as a JSON object. The moved heads are in the order of their chains' names."""
        moved = sorted((str(chain), head.sequence, head.hash) for chain, head in self.moved.items())
        return {**self.header.members(), "moved": moved}


def key_name(key: Ed25519PublicKey) -> str:
    """A public key as anchors name it: its 32 bytes in hex."""
    return key.public_bytes_raw().hex()


def parse_header(members: Mapping[str, Any]) -> AnchorHeader:
    """The header of a JSON object. AnchorMalformed: it is something else."""
    try:
        header = AnchorHeader(
            number=_count(members["number"]),
            previous=_hash(members["previous"]),
            time=str(members["time"]),
            chains=_count(members["chains"]),
            root=_hash(members["root"]),
            key=_hash(members["key"]),
            signature=base64.b64decode(members["signature"], validate=True),
            former_signature=base64.b64decode(members.get("formerSignature", ""), validate=True),
        )
    except (ValueError, TypeError, KeyError, binascii.Error) as error:
        raise AnchorMalformed(f"not an anchor: {type(error).__name__} {error}") from error
    return header


def parse_anchor(line: bytes) -> Anchor:
    """The anchor of a line. AnchorMalformed: the line is something else."""
    try:
        members = orjson.loads(line)
        moved = {
            ChainId.parse(str(chain)): ChainHead(sequence=_count(sequence), hash=_hash(digest))
            for chain, sequence, digest in members["moved"]
        }
    except (ValueError, TypeError, KeyError) as error:
        raise AnchorMalformed(f"not an anchor: {type(error).__name__}") from error
    return Anchor(header=parse_header(members), moved=moved)


def parse_proof(members: Mapping[str, Any]) -> InclusionProof:
    """The proof of a JSON object. AnchorMalformed: it is something else."""
    try:
        return InclusionProof(
            chain=ChainId.parse(str(members["chain"])),
            head=ChainHead(sequence=_count(members["sequence"]), hash=_hash(members["hash"])),
            index=int(members["index"]),
            path=tuple(map(_hash, members["path"])),
        )
    except (ValueError, TypeError, KeyError) as error:
        raise AnchorMalformed(f"not a proof: {type(error).__name__}") from error


def proof_members(proof: InclusionProof) -> dict[str, Any]:
    """A proof as a JSON object."""
    return {
        "chain": str(proof.chain),
        "sequence": proof.head.sequence,
        "hash": proof.head.hash,
        "index": proof.index,
        "path": proof.path,
    }


def _count(value: Any) -> int:
    if type(value) is not int or value < 1:
        raise ValueError(f"{value!r} isn't a whole number from 1 up")
    return value


def _hash(value: Any) -> str:
    if not isinstance(value, str) or _HASH.fullmatch(value) is None:
        raise ValueError("a hash or key is 64 hexadecimal digits")
    return value
