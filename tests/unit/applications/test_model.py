"""States of applications: which steps there are, and what each leaves behind."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from xaigh_server.applications.errors import ApplicationErased, AttemptSettled
from xaigh_server.applications.model import (
    FINAL,
    GIVE_UP_AFTER,
    Application,
    ApplicationState,
    Cause,
    Result,
)
from xaigh_server.errors import IllegalTransition

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
LEASE = NOW + timedelta(minutes=1)
LATER = NOW + timedelta(minutes=2)
S = ApplicationState
WAITING = Application(
    number=1,
    application_id="app_1",
    organization_id="org_1",
    employer_user_id="e",
    job_id="ats_1",
    external_job_id="1",
    integration_id="int_1",
    due_time=NOW,
    queued_time=NOW,
    created_time=NOW,
    updated_time=NOW,
)
SENDING = WAITING.sending(NOW, LEASE)


def after(state: ApplicationState, cause: Cause | None = None, **said: object) -> Application:
    """SENDING, ended by a result."""
    return SENDING.ended(1, Result(state=state, cause=cause, **said), LATER, lambda: 0.0)  # type: ignore[arg-type]


IN_STATE = {
    S.RECEIVED: WAITING,
    S.SENDING: SENDING,
    S.FORWARDED: after(S.FORWARDED),
    S.REFUSED: after(S.REFUSED, Cause.TARGET_REFUSED),
    S.UNCERTAIN: after(S.UNCERTAIN, Cause.NO_ANSWER),
    S.FAILED: WAITING.given_up(NOW + GIVE_UP_AFTER),
}


def test_an_attempt_counts_before_anything_is_sent():
    """SENDING has a lease and no due time; its etag is new."""
    assert (SENDING.state, SENDING.attempts, SENDING.lease_time) == (S.SENDING, 1, LEASE)
    assert SENDING.due_time is None
    assert SENDING.etag != WAITING.etag


@pytest.mark.parametrize("state", [S.FORWARDED, S.REFUSED, S.UNCERTAIN, S.FAILED])
def test_a_result_ends_an_attempt(state: ApplicationState):
    """The final ones say since when they are; an uncertain one isn't final."""
    ended = after(state, Cause.NO_ANSWER, status=404)
    assert (ended.state, ended.status, ended.lease_time) == (state, 404, None)
    assert (ended.final_time == LATER) == (state in FINAL)


def test_what_was_never_sent_waits_longer_each_time_and_is_given_up_after_a_day():
    """The pauses double up to 15 minutes; the cause is kept for the one who asks why."""
    waiting, pauses = WAITING, []
    now = NOW
    for attempt in range(1, 14):
        unsent = Result(state=S.RECEIVED, cause=Cause.TARGET_UNREACHABLE)
        waiting = waiting.sending(now, LEASE).ended(attempt, unsent, now, lambda: 0.0)
        assert waiting.due_time is not None
        pauses.append((waiting.due_time - now).total_seconds())
        now = waiting.due_time
    assert pauses[:4] == [5, 10, 20, 40]
    assert pauses[-1] == 900
    with pytest.raises(IllegalTransition):
        waiting.given_up(now)
    failed = waiting.given_up(NOW + GIVE_UP_AFTER)
    assert (failed.state, failed.cause) == (S.FAILED, Cause.TARGET_UNREACHABLE)


def test_a_lost_sender_leaves_an_uncertain_application_and_its_late_word_counts():
    """Nobody else decides before the lease is over; the sender alone knows what became of it."""
    with pytest.raises(IllegalTransition):
        SENDING.abandoned(NOW)
    lost = SENDING.abandoned(LATER)
    assert (lost.state, lost.cause, lost.final_time) == (S.UNCERTAIN, Cause.SENDER_LOST, None)
    told = lost.ended(1, Result(state=S.FORWARDED, remote_id="7"), LATER, lambda: 0.0)
    assert (told.state, told.remote_id) == (S.FORWARDED, "7")


def test_a_word_about_another_attempt_counts_for_nothing():
    """Neither an older attempt's, nor one that came after an operator decided."""
    with pytest.raises(AttemptSettled):
        SENDING.ended(2, Result(state=S.FORWARDED), LATER, lambda: 0.0)
    resent = SENDING.abandoned(LATER).resent(LATER, "They have nothing.")
    for standing in (resent, resent.sending(LATER, LATER), IN_STATE[S.UNCERTAIN]):
        with pytest.raises(AttemptSettled):
            standing.ended(1, Result(state=S.FORWARDED), LATER, lambda: 0.0)


@pytest.mark.parametrize("state", list(S))
def test_only_a_person_sends_again_or_settles(state: ApplicationState):
    """An UNCERTAIN one can be settled or sent again, REFUSED and FAILED ones be sent again."""
    standing = IN_STATE[state]
    if state in (S.UNCERTAIN, S.REFUSED, S.FAILED):
        again = standing.resent(LATER, "Asked them.")
        assert (again.state, again.due_time, again.final_time) == (S.RECEIVED, LATER, None)
        assert (again.note, again.failures) == ("Asked them.", 0)
    else:
        with pytest.raises(IllegalTransition):
            standing.resent(LATER, "Asked them.")
    if state is S.UNCERTAIN:
        settled = standing.settled(S.FORWARDED, LATER, note="They have it.", remote_id="7")
        assert (settled.state, settled.cause, settled.remote_id) == (
            S.FORWARDED,
            Cause.SETTLED,
            "7",
        )
    else:
        with pytest.raises(IllegalTransition):
            standing.settled(S.FAILED, LATER, note="No.", remote_id="")


@pytest.mark.parametrize("state", list(S))
def test_erasing_ends_what_waits_and_leaves_every_other_state(state: ApplicationState):
    """What is gone can't be sent again; a second time changes nothing."""
    erased = IN_STATE[state].erased(LATER)
    assert erased.erased_time == LATER
    assert erased.erased(LATER + timedelta(days=1)) is erased
    assert erased.state is (S.FAILED if state is S.RECEIVED else state)
    if erased.state in (S.UNCERTAIN, S.REFUSED, S.FAILED):
        with pytest.raises(ApplicationErased):
            erased.resent(LATER, "Again.")


def test_what_was_erased_while_it_was_sent_is_not_tried_again():
    """An attempt that failed before its first byte has nothing left to send."""
    erased = SENDING.erased(NOW)
    unsent = Result(state=S.RECEIVED, cause=Cause.TARGET_UNREACHABLE)
    ended = erased.ended(1, unsent, LATER, lambda: 0.0)
    assert (ended.state, ended.cause) == (S.FAILED, Cause.ERASED)


def test_each_step_makes_a_new_revision():
    """So an etag that was read before a step is refused after it."""
    steps = [WAITING, SENDING, after(S.UNCERTAIN), after(S.UNCERTAIN).resent(LATER, "Again.")]
    assert [each.revision for each in steps] == [1, 2, 3, 4]
    assert len({each.etag for each in steps}) == 4
    assert replace(SENDING, revision=1).etag == WAITING.etag
