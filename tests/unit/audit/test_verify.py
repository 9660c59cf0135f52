"""Every way to falsify a chain is found, and the first bad sequence is named."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from xaigh_server.audit.anchor_history import AnchorHistory
from xaigh_server.audit.anchors import Anchor, AnchorHeader, AnchorMalformed, parse_anchor
from xaigh_server.audit.merkle import ChainHead, HeadTree
from xaigh_server.audit.model import (
    GENESIS,
    AuditEvent,
    ChainId,
    SealedEvent,
    canonical,
    rfc3339,
    seal,
)
from xaigh_server.audit.verify import ChainRecord, ChainReport, ChainVerifier

TIME = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(b"o" * 32)

Chain = list[SealedEvent]


def chain_of(*reasons: str) -> Chain:
    """A sound chain with one event for each reason."""
    sealed: Chain = []
    for sequence, reason in enumerate(reasons, start=1):
        event = AuditEvent(time=TIME, actor_type="system", action="test", reason=reason)
        prev_hash = sealed[-1].hash if sealed else GENESIS
        sealed.append(seal(event, chain=ChainId("control"), sequence=sequence, prev_hash=prev_hash))
    return sealed


def heads_of(chain: Chain, *ends: int) -> dict[int, str]:
    """Heads signed when the chain had these lengths."""
    return {end: chain[end - 1].hash for end in ends}


def history_of(*moves: Mapping[ChainId, ChainHead], key: Ed25519PrivateKey = KEY) -> list[Anchor]:
    """Anchors of heads that moved."""
    tree, anchors = HeadTree(), list[Anchor]()
    for number, moved in enumerate(moves, start=1):
        tree.move(moved)
        header = AnchorHeader(
            number=number,
            previous=anchors[-1].header.digest() if anchors else GENESIS,
            time=rfc3339(TIME),
            chains=len(tree),
            root=tree.root,
        )
        anchors.append(Anchor(header=header.signed(key), moved=moved))
    return anchors


def record(sealed: SealedEvent) -> ChainRecord:
    return ChainRecord(
        sequence=sealed.sequence,
        prev_hash=sealed.prev_hash,
        hash=sealed.hash,
        form=canonical(
            sealed.event,
            chain=sealed.chain,
            sequence=sealed.sequence,
            prev_hash=sealed.prev_hash,
        ),
    )


def verify(chain: Chain, heads: Mapping[int, str]) -> ChainReport:
    verifier = ChainVerifier(ChainId("control"), signed=heads)
    for sealed in chain:
        verifier.feed(record(sealed))
    return verifier.report()


LETTERS = "abcdefghij"
CHAIN = chain_of(*LETTERS)
HEADS = heads_of(CHAIN, 3, 6, 8)


def edited(chain: Chain, sequence: int) -> Chain:
    """One event says something else, under its old hash."""
    at = chain[sequence - 1]
    forged = replace(at, event=replace(at.event, reason="forged"))
    return [*chain[: sequence - 1], forged, *chain[sequence:]]


def rechained(sequence: int) -> Chain:
    """One event says something else, and all hashes from it on fit."""
    reasons = [*LETTERS]
    reasons[sequence - 1] = "forged"
    return chain_of(*reasons)


def test_a_sound_chain() -> None:
    """Ten events, eight of them under a signed head."""
    assert verify(CHAIN, HEADS) == ChainReport(chain=ChainId("control"), events=10, anchored=8)
    assert verify(CHAIN, {}) == ChainReport(chain=ChainId("control"), events=10, anchored=0)
    assert verify([], {}) == ChainReport(chain=ChainId("control"), events=0, anchored=0)
    head = f"head control/-:10:{verify(CHAIN, HEADS).head}"
    assert str(verify(CHAIN, HEADS)) == f"control/-: 10 events sound, 8 of them anchored, {head}"


@pytest.mark.parametrize("sequence", range(1, 11))
def test_an_edit_is_found_anywhere(sequence: int) -> None:
    """Also where no head was signed yet."""
    report = verify(edited(CHAIN, sequence), HEADS)
    assert (report.first_bad, report.events) == (sequence, sequence - 1)
    assert "edited" in report.fault
    assert str(report).startswith(f"control/-: bad at sequence {sequence}: ")


@pytest.mark.parametrize("sequence", range(1, 10))
def test_a_deletion_in_the_middle_is_found(sequence: int) -> None:
    """The gap is named, wherever it is."""
    report = verify([s for s in CHAIN if s.sequence != sequence], HEADS)
    assert report.first_bad == sequence
    assert "missing" in report.fault


@pytest.mark.parametrize("length", range(8))
def test_a_cut_tail_is_found(length: int) -> None:
    """As far as heads were signed: what is missing first is named."""
    report = verify(CHAIN[:length], HEADS)
    assert report.first_bad == length + 1
    assert "cut" in report.fault


@pytest.mark.parametrize("sequence", range(1, 9))
def test_a_rechained_log_is_found(sequence: int) -> None:
    """All hashes fit, but the next head doesn't: the events since the head before are at fault."""
    report = verify(rechained(sequence), HEADS)
    before = max(head for head in (0, *HEADS) if head < sequence)
    assert (report.first_bad, report.events, report.anchored) == (before + 1, before, before)
    assert "rewritten" in report.fault


def test_a_removed_and_renumbered_event_is_found() -> None:
    """Closing the gap changes the event that takes its place."""
    report = verify(chain_of(*LETTERS.replace("e", "")), HEADS)
    assert report.first_bad == 4


def test_behind_the_last_head_the_proof_ends() -> None:
    """A rewritten event that no head speaks for passes; the report says how far the proof goes."""
    report = verify(rechained(9), HEADS)
    assert report.sound
    assert report.anchored == 8


def test_stated_heads_must_hold_and_prove_nothing() -> None:
    """Those of the control database alone: its owner could have written them."""
    verifier = ChainVerifier(ChainId("control"), signed=heads_of(CHAIN, 3), stated=HEADS)
    for sealed in CHAIN:
        verifier.feed(record(sealed))
    assert (verifier.report().sound, verifier.report().anchored) == (True, 3)
    other = ChainVerifier(ChainId("control"), stated=HEADS)
    for sealed in rechained(5):
        other.feed(record(sealed))
    assert other.report().first_bad == 4


A, B = ChainId("control", "org_a"), ChainId("sandbox", "org_b")
MOVES: tuple[dict[ChainId, ChainHead], ...] = (
    {A: ChainHead(sequence=1, hash="a" * 64), B: ChainHead(sequence=2, hash="b" * 64)},
    {B: ChainHead(sequence=3, hash="c" * 64)},
    {A: ChainHead(sequence=2, hash="d" * 64)},
)
ANCHORS = history_of(*MOVES)


def followed(anchors: Iterable[Anchor]) -> AnchorHistory:
    history = AnchorHistory(KEY.public_key())
    for anchor in anchors:
        history.take(anchor)
    history.close()
    return history


def test_a_sound_history() -> None:
    """Every head is known by its sequence."""
    history = followed(ANCHORS)
    assert (history.count, history.fault) == (3, "")
    assert history.heads == {A: {1: "a" * 64, 2: "d" * 64}, B: {2: "b" * 64, 3: "c" * 64}}


@pytest.mark.parametrize(
    ("anchors", "count", "fault"),
    [
        (ANCHORS[1:], 0, "an anchor is missing: the next one is 2"),
        ([ANCHORS[0], ANCHORS[2]], 1, "an anchor is missing: the next one is 3"),
        ([*ANCHORS, ANCHORS[2]], 3, "an anchor is missing"),
        (history_of(*MOVES, key=OTHER_KEY), 0, "which isn't known here"),
        ([ANCHORS[0], *history_of(MOVES[2], MOVES[1])[1:]], 1, "another history was signed"),
        ([replace(ANCHORS[0], moved={A: MOVES[0][A]})], 0, "don't give the signed root"),
        ([replace(ANCHORS[0], moved={**MOVES[0], B: MOVES[1][B]})], 0, "the signed root"),
        (history_of(MOVES[0], MOVES[1], MOVES[0]), 2, "doesn't move forward"),
    ],
)
def test_falsified_anchors_are_found(anchors: list[Anchor], count: int, fault: str) -> None:
    """Forged, left out, altered: the anchors before the fault still prove."""
    history = followed(anchors)
    assert (history.count, fault in history.fault) == (count, True), history.fault


def changed(*keys: Ed25519PrivateKey, formers: Mapping[int, Ed25519PrivateKey]) -> list[Anchor]:
    """A history each anchor of which has a key of its own, with signatures of former ones."""
    anchors: list[Anchor] = []
    for plain, key in zip(ANCHORS, keys, strict=True):
        previous = anchors[-1].header.digest() if anchors else GENESIS
        header = replace(plain.header, previous=previous)
        signed = header.signed(key, former=formers.get(header.number))
        anchors.append(replace(plain, header=signed))
    return anchors


@pytest.mark.parametrize(
    ("anchors", "count", "fault"),
    [
        (changed(OTHER_KEY, KEY, KEY, formers={2: OTHER_KEY}), 3, ""),
        (changed(OTHER_KEY, OTHER_KEY, KEY, formers={3: OTHER_KEY}), 3, ""),
        (changed(OTHER_KEY, KEY, KEY, formers={}), 3, ""),
        (changed(OTHER_KEY, KEY, KEY, formers={2: KEY}), 1, "of the former key is wrong"),
        (changed(KEY, OTHER_KEY, KEY, formers={2: KEY, 3: OTHER_KEY}), 2, "goes back to a key"),
        (changed(KEY, KEY, OTHER_KEY, formers={3: KEY}), 2, "which isn't known here"),
    ],
)
def test_keys_replace_one_another_forwards(anchors: list[Anchor], count: int, fault: str) -> None:
    """The last key must be known; the former one, where it signed the change, signed just that."""
    history = followed(anchors)
    assert history.count == count
    assert fault in history.fault
    assert bool(fault) == bool(history.fault)
    assert bool(history.heads) == (not fault), "without the last key nothing is proven"


def test_a_chain_of_another_database_does_not_pass() -> None:
    """The chain's name is in every hash: swapped databases are found."""
    foreign = [replace(sealed, chain=ChainId("sandbox")) for sealed in CHAIN]
    assert verify(foreign, HEADS).first_bad == 1


def test_an_unreadable_event_is_found() -> None:
    """A row that holds no event at all is bad like any other."""
    verifier = ChainVerifier(ChainId("control"))
    verifier.feed(ChainRecord(sequence=1, prev_hash=GENESIS, hash="x", form=None))
    assert verifier.report().fault == "the event can't be read"


def test_anchors_survive_their_lines() -> None:
    """A line gives the same anchor, signature included."""
    for anchor in ANCHORS:
        assert parse_anchor(anchor.line()) == anchor
        assert parse_anchor(anchor.line()).header.is_genuine()


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"[]",
        b"{}",
        b"null",
        b"{",
        ANCHORS[0].line().replace(b'"number":1', b'"number":0'),
        ANCHORS[0].line().replace(b'"chains":2', b'"chains":true'),
        ANCHORS[0].line().replace(b'"moved":[[', b'"moved":[[1,'),
        ANCHORS[0].line().replace(b'"root":"', b'"root":"x'),
        ANCHORS[0].line().replace(b'"signature":"', b'"signature":"*'),
    ],
)
def test_what_is_no_anchor_is_refused(line: bytes) -> None:
    """Lines that don't hold together never become anchors."""
    with pytest.raises(AnchorMalformed, match="not an anchor"):
        parse_anchor(line)
