"""Refusals that matter are in the audit log."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text
from tests.harness.call import UNREAD, End
from tests.harness.control_rows import NOW, issue
from tests.harness.control_services import MAYA, METHODS, ControlServices

from xaigh_server.errors import DomainError, NotFound
from xaigh_server.identity.errors import (
    AddressNotAllowed,
    CredentialKindRefused,
    CredentialsMalformed,
    CredentialsMissing,
    KeyRevoked,
    KeyUnknown,
    OperatorUnknown,
    ScopeNotGranted,
    SecretKeyInBrowser,
)
from xaigh_server.identity.principal import ANONYMOUS, KeyPrincipal, Principal
from xaigh_server.keys import denied_request_audit as module
from xaigh_server.keys.denied_request_audit import DenialAuditLog
from xaigh_server.keys.errors import AllowanceSpent
from xaigh_server.keys.repository import Keys
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.error_reasons import read_reasons
from xaigh_server.rpc.interceptors.authorize import Authorize
from xaigh_server.rpc.interceptors.denied_requests import DeniedRequests
from xaigh_server.rpc.method import Method

ISSUE, LIST = "IssueKey", "ListKeys"


class Chain:
    """The link, before a chain that refuses."""

    def __init__(self, services: ControlServices) -> None:
        self._desk = services
        book = DenialAuditLog(services.control, last_used=services.meter, clock=services.clock)
        self.link = DeniedRequests(book)

    async def refuse(
        self,
        error: DomainError,
        principal: Principal = ANONYMOUS,
        method: str = LIST,
        *,
        peer: str = "192.0.2.7",
    ) -> None:
        call = self.call(METHODS[f"/xaigh.keys.v1.KeyAdminService/{method}"], principal, peer=peer)

        async def refusing(request: Any, call: Call) -> Any:
            raise error

        with pytest.raises(type(error)):
            await self.link(refusing, UNREAD, call)

    def call(self, method: Method, principal: Principal, *, peer: str = "192.0.2.7") -> Call:
        """A call of this caller."""
        return Call(
            method=method,
            transport="rest",
            metadata=(),
            peer=peer,
            received=self._desk.clock.now,
            request_id="req_1",
            principal=principal,
        )

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
    await chain.refuse(KeyUnknown(), method=LIST)
    assert await chain.written() == []
    await chain.refuse(ScopeNotGranted("keys:write"), MAYA, ISSUE)
    await chain.refuse(AllowanceSpent("grt_1", 3), MAYA, ISSUE)
    events = await chain.written()
    assert [(e["action"], e["actor_id"], e["outcome"]) for e in events] == [
        ("key.issued", "maya", "REFUSED")
    ] * 2


async def test_tries_without_a_known_credential_are_one_event_a_minute(
    services: ControlServices, chain: Chain
) -> None:
    """By address, whatever they tried; the event says how many came before it."""
    for error in (KeyUnknown(), CredentialsMissing(), CredentialsMalformed(), OperatorUnknown()):
        await chain.refuse(error, method=ISSUE)
        await chain.refuse(error, method="RevokeKey")
    (event,) = await chain.written()
    assert (event["action"], event["actor_type"], event["actor_id"], event["peer"]) == (
        "call.refused",
        "peer",
        "",
        "192.0.2.7",
    )
    assert json.loads(event["after"])["tried"] == "key.issued"
    await chain.refuse(KeyUnknown(), method=ISSUE, peer="192.0.2.8")
    services.clock.now += timedelta(minutes=1)
    await chain.refuse(KeyUnknown(), method=ISSUE)
    events = await chain.written()
    assert [json.loads(each["after"]).get("alsoRefused", 0) for each in events] == [0, 0, 7]


async def test_strangers_of_many_addresses_fill_no_log(
    services: ControlServices, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond some addresses one event stands for all others, each minute."""
    monkeypatch.setattr(module, "MAX_STRANGERS", 3)
    for number in range(50):
        await chain.refuse(KeyUnknown(), method=ISSUE, peer=f"203.0.113.{number}")
    assert len(await chain.written()) == 4
    services.clock.now += timedelta(minutes=1)
    for number in range(100, 150):
        await chain.refuse(KeyUnknown(), method=ISSUE, peer=f"203.0.113.{number}")
    events = await chain.written()
    assert len(events) == 8
    assert json.loads(events[-1]["after"])["alsoRefused"] == 46


AUDITED = sorted(
    path for path, method in METHODS.items() if method.rule.audit and method.rule.access != "public"
)


@pytest.mark.parametrize("path", AUDITED)
async def test_a_valid_credential_without_the_right_is_named_on_every_audited_method(
    services: ControlServices, chain: Chain, path: str
) -> None:
    """A key without scopes, and an operator of the narrowest role: whichever the method refuses."""
    holder = replace(await _holder(services), scopes=frozenset())
    helper = replace(MAYA, scopes=frozenset())
    named: list[list[str]] = []
    for principal in (holder, helper):
        call = chain.call(METHODS[path], principal)
        try:
            await chain.link(partial(Authorize(), End()), UNREAD, call)
        except DomainError:
            named.append([getattr(principal, "key_id", "") or MAYA.credential_id])
    if METHODS[path].rule.access != "self":  # a key may do that to itself, with no scope
        assert named
    events = await chain.written()
    assert [json.loads(each["targets"]) for each in events] == named
    assert {each["outcome"] for each in events} <= {"REFUSED"}
    assert {each["action"] for each in events} <= {METHODS[path].rule.audit}


def test_every_refusal_of_rights_is_one_that_is_written() -> None:
    """So that a new reason isn't forgotten; VerifyKey writes its own."""
    forbidden = {name for name, spec in read_reasons().items() if spec.code == "permission_denied"}
    assert forbidden - {"PEER_REQUIRED"} <= module._ALWAYS | module._ON_AUDITED


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
