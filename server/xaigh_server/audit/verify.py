"""Verifier of a chain: checks every hash, link and signed head in one pass.

The verifier finds:

* an edited event: its content doesn't give its hash;
* an event taken out of the middle: a gap in the sequence;
* a cut tail: a signed head covers events that don't exist;
* a chain that was rewritten and hashed anew: an event's hash isn't the one a head was signed for;
* heads that were edited, forged or left out: a signature or the heads' own chain is broken.

Events after the last head are checked for their hashes alone: a report says how far the proof goes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from xaigh_server.audit.heads import SignedHead, link_of
from xaigh_server.audit.model import GENESIS, ChainId


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainRecord:
    """One event as it was found. `form` is its canonical form, None where it can't be read."""

    sequence: int
    prev_hash: str
    hash: str
    form: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainReport:
    """What a chain is worth. `first_bad` is the first sequence at fault, None if all is well.

    `events` were sound; up to `anchored` a signed head proves them.
    """

    chain: ChainId
    events: int
    anchored: int
    first_bad: int | None = None
    fault: str = ""
    head: str = field(default="", compare=False)
    """Hash of the last sound event; empty for a chain without one."""
    unanchored_since: str = field(default="", compare=False)
    """Time of the first event that no head proves, RFC 3339; empty where all are proven."""

    @property
    def sound(self) -> bool:
        """True where nothing is wrong."""
        return self.first_bad is None

    def is_proven(self, *, since: str = "") -> bool:
        """True where heads prove every event; with `since`, those before that time (RFC 3339).

        A chain without any head isn't proven: its anchor file may be missing.
        """
        if self.anchored == self.events:
            return True
        return bool(since and self.anchored) and self.unanchored_since >= since

    def __str__(self) -> str:
        if self.sound:
            counts = f"{self.events} events sound, {self.anchored} of them anchored"
            head = f", head {self.chain}:{self.events}:{self.head}" if self.head else ""
            return f"{self.chain}: {counts}{head}"
        return f"{self.chain}: bad at sequence {self.first_bad}: {self.fault}"


class ChainVerifier:
    """Checks one chain, fed in order from its first event. Stops at the first fault."""

    def __init__(
        self,
        chain: ChainId,
        heads: Iterable[SignedHead],
        public_key: Ed25519PublicKey,
        *,
        expected: Mapping[int, str] = MappingProxyType({}),
    ) -> None:
        """`heads` are all those of this chain, in the order of their file.

        `expected` are hashes by sequence that the reader knows from elsewhere: they prove as heads.
        """
        self._chain = chain
        self._sequence = 0
        self._hash = GENESIS
        self._anchored = 0
        self._first_bad: int | None = None
        self._fault = ""
        self._heads, self._broken_heads = _sound(list(heads), public_key)
        self._position = 0  # of the head that covers the next event
        self._expected = expected
        self._unproven: bytes | None = None  # the first event behind what is anchored

    @property
    def failed(self) -> bool:
        """True once a fault was found. Further events are ignored."""
        return self._first_bad is not None

    def feed(self, record: ChainRecord) -> None:
        """Checks the next event."""
        if self.failed:
            return
        expected = self._sequence + 1
        if fault := self._fault_of(record, expected):
            self._fail(expected, fault)
            return
        self._sequence, self._hash = expected, record.hash
        head = self._head()
        signed = head is not None and head.sequence == expected
        self._position += signed
        if signed or expected in self._expected:
            self._anchored, self._unproven = expected, None
        elif self._unproven is None:
            self._unproven = record.form

    def report(self) -> ChainReport:
        """The result, after the last event."""
        if not self.failed and self._broken_heads is not None:
            self._fail(*self._broken_heads)
        if not self.failed and self._head() is not None:
            last = self._heads[-1].sequence
            self._fail(self._sequence + 1, f"the tail is cut: a head was signed for {last}")
        known = max(self._expected, default=0)
        if not self.failed and known > self._sequence:
            self._fail(self._sequence + 1, f"the tail is cut: a head is expected at {known}")
        return ChainReport(
            chain=self._chain,
            events=self._sequence,
            anchored=self._anchored,
            first_bad=self._first_bad,
            fault=self._fault,
            head=self._hash if self._sequence else "",
            unanchored_since=_time_of(self._unproven),
        )

    def _fault_of(self, record: ChainRecord, expected: int) -> str:
        if self._broken_heads is not None and expected == self._broken_heads[0]:
            return self._broken_heads[1]
        fault = fault_of(record, sequence=expected, prev_hash=self._hash)
        if not fault and self._expected.get(expected, record.hash) != record.hash:
            fault = "the event isn't the one of the expected head: the chain was rewritten"
        return fault or self._anchor_fault(record)

    def _anchor_fault(self, record: ChainRecord) -> str:
        head = self._head()
        if head is None:
            return ""
        rewritten = link_of(record.hash) != head.link(record.sequence)
        if rewritten or (head.sequence == record.sequence and head.hash != record.hash):
            return "the event isn't the one a head was signed for: the chain was rewritten"
        return ""

    def _head(self) -> SignedHead | None:
        """The head that covers the next event, or None past the last one."""
        return self._heads[self._position] if self._position < len(self._heads) else None

    def _fail(self, sequence: int, fault: str) -> None:
        self._first_bad, self._fault = sequence, fault


def _time_of(form: bytes | None) -> str:
    return str(orjson.loads(form)["time"]) if form else ""


def fault_of(record: ChainRecord, *, sequence: int, prev_hash: str) -> str:
    """Why a record isn't the event that follows in its chain; empty where it is."""
    if record.sequence != sequence:
        return f"the event is missing: the next one is {record.sequence}"
    if record.form is None:
        return "the event can't be read"
    if hashlib.sha256(record.form).hexdigest() != record.hash:
        return "the event's content doesn't give its hash: it was edited"
    if record.prev_hash != prev_hash:
        return "the event doesn't follow the one before it"
    return ""


def _sound(
    heads: Sequence[SignedHead], public_key: Ed25519PublicKey
) -> tuple[list[SignedHead], tuple[int, str] | None]:
    """The heads before the first broken one; from which sequence on proof is missing, and why."""
    first, previous = 1, GENESIS
    for position, head in enumerate(heads):
        if not head.is_signed_by(public_key):
            return list(heads[:position]), (
                first,
                f"the signature of the head of sequence {head.sequence} is wrong",
            )
        if (head.first, head.previous) != (first, previous):
            return list(heads[:position]), (
                first,
                f"a head is missing before the one of sequence {head.sequence}",
            )
        first, previous = head.sequence + 1, head.digest()
    return list(heads), None
