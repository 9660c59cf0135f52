"""What the evidence hears of each call of a key."""

import contextlib

import pytest
from tests.harness.call import UNREAD, End, call, principal

from xaigh_server.errors import NotFound
from xaigh_server.rpc.errors import EtagMismatch
from xaigh_server.rpc.interceptors.note_traffic import NoteTraffic


class Record:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, str, bool]] = []

    def ended(self, principal, method, *, ending, subject, replayed):
        self.lines.append((method.rpartition(".")[2], ending, subject, replayed))


def link(record: Record) -> NoteTraffic:
    return NoteTraffic(record, recoverable={"ETAG_MISMATCH"})


@pytest.mark.parametrize(
    ("outcome", "ending"),
    [
        ("answered", "answered"),
        (EtagMismatch("e"), "refused"),
        (NotFound("job"), "ignored"),
        (RuntimeError("untyped"), "refused"),
    ],
)
async def test_how_a_call_ended(outcome: str | Exception, ending: str) -> None:
    """A refusal that isn't recoverable is told as such; the exception goes on."""
    record, made = Record(), call("GetJob")
    made.principal = principal("jobs:read")
    made.resource = "/job_1"

    async def answer(request, call):
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    with contextlib.suppress(NotFound, EtagMismatch, RuntimeError):
        assert await link(record)(answer, UNREAD, made) == "answered"
    assert record.lines == [("GetJob", ending, "resource:/job_1", False)]


@pytest.mark.parametrize("written", ["k1", '"k1"', ' "k1" '])
async def test_an_idempotency_key_is_the_subject(written: str) -> None:
    """Quoted or not, and before the resource."""
    record, made = Record(), call("PostJob", idempotency_key=written)
    made.principal = principal("jobs:write")
    made.resource = "/job_1"
    await link(record)(End(), UNREAD, made)
    assert [each[2] for each in record.lines] == ["key:k1"]


async def test_only_keys_leave_traffic() -> None:
    """Operators and passers-by prove nothing."""
    record = Record()
    assert await link(record)(End(), UNREAD, call("SubmitAccessRequest")) == "answered"
    assert record.lines == []
