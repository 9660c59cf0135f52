"""Every way to falsify a chain is found, and the first bad sequence is named."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from xaigh_server.audit.heads import HeadMalformed, SignedHead, link_of, parse_head
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
Heads = list[SignedHead]


def chain_of(*reasons: str) -> Chain:
    """A sound chain with one event for each reason."""
    sealed: Chain = []
    for sequence, reason in enumerate(reasons, start=1):
        event = AuditEvent(time=TIME, actor_type="system", action="test", reason=reason)
        prev_hash = sealed[-1].hash if sealed else GENESIS
        sealed.append(seal(event, chain=ChainId("control"), sequence=sequence, prev_hash=prev_hash))
    return sealed


def heads_of(chain: Chain, *ends: int, key: Ed25519PrivateKey = KEY) -> Heads:
    """Heads signed when the chain had these lengths."""
    heads: Heads = []
    for end in ends:
        first = heads[-1].sequence + 1 if heads else 1
        heads.append(
            SignedHead(
                chain=ChainId("control"),
                first=first,
                sequence=end,
                hash=chain[end - 1].hash,
                links=b"".join(link_of(sealed.hash) for sealed in chain[first - 1 : end]),
                previous=heads[-1].digest() if heads else GENESIS,
                time=rfc3339(TIME),
            ).signed(key)
        )
    return heads


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


def verify(chain: Chain, heads: Heads) -> ChainReport:
    verifier = ChainVerifier(ChainId("control"), heads, KEY.public_key())
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
    assert verify(CHAIN, []) == ChainReport(chain=ChainId("control"), events=10, anchored=0)
    assert verify([], []) == ChainReport(chain=ChainId("control"), events=0, anchored=0)
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
    """All hashes fit, but the first rewritten event isn't the one that was signed for."""
    report = verify(rechained(sequence), HEADS)
    assert report.first_bad == sequence
    assert "rewritten" in report.fault


def test_a_removed_and_renumbered_event_is_found() -> None:
    """Closing the gap changes the event that takes its place."""
    report = verify(chain_of(*LETTERS.replace("e", "")), HEADS)
    assert report.first_bad == 5


def test_behind_the_last_head_the_proof_ends() -> None:
    """A rewritten event that no head speaks for passes; the report says how far the proof goes."""
    report = verify(rechained(9), HEADS)
    assert report.sound
    assert report.anchored == 8


@pytest.mark.parametrize(
    ("falsify", "first_bad", "fault"),
    [
        (lambda heads: heads[1:], 1, "head is missing before the one of sequence 6"),
        (lambda heads: [heads[0], heads[2]], 4, "head is missing before the one of sequence 8"),
        (lambda heads: [*heads[:2], heads[1]], 7, "head is missing"),
        (lambda heads: heads_of(CHAIN, 3, 6, 8, key=OTHER_KEY), 1, "signature"),
        (lambda heads: [heads[0], replace(heads[1], time="later"), heads[2]], 4, "signature"),
        (
            lambda heads: [*heads[:2], replace(heads[2], links=b"\0" * 16)],
            7,
            "signature of the head of sequence 8",
        ),
    ],
)
def test_falsified_heads_are_found(
    falsify: Callable[[Heads], Heads], first_bad: int, fault: str
) -> None:
    """The events from which on proof is missing are named, although they are sound."""
    report = verify(CHAIN, falsify(HEADS))
    assert report.first_bad == first_bad
    assert fault in report.fault


def test_an_earlier_fault_comes_before_broken_heads() -> None:
    """An edited event is named even where a later head was forged."""
    heads = [HEADS[0], HEADS[1], replace(HEADS[2], time="later")]
    assert verify(edited(CHAIN, 5), heads).first_bad == 5


def test_a_chain_of_another_database_does_not_pass() -> None:
    """The chain's name is in every hash: swapped databases are found."""
    foreign = [replace(sealed, chain=ChainId("sandbox")) for sealed in CHAIN]
    assert verify(foreign, HEADS).first_bad == 1


def test_an_unreadable_event_is_found() -> None:
    """A row that holds no event at all is bad like any other."""
    verifier = ChainVerifier(ChainId("control"), [], KEY.public_key())
    verifier.feed(ChainRecord(sequence=1, prev_hash=GENESIS, hash="x", form=None))
    assert verifier.report().fault == "the event can't be read"


def test_heads_survive_their_lines() -> None:
    """A line gives the same head, signature included."""
    for head in HEADS:
        assert parse_head(head.line()) == head
        assert parse_head(head.line()).is_signed_by(KEY.public_key())


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"[]",
        b"{}",
        b"null",
        b"{",
        HEADS[0].line().replace(b'"first":1', b'"first":0'),
        HEADS[0].line().replace(b'"first":1', b'"first":9'),
        HEADS[0].line().replace(b'"sequence":3', b'"sequence":4'),
        HEADS[0].line().replace(b'"sequence":3', b'"sequence":"x"'),
        HEADS[0].line().replace(b'"links":"', b'"links":"*'),
    ],
)
def test_what_is_no_head_is_refused(line: bytes) -> None:
    """Lines that don't hold together never become heads."""
    with pytest.raises(HeadMalformed, match="not a signed head"):
        parse_head(line)
