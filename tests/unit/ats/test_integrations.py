"""Integrations: their steps, and when they are stale."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from xaigh_server.ats.errors import IntegrationInactive
from xaigh_server.ats.integrations import (
    ApplyMode,
    Integration,
    IntegrationState,
    MassCloseGuard,
    SyncState,
    is_stale,
    stale_since,
)
from xaigh_server.errors import IllegalTransition

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PENDING = Integration(
    number=1,
    integration_id="int_1",
    organization_id="org",
    provider="LEVER",
    employer_ids=("e",),
    created_time=NOW,
    updated_time=NOW,
)
ACTIVE = PENDING.activated(NOW)


def test_steps() -> None:
    """Activated, stopped, activated again; a step to where it is changes nothing."""
    stopped = ACTIVE.deactivated(NOW)
    assert stopped.state is IntegrationState.INACTIVE
    assert stopped.deactivated(NOW) is stopped
    assert ACTIVE.activated(NOW) is ACTIVE
    assert stopped.activated(NOW + DAY).activated_time == NOW + DAY
    with pytest.raises(IllegalTransition):
        PENDING.deactivated(NOW)


@pytest.mark.parametrize(
    ("integration", "dry_run", "takes"),
    [
        (ACTIVE, False, True),
        (ACTIVE, True, True),
        (PENDING, True, True),
        (PENDING, False, False),
        (ACTIVE.deactivated(NOW), True, False),
    ],
)
def test_who_syncs(integration: Integration, dry_run: bool, takes: bool) -> None:
    """Active ones; pending ones may be rehearsed with."""
    if takes:
        integration.check_syncs(dry_run=dry_run)
    else:
        with pytest.raises(IntegrationInactive):
            integration.check_syncs(dry_run=dry_run)


@pytest.mark.parametrize(
    ("wanted", "waits", "mapping"),
    [
        (replace(ACTIVE, display_name="x"), False, 1),
        (replace(ACTIVE, field_map={"a": "b"}), False, 2),
        (replace(ACTIVE, apply_mode=ApplyMode.APPLICATION_FORWARD), True, 2),
        (replace(ACTIVE, forward_target="x"), True, 2),
        (replace(ACTIVE, guard=MassCloseGuard(percent=50)), True, 1),
        (replace(ACTIVE, board="x"), True, 2),
        (replace(ACTIVE, employer_ids=("e", "f")), True, 1),
    ],
)
def test_reviewed_terms_wait_beside_the_active_ones(
    wanted: Integration, waits: bool, mapping: int
) -> None:
    """And once they hold, records are read anew where they would read otherwise."""
    revised = ACTIVE.revised(wanted, NOW + DAY, reviewed=False)
    assert revised.is_active
    assert revised.terms == ACTIVE.terms
    assert (revised.pending is not None) is waits
    assert revised.wanted.terms == wanted.terms
    assert revised.mapping_revision == (1 if waits else mapping)
    assert revised.etag != ACTIVE.etag
    if waits:
        applied = revised.changed(NOW + DAY)
        assert (applied.terms, applied.pending) == (wanted.terms, None)
        assert applied.mapping_revision == mapping
        dropped = revised.unchanged(NOW + DAY)
        assert (dropped.terms, dropped.pending) == (ACTIVE.terms, None)
        assert len({revised.etag, applied.etag, ACTIVE.etag}) == 3


def test_what_is_not_active_or_reviewed_already_changes_at_once() -> None:
    """A stopped one stays stopped: only an operator activates it again."""
    for before in (PENDING, ACTIVE.deactivated(NOW)):
        after = before.revised(replace(before, board="x"), NOW, reviewed=False)
        assert (after.board, after.state, after.pending) == ("x", before.state, None)
    after = ACTIVE.revised(replace(ACTIVE, board="x"), NOW, reviewed=True)
    assert (after.board, after.pending) == ("x", None)


def test_a_change_back_withdraws_the_one_that_waits() -> None:
    """The same one again keeps its time."""
    south = replace(ACTIVE, board="south")
    waiting = ACTIVE.revised(south, NOW, reviewed=False)
    again = waiting.revised(replace(waiting, board="south"), NOW + DAY, reviewed=False)
    assert again.pending == waiting.pending
    assert waiting.revised(replace(waiting, board=""), NOW, reviewed=False).pending is None
    assert waiting.deactivated(NOW).pending is None
    with pytest.raises(IllegalTransition):
        ACTIVE.changed(NOW)
    with pytest.raises(IllegalTransition):
        ACTIVE.unchanged(NOW)


@pytest.mark.parametrize(
    ("integration", "since"),
    [
        (PENDING, None),
        (ACTIVE, NOW + DAY),
        (replace(ACTIVE, sync_state=SyncState(last_completed_time=NOW + DAY)), NOW + 2 * DAY),
        (replace(ACTIVE, sync_state=SyncState(last_completed_time=NOW - DAY)), NOW + DAY),
        (replace(ACTIVE, stale_after=timedelta(hours=1)), NOW + timedelta(hours=1)),
    ],
)
def test_staleness_counts_from_the_last_completed_run(
    integration: Integration, since: datetime | None
) -> None:
    """Or from the activation; at exactly the limit it is stale."""
    assert stale_since(integration) == since
    if since is not None:
        assert is_stale(integration, since)
        assert not is_stale(integration, since - timedelta(microseconds=1))
