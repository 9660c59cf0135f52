"""Signed heads: proof, kept outside the database, of the last hash of a chain at a moment.

A head says: "up to `sequence` this chain ends in `hash`", signed with Ed25519. A chain with
a cut tail lacks the event at `sequence`, and a chain that was rewritten and hashed anew has another
hash there. A head also carries `links`, the first 8 bytes of the hash of every event since the head
before it, which name the first rewritten event; and `previous`, the digest of that head, which
shows that no head was left out.

In a file a head is one line: the canonical JSON of its members and its signature.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass, replace

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from xaigh_server.audit.model import GENESIS, ChainId, canonical_json

LINK_BYTES = 8

_PURPOSE = b"xaigh-audit-head/1\n"  # what is signed is no message of any other kind


class HeadMalformed(ValueError):
    """A line isn't a head. The text says what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedHead:
    """The end of a chain at a time (RFC 3339), covering the events `first` to `sequence`."""

    chain: ChainId
    first: int
    sequence: int
    hash: str
    links: bytes
    previous: str = GENESIS
    time: str
    signature: bytes = b""

    def form(self) -> bytes:
        """What is signed, after the purpose: canonical JSON of all members but the signature."""
        return canonical_json(
            {
                "chain": str(self.chain),
                "first": self.first,
                "hash": self.hash,
                "links": base64.b64encode(self.links).decode(),
                "previous": self.previous,
                "sequence": self.sequence,
                "time": self.time,
            }
        )

    def digest(self) -> str:
        """SHA-256 of the form, in hex: what the next head calls `previous`."""
        return hashlib.sha256(self.form()).hexdigest()

    def link(self, sequence: int) -> bytes:
        """The first bytes of the hash that the event at `sequence` had."""
        start = (sequence - self.first) * LINK_BYTES
        return self.links[start : start + LINK_BYTES]

    def signed(self, key: Ed25519PrivateKey) -> SignedHead:
        """The same head with its signature."""
        return replace(self, signature=key.sign(_PURPOSE + self.form()))

    def is_signed_by(self, key: Ed25519PublicKey) -> bool:
        """Whether the signature is of this head and that key."""
        try:
            key.verify(self.signature, _PURPOSE + self.form())
        except InvalidSignature:
            return False
        return True

    def line(self) -> bytes:
        """The head as a line of a file, without the line's end."""
        members = orjson.loads(self.form())
        members["signature"] = base64.b64encode(self.signature).decode()
        return canonical_json(members)


def link_of(hash_hex: str) -> bytes:
    """The part of an event's hash that a head keeps."""
    return bytes.fromhex(hash_hex)[:LINK_BYTES]


def parse_head(line: bytes) -> SignedHead:
    """The head of a line. HeadMalformed: the line is something else."""
    try:
        members = orjson.loads(line)
        head = SignedHead(
            chain=ChainId.parse(str(members["chain"])),
            first=int(members["first"]),
            sequence=int(members["sequence"]),
            hash=str(members["hash"]),
            links=base64.b64decode(members["links"], validate=True),
            previous=str(members["previous"]),
            time=str(members["time"]),
            signature=base64.b64decode(members["signature"], validate=True),
        )
    except (ValueError, TypeError, KeyError, binascii.Error) as error:
        raise HeadMalformed(f"not a signed head: {type(error).__name__}") from error
    events = head.sequence - head.first + 1
    if head.first < 1 or events < 1 or len(head.links) != events * LINK_BYTES:
        raise HeadMalformed("not a signed head: its links don't cover its events")
    return head
