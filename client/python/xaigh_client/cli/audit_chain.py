"""Offline verifier of audit exports: event hashes, links between events, signed heads.

An export is lines of JSON: one that names the format, then signed heads (`"type":"head"`), then
events (`"type":"event"`), chain by chain.

An event's canonical form is JSON in the form of RFC 8785 (JCS). Its hash is the SHA-256 of that
form, which holds the hash of the event before it. A signed head states the
last hash of a chain at a moment, and holds the first 8 bytes of the hash of each event since the
head before it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from google.protobuf.json_format import MessageToDict

from xaigh.audit.v1.audit_pb2 import AuditEvent
from xaigh_client.cli.problems import UsageProblem

FORMAT = "xaigh-audit-export/1"
GENESIS = "0" * 64
"""The previous hash of a chain's first event."""
_LINK_SIZE = 8
_EXPECTED = re.compile(r"(?P<chain>[^:\s]+):(?P<sequence>[1-9][0-9]{0,15}):(?P<hash>[0-9a-f]{64})")
_PURPOSE = b"xaigh-audit-head/1\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The result of verifying one chain."""

    chain: str
    events: int
    anchored: int
    """The last sequence that a signed head covers."""
    first_bad: int | None = None
    fault: str = ""
    head: str = ""
    """The hash of the last sound event; empty for a chain without one."""

    @property
    def proven(self) -> bool:
        """True where signed or expected heads cover every event."""
        return self.anchored == self.events

    @property
    def sound(self) -> bool:
        """True where no event failed."""
        return self.first_bad is None

    def text(self) -> str:
        """One line for people."""
        if self.sound:
            counts = f"{self.events} events sound, {self.anchored} of them anchored"
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
    heads: Iterable[str],
    key: Ed25519PublicKey | None,
    expected: Iterable[str] = (),
) -> list[Report]:
    """Verifies an export and returns a report for each of its chains.

    `expected` are heads that the caller knows, `CHAIN:SEQUENCE:HASH`; they need no key.
    `heads` are lines of an anchor file, in addition to the heads in the export. Without a key the
    heads are ignored. Raises UsageProblem for a file that is no export, and for a head that the key
    didn't sign.
    """
    signed = _Heads(key)
    known = _expected(expected)
    for number, line in enumerate(heads, 1):
        signed.add(_object(line, f"line {number} of the heads"), f"line {number} of the heads")
    chains: dict[str, _Chain] = {}
    named = False
    for number, line in enumerate(lines, 1):
        place = f"line {number}"
        found = _object(line, place)
        kind = found.pop("type", None)
        named = named or (kind == "header" and found.get("format") == FORMAT)
        if not named:
            raise UsageProblem(f"this is no export: it doesn't begin with {FORMAT}")
        if kind == "head":
            signed.add(found, place)
        elif kind == "event":
            name = str(found.get("chain"))
            if name not in chains:
                chains[name] = _Chain(name, signed.of_chain(name), known.get(name, {}))
            chains[name].add(found)
    for name in {*signed.chains(), *known} - chains.keys():
        chains[name] = _Chain(name, signed.of_chain(name), known.get(name, {}))
    return [chains[name].report() for name in sorted(chains)]


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


class _Heads:
    """Signed heads by chain. Each head continues the one before it in its chain."""

    def __init__(self, key: Ed25519PublicKey | None) -> None:
        self._key = key
        self._found: dict[str, list[Mapping[str, Any]]] = {}
        self._next: dict[str, tuple[int, str]] = {}

    def add(self, head: Mapping[str, Any], place: str) -> None:
        """Verifies and keeps the next head. Skips a head that another file held already."""
        if self._key is None:
            return
        form = _verified_form(head, place, self._key)
        chain, first = str(head["chain"]), int(head["first"])
        expected, previous = self._next.get(chain, (1, GENESIS))
        if first < expected and head in self._found.get(chain, ()):
            return
        if (first, head["previous"]) != (expected, previous):
            raise UsageProblem(f"a head is missing before {place}")
        self._next[chain] = (int(head["sequence"]) + 1, hashlib.sha256(form).hexdigest())
        self._found.setdefault(chain, []).append(head)

    def of_chain(self, chain: str) -> list[Mapping[str, Any]]:
        """Returns the heads of a chain, in order."""
        return self._found.get(chain, [])

    def chains(self) -> Iterable[str]:
        """Returns the names of the chains that have heads."""
        return self._found.keys()


def _verified_form(head: Mapping[str, Any], place: str, key: Ed25519PublicKey) -> bytes:
    """The signed form of a head, after its signature and its links were checked."""
    try:
        signature = base64.b64decode(head["signature"], validate=True)
        form = canonical({name: head[name] for name in head if name != "signature"})
        events = int(head["sequence"]) - int(head["first"]) + 1
        complete = len(base64.b64decode(head["links"], validate=True)) == events * _LINK_SIZE
        key.verify(signature, _PURPOSE + form)
    except (ValueError, KeyError, TypeError, binascii.Error):
        raise UsageProblem(f"{place} is no signed head") from None
    except InvalidSignature:
        raise UsageProblem(f"{place} wasn't signed by this key") from None
    if not complete:
        raise UsageProblem(f"{place} doesn't cover its events")
    return form


class _Chain:
    """Verifies one chain event by event. The first fault ends the verification."""

    def __init__(
        self, name: str, heads: list[Mapping[str, Any]], expected: Mapping[int, str]
    ) -> None:
        self._name = name
        self._expected = expected
        self._heads = list(heads)
        self._sequence = 0
        self._hash = GENESIS
        self._anchored = 0
        self._fault: tuple[int, str] | None = None

    def add(self, event: Mapping[str, Any]) -> None:
        """Verifies the next event."""
        if self._fault is not None:
            return
        fault = self._fault_of(event)
        if fault:
            self._fault = (self._sequence + 1, fault)
            return
        self._sequence, self._hash = self._sequence + 1, str(event["hash"])
        if self._heads and self._heads[0]["sequence"] == self._sequence:
            self._anchored = self._sequence
            self._heads.pop(0)
        if self._sequence in self._expected:
            self._anchored = self._sequence

    def report(self) -> Report:
        """Returns the result after the last event."""
        fault = self._fault
        if fault is None and self._heads:
            signed = self._heads[-1]["sequence"]
            fault = (self._sequence + 1, f"the end is cut: a head was signed for {signed}")
        known = max(self._expected, default=0)
        if fault is None and known > self._sequence:
            fault = (self._sequence + 1, f"the end is cut: a head is expected at {known}")
        return Report(
            chain=self._name,
            events=self._sequence,
            anchored=self._anchored,
            first_bad=fault[0] if fault else None,
            fault=fault[1] if fault else "",
            head=self._hash if self._sequence else "",
        )

    def _fault_of(self, event: Mapping[str, Any]) -> str:
        expected = self._sequence + 1
        if event.get("sequence") != expected:
            return f"the event is missing: the next one is {event.get('sequence')}"
        stated = str(event.get("hash"))
        if _hash_of(event) != stated:
            return "the event's content doesn't give its hash: it was edited"
        if event.get("prevHash") != self._hash:
            return "the event doesn't follow the one before it"
        if self._expected.get(expected, stated) != stated:
            return "the event isn't the one of the expected head: the chain was rewritten"
        return self._head_mismatch(expected, stated)

    def _head_mismatch(self, sequence: int, stated: str) -> str:
        if not self._heads:
            return ""
        head = self._heads[0]
        start = (sequence - int(head["first"])) * _LINK_SIZE
        link = base64.b64decode(head["links"])[start : start + _LINK_SIZE]
        rewritten = bytes.fromhex(stated)[:_LINK_SIZE] != link
        if rewritten or (head["sequence"] == sequence and head["hash"] != stated):
            return "the event isn't the one a head was signed for: the chain was rewritten"
        return ""


def _hash_of(event: Mapping[str, Any]) -> str:
    """The hash that an event's content gives; empty for content without a canonical form."""
    content = {name: value for name, value in event.items() if name != "hash"}
    try:
        return hashlib.sha256(canonical(content)).hexdigest()
    except ValueError:
        return ""
