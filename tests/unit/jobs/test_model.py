"""Jobs: two halves, and what follows from both."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from xaigh_server.jobs.model import (
    CloseReason,
    Job,
    JobState,
    OperationsHalf,
    Posting,
    Publication,
    Source,
)

NOW = datetime(2026, 6, 1, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
POSTING = Posting(
    title="T",
    slots=1,
    external_reference="",
    content=b"",
    pay=b"",
    application=b"",
    publication=Publication(),
    updated_time=NOW,
)
JOB = Job(
    number=1,
    job_id="job_1",
    organization_id="org",
    employer_user_id="e",
    source=Source.DIRECT,
    posting=POSTING,
    created_time=NOW,
)
RUNNING = OperationsHalf(matching=True, revision=1, updated_time=LATER)
CLOSED = Publication().closed(CloseReason.ATS_CLOSED, NOW)


@pytest.mark.parametrize(
    ("publication", "operations", "state", "reason", "matched"),
    [
        (Publication(), OperationsHalf(), JobState.OPEN, None, False),
        (Publication(), RUNNING, JobState.OPEN, None, True),
        (CLOSED, RUNNING, JobState.CLOSED, CloseReason.ATS_CLOSED, False),
        (
            Publication(),
            replace(RUNNING, hold_reason="x", hold_time=NOW),
            JobState.CLOSED,
            CloseReason.LOCAL_HOLD,
            False,
        ),
        (
            CLOSED,
            replace(RUNNING, hold_reason="x", hold_time=NOW),
            JobState.CLOSED,
            CloseReason.ATS_CLOSED,
            False,
        ),
    ],
)
def test_a_role_is_matched_if_it_is_open_and_not_held(
    publication: Publication,
    operations: OperationsHalf,
    state: JobState,
    reason: CloseReason | None,
    matched: bool,
) -> None:
    """A hold shows as a close unless the client closed it anyway."""
    posting = replace(POSTING, publication=publication)
    job = replace(JOB, posting=posting, operations=operations)
    assert (job.publication.state, job.publication.close_reason) == (state, reason)
    assert job.matched is matched


def test_reopening_leaves_nothing_of_the_close() -> None:
    """But that the role came back, and whether it is listed."""
    reopened = replace(CLOSED, listed=False).reopened(LATER)
    assert reopened == Publication(listed=False, reopened_time=LATER)


def test_an_etag_follows_both_halves() -> None:
    """A change of either makes another one; being seen by a sync doesn't."""
    first = replace(JOB, posting=replace(POSTING, revision=2))
    second = replace(JOB, operations=RUNNING)
    assert len({JOB.etag, first.etag, second.etag}) == 3


def test_the_last_change_is_of_either_half() -> None:
    """Whichever came later."""
    assert JOB.updated_time == NOW
    assert replace(JOB, operations=RUNNING).updated_time == LATER
