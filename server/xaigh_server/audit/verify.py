"""Verifier of a chain: checks every hash, link and signed head in one pass.

The verifier finds:

* an edited event: its content doesn't give its hash;
* an event taken out of the middle: a gap in the sequence;
* a cut tail: a head was signed for events that don't exist;
* a chain that was rewritten and hashed anew: an event's hash isn't the one a head was signed for.

Anchors name the heads; `AnchorHistory` checks the anchors themselves. Events after the last head
are checked for their hashes alone: a report says how far the proof goes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import orjson

from xaigh_server.audit.model import GENESIS, ChainId

Hashes = Mapping[int, str]
"""Hashes by sequence."""
_NONE: Hashes = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainRecord:
    """One event as it was found. `form` is its canonical form, None where it can't be read.

    Of a withheld one the content isn't known: it proves its place in the chain, nothing else.
    """

    sequence: int
    prev_hash: str
    hash: str
    form: bytes | None
    withheld: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUse:
    """A key that signs anchors from a number on. `handed_over`: the former one signed that."""

    number: int
    key: str
    handed_over: bool

    def __str__(self) -> str:
        lost = "" if self.handed_over else ", without a signature of the key before"
        return f"key {self.key[:8]} from {self.number} on{lost}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorsReport:
    """What the anchors are worth. `first_bad` is the number of the first one at fault.

    `count` were sound; `kept` of them are in the anchor file, which alone proves. `keys` are those
    that signed them, in order.
    """

    count: int
    kept: int
    first_bad: int | None = None
    fault: str = ""
    keys: tuple[KeyUse, ...] = ()

    @property
    def sound(self) -> bool:
        """True where nothing is wrong."""
        return self.first_bad is None

    def __str__(self) -> str:
        if self.sound:
            kept = f", {self.kept} of them in the file" if self.kept != self.count else ""
            keys = self.keys if len(self.keys) > 1 else ()
            return f"anchors: {self.count} sound{kept}" + "".join(f"; {use}" for use in keys)
        return f"anchors: bad at number {self.first_bad}: {self.fault}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainReport:
    """What a chain is worth. `first_bad` is the first sequence at fault, None if all is well.

    `events` were sound; up to `anchored` a head proves them.
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
    withheld: int = 0
    """Events whose content isn't there: proven is that there are such, not what they say."""

    @property
    def sound(self) -> bool:
        """True where nothing is wrong."""
        return self.first_bad is None

    def is_proven(self, *, since: str = "") -> bool:
        """True where heads prove every event; with `since`, those before that time (RFC 3339).

        A chain without any head is proven, too, where all of its events are that young.
        """
        if self.anchored == self.events:
            return True
        return bool(since) and self.unanchored_since >= since

    def __str__(self) -> str:
        if self.sound:
            withheld = f", {self.withheld} of them withheld" if self.withheld else ""
            counts = f"{self.events} events sound{withheld}, {self.anchored} of them anchored"
            head = f", head {self.chain}:{self.events}:{self.head}" if self.head else ""
            return f"{self.chain}: {counts}{head}"
        return f"{self.chain}: bad at sequence {self.first_bad}: {self.fault}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailReport:
    """What a log is worth: its anchors, and its chains by name."""

    anchors: AnchorsReport
    chains: tuple[ChainReport, ...]

    @property
    def sound(self) -> bool:
        """True where nothing is wrong."""
        return self.anchors.sound and all(report.sound for report in self.chains)


class ChainVerifier:
    """Checks one chain, fed in order from its first event. Stops at the first fault."""

    def __init__(
        self, chain: ChainId, *, signed: Hashes = _NONE, stated: Hashes = _NONE,
        expected: Hashes = _NONE,
    ) -> None:  # fmt: skip
        """`signed` are the heads of anchors, `expected` those that the reader knows: both prove.

        `stated` heads must be the chain's, too, but prove nothing: whoever wrote the chain could
        have written them.
        """
        self._chain = chain
        self._heads = {**stated, **signed}
        self._expected = expected
        self._proving = signed.keys() | expected.keys()
        self._sequence = 0
        self._hash = GENESIS
        self._agreed = 0  # up to here the chain is the one of some head
        self._anchored = 0
        self._withheld = 0
        self._first_bad: int | None = None
        self._fault = ""
        self._unproven: bytes | None = None  # the first event behind what is anchored

    def feed(self, record: ChainRecord) -> None:
        """Checks the next event."""
        if self._first_bad is not None:
            return
        sequence = self._sequence + 1
        if fault := fault_of(record, sequence=sequence, prev_hash=self._hash):
            self._fail(sequence, fault)
            return
        if fault := self._rewritten(sequence, record.hash):
            self._fail(self._agreed + 1, fault)
            return
        self._sequence, self._hash = sequence, record.hash
        self._withheld += record.withheld
        if sequence in self._proving:
            self._anchored, self._unproven = sequence, None
        elif self._unproven is None:
            self._unproven = record.form

    def report(self) -> ChainReport:
        """The result, after the last event."""
        for heads, kind in ((self._heads, "was signed for"), (self._expected, "is expected at")):
            known = max(heads, default=0)
            if self._first_bad is None and known > self._sequence:
                self._fail(self._sequence + 1, f"the tail is cut: a head {kind} {known}")
        return ChainReport(
            chain=self._chain,
            events=self._sequence,
            anchored=self._anchored,
            first_bad=self._first_bad,
            fault=self._fault,
            head=self._hash if self._sequence else "",
            unanchored_since=_time_of(self._unproven),
            withheld=self._withheld,
        )

    def _rewritten(self, sequence: int, found: str) -> str:
        """Why the events up to a head aren't those that it stands for; "" where they are."""
        events = f"an event from {self._agreed + 1} to {sequence}"
        if self._heads.get(sequence, found) != found:
            return f"{events} isn't the one a head was signed for: the chain was rewritten"
        if self._expected.get(sequence, found) != found:
            return f"{events} isn't the one of the expected head: the chain was rewritten"
        if sequence in self._heads or sequence in self._expected:
            self._agreed = sequence
        return ""

    def _fail(self, sequence: int, fault: str) -> None:
        self._sequence = min(self._sequence, sequence - 1)
        self._first_bad, self._fault = sequence, fault


def _time_of(form: bytes | None) -> str:
    return str(orjson.loads(form)["time"]) if form else ""


def fault_of(record: ChainRecord, *, sequence: int, prev_hash: str) -> str:
    """Why a record isn't the event that follows in its chain; empty where it is."""
    if record.sequence != sequence:
        return f"the event is missing: the next one is {record.sequence}"
    if not record.withheld:
        if record.form is None:
            return "the event can't be read"
        if hashlib.sha256(record.form).hexdigest() != record.hash:
            return "the event's content doesn't give its hash: it was edited"
    if record.prev_hash != prev_hash:
        return "the event doesn't follow the one before it"
    return ""
