"""Drills: what an integration rehearses in the sandbox, and what the server has to see of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class DrillKind(StrEnum):
    """What is rehearsed, in the order of a rehearsal."""

    REPLAY = "REPLAY"
    TIME_OUT = "TIME_OUT"
    RECOVERY = "RECOVERY"
    HALF_FEED = "HALF_FEED"
    HELD_CLOSE = "HELD_CLOSE"
    ROTATION = "ROTATION"
    ROLLBACK = "ROLLBACK"


WANTS = {
    DrillKind.REPLAY: "A write that was answered, and its repeat under the same idempotency key, "
    "which was replayed.",
    DrillKind.TIME_OUT: "A write that its client gave up before the answer, and its repeat under "
    "the same idempotency key, which was answered.",
    DrillKind.RECOVERY: "A write that was refused with 400, 409, 412, 422, 429 or 5xx, and its "
    "repeat under the same idempotency key, which was answered.",
    DrillKind.HALF_FEED: "A run that asked to close what is missing and ended without all roles "
    "that it announced, and a completed run of the same integration after it.",
    DrillKind.HELD_CLOSE: "A run whose close was held back and then confirmed, or outdated by a "
    "completed run.",
    DrillKind.ROTATION: "A key that took another one's place in a rotation, and a call that was "
    "answered to it.",
    DrillKind.ROLLBACK: "A rollback of a key that held jobs.",
}


class Fact(NamedTuple):
    """One thing that the server saw. `value` is an id, a count or a word."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedDrill:
    """A drill as recorded. `key_id` is the key that asked for the record."""

    organization_id: str
    kind: DrillKind
    pass_time: datetime
    key_id: str
    facts: Sequence[Fact]
