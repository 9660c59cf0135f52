"""Integrations: made by integrators, looked at and activated by operators."""

from typing import Any

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from tests.harness.business_services import EMPLOYER, BusinessServices, key, operator
from tests.harness.syncs import (
    LEVER,
    board,
    integrate,
    mirror,
    sync,
    words,
)

from xaigh.ats.v1 import integration_pb2
from xaigh_server.ats.errors import IntegrationInactive
from xaigh_server.errors import AlreadyExists, FieldInvalid, IllegalTransition, NotFound
from xaigh_server.jobs.model import AtsIngestRequired
from xaigh_server.rpc.errors import EtagMismatch

STATE = integration_pb2.AtsIntegration


async def change(
    services: BusinessServices, integration: Any, mask: list[str] | None = None, **to: Any
) -> Any:
    return await services.do(
        "UpdateIntegration",
        integration={"integration_id": integration.integration_id, **to},
        update_mask={"paths": mask} if mask else None,
    )


async def test_an_integration_says_its_defaults(services: BusinessServices) -> None:
    """And waits for its activation."""
    made = await integrate(services, activate=False)
    assert made.state == STATE.PENDING
    assert made.stale_after == Duration(seconds=86_400)
    assert (made.guard.min_roles, made.guard.percent) == (10, 20)
    assert await services.do("GetIntegration", integration_id=made.integration_id) == made


async def test_an_activation_moves_posting_to_the_ats(services: BusinessServices) -> None:
    """And the end of it gives posting back; the mirrors stay as they are."""
    made = await integrate(services)
    post: dict[str, Any] = {
        "employer_user_id": EMPLOYER,
        "title": "T",
        "slots": 1,
        "starts_at": Timestamp(seconds=1),
    }
    with pytest.raises(AtsIngestRequired):
        await services.do("PostJob", **post)
    await sync(services, board(1))
    stopped = await services.do(
        "DeactivateIntegration",
        operator(),
        integration_id=made.integration_id,
        environment="sandbox",
        reason="The client left.",
    )
    assert stopped.state == STATE.INACTIVE
    await services.do("PostJob", **post)
    with pytest.raises(IntegrationInactive):
        await sync(services, board(1))
    job = await mirror(services, 1)
    with pytest.raises(AtsIngestRequired):
        await services.do("CloseJob", job_id=job.job_id)


@pytest.mark.parametrize(
    ("to", "state"),
    [
        ({"display_name": "North"}, STATE.ACTIVE),
        ({"stale_after": Duration(seconds=3600)}, STATE.ACTIVE),
        ({"apply_mode": 3, "forward_target": "adapter"}, STATE.ACTIVE),
        ({"guard": {"percent": 100}}, STATE.PENDING),
        ({"board": "south"}, STATE.PENDING),
    ],
)
async def test_what_an_operator_looked_at_is_looked_at_again(
    services: BusinessServices, to: dict[str, Any], state: int
) -> None:
    """A bot can't loosen the guard that holds it."""
    made = await integrate(services)
    changed = await change(services, made, **to)
    assert changed.state == state
    assert changed.etag != made.etag
    assert changed.guard.min_roles == 10


async def test_a_new_way_to_apply_reaches_unchanged_records(services: BusinessServices) -> None:
    """The same records are read anew under the integration's new rules."""
    made = await integrate(services)
    await sync(services, board(1))
    await change(services, made, apply_mode=3, forward_target="adapter")
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
    south = await integrate(services, board="south", activate=False)
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


async def test_operators_see_all_and_step(services: BusinessServices) -> None:
    """By organization and state, in pages; a step that can't be is refused with what can."""
    first = await integrate(services, activate=False)
    other = key(organization="org_x")
    second = await integrate(services, activate=False, by=other)
    listed = await services.do(
        "ListAllIntegrations", operator(), environment="sandbox", page_size=1
    )
    rest = await services.do(
        "ListAllIntegrations",
        operator(),
        environment="sandbox",
        page_size=1,
        page_token=listed.next_page_token,
    )
    found = [*listed.integrations, *rest.integrations]
    assert [each.integration_id for each in found] == [first.integration_id, second.integration_id]
    with pytest.raises(IllegalTransition):
        await services.do(
            "DeactivateIntegration",
            operator(),
            integration_id=first.integration_id,
            environment="sandbox",
            reason="x",
        )
    with pytest.raises(EtagMismatch):
        await services.do(
            "ActivateIntegration",
            operator(),
            integration_id=first.integration_id,
            environment="sandbox",
            etag="old",
        )


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
