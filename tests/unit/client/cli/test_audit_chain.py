"""Offline verifier of audit exports."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from google.protobuf.struct_pb2 import Struct
from tests.unit.client.cli.command_runner import timestamp

from xaigh.audit.v1.audit_pb2 import AuditEvent
from xaigh_client.cli import audit_chain
from xaigh_client.cli.audit_chain import GENESIS, canonical, event_line, header_line, verify
from xaigh_client.cli.problems import UsageProblem

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
PUBLIC = KEY.public_key()


def _chain(length: int, name: str = "control") -> list[AuditEvent]:
    events, previous = [], GENESIS
    for sequence in range(1, length + 1):
        event = AuditEvent(
            chain=name,
            sequence=sequence,
            actor="operator:ana",
            action="key.issued",
            outcome=AuditEvent.DONE,
            event_time=timestamp("2026-06-18T12:00:00.000001Z"),
            previous_hash=previous,
        )
        event.hash = hashlib.sha256(canonical(audit_chain.members(event))).hexdigest()
        previous = event.hash
        events.append(event)
    return events


def _lines(events: list[AuditEvent]) -> list[str]:
    return [header_line(), *map(event_line, events)]


def _head(events: list[AuditEvent], previous: str = GENESIS) -> dict[str, Any]:
    links = b"".join(bytes.fromhex(event.hash)[:8] for event in events)
    form = {
        "chain": events[0].chain,
        "first": events[0].sequence,
        "sequence": events[-1].sequence,
        "hash": events[-1].hash,
        "links": base64.b64encode(links).decode(),
        "previous": previous,
    }
    signature = KEY.sign(b"xaigh-audit-head/1\n" + canonical(form))
    return {**form, "signature": base64.b64encode(signature).decode()}


def _form_hash(head: dict[str, Any]) -> str:
    form = {name: value for name, value in head.items() if name != "signature"}
    return hashlib.sha256(canonical(form)).hexdigest()


def test_a_sound_chain_has_no_fault() -> None:
    """Without heads nothing is anchored."""
    (report,) = verify(_lines(_chain(3)), [], None)
    assert (report.sound, report.events, report.anchored) == (True, 3, 0)
    head = f"head control:3:{report.head}"
    assert report.text() == f"control: 3 events sound, 0 of them anchored, {head}"


def test_chains_are_verified_side_by_side() -> None:
    """Each has its own hashes and sequence."""
    reports = verify(_lines([*_chain(2), *_chain(1, "sandbox")]), [], None)
    assert [(report.chain, report.events) for report in reports] == [("control", 2), ("sandbox", 1)]


def _edited(lines: list[str]) -> list[str]:
    return [line.replace("ana", "eve") if '"sequence":2' in line else line for line in lines]


def _without_second(lines: list[str]) -> list[str]:
    return [line for line in lines if '"sequence":2' not in line]


def _relinked(lines: list[str]) -> list[str]:
    event = json.loads(lines[2])
    del event["hash"], event["type"]
    event["prevHash"] = GENESIS
    stated = hashlib.sha256(canonical(event)).hexdigest()
    lines[2] = json.dumps({**event, "type": "event", "hash": stated})
    return lines


@pytest.mark.parametrize(
    ("change", "fault"),
    [(_edited, "was edited"), (_without_second, "is missing"), (_relinked, "doesn't follow")],
)
def test_the_first_bad_event_is_named(change: Callable[[list[str]], list[str]], fault: str) -> None:
    """The chain counts as sound up to it."""
    (report,) = verify(change(_lines(_chain(3))), [], None)
    assert (report.first_bad, report.events) == (2, 1)
    assert fault in report.fault
    assert report.as_json()["firstBad"] == 2


def test_a_head_anchors_the_events_that_it_covers() -> None:
    """Later events are sound and not anchored."""
    events = _chain(3)
    (report,) = verify(_lines(events), [json.dumps(_head(events[:2]))], PUBLIC)
    assert (report.events, report.anchored) == (3, 2)


def test_heads_in_the_export_and_in_a_file_may_be_the_same() -> None:
    """A head that is known already is skipped."""
    events = _chain(2)
    head = _head(events)
    lines = [header_line(), json.dumps({**head, "type": "head"}), *map(event_line, events)]
    (report,) = verify(lines, [json.dumps(head)], PUBLIC)
    assert (report.sound, report.anchored) == (True, 2)


def test_a_cut_end_is_found_by_its_head() -> None:
    """The events alone look sound."""
    events = _chain(3)
    (report,) = verify(_lines(events[:2]), [json.dumps(_head(events))], PUBLIC)
    assert (report.first_bad, "the end is cut" in report.fault) == (3, True)


def test_a_chain_that_is_gone_is_found_by_its_head() -> None:
    """An export without any of its events."""
    (report,) = verify([header_line()], [json.dumps(_head(_chain(1)))], PUBLIC)
    assert (report.chain, report.first_bad) == ("control", 1)


def test_a_rewritten_chain_is_found_by_its_head() -> None:
    """New events with right hashes aren't those that the head was signed for."""
    other = _chain(2)
    for event in other:
        event.actor = "operator:eve"
    rewritten, previous = [], GENESIS
    for event in other:
        event.previous_hash = previous
        event.hash = hashlib.sha256(canonical(audit_chain.members(event))).hexdigest()
        previous = event.hash
        rewritten.append(event)
    (report,) = verify(_lines(rewritten), [json.dumps(_head(_chain(2)))], PUBLIC)
    assert (report.first_bad, "rewritten" in report.fault) == (1, True)


def test_heads_continue_one_another() -> None:
    """A head holds the hash of the head before it."""
    events = _chain(3)
    first = _head(events[:1])
    second = _head(events[1:], previous=_form_hash(first))
    (report,) = verify(_lines(events), [json.dumps(first), json.dumps(second)], PUBLIC)
    assert report.anchored == 3
    with pytest.raises(UsageProblem, match="a head is missing before line 1"):
        verify(_lines(events), [json.dumps(second)], PUBLIC)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"hash": "0" * 64}, "wasn't signed by this key"),
        ({"signature": "!"}, "is no signed head"),
        ({"sequence": "x"}, "is no signed head"),
    ],
)
def test_a_forged_head_is_refused(change: dict[str, Any], message: str) -> None:
    """No report could be trusted."""
    head = {**_head(_chain(1)), **change}
    with pytest.raises(UsageProblem, match=message):
        verify(_lines(_chain(1)), [json.dumps(head)], PUBLIC)


@pytest.mark.parametrize("lines", [["nonsense"], ["[]"], [event_line(_chain(1)[0])]])
def test_another_file_is_no_export(lines: list[str]) -> None:
    """An export begins with its format."""
    with pytest.raises(UsageProblem):
        verify(lines, [], None)


def test_numbers_of_a_struct_are_hashed_as_integers() -> None:
    """A Struct holds doubles, and the server hashed integers: RFC 8785 writes both alike."""
    before = Struct()
    before.update({"keys": 3, "deep": [{"n": 1}], "name": "x"})
    members = audit_chain.members(AuditEvent(before=before))
    assert canonical(members["before"]) == b'{"deep":[{"n":1}],"keys":3,"name":"x"}'
    assert members["after"] is None


def test_a_public_key_is_read_from_pem(tmp_path: Path) -> None:
    """Of Ed25519, and nothing else."""
    file = tmp_path / "audit.pub"
    file.write_bytes(PUBLIC.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    assert audit_chain.read_key(file).public_bytes_raw() == PUBLIC.public_bytes_raw()


def test_another_key_is_refused(tmp_path: Path) -> None:
    """A key of another kind, and a file that holds none."""
    file = tmp_path / "audit.pub"
    other = generate_private_key(SECP256R1()).public_key()
    file.write_bytes(other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    with pytest.raises(UsageProblem, match="no Ed25519 key"):
        audit_chain.read_key(file)
    file.write_text("nothing")
    with pytest.raises(UsageProblem, match="no public key"):
        audit_chain.read_key(file)
