"""Refusals that matter are in the audit log."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from tests.harness.call import UNREAD
from tests.harness.control_rows import NOW, issue
from tests.harness.control_services import MAYA, METHODS, ControlServices

from xaigh_server.errors import DomainError, NotFound
from xaigh_server.identity.errors import (
    AddressNotAllowed,
    CredentialKindRefused,
    KeyRevoked,
    KeyUnknown,
    ScopeNotGranted,
    SecretKeyInBrowser,
)
from xaigh_server.identity.principal import ANONYMOUS, KeyPrincipal, Principal
from xaigh_server.keys import denied_request_audit as module
from xaigh_server.keys.denied_request_audit import DenialAuditLog
from xaigh_server.keys.errors import AllowanceSpent
from xaigh_server.keys.repository import Keys
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.interceptors.denied_requests import DeniedRequests

ISSUE, LIST = "IssueKey", "ListKeys"


class Chain:
    """The link, before a chain that refuses."""

    def __init__(self, services: ControlServices) -> None:
        self._desk = services
        book = DenialAuditLog(services.control, last_used=services.meter, clock=services.clock)
        self.link = DeniedRequests(book)

    async def refuse(
        self, error: DomainError, principal: Principal = ANONYMOUS, method: str = LIST
    ) -> None:
        call = Call(
            method=METHODS[f"/xaigh.keys.v1.KeyAdminService/{method}"],
            transport="rest",
            metadata=(),
            peer="192.0.2.7",
            received=self._desk.clock.now,
            request_id="req_1",
            principal=principal,
        )

        async def refusing(request: Any, call: Call) -> Any:
            raise error

        with pytest.raises(type(error)):
            await self.link(refusing, UNREAD, call)

    async def written(self) -> list[dict[str, Any]]:
        rows = await self._desk.control.read(
            lambda session: session.all(text("SELECT * FROM audit_events ORDER BY sequence"))
        )
        return [row._asdict() for row in rows]


@pytest.fixture
def chain(services: ControlServices) -> Chain:
    return Chain(services)


async def _holder(services: ControlServices) -> KeyPrincipal:
    found = await services.principal((await issue(services.control)).clear)
    assert isinstance(found, KeyPrincipal)
    return found


async def test_a_refusal_in_the_middle_of_a_stream_is_written(
    services: ControlServices, chain: Chain
) -> None:
    """A watch whose key is revoked ends with an event, as a call would."""
    holder = await _holder(services)
    (watch,) = (m for path, m in METHODS.items() if path.endswith("JobsService/WatchJobs"))
    call = Call(
        method=watch,
        transport="grpc",
        metadata=(),
        peer="192.0.2.7",
        received=services.clock.now,
        request_id="req_2",
        principal=holder,
    )

    async def watching(request: Any, call: Call) -> Any:
        async def replies() -> AsyncIterator[str]:
            yield "first"
            raise KeyRevoked

        return replies()

    seen: list[str] = []
    stream: Any = await chain.link(watching, UNREAD, call)
    with pytest.raises(KeyRevoked):
        async for reply in stream:
            seen.append(reply)
    (event,) = await chain.written()
    assert (seen, event["outcome"], event["actor_id"]) == (["first"], "REFUSED", holder.key_id)


async def test_a_secret_key_in_a_browser_is_flagged(
    services: ControlServices, chain: Chain
) -> None:
    """With its event, before the refusal is answered; the mark comes with the next flush."""
    holder = await _holder(services)
    await chain.refuse(SecretKeyInBrowser(), holder)
    (event,) = await chain.written()
    assert (event["outcome"], event["actor_type"], event["actor_id"]) == (
        "REFUSED",
        "key",
        holder.key_id,
    )
    assert (event["organization_id"], event["environment"]) == ("org_1", "sandbox")
    assert json.loads(event["after"])["reason"] == "SECRET_KEY_IN_BROWSER"
    await services.meter.flush()
    record = await services.control.read(lambda session: Keys(session).get(holder.key_id))
    assert record is not None
    assert (record.flag_time, record.last_refused_time) == (NOW, NOW)


async def test_a_key_that_has_ended_is_named(services: ControlServices, chain: Chain) -> None:
    """By its refusal, although nobody was let in."""
    holder = await _holder(services)
    await chain.refuse(KeyRevoked(metadata={"keyId": holder.key_id}))
    (event,) = await chain.written()
    assert (event["actor_type"], event["actor_id"]) == ("key", holder.key_id)
    await services.meter.flush()
    record = await services.control.read(lambda session: Keys(session).get(holder.key_id))
    assert record is not None
    assert record.last_refused_time == NOW


async def test_a_credential_of_the_wrong_kind_is_named(
    services: ControlServices, chain: Chain
) -> None:
    """By its id, on methods that are audited and on others."""
    holder = await _holder(services)
    await chain.refuse(CredentialKindRefused(), holder, LIST)
    await chain.refuse(CredentialKindRefused(), MAYA, LIST)
    events = await chain.written()
    assert [(each["actor_type"], json.loads(each["targets"])) for each in events] == [
        ("key", [holder.key_id]),
        ("operator", [MAYA.credential_id]),
    ]


async def test_trying_more_than_one_may(services: ControlServices, chain: Chain) -> None:
    """Is written on methods that are audited, and only there."""
    await chain.refuse(ScopeNotGranted("keys:write"), MAYA, LIST)
    await chain.refuse(NotFound("grant"), MAYA, ISSUE)
    await chain.refuse(KeyUnknown(), method=ISSUE)
    assert await chain.written() == []
    await chain.refuse(ScopeNotGranted("keys:write"), MAYA, ISSUE)
    await chain.refuse(AllowanceSpent("grt_1", 3), MAYA, ISSUE)
    events = await chain.written()
    assert [(e["action"], e["actor_id"], e["outcome"]) for e in events] == [
        ("key.issued", "maya", "REFUSED")
    ] * 2


async def test_nobody_fills_the_log_by_being_refused(
    services: ControlServices, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once a minute, with the number of those in between; memory is bounded."""
    holder = await _holder(services)
    for _ in range(20):
        await chain.refuse(AddressNotAllowed(), holder)
    services.clock.now += timedelta(minutes=1)
    await chain.refuse(AddressNotAllowed(), holder)
    events = await chain.written()
    assert [json.loads(event["after"]).get("alsoRefused", 0) for event in events] == [0, 19]
    monkeypatch.setattr(module, "MAX_TRACKED", 1)
    await chain.refuse(SecretKeyInBrowser(), holder)
    assert len(await chain.written()) == 2
    services.clock.now += timedelta(minutes=1)
    await chain.refuse(SecretKeyInBrowser(), holder)
    assert len(await chain.written()) == 3


async def test_the_refusal_is_answered_even_if_it_cannot_be_written(
    services: ControlServices, chain: Chain
) -> None:
    """A database that is away makes no 403 into a 503."""
    holder = await _holder(services)
    await services.control.close()
    await chain.refuse(SecretKeyInBrowser(), holder)
