"""Integrations: made by integrators, looked at and activated by operators."""

from typing import Any

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from sqlalchemy import text
from tests.harness.business_services import EMPLOYER, BusinessServices, key, operator
from tests.harness.syncs import (
    LEVER,
    authoritative,
    board,
    close_reason,
    close_state,
    history,
    integrate,
    mirror,
    open_ids,
    operate,
    run_state,
    sync,
    words,
)

from xaigh.ats.v1 import ats_sync_service_pb2, integration_pb2
from xaigh_server.ats.errors import CloseNotPending, IntegrationInactive, RunClosed
from xaigh_server.errors import AlreadyExists, FieldInvalid, IllegalTransition, NotFound
from xaigh_server.identity.principal import Principal
from xaigh_server.jobs.model import AtsIngestRequired
from xaigh_server.rpc.errors import EtagMismatch

STATE = integration_pb2.AtsIntegration
KEEP = ats_sync_service_pb2.DeactivateIntegrationRequest.KEEP
CLOSE = ats_sync_service_pb2.DeactivateIntegrationRequest.CLOSE


async def actions(services: BusinessServices) -> list[str]:
    """The actions of the audit log, the oldest first."""
    rows = await services.rows(text("SELECT action FROM audit_events ORDER BY sequence"))
    return [action for (action,) in rows]


async def change(
    services: BusinessServices,
    integration: Any,
    mask: list[str] | None = None,
    by: Principal | None = None,
    **to: Any,
) -> Any:
    return await services.do(
        "UpdateIntegration",
        by,
        integration={"integration_id": integration.integration_id, **to},
        update_mask={"paths": mask} if mask else None,
    )


POST: dict[str, Any] = {
    "employer_user_id": EMPLOYER,
    "title": "T",
    "slots": 1,
    "starts_at": Timestamp(seconds=1),
}


async def test_an_integration_says_its_defaults(production: BusinessServices) -> None:
    """And waits for its activation."""
    made = await integrate(production, activate=False)
    assert made.state == STATE.PENDING
    assert made.stale_after == Duration(seconds=86_400)
    assert (made.guard.min_roles, made.guard.percent) == (10, 20)
    assert await production.do("GetIntegration", integration_id=made.integration_id) == made


async def test_a_sandbox_integration_activates_itself(services: BusinessServices) -> None:
    """And so do its changes; one that an operator stopped stays stopped."""
    made = await integrate(services, activate=False)
    assert (made.state, made.HasField("activate_time")) == (STATE.ACTIVE, True)
    changed = await change(services, made, board="south", guard={"percent": 100})
    assert (changed.board, changed.guard.percent) == ("south", 100)
    assert not changed.HasField("pending_change")
    await operate(services, "DeactivateIntegration", made, mirrors=KEEP, reason="Stop.")
    changed = await change(services, made, board="north")
    assert (changed.board, changed.state) == ("north", STATE.INACTIVE)


async def test_an_activation_moves_posting_to_the_ats(production: BusinessServices) -> None:
    """And the end of it gives posting back; mirrors that are kept stay as they are."""
    made = await integrate(production)
    with pytest.raises(AtsIngestRequired):
        await production.do("PostJob", **POST)
    await sync(production, board(1))
    stopped = await operate(
        production, "DeactivateIntegration", made, mirrors=KEEP, reason="The client left."
    )
    assert stopped.state == STATE.INACTIVE
    await production.do("PostJob", **POST)
    with pytest.raises(IntegrationInactive):
        await sync(production, board(1))
    job = await mirror(production, 1)
    assert job.publication_status.state == job.publication_status.OPEN
    with pytest.raises(AtsIngestRequired):
        await production.do("CloseJob", job_id=job.job_id)


class TestPendingChanges:
    @pytest.mark.parametrize(
        "to",
        [{"display_name": "North"}, {"stale_after": Duration(seconds=3600)}],
        ids=["name", "staleness"],
    )
    async def test_other_settings_hold_at_once(
        self, production: BusinessServices, to: dict[str, Any]
    ) -> None:
        """Nobody reviews them."""
        made = await integrate(production)
        changed = await change(production, made, **to)
        assert not changed.HasField("pending_change")
        assert changed.etag != made.etag

    @pytest.mark.parametrize(
        "to",
        [
            {"guard": {"percent": 100}},
            {"board": "south"},
            {"employer_user_ids": [EMPLOYER, "employer_2"]},
            {"apply_mode": 3, "forward_target": "agent"},
        ],
        ids=["guard", "board", "employers", "apply mode"],
    )
    async def test_reviewed_terms_wait(
        self, production: BusinessServices, to: dict[str, Any]
    ) -> None:
        """A bot can't loosen the guard that holds it, nor open direct posting by asking."""
        by = key(EMPLOYER, "employer_2", environment="production")
        made = await integrate(production)
        changed = await change(production, made, by=by, **to)
        assert changed.state == STATE.ACTIVE
        for name in ("board", "employer_user_ids", "apply_mode", "forward_target", "guard"):
            assert getattr(changed, name) == getattr(made, name)
            asked = to.get(name)
            found = getattr(changed.pending_change, name)
            if isinstance(asked, dict):
                assert found.percent == asked["percent"]
            else:
                assert found == (getattr(made, name) if asked is None else asked)
        with pytest.raises(AtsIngestRequired):
            await production.do("PostJob", **POST)
        assert words(await sync(production, board(1))) == ["CREATED"]

    async def test_changes_add_up_and_one_back_withdraws_them(
        self, production: BusinessServices
    ) -> None:
        """The pending change holds all of the terms."""
        made = await integrate(production)
        await change(production, made, board="south")
        both = await change(production, made, guard={"percent": 50})
        assert (both.pending_change.board, both.pending_change.guard.percent) == ("south", 50)
        one = await change(production, made, board=made.board)
        assert (one.pending_change.board, one.pending_change.guard.percent) == (made.board, 50)
        none = await change(production, made, guard={"percent": 20})
        assert not none.HasField("pending_change")

    async def test_an_operator_applies_what_was_shown(self, production: BusinessServices) -> None:
        """A change that was swapped meanwhile is refused by its etag; then the terms hold."""
        made = await integrate(production)
        shown = await change(production, made, board="south")
        await change(production, made, guard={"percent": 100})
        with pytest.raises(EtagMismatch):
            await operate(production, "ApplyIntegrationChange", made, etag=shown.etag)
        again = await production.do("GetIntegration", integration_id=made.integration_id)
        applied = await operate(production, "ApplyIntegrationChange", made, etag=again.etag)
        assert (applied.board, applied.guard.percent) == ("south", 100)
        assert not applied.HasField("pending_change")
        with pytest.raises(IllegalTransition):
            await operate(production, "ApplyIntegrationChange", made, etag=applied.etag)

    async def test_an_operator_discards_it(self, production: BusinessServices) -> None:
        """The terms in force stay."""
        made = await integrate(production)
        shown = await change(production, made, board="south")
        said = {"reason": "Not theirs."}
        kept = await operate(production, "DiscardIntegrationChange", made, etag=shown.etag, **said)
        assert (kept.board, kept.HasField("pending_change")) == (made.board, False)
        with pytest.raises(IllegalTransition):
            await operate(production, "DiscardIntegrationChange", made, etag=kept.etag, **said)

    async def test_a_key_without_its_employers_does_not_see_it(
        self, production: BusinessServices
    ) -> None:
        """And still changes what needs no review."""
        both = key(EMPLOYER, "employer_2", environment="production")
        made = await integrate(production)
        await change(production, made, by=both, employer_user_ids=[EMPLOYER, "employer_2"])
        seen = await change(production, made, display_name="North")
        assert not seen.HasField("pending_change")
        listed = await production.do("ListIntegrations")
        assert not listed.integrations[0].HasField("pending_change")
        whole = await production.do("GetIntegration", both, integration_id=made.integration_id)
        assert whole.pending_change.employer_user_ids == [EMPLOYER, "employer_2"]
        with pytest.raises(NotFound):
            await change(production, made, guard={"percent": 50})

    async def test_a_board_that_another_one_has_is_refused_at_once(
        self, production: BusinessServices
    ) -> None:
        """Not only when an operator applies it."""
        await integrate(production)
        south = await integrate(production, board="south")
        with pytest.raises(AlreadyExists):
            await change(production, south, board="northline")


class TestDeactivation:
    async def test_its_open_roles_can_be_closed(self, services: BusinessServices) -> None:
        """With a reason of their own, their events, and a way back by a sync."""
        made = await integrate(services)
        await sync(services, board(1, 2))
        said = {"mirrors": CLOSE, "reason": "The client left."}
        await operate(services, "DeactivateIntegration", made, **said)
        status = (await mirror(services, 1)).publication_status
        assert status.close_reason == status.ATS_INTEGRATION_DEACTIVATED
        assert await open_ids(services) == set()
        assert await history(services) == ["CREATED"] * 2 + ["CLOSED"] * 2
        page = await services.do("ListSyncEvents")
        assert (page.events[0].sync_run_id, page.events[0].close_reason) == (
            "",
            status.ATS_INTEGRATION_DEACTIVATED,
        )
        await operate(services, "ActivateIntegration", made)
        assert words(await sync(services, board(1))) == ["REOPENED"]
        assert await open_ids(services) == {"1"}

    async def test_kept_roles_can_be_closed_later(self, services: BusinessServices) -> None:
        """By the same step; a repeat of it changes nothing and leaves no audit event."""
        made = await integrate(services)
        await sync(services, board(1))
        for mirrors, is_open, told in ((KEEP, {"1"}, 1), (CLOSE, set(), 2), (CLOSE, set(), 2)):
            said = {"mirrors": mirrors, "reason": "x"}
            await operate(services, "DeactivateIntegration", made, **said)
            assert await open_ids(services) == is_open
            assert (await actions(services)).count("ats.integration_deactivated") == told

    async def test_it_cancels_a_held_close_and_the_open_run(
        self, services: BusinessServices
    ) -> None:
        """Nothing of it can be confirmed or resumed, also once it is active again."""
        made = await integrate(services)
        await authoritative(services, board(*range(30)))
        held = await authoritative(services, board(1))
        open_run: dict[str, Any] = {"sync_run_id": "next", "close_missing": True}
        await sync(services, board(1), **open_run, batch_index=0)
        await operate(services, "DeactivateIntegration", made, mirrors=KEEP, reason="x")
        confirm: dict[str, Any] = {"sync_run_id": held.run.sync_run_id, "close_count": 29}
        with pytest.raises(CloseNotPending):
            await services.do("ConfirmClose", **confirm)
        runs = (await services.do("ListSyncRuns")).runs
        assert [(run_state(run), close_state(run), close_reason(run)) for run in runs[:2]] == [
            ("EXPIRED", "SKIPPED", "INTEGRATION_DEACTIVATED"),
            ("COMPLETED", "CANCELLED", "INTEGRATION_DEACTIVATED"),
        ]
        await operate(services, "ActivateIntegration", made)
        with pytest.raises(CloseNotPending):
            await services.do("ConfirmClose", **confirm)
        with pytest.raises(RunClosed):
            await sync(services, board(2), **open_run, batch_index=1)
        assert len(await open_ids(services)) == 30

    async def test_an_active_one_is_activated_once(self, services: BusinessServices) -> None:
        """A second time changes nothing and leaves no audit event."""
        made = await integrate(services)
        assert await operate(services, "ActivateIntegration", made) == made
        assert (await actions(services)).count("ats.integration_activated") == 0

    @pytest.mark.parametrize(
        ("method", "said"),
        [
            ("ActivateIntegration", {}),
            ("ApplyIntegrationChange", {"etag": "x"}),
            ("DiscardIntegrationChange", {"etag": "x", "reason": "x"}),
            ("DeactivateIntegration", {"mirrors": KEEP, "reason": "x"}),
        ],
    )
    async def test_a_step_names_the_integrations_organization(
        self, services: BusinessServices, method: str, said: dict[str, Any]
    ) -> None:
        """Under another one the integration isn't there."""
        made = await integrate(services)
        made.organization_id = "org_x"
        with pytest.raises(NotFound):
            await operate(services, method, made, **said)


async def test_a_new_way_to_apply_reaches_unchanged_records(services: BusinessServices) -> None:
    """The same records are read anew under the integration's new rules."""
    made = await integrate(services)
    await sync(services, board(1))
    await change(services, made, apply_mode=3, forward_target="agent")
    reply = await sync(services, board(1))
    assert words(reply) == ["UPDATED"]
    assert list(reply.outcomes[0].changed_fields) == ["applicationDestination.mode"]
    assert words(await sync(services, board(1))) == ["UNCHANGED"]


@pytest.mark.parametrize(
    ("to", "mask", "path"),
    [
        ({"provider": LEVER}, None, "integration.provider"),
        ({}, ["employer_user_ids"], "integration.employerUserIds"),
        ({"field_map": {"title": "t"}}, None, "integration.fieldMap"),
        ({}, ["nonsense"], "updateMask"),
    ],
)
async def test_changes_that_cannot_be(
    services: BusinessServices, to: dict[str, Any], mask: list[str] | None, path: str
) -> None:
    """Are refused by their field."""
    made = await integrate(services)
    with pytest.raises(FieldInvalid) as caught:
        await change(services, made, mask, **to)
    assert caught.value.violations[0].path == path


async def test_one_integration_for_a_board(services: BusinessServices) -> None:
    """A second one is refused; another board isn't."""
    await integrate(services)
    with pytest.raises(AlreadyExists):
        await integrate(services)
    south = await integrate(services, board="south")
    with pytest.raises(AlreadyExists):
        await change(services, south, board="northline")


async def test_integrations_are_confined_to_grants(services: BusinessServices) -> None:
    """All of its employers must be on it; a foreign one isn't there."""
    both = key(EMPLOYER, "employer_2")
    made = await integrate(services, employers=[EMPLOYER, "employer_2"], by=both)
    for principal in (key(), key("employer_2"), key(organization="org_x")):
        with pytest.raises(NotFound):
            await services.do("GetIntegration", principal, integration_id=made.integration_id)
        assert not (await services.do("ListIntegrations", principal)).integrations
    with pytest.raises(NotFound):
        await integrate(services, employers=["employer_3"], by=both, board="x")


async def test_operators_see_all_and_step(production: BusinessServices) -> None:
    """By organization and state, in pages; a step that can't be is refused with what can."""
    first = await integrate(production, activate=False)
    other = key(organization="org_x", environment="production")
    second = await integrate(production, activate=False, by=other)
    said: dict[str, Any] = {
        "organization_id": "-",
        "environment": "production",
        "page_size": 1,
    }
    listed = await production.do("ListOrganizationIntegrations", operator(), **said)
    rest = await production.do(
        "ListOrganizationIntegrations", operator(), **said, page_token=listed.next_page_token
    )
    found = [*listed.integrations, *rest.integrations]
    assert [each.integration_id for each in found] == [first.integration_id, second.integration_id]
    with pytest.raises(IllegalTransition):
        await operate(production, "DeactivateIntegration", first, mirrors=KEEP, reason="x")
    with pytest.raises(EtagMismatch):
        await operate(production, "ActivateIntegration", first, etag="old")


async def test_a_field_map_reads_a_feed_of_the_clients_own(services: BusinessServices) -> None:
    """And its status texts mean what the integration says."""
    await integrate(
        services,
        provider=6,
        board="",
        field_map={"externalJobId": "ref", "title": "name", "status": "state", "applyUrl": "url"},
        status_map={"Ausgeschrieben": "OPEN", "Besetzt": "CLOSED"},
    )
    record = {
        "ref": 7,
        "name": "Picker",
        "state": "Ausgeschrieben",
        "url": "https://a.example.com/7",
    }
    reply = await services.do("SyncJobs", provider=6, employer_user_id=EMPLOYER, jobs=[record])
    assert words(reply) == ["CREATED"]
    record["state"] = "besetzt"
    reply = await services.do("SyncJobs", provider=6, employer_user_id=EMPLOYER, jobs=[record])
    assert words(reply) == ["CLOSED"]
