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
    ("wanted", "state", "mapping"),
    [
        (replace(ACTIVE, display_name="x"), IntegrationState.ACTIVE, 1),
        (replace(ACTIVE, apply_mode=ApplyMode.APPLICATION_FORWARD), IntegrationState.ACTIVE, 2),
        (replace(ACTIVE, field_map={"a": "b"}), IntegrationState.ACTIVE, 2),
        (replace(ACTIVE, guard=MassCloseGuard(percent=50)), IntegrationState.PENDING, 1),
        (replace(ACTIVE, board="x"), IntegrationState.PENDING, 2),
        (replace(ACTIVE, employer_ids=("e", "f")), IntegrationState.PENDING, 1),
    ],
)
def test_a_revision_goes_back_to_the_operator_where_it_must(
    wanted: Integration, state: IntegrationState, mapping: int
) -> None:
    """And records are read anew where they would read otherwise."""
    revised = ACTIVE.revised(wanted, NOW + DAY)
    assert (revised.state, revised.mapping_revision) == (state, mapping)
    assert revised.revision == ACTIVE.revision + 1
    assert revised.etag != ACTIVE.etag


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
