"""Offline verifier of audit exports."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Sequence
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
from xaigh_client.cli.audit_anchors import GENESIS
from xaigh_client.cli.audit_chain import canonical, event_line, header_line, verify
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


def _leaf(event: AuditEvent) -> bytes:
    return hashlib.sha256(b"\0" + canonical([event.chain, event.sequence, event.hash])).digest()


def _anchor(
    *heads: AuditEvent, moved: Sequence[AuditEvent] | None = None, after: str = "", number: int = 1
) -> dict[str, Any]:
    """An anchor of one or two heads, in the order of their chains' names."""
    leaves = [_leaf(head) for head in heads]
    root = leaves[0] if len(leaves) == 1 else hashlib.sha256(b"\1" + b"".join(leaves)).digest()
    form = {
        "number": number,
        "previous": after or GENESIS,
        "time": "2026-06-18T12:00:00.000000Z",
        "chains": len(heads),
        "root": root.hex(),
        "key": PUBLIC.public_bytes_raw().hex(),
    }
    named = heads if moved is None else moved
    return {
        **form,
        "moved": [[head.chain, head.sequence, head.hash] for head in named],
        "signature": base64.b64encode(
            KEY.sign(b"xaigh-audit-anchor/1\n" + canonical(form))
        ).decode(),
    }


def _digest(anchor: dict[str, Any]) -> str:
    form = {name: anchor[name] for name in anchor if name not in ("signature", "moved")}
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


def test_an_anchor_proves_the_events_up_to_its_head() -> None:
    """Later events are sound and not anchored."""
    events = _chain(3)
    (report,) = verify(_lines(events), [json.dumps(_anchor(events[1]))], PUBLIC)
    assert (report.events, report.anchored) == (3, 2)


def test_anchors_in_the_export_and_in_a_file_may_be_the_same() -> None:
    """An anchor that is known already is skipped."""
    events = _chain(2)
    anchor = _anchor(events[1])
    lines = [header_line(), json.dumps({**anchor, "type": "anchor"}), *map(event_line, events)]
    (report,) = verify(lines, [json.dumps(anchor)], PUBLIC)
    assert (report.sound, report.anchored) == (True, 2)


def test_a_cut_end_is_found_by_its_anchor() -> None:
    """The events alone look sound."""
    events = _chain(3)
    (report,) = verify(_lines(events[:2]), [json.dumps(_anchor(events[2]))], PUBLIC)
    assert (report.first_bad, "the end is cut" in report.fault) == (3, True)


def test_a_chain_that_is_gone_is_found_by_its_anchor() -> None:
    """An export without any of its events."""
    (report,) = verify([header_line()], [json.dumps(_anchor(*_chain(1)))], PUBLIC)
    assert (report.chain, report.first_bad) == ("control", 1)


def _rewritten(length: int) -> list[AuditEvent]:
    rewritten, previous = _chain(length), GENESIS
    for event in rewritten:
        event.actor = "operator:eve"
        event.previous_hash = previous
        event.hash = hashlib.sha256(canonical(audit_chain.members(event))).hexdigest()
        previous = event.hash
    return rewritten


def test_a_rewritten_chain_is_found_by_its_anchor() -> None:
    """New events with right hashes aren't those that the head was signed for."""
    (report,) = verify(_lines(_rewritten(3)), [json.dumps(_anchor(_chain(2)[1]))], PUBLIC)
    assert (report.first_bad, report.events) == (1, 0)
    assert "an event from 1 to 2" in report.fault


def test_anchors_continue_one_another() -> None:
    """An anchor holds the digest of the one before it."""
    events = _chain(3)
    first = _anchor(events[0])
    second = _anchor(events[2], after=_digest(first), number=2)
    (report,) = verify(_lines(events), [json.dumps(first), json.dumps(second)], PUBLIC)
    assert report.anchored == 3
    with pytest.raises(UsageProblem, match="an anchor is missing before line 1"):
        verify(_lines(events), [json.dumps(second)], PUBLIC)
    with pytest.raises(UsageProblem, match="an anchor is missing before line 2"):
        verify(
            _lines(events),
            [json.dumps(first), json.dumps({**second, **_anchor(events[2])})],
            PUBLIC,
        )


def test_an_anchor_names_every_chain_that_moved() -> None:
    """One that was left out or changed doesn't give the signed root."""
    control, sandbox = _chain(2), _chain(1, "sandbox")
    lines = _lines([*control, *sandbox])
    whole = _anchor(control[1], sandbox[0])
    assert {r.anchored for r in verify(lines, [json.dumps(whole)], PUBLIC)} == {1, 2}
    for moved in ([control[1]], [control[0], sandbox[0]], [control[1], _chain(1, "other")[0]]):
        with pytest.raises(UsageProblem, match="aren't those that were signed"):
            verify(lines, [json.dumps(_anchor(control[1], sandbox[0], moved=moved))], PUBLIC)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"root": "0" * 64}, "wasn't signed by the key that it names"),
        ({"signature": "!"}, "is no anchor"),
        ({"moved": None}, "is no anchor"),
    ],
)
def test_a_forged_anchor_is_refused(change: dict[str, Any], message: str) -> None:
    """No report could be trusted."""
    anchor = {**_anchor(*_chain(1)), **change}
    with pytest.raises(UsageProblem, match=message):
        verify(_lines(_chain(1)), [json.dumps(anchor)], PUBLIC)


def _proven(control: AuditEvent, sandbox: AuditEvent) -> tuple[str, dict[str, Any]]:
    """The header of an anchor of both, and the proof of the first."""
    header = {**_anchor(control, sandbox), "type": "anchor_header"}
    del header["moved"]
    proof = {
        "type": "proof",
        "chain": control.chain,
        "sequence": control.sequence,
        "hash": control.hash,
        "index": 0,
        "path": [_leaf(sandbox).hex()],
    }
    return json.dumps(header), proof


def test_a_proof_of_inclusion_anchors_a_chain() -> None:
    """By the header alone, without naming the other chain."""
    events = _chain(2)
    header, proof = _proven(events[1], _chain(1, "sandbox")[0])
    lines = [header_line(), header, json.dumps(proof), *map(event_line, events)]
    (report,) = verify(lines, [], PUBLIC)
    assert (report.sound, report.anchored) == (True, 2)
    (cut,) = verify(lines[:-1], [], PUBLIC)
    assert cut.first_bad == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"index": 1}, "doesn't prove the head of control"),
        ({"sequence": 1}, "doesn't prove"),
        ({"path": []}, "is no proof"),
        ({"path": ["00" * 32] * 2}, "is no proof"),
        ({"index": 2}, "is no proof"),
        ({"path": ["x"]}, "is no proof"),
    ],
)
def test_a_false_proof_is_refused(change: dict[str, Any], message: str) -> None:
    """Its path gives another root, or none."""
    header, proof = _proven(_chain(2)[1], _chain(1, "sandbox")[0])
    with pytest.raises(UsageProblem, match=message):
        verify([header_line(), header, json.dumps({**proof, **change})], [], PUBLIC)


def test_anchors_stand_before_events() -> None:
    """And a proof behind its header: else a chain would be judged too early."""
    events = _chain(1)
    header, proof = _proven(events[0], _chain(1, "sandbox")[0])
    with pytest.raises(UsageProblem, match="line 3 stands behind an event"):
        verify([*_lines(events), header], [], PUBLIC)
    with pytest.raises(UsageProblem, match="without the header"):
        verify([header_line(), json.dumps(proof), header], [], PUBLIC)


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


def _link(line: str, **changed: Any) -> str:
    """The line of an event without its content."""
    event = json.loads(line)
    kept = {name: event[name] for name in ("chain", "sequence", "prevHash", "hash")}
    return json.dumps({**kept, "type": "link", **changed})


def test_a_withheld_event_keeps_its_place() -> None:
    """The chain is sound, its end proven, and the report says how many aren't shown."""
    header, first, second, third = _lines(_chain(3))
    events = _chain(3)
    (report,) = verify(
        [header, first, _link(second), third], [json.dumps(_anchor(events[2]))], PUBLIC
    )
    assert (report.sound, report.proven, report.events, report.withheld) == (True, True, 3, 1)
    assert "3 events sound, 1 of them withheld, 3 of them anchored" in report.text()


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"hash": "0" * 64}, "doesn't follow"),
        ({"prevHash": "0" * 64}, "doesn't follow"),
        ({"sequence": 3}, "is missing"),
    ],
)
def test_a_withheld_event_cant_be_exchanged(changed: dict[str, Any], fault: str) -> None:
    """Its hash is in the event behind it, and the hash before is in it."""
    header, first, second, third = _lines(_chain(3))
    (report,) = verify([header, first, _link(second, **changed), third], [], None)
    assert not report.sound
    assert fault in report.fault
