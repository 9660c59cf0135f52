"""Offline verifier of audit exports: event hashes, links between events, anchored heads.

An export is lines of JSON: one that names the format, then anchors (`"type":"anchor"`) or, for one
organization, the header of an anchor and proofs (`"anchor_header"`, `"proof"`), then events
(`"type":"event"`), chain by chain.

An export that a key made has a link (`"type":"link"`) in place of each event that the key may not
read: its place and its hashes.

An event's canonical form is JSON in the form of RFC 8785 (JCS). Its hash is the SHA-256 of that
form, which holds the hash of the event before it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from google.protobuf.json_format import MessageToDict

from xaigh.audit.v1.audit_pb2 import AuditEvent
from xaigh_client.cli.audit_anchors import GENESIS, Anchors
from xaigh_client.cli.problems import UsageProblem

FORMAT = "xaigh-audit-export/2"
_EXPECTED = re.compile(r"(?P<chain>[^:\s]+):(?P<sequence>[1-9][0-9]{0,15}):(?P<hash>[0-9a-f]{64})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The result of verifying one chain."""

    chain: str
    events: int
    anchored: int
    """The last sequence that the head of an anchor covers."""
    withheld: int = 0
    """Events whose content isn't in the export: they are proven to be there, not what they say."""
    first_bad: int | None = None
    fault: str = ""
    head: str = ""
    """The hash of the last sound event; empty for a chain without one."""

    @property
    def proven(self) -> bool:
        """True where anchored or expected heads cover every event."""
        return self.anchored == self.events

    @property
    def sound(self) -> bool:
        """True where no event failed."""
        return self.first_bad is None

    def text(self) -> str:
        """One line for people."""
        if self.sound:
            withheld = f", {self.withheld} of them withheld" if self.withheld else ""
            counts = f"{self.events} events sound{withheld}, {self.anchored} of them anchored"
            head = f", head {self.chain}:{self.events}:{self.head}" if self.head else ""
            return f"{self.chain}: {counts}{head}"
        return f"{self.chain}: bad at sequence {self.first_bad}: {self.fault}"

    def as_json(self) -> dict[str, Any]:
        """The report as a JSON object, for scripts."""
        return {
            "chain": self.chain,
            "sound": self.sound,
            "events": self.events,
            "anchored": self.anchored,
            "withheld": self.withheld,
            "head": self.head,
            "firstBad": self.first_bad,
            "fault": self.fault,
        }


def members(event: AuditEvent) -> dict[str, Any]:
    """The members of an event that its hash covers, as a JSON object."""
    actor_type, _, actor_id = event.actor.partition(":")
    time = event.event_time.ToDatetime(UTC)
    return {
        "action": event.action,
        "actorId": actor_id,
        "actorType": actor_type,
        "after": MessageToDict(event.after) if event.HasField("after") else None,
        "before": MessageToDict(event.before) if event.HasField("before") else None,
        "chain": event.chain,
        "clientRequestId": event.client_request_id,
        "environment": event.environment,
        "organizationId": event.organization_id,
        "outcome": AuditEvent.Outcome.Name(event.outcome),
        "peer": event.peer,
        "prevHash": event.previous_hash,
        "reason": event.reason,
        "requestId": event.request_id,
        "sequence": event.sequence,
        "targets": list(event.targets),
        "time": time.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }


def canonical(value: Any) -> bytes:
    """Serializes a value to the form of RFC 8785, which is hashed or signed.

    A whole double, as a Struct holds it, has the form of an integer. ValueError: the value has no
    such form, for example an integer past 2^53 - 1.
    """
    return rfc8785.dumps(value)


def header_line() -> str:
    """Returns the first line of an export."""
    return canonical({"type": "header", "format": FORMAT}).decode()


def event_line(event: AuditEvent) -> str:
    """Returns the line of an event in an export."""
    return canonical({**members(event), "type": "event", "hash": event.hash}).decode()


def verify(
    lines: Iterable[str],
    anchors: Iterable[str],
    key: Ed25519PublicKey | None,
    expected: Iterable[str] = (),
) -> list[Report]:
    """Verifies an export and returns a report for each of its chains.

    `expected` are heads that the caller knows, `CHAIN:SEQUENCE:HASH`; they need no key.
    `anchors` are lines of an anchor file, in addition to those in the export. Without a key anchors
    are ignored. Raises UsageProblem for a file that is no export, and for anchors that the key
    didn't sign, that were altered or that are missing.
    """
    signed = Anchors(key)
    known = _expected(expected)
    for number, line in enumerate(anchors, 1):
        place = f"line {number} of the anchors"
        signed.add(_object(line, place), place)
    chains: dict[str, _Chain] = {}
    named = False
    for number, line in enumerate(lines, 1):
        place = f"line {number}"
        found = _object(line, place)
        kind = found.pop("type", None)
        named = named or (kind == "header" and found.get("format") == FORMAT)
        if not named:
            raise UsageProblem(f"this is no export: it doesn't begin with {FORMAT}")
        if kind in ("event", "link"):
            signed.close()
            name = str(found.get("chain"))
            if name not in chains:
                chains[name] = _Chain(name, signed.of_chain(name), known.get(name, {}))
            chains[name].add(found, withheld=kind == "link")
        elif chains:
            raise UsageProblem(f"{place} stands behind an event: anchors come first")
        elif kind in _ADD:
            _ADD[kind](signed, found, place)
    signed.close()
    for name in {*signed.chains(), *known} - chains.keys():
        chains[name] = _Chain(name, signed.of_chain(name), known.get(name, {}))
    return [chains[name].report() for name in sorted(chains)]


_ADD = {
    "anchor": Anchors.add,
    "anchor_header": Anchors.add_header,
    "proof": Anchors.add_proof,
}


def _expected(heads: Iterable[str]) -> Mapping[str, Mapping[int, str]]:
    found: dict[str, dict[int, str]] = {}
    for text in heads:
        match = _EXPECTED.fullmatch(text)
        if match is None:
            raise UsageProblem(f"{text} isn't CHAIN:SEQUENCE:HASH, as a verification prints it")
        found.setdefault(match["chain"], {})[int(match["sequence"])] = match["hash"]
    return found


def read_expected(text: str) -> list[str]:
    """Reads the heads of a file, or returns the text, which is one head."""
    if _EXPECTED.fullmatch(text) or not Path(text).is_file():
        return [text]
    return [match[0] for match in _EXPECTED.finditer(Path(text).read_text())] or [text]


def read_key(file: Path) -> Ed25519PublicKey:
    """Reads the anchor's public key from a PEM file. Raises UsageProblem."""
    try:
        key = load_pem_public_key(file.read_bytes())
    except ValueError:
        raise UsageProblem(f"{file} is no public key") from None
    if not isinstance(key, Ed25519PublicKey):
        raise UsageProblem(f"{file} is no Ed25519 key")
    return key


def _object(line: str, place: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise UsageProblem(f"{place} is no line of an export")
    return found


class _Chain:
    """Verifies one chain event by event. The first fault ends the verification."""

    def __init__(self, name: str, heads: Mapping[int, str], expected: Mapping[int, str]) -> None:
        self._name = name
        self._expected = expected
        self._heads = heads
        self._agreed = 0  # up to here the chain is the one of some head
        self._sequence = 0
        self._hash = GENESIS
        self._anchored = 0
        self._withheld = 0
        self._fault: tuple[int, str] | None = None

    def add(self, event: Mapping[str, Any], *, withheld: bool = False) -> None:
        """Verifies the next event. Of a withheld one the content isn't there."""
        if self._fault is not None:
            return
        fault = self._fault_of(event, withheld=withheld)
        if fault:
            self._fault = (self._sequence + 1, fault)
            return
        if fault := self._mismatch(str(event["hash"])):
            self._fault = (self._agreed + 1, fault)
            self._sequence = self._agreed
            return
        self._sequence, self._hash = self._sequence + 1, str(event["hash"])
        self._withheld += withheld
        if self._sequence in self._heads or self._sequence in self._expected:
            self._anchored = self._agreed = self._sequence

    def report(self) -> Report:
        """Returns the result after the last event."""
        fault = self._fault
        signed = max(self._heads, default=0)
        if fault is None and signed > self._sequence:
            fault = (self._sequence + 1, f"the end is cut: a head was signed for {signed}")
        known = max(self._expected, default=0)
        if fault is None and known > self._sequence:
            fault = (self._sequence + 1, f"the end is cut: a head is expected at {known}")
        return Report(
            chain=self._name,
            events=self._sequence,
            withheld=self._withheld,
            anchored=self._anchored,
            first_bad=fault[0] if fault else None,
            fault=fault[1] if fault else "",
            head=self._hash if self._sequence else "",
        )

    def _fault_of(self, event: Mapping[str, Any], *, withheld: bool) -> str:
        expected = self._sequence + 1
        if event.get("sequence") != expected:
            return f"the event is missing: the next one is {event.get('sequence')}"
        stated = str(event.get("hash"))
        if not withheld and _hash_of(event) != stated:
            return "the event's content doesn't give its hash: it was edited"
        if event.get("prevHash") != self._hash:
            return "the event doesn't follow the one before it"
        return ""

    def _mismatch(self, stated: str) -> str:
        """Why the events up to a head aren't those that it stands for; empty where they are."""
        sequence = self._sequence + 1
        events = f"an event from {self._agreed + 1} to {sequence}"
        if self._heads.get(sequence, stated) != stated:
            return f"{events} isn't the one a head was signed for: the chain was rewritten"
        if self._expected.get(sequence, stated) != stated:
            return f"{events} isn't the one of the expected head: the chain was rewritten"
        return ""


def _hash_of(event: Mapping[str, Any]) -> str:
    """The hash that an event's content gives; empty for content without a canonical form."""
    content = {name: value for name, value in event.items() if name != "hash"}
    try:
        return hashlib.sha256(canonical(content)).hexdigest()
    except ValueError:
        return ""
