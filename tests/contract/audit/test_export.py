"""The client's proof of an audit log, against the server's own chain."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf.json_format import ParseDict

from xaigh.audit.v1.audit_pb2 import AuditEvent as Wire
from xaigh_client.cli import audit_chain
from xaigh_client.cli.audit_chain import Report
from xaigh_client.cli.problems import UsageProblem
from xaigh_server.audit import export as audit_export
from xaigh_server.audit import model as audit
from xaigh_server.audit.anchors import Anchor, AnchorHeader
from xaigh_server.audit.merkle import ChainHead, HeadTree
from xaigh_server.audit.model import AuditEvent, ChainId, SealedEvent
from xaigh_server.audit.verify import ChainRecord

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
        sealed.append(audit.seal(event, chain=ChainId(name), sequence=number, prev_hash=previous))
    return sealed


def _wire(sealed: SealedEvent) -> Wire:
    event = sealed.event
    members: dict[str, Any] = {
        "chain": str(sealed.chain),
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
    return [audit_chain.header_line(), *(audit_chain.event_line(_wire(one)) for one in sealed)]


def _anchors(sealed: list[SealedEvent], *ends: int) -> list[Anchor]:
    anchors: list[Anchor] = []
    tree = HeadTree()
    for number, end in enumerate(ends, 1):
        moved = {sealed[0].chain: ChainHead(sequence=end, hash=sealed[end - 1].hash)}
        tree.move(moved)
        header = AnchorHeader(
            number=number,
            previous=anchors[-1].header.digest() if anchors else audit.GENESIS,
            time=audit.rfc3339(START),
            chains=len(tree),
            root=tree.root,
        )
        anchors.append(Anchor(header=header.signed(KEY), moved=moved))
    return anchors


def _heads(sealed: list[SealedEvent], *ends: int) -> list[bytes]:
    return [anchor.line() for anchor in _anchors(sealed, *ends)]


def _verify(lines: list[str], heads: list[bytes]) -> Report:
    anchors = [head.decode() for head in heads]
    (report,) = audit_chain.verify(lines, anchors, KEY.public_key())
    return report


def test_what_the_server_seals_the_client_proves() -> None:
    """Over the wire and back every event has the hash that it was sealed with."""
    sealed = _chain(9)
    report = _verify(_export(sealed), _heads(sealed, 4, 7))
    assert (report.sound, report.events, report.anchored) == (True, 9, 7)


def test_an_edited_event_is_found() -> None:
    """Its content no longer gives its hash."""
    lines = _export(_chain(5))
    lines[3] = json.dumps({**json.loads(lines[3]), "reason": "another"})
    report = _verify(lines, [])
    assert (report.first_bad, "edited" in report.fault) == (3, True)


def test_a_missing_event_is_found() -> None:
    """The sequence has a gap."""
    lines = _export(_chain(5))
    report = _verify(lines[:2] + lines[3:], [])
    assert (report.first_bad, "missing" in report.fault) == (2, True)


def test_a_cut_end_is_found() -> None:
    """A head was signed for what isn't there."""
    sealed = _chain(6)
    report = _verify(_export(sealed[:4]), _heads(sealed, 6))
    assert (report.first_bad, "cut" in report.fault) == (5, True)


def test_a_rewritten_chain_is_found() -> None:
    """All hashes agree with each other, and not with what was signed."""
    sealed = _chain(6)
    other = [
        audit.seal(sealed[0].event, chain=ChainId("control"), sequence=1, prev_hash=audit.GENESIS)
    ]
    for number, old in enumerate(sealed[1:], 2):
        last = other[-1].hash
        event = sealed[0].event if number == 3 else old.event
        other.append(audit.seal(event, chain=ChainId("control"), sequence=number, prev_hash=last))
    report = _verify(_export(other), _heads(sealed, 6))
    assert (report.first_bad, "rewritten" in report.fault) == (1, True)


def test_a_chain_that_is_gone_altogether_is_found() -> None:
    """Its heads are witness enough."""
    report = _verify(_export([]), _heads(_chain(3), 3))
    assert (report.sound, report.first_bad) == (False, 1)


@pytest.mark.parametrize("spoil", ["drop", "forge", "nonsense"])
def test_heads_that_were_tampered_with_are_refused(spoil: str) -> None:
    """Left out, forged or unreadable: nothing is proved by them."""
    heads = _heads(_chain(6), 2, 4, 6)
    match spoil:
        case "drop":
            del heads[1]
        case "forge":
            heads[1] = heads[1].replace(b'"number":2', b'"number":3')
        case _:
            heads[1] = b"{}"
    with pytest.raises(UsageProblem):
        _verify(_export([]), heads)


def test_each_side_reads_the_others_export() -> None:
    """What one wrote the other proves: there is one format."""
    sealed = _chain(6)
    key = KEY.public_key()
    (report,) = audit_export.verify_export(
        (line.encode() for line in _export(sealed)), key, chains=(ChainId("control"),)
    ).chains
    assert (report.sound, report.events) == (True, 6)
    heads = [audit_export.anchor_line(anchor) for anchor in _anchors(sealed, 2, 6)]
    events = [
        audit_export.event_line(
            one.chain,
            ChainRecord(
                sequence=one.sequence,
                prev_hash=one.prev_hash,
                hash=one.hash,
                form=audit.canonical(
                    one.event, chain=one.chain, sequence=one.sequence, prev_hash=one.prev_hash
                ),
            ),
        )
        for one in sealed
    ]
    lines = [line.decode() for line in (audit_export.header_line(), *heads, *events)]
    (proved,) = audit_chain.verify(lines, [], key)
    assert (proved.sound, proved.events, proved.anchored) == (True, 6, 6)
    (again,) = audit_chain.verify(lines, [head.decode() for head in _heads(sealed, 2, 6)], key)
    assert again == proved
    (unsigned,) = audit_chain.verify(lines, [], None)
    assert (unsigned.sound, unsigned.anchored) == (True, 0)


@pytest.mark.parametrize("lines", [["{}"], ["nonsense"], ['{"type":"event"}'], ["[]"]])
def test_what_is_no_export_is_refused(lines: list[str]) -> None:
    """The first line says what a file is."""
    with pytest.raises(UsageProblem):
        audit_chain.verify(lines, [], None)
