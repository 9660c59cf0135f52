"""Evidence of drills: pairs of calls and of runs, in their order and of one kind."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.harness.control_rows import NOW

from xaigh_server.ats.runs import CloseState, MissingClose, Run, RunState, SkipReason
from xaigh_server.rehearsals import evidence
from xaigh_server.request_log.model import LoggedCall

RECOVERABLE = {"FIELD_INVALID", "DEADLINE_EXCEEDED"}
BASE = LoggedCall(
    sequence=0,
    request_id="req_0",
    organization_id="org_1",
    key_id="key_1",
    client_request_id="",
    transport="rest",
    method="xaigh.jobs.v1.JobsService.PostJob",
    code="ok",
    reason="",
    violations=(),
    idempotency_key="once",
    replayed=False,
    ended_at=NOW,
    duration=timedelta(0),
)
RUN = Run(
    number=0,
    sync_run_id="run_0",
    organization_id="org_1",
    integration_id="int_1",
    provider="CUSTOM",
    begin_time=NOW,
    last_batch_time=NOW,
    order_time=NOW,
)
SKIPPED = MissingClose(state=CloseState.SKIPPED, reason=SkipReason.NOT_COMPLETED)


def calls(*changed: dict[str, Any]) -> list[LoggedCall]:
    """Calls in the order of their ends, given the latest first, as the log lists them."""
    made = [
        replace(
            BASE,
            sequence=at,
            request_id=f"req_{at}",
            ended_at=NOW + timedelta(seconds=at),
            **each,
        )
        for at, each in enumerate(changed)
    ]
    return made[::-1]


def runs(*changed: dict[str, Any]) -> list[Run]:
    """Runs, given the newest first."""
    return [
        replace(RUN, number=at, sync_run_id=f"run_{at}", **each) for at, each in enumerate(changed)
    ][::-1]


REFUSED = {"code": "invalid_argument", "reason": "FIELD_INVALID"}
GIVEN_UP = {"code": "cancelled"}
TOO_LATE = {"code": "deadline_exceeded", "reason": "DEADLINE_EXCEEDED"}
AGAIN = {"replayed": True}
NOTICED_LATE = {"code": "cancelled", "duration": timedelta(seconds=5)}


@pytest.mark.parametrize(
    ("found", "replayed", "timed_out", "recovered"),
    [
        pytest.param(calls({}, AGAIN), True, False, False, id="replay"),
        pytest.param(calls(AGAIN), False, False, False, id="a replay of what isn't kept"),
        pytest.param(calls({}, {}), False, False, False, id="two answers"),
        pytest.param(calls(GIVEN_UP, {}), False, True, False, id="hung up"),
        pytest.param(calls(GIVEN_UP, AGAIN), False, True, False, id="hung up after the commit"),
        pytest.param(calls(TOO_LATE, {}), False, True, False, id="too late"),
        pytest.param(calls({}, NOTICED_LATE), False, True, False, id="hung up, noticed late"),
        pytest.param(calls({}, GIVEN_UP), False, False, False, id="hung up last"),
        pytest.param(calls(REFUSED, {}), False, False, True, id="mended"),
        pytest.param(calls({}, REFUSED), False, False, False, id="broken later"),
        pytest.param(
            calls({"code": "not_found", "reason": "NOT_FOUND"}, {}),
            False,
            False,
            False,
            id="missing, then found",
        ),
        pytest.param(
            calls(REFUSED, {"method": "xaigh.jobs.v1.JobsService.CloseJob"}),
            False,
            False,
            False,
            id="another method",
        ),
        pytest.param(
            calls({}, {**AGAIN, "idempotency_key": "other"}), False, False, False, id="another key"
        ),
    ],
)
def test_calls(found: list[LoggedCall], replayed: bool, timed_out: bool, recovered: bool) -> None:
    """Each drill takes its own pair, and no other."""
    assert (
        evidence.replay(found) is not None,
        evidence.time_out(found) is not None,
        evidence.recovery(found, RECOVERABLE) is not None,
    ) == (replayed, timed_out, recovered)


def test_the_facts_name_both_calls() -> None:
    """So that each can be looked up."""
    facts = evidence.replay(calls({}, AGAIN))
    assert facts is not None
    assert dict(facts) == {
        "method": "PostJob",
        "idempotency key": "once",
        "request": "req_0",
        "replayed as": "req_1",
    }


@pytest.mark.parametrize(
    ("found", "seen"),
    [
        ([{"state": RunState.INCOMPLETE, "close": SKIPPED}, {"state": RunState.COMPLETED}], True),
        ([{"state": RunState.SUPERSEDED, "close": SKIPPED}, {"state": RunState.COMPLETED}], True),
        ([{"state": RunState.INCOMPLETE, "close": SKIPPED}], False),
        ([{"state": RunState.COMPLETED}, {"state": RunState.INCOMPLETE, "close": SKIPPED}], False),
        ([{"state": RunState.INCOMPLETE}, {"state": RunState.COMPLETED}], False),
        (
            [
                {"state": RunState.INCOMPLETE, "close": SKIPPED},
                {"state": RunState.COMPLETED, "integration_id": "int_2"},
            ],
            False,
        ),
    ],
)
def test_half_feeds(found: list[dict[str, Any]], seen: bool) -> None:
    """A run that asked to close and broke off, before a completed one of its integration."""
    assert (evidence.half_feed(runs(*found)) is not None) == seen


@pytest.mark.parametrize("state", CloseState)
def test_held_closes(state: CloseState) -> None:
    """Settled ones alone."""
    facts = evidence.held_close(runs({"close": MissingClose(state=state, count=7)}))
    assert (facts is not None) == (state in (CloseState.CONFIRMED, CloseState.SUPERSEDED))
