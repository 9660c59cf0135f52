"""Grants over the API: reading, narrowing and revoking them, with their keys."""

from datetime import timedelta
from typing import Any

import pytest
from tests.harness.control_services import ControlServices
from tests.harness.reviews import granted

from xaigh.access.v1 import grant_pb2 as pb
from xaigh_server.errors import FieldInvalid, NotFound
from xaigh_server.keys.errors import GrantInactive
from xaigh_server.rpc.errors import EtagMismatch


async def narrow(services: ControlServices, grant: Any, **terms: Any) -> Any:
    wanted = {"grant_id": grant.grant_id, "reason": "A smaller use.", "etag": grant.etag}
    return await services.do("NarrowGrant", **wanted, **terms)


async def key(services: ControlServices, grant: Any) -> Any:
    return await services.do("IssueKey", grant_id=grant.grant_id, name="nightly")


async def test_a_grant_is_read_as_it_was_given(services: ControlServices) -> None:
    """With the number of the keys that were issued from it."""
    grant = await granted(services)
    await key(services, grant)
    found = await services.do("GetGrant", grant_id=grant.grant_id)
    assert (found.keys_issued, found.terms) == (1, grant.terms)
    with pytest.raises(NotFound):
        await services.do("GetGrant", grant_id="grt_x")


async def test_a_list_is_filtered_and_in_pages(services: ControlServices) -> None:
    """Newest first; by tenant, ticket, environment and state."""
    first = await granted(services)
    services.clock.now += timedelta(minutes=1)
    second = await granted(services, contact_email="x@other.example", company_name="Other")

    async def ids(**wanted: Any) -> list[str]:
        return [each.grant_id for each in (await services.do("ListGrants", **wanted)).grants]

    page = await services.do("ListGrants", page_size=1)
    rest = await ids(page_size=1, page_token=page.next_page_token)
    assert [page.grants[0].grant_id, *rest] == [second.grant_id, first.grant_id]
    assert await ids(organization_id=first.organization_id) == [first.grant_id]
    assert await ids(ticket_id=second.ticket_id) == [second.grant_id]
    assert await ids(environment="production") == []
    assert await ids(state=pb.Grant.REVOKED) == []


async def test_narrowing_is_a_new_revision_with_both_terms_in_the_log(
    services: ControlServices,
) -> None:
    """Nobody widens a grant by it, and a stale etag changes nothing."""
    grant = await granted(services)
    narrowed = await narrow(services, grant, scopes=["jobs:read"])
    assert (narrowed.revision, list(narrowed.terms.scopes)) == (2, ["jobs:read"])
    (event,) = await services.audit_events("grant.narrowed")
    assert event.event.before is not None and event.event.after is not None
    assert (event.event.before["scopes"], event.event.after["scopes"]) == (
        ["jobs:read", "jobs:write"],
        ["jobs:read"],
    )
    assert event.event.reason == "A smaller use."
    with pytest.raises(EtagMismatch):
        await narrow(services, grant, tier="starter")
    with pytest.raises(FieldInvalid):
        await narrow(services, narrowed, scopes=["jobs:read", "jobs:write"])


async def test_revoking_a_grant_revokes_its_keys_once(services: ControlServices) -> None:
    """With one event for each key; a second revocation changes nothing."""
    grant = await granted(services)
    ids = [(await key(services, grant)).key.key_id for _ in range(2)]
    revoked = await services.do("RevokeGrant", grant_id=grant.grant_id, reason="Misuse.")
    assert (revoked.state, revoked.reason) == (pb.Grant.REVOKED, "Misuse.")
    again = await services.do("RevokeGrant", grant_id=grant.grant_id, reason="Once more.")
    assert again == revoked
    (event,) = await services.audit_events("grant.revoked")
    assert sorted(event.event.targets) == sorted([grant.grant_id, *ids])
    told = [each.event_type for each in await services.outgoing()]
    assert told.count("key.revoked") == 2
    for key_id in ids:
        found = await services.do("GetKey", key_id=key_id)
        assert found.revoke_reason == "Grant revoked: Misuse."
    with pytest.raises(GrantInactive):
        await key(services, grant)
