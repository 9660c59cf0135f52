"""The client's proof of an audit log, against the server's own chain."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from google.protobuf.json_format import ParseDict

from xaigh.access.v1.audit_pb2 import AuditEvent as Wire
from xaigh_client.cli import audit_chain
from xaigh_client.cli.audit_chain import Report
from xaigh_client.cli.problems import UsageProblem
from xaigh_server.domain import audit
from xaigh_server.domain.audit import AuditEvent, SealedEvent
from xaigh_server.domain.audit_heads import SignedHead, link_of

START = datetime(2026, 6, 18, 8, 0, 0, 123456, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)


def _chain(length: int, name: str = "control") -> list[SealedEvent]:
    sealed: list[SealedEvent] = []
    for number in range(1, length + 1):
        event = AuditEvent(
            time=START + timedelta(seconds=number),
            actor_type="system" if number % 3 == 0 else "operator",
            actor_id="" if number % 3 == 0 else "ana:ops",
            action="key.issued",
            targets=(f"key{number}", "grt_1"),
            before=None if number % 2 else {"count": number, "big": 1_781_771_200_000_000},
            after={"name": 'Łódź \u2028 \x7f / " \\', "list": [1, None, {"b": True}], "": -3},
            reason="because",
            outcome="REFUSED" if number == 4 else "DONE",
        )
        previous = sealed[-1].hash if sealed else audit.GENESIS
        sealed.append(audit.seal(event, chain=name, sequence=number, prev_hash=previous))
    return sealed


def _wire(sealed: SealedEvent) -> Wire:
    event = sealed.event
    members: dict[str, Any] = {
        "chain": sealed.chain,
        "sequence": str(sealed.sequence),
        "eventTime": audit.rfc3339(event.time),
        "actor": event.actor,
        "action": event.action,
        "targets": list(event.targets),
        "reason": event.reason,
        "outcome": event.outcome,
        "hash": sealed.hash,
        "previousHash": sealed.prev_hash,
    }
    halves = {"before": event.before, "after": event.after}
    present = {name: half for name, half in halves.items() if half is not None}
    return ParseDict({**members, **present}, Wire())


def _export(sealed: list[SealedEvent]) -> list[str]:
    wires = [_wire(one) for one in sealed]
    return [json.dumps({**audit_chain.members(one), "hash": one.hash}) for one in wires]


def _heads(sealed: list[SealedEvent], *ends: int) -> list[bytes]:
    lines, first, previous = [], 1, audit.GENESIS
    for end in ends:
        head = SignedHead(
            chain=sealed[0].chain,
            first=first,
            sequence=end,
            hash=sealed[end - 1].hash,
            links=b"".join(link_of(one.hash) for one in sealed[first - 1 : end]),
            previous=previous,
            time=audit.rfc3339(START),
        ).signed(KEY)
        lines.append(head.line())
        first, previous = end + 1, head.digest()
    return lines


def _verify(lines: list[str], heads: list[bytes], folder: Path) -> Report:
    anchors, key = folder / "heads", folder / "key.pem"
    anchors.write_bytes(b"\n".join(heads))
    key.write_bytes(KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    (report,) = audit_chain.verify(lines, audit_chain.read_heads(anchors, key))
    return report


def test_what_the_server_seals_the_client_proves(tmp_path: Path) -> None:
    """Over the wire and back every event has the hash that it was sealed with."""
    sealed = _chain(9)
    report = _verify(_export(sealed), _heads(sealed, 4, 7), tmp_path)
    assert (report.sound, report.events, report.anchored) == (True, 9, 7)


def test_an_edited_event_is_found(tmp_path: Path) -> None:
    """Its content no longer gives its hash."""
    lines = _export(_chain(5))
    lines[2] = json.dumps({**json.loads(lines[2]), "reason": "another"})
    report = _verify(lines, [], tmp_path)
    assert (report.first_bad, "edited" in report.fault) == (3, True)


def test_a_missing_event_is_found(tmp_path: Path) -> None:
    """The sequence has a gap."""
    lines = _export(_chain(5))
    report = _verify(lines[:1] + lines[2:], [], tmp_path)
    assert (report.first_bad, "missing" in report.fault) == (2, True)


def test_a_cut_end_is_found(tmp_path: Path) -> None:
    """A head was signed for what isn't there."""
    sealed = _chain(6)
    report = _verify(_export(sealed[:4]), _heads(sealed, 6), tmp_path)
    assert (report.first_bad, "cut" in report.fault) == (5, True)


def test_a_rewritten_chain_is_found(tmp_path: Path) -> None:
    """All hashes agree with each other, and not with what was signed."""
    sealed = _chain(6)
    other = [audit.seal(sealed[0].event, chain="control", sequence=1, prev_hash=audit.GENESIS)]
    for number, old in enumerate(sealed[1:], 2):
        last = other[-1].hash
        event = sealed[0].event if number == 3 else old.event
        other.append(audit.seal(event, chain="control", sequence=number, prev_hash=last))
    report = _verify(_export(other), _heads(sealed, 6), tmp_path)
    assert (report.first_bad, "rewritten" in report.fault) == (3, True)


def test_a_chain_that_is_gone_altogether_is_found(tmp_path: Path) -> None:
    """Its heads are witness enough."""
    report = _verify([], _heads(_chain(3), 3), tmp_path)
    assert (report.sound, report.first_bad) == (False, 1)


@pytest.mark.parametrize("spoil", ["drop", "forge", "nonsense"])
def test_heads_that_were_tampered_with_are_refused(tmp_path: Path, spoil: str) -> None:
    """Left out, forged or unreadable: nothing is proved by them."""
    heads = _heads(_chain(6), 2, 4, 6)
    match spoil:
        case "drop":
            del heads[1]
        case "forge":
            heads[1] = heads[1].replace(b'"sequence":4', b'"sequence":5')
        case _:
            heads[1] = b"{}"
    with pytest.raises(UsageProblem):
        _verify([], heads, tmp_path)
