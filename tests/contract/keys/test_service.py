"""Issuing, listing, rotating and revoking keys, each with its trace."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC
from typing import Any

import pyrage
import pytest
from google.protobuf.duration_pb2 import Duration
from sqlalchemy import text
from tests.harness.control_rows import DAY, GRANT, NOW, TERMS
from tests.harness.control_services import ControlServices

from xaigh.keys.v1 import key_admin_service_pb2 as api
from xaigh.keys.v1 import key_pb2 as pb
from xaigh_server.db.session import Session
from xaigh_server.errors import ConcurrentUpdate, DomainError, NotFound
from xaigh_server.identity.errors import KeyRevoked, KeyRotated
from xaigh_server.identity.principal import KeyPrincipal
from xaigh_server.keys.errors import AllowanceSpent, KeyInactive, KeyRotationOpen
from xaigh_server.keys.grant_repository import Grants
from xaigh_server.keys.repository import Keys
from xaigh_server.rpc.errors import PageTokenInvalid


async def _issue(services: ControlServices, key: str = "", **members: Any) -> pb.IssuedKey:
    wanted = {"grant_id": "grt_1", "name": "till", **members}
    issued: pb.IssuedKey = await services.call(
        "IssueKey", api.IssueKeyRequest(**wanted), idempotency_key=key
    )
    return issued


async def _audit(services: ControlServices) -> list[dict[str, Any]]:
    columns = "action, actor_type, actor_id, targets, before, after, reason, organization_id"
    rows = await services.control.read(
        lambda session: session.all(
            text(f"SELECT {columns}, environment FROM audit_events ORDER BY sequence")
        )
    )
    return [row._asdict() for row in rows]


async def _events(services: ControlServices) -> list[tuple[str, str, Any]]:
    rows = await services.control.read(
        lambda session: session.all(
            text("SELECT event_type, organization_id, payload FROM outbox ORDER BY sequence")
        )
    )
    return [(row.event_type, row.organization_id, json.loads(row.payload)) for row in rows]


async def _wide(services: ControlServices, allowance: int, **members: Any) -> None:
    """A second grant, grt_2."""
    terms = replace(TERMS, key_allowance=allowance)
    grant = replace(GRANT, grant_id="grt_2", terms=terms, **members)
    await services.control.write(lambda session: Grants(session).add(grant))


async def test_a_key_is_shown_once(services: ControlServices) -> None:
    """It works at once; its record can be read and says nothing of the key."""
    issued = await _issue(services, scopes=["jobs:read"], labels={"team": "a"})
    assert issued.disclosure == pb.IssuedKey.SHOWN
    principal = await services.principal(issued.api_key)
    assert isinstance(principal, KeyPrincipal)
    assert principal.scopes == {"jobs:read"}
    read = await services.call("GetKey", api.GetKeyRequest(key_id=issued.key.key_id))
    assert read == issued.key
    assert (read.state, read.prefix, read.created_by) == (pb.Key.ACTIVE, "test_sk_", "maya")
    assert read.create_time.ToDatetime(tzinfo=UTC) == NOW
    assert issued.api_key.endswith(read.last_four)
    assert issued.api_key[18:] not in str(read)


async def test_issuing_leaves_a_trace_without_the_key(services: ControlServices) -> None:
    """An audit event and an event for webhooks."""
    issued = await _issue(services)
    (entry,) = await _audit(services)
    assert (entry["action"], entry["actor_id"]) == ("key.issued", "maya")
    assert (entry["organization_id"], entry["environment"]) == ("org_1", "sandbox")
    assert json.loads(entry["targets"]) == [issued.key.key_id]
    assert json.loads(entry["after"])["disclosure"] == "SHOWN"
    (event,) = await _events(services)
    assert event[:2] == ("key.issued", "org_1")
    assert event[2]["keyId"] == issued.key.key_id
    for trace in (entry, event):
        assert issued.api_key[18:50] not in repr(trace)


async def test_a_replay_withholds_the_key(services: ControlServices) -> None:
    """The record is the same, no second key is made, and the database never had the first."""
    issued = await _issue(services, key="k1")
    replay, call = await services.exchange(
        "IssueKey",
        api.IssueKeyRequest(grant_id="grt_1", name="till"),
        idempotency_key="k1",
    )
    assert call.replayed
    assert (replay.api_key, replay.disclosure) == ("", pb.IssuedKey.WITHHELD)
    assert replay.key == issued.key
    rows = await services.control.read(
        lambda session: session.all(text("SELECT reply FROM idempotency_records"))
    )
    assert issued.api_key[18:50].encode() not in bytes(rows[0].reply)
    assert len(await _events(services)) == len(await _audit(services)) == 1


async def test_a_known_recipient_gets_it_sealed(services: ControlServices) -> None:
    """The reply, the logs and the replay hold no key; the file waits for the status token."""
    identity = pyrage.x25519.Identity.generate()
    await _wide(services, 3, seal_to=str(identity.to_public()))
    issued = await _issue(services, grant_id="grt_2")
    assert (issued.disclosure, issued.api_key) == (pb.IssuedKey.SEALED, "")
    assert issued.sealed_for_ticket_id == "tkt_1"
    (waiting,) = await services.control.read(lambda session: Keys(session).sealed_for("tkt_1"))
    opened = pyrage.decrypt(waiting.text.encode(), [identity]).decode()
    assert (await services.principal(opened)) is not None
    clear = await _issue(services, grant_id="grt_2", clear_reason="Lost identity, by phone.")
    assert clear.disclosure == pb.IssuedKey.SHOWN
    entries = await _audit(services)
    assert [json.loads(each["after"])["disclosure"] for each in entries] == ["SEALED", "SHOWN"]
    assert entries[1]["reason"] == "Lost identity, by phone."


async def test_fifty_issues_at_once_never_exceed_the_allowance(services: ControlServices) -> None:
    """Exactly as many as the grant allows succeed."""
    await _wide(services, 7)
    outcomes = await asyncio.gather(
        *(_issue(services, grant_id="grt_2") for _ in range(50)), return_exceptions=True
    )
    issued = [each for each in outcomes if isinstance(each, pb.IssuedKey)]
    assert len(issued) == 7
    assert {type(each) for each in outcomes} == {pb.IssuedKey, AllowanceSpent}
    assert await services.control.read(lambda s: Keys(s).issued_from("grt_2")) == 7
    assert len(await _audit(services)) == 7


async def test_of_fifty_rotations_one_wins(services: ControlServices) -> None:
    """The key has one successor, whoever asked."""
    key = (await _issue(services)).key
    request = api.RotateKeyRequest(key_id=key.key_id)
    outcomes = await asyncio.gather(
        *(services.call("RotateKey", request) for _ in range(50)), return_exceptions=True
    )
    won = [each for each in outcomes if isinstance(each, pb.IssuedKey)]
    assert len(won) == 1
    losers = {type(each) for each in outcomes if isinstance(each, DomainError)}
    assert losers <= {KeyInactive, KeyRotationOpen, ConcurrentUpdate}
    read = await services.call("GetKey", api.GetKeyRequest(key_id=key.key_id))
    assert read.replaced_by == won[0].key.key_id


async def test_a_rotation_ends_the_old_key_at_once(services: ControlServices) -> None:
    """Unless a grace was asked for."""
    issued = await _issue(services)
    await services.principal(issued.api_key)
    rotated = await services.call(
        "RotateKey", api.RotateKeyRequest(key_id=issued.key.key_id, reason="monthly")
    )
    with pytest.raises(KeyRotated):
        await services.principal(issued.api_key)
    assert (await services.principal(rotated.api_key)) is not None
    entry = (await _audit(services))[-1]
    assert (entry["action"], entry["reason"]) == ("key.rotated", "monthly")
    assert json.loads(entry["targets"]) == [issued.key.key_id, rotated.key.key_id]
    assert (await _events(services))[-1][2]["successorKeyId"] == rotated.key.key_id


async def test_a_grace_shows(services: ControlServices) -> None:
    """In the record and in the principal, until it is over."""
    issued = await _issue(services)
    request = api.RotateKeyRequest(key_id=issued.key.key_id, grace=Duration(seconds=3600))
    await services.call("RotateKey", request)
    old = await services.call("GetKey", api.GetKeyRequest(key_id=issued.key.key_id))
    assert old.state == pb.Key.GRACE
    principal = await services.principal(issued.api_key)
    assert isinstance(principal, KeyPrincipal)
    assert principal.sunset_at == old.expire_time.ToDatetime(tzinfo=UTC)
    services.clock.now += DAY
    with pytest.raises(KeyRotated):
        await services.principal(issued.api_key)


async def test_a_replayed_rotation_withholds_the_key(services: ControlServices) -> None:
    """And rotates nothing."""
    request = api.RotateKeyRequest(key_id=(await _issue(services)).key.key_id)
    first = await services.call("RotateKey", request, idempotency_key="k")
    again = await services.call("RotateKey", request, idempotency_key="k")
    assert first.api_key
    assert (again.api_key, again.disclosure) == ("", pb.IssuedKey.WITHHELD)
    assert again.key == first.key


async def test_a_revocation_is_final_and_repeatable(services: ControlServices) -> None:
    """The second one answers alike and leaves no second trace."""
    issued = await _issue(services)
    request = api.RevokeKeyRequest(key_id=issued.key.key_id, reason="leaked")
    revoked = await services.call("RevokeKey", request)
    with pytest.raises(KeyRevoked):
        await services.principal(issued.api_key)
    assert (revoked.state, revoked.revoke_reason) == (pb.Key.REVOKED, "leaked")
    services.clock.now += DAY
    again = await services.call(
        "RevokeKey", api.RevokeKeyRequest(key_id=issued.key.key_id, reason="once more")
    )
    assert again == revoked
    assert [event[0] for event in await _events(services)] == ["key.issued", "key.revoked"]
    assert [entry["action"] for entry in await _audit(services)] == ["key.issued", "key.revoked"]


@pytest.mark.parametrize("method", ["GetKey", "RotateKey", "RevokeKey", "IssueKey"])
async def test_what_does_not_exist(services: ControlServices, method: str) -> None:
    """Is named as missing, and nothing is written."""
    names = {"grant_id": "grt_9", "name": "x"} if method == "IssueKey" else {"key_id": "x" * 10}
    if method == "RevokeKey":
        names["reason"] = "x"
    with pytest.raises(NotFound):
        await services.call(method, getattr(api, f"{method}Request")(**names))
    assert await _audit(services) == []


async def test_lists_are_walked(services: ControlServices) -> None:
    """Page by page, each key once; a token with other filters is none."""
    await _wide(services, 5)
    issued = []
    for number in range(5):
        services.clock.now += DAY
        issued.append((await _issue(services, grant_id="grt_2", name=f"n{number}")).key.key_id)
    found: list[str] = []
    token = ""
    while True:
        request = api.ListKeysRequest(grant_id="grt_2", page_size=2, page_token=token)
        page = await services.call("ListKeys", request)
        found += [key.key_id for key in page.keys]
        token = page.next_page_token
        if not token:
            break
    assert found == issued[::-1]
    first = await services.call("ListKeys", api.ListKeysRequest(page_size=2))
    with pytest.raises(PageTokenInvalid):
        await services.call(
            "ListKeys",
            api.ListKeysRequest(page_size=2, key_type="sk", page_token=first.next_page_token),
        )
    revoked = await services.call("ListKeys", api.ListKeysRequest(state=pb.Key.REVOKED))
    assert len(revoked.keys) == 0


async def test_a_change_without_its_audit_event_does_not_happen(services: ControlServices) -> None:
    """If the event can't be written, there is no key."""

    def block(session: Session) -> None:
        session.run(text("DROP TABLE outbox"))

    await services.control.write(block)
    with pytest.raises(Exception, match="outbox"):
        await _issue(services)
    assert await services.control.read(lambda session: Keys(session).issued_from("grt_1")) == 0
