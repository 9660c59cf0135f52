"""Keys presented to another service."""

from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from tests.harness.control_rows import DAY, GRANT, NOW, TERMS, issue, randomness
from tests.harness.control_services import ControlServices
from tests.harness.credentials import TAGS, made_up

from xaigh.keys.v1 import key_admin_service_pb2 as api
from xaigh.keys.v1 import key_pb2 as pb
from xaigh_server.identity import key_format as keys
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.errors import ScopeUnknown
from xaigh_server.identity.key_format import KeyType
from xaigh_server.keys.grant_repository import Grants
from xaigh_server.keys.issuing import NewKey, revoke
from xaigh_server.keys.repository import Keys

PAGE = "https://app.example.com"


async def _verify(services: ControlServices, presented: str, **members: Any) -> api.KeyVerdict:
    wanted = {"scope": "jobs:read"} if "route" not in members else {}
    request = api.VerifyKeyRequest(presented_key=presented, **{**wanted, **members})
    verdict: api.KeyVerdict = await services.call("VerifyKey", request)
    return verdict


async def _nature(services: ControlServices) -> NewKey:
    terms = replace(TERMS, scopes=("jobs:read", "nature:read"))
    grant = replace(GRANT, grant_id="grt_n", terms=terms)
    await services.control.write(lambda session: Grants(session).add(grant))
    return await issue(services.control, grant)


async def test_a_good_key(services: ControlServices) -> None:
    """The verdict tells whose it is, where, and what is left."""
    new = await issue(services.control)
    verdict = await _verify(services, new.clear)
    assert verdict.allowed
    assert (verdict.key_id, verdict.organization_id) == (new.record.key_id, "org_1")
    assert (verdict.environment, verdict.tier) == ("sandbox", "standard")
    assert (verdict.key_type, list(verdict.scopes)) == ("sk", list(new.record.scopes))
    assert list(verdict.employer_user_ids) == ["emp_1", "emp_2"]
    assert (verdict.reason, verdict.message) == ("", "")
    state = verdict.rate_limit
    assert (state.limit, state.remaining, state.window.seconds) == (600, 599, 60)


async def test_a_peek_takes_nothing(services: ControlServices) -> None:
    """Neither from the limit nor for the usage."""
    new = await issue(services.control)
    for _ in range(3):
        assert (await _verify(services, new.clear, peek=True)).rate_limit.remaining == 600
    await services.meter.flush()
    rows = await services.control.read(
        lambda session: session.all(text("SELECT * FROM usage_days"))
    )
    assert rows == []


@pytest.mark.parametrize(
    ("route", "reason"),
    [
        (("GET", "/v1/nature/trails"), ""),
        (("HEAD", "/v1/nature/trails"), ""),
        (("POST", "/v1/nature/trails"), "SCOPE_NOT_GRANTED"),
        (("GET", "/v1/payroll/runs"), "SCOPE_NOT_GRANTED"),
        (("GET", "/v1/nature/../payroll/runs"), "ROUTE_NOT_FOUND"),
        (("PUT", "/v1/nature/trails"), "ROUTE_NOT_FOUND"),
        (("GET", "/v1/nothing"), "ROUTE_NOT_FOUND"),
    ],
)
async def test_routes_of_products(
    services: ControlServices, route: tuple[str, str], reason: str
) -> None:
    """Only the family's own, by the verb's methods."""
    new = await _nature(services)
    asked = api.VerifyKeyRequest.Route(http_method=route[0], path=route[1])
    verdict = await _verify(services, new.clear, route=asked)
    assert (verdict.allowed, verdict.reason) == (not reason, reason)


@pytest.mark.parametrize(
    ("route", "reason"),
    [
        (("GET", "/v1/jobs"), ""),
        (("HEAD", "/v1/jobs/job_1"), ""),
        (("POST", "/xaigh.jobs.v1.JobsService/GetJob"), ""),
        (("GET", "/v1/whoami"), ""),
        (("POST", "/v1/jobs/post"), "SCOPE_NOT_GRANTED"),
        (("POST", "/v1/jobs/job_1:close"), "SCOPE_NOT_GRANTED"),
        (("GET", "/v1/admin/keys"), "CREDENTIAL_KIND_REFUSED"),
        (("GET", "/v1/jobs/%zz"), "ROUTE_NOT_FOUND"),
        (("DELETE", "/v1/jobs"), "ROUTE_NOT_FOUND"),
    ],
)
async def test_routes_of_our_own(
    services: ControlServices, route: tuple[str, str], reason: str
) -> None:
    """Each is judged by the rule of its method."""
    new = await issue(services.control, scopes=["jobs:read"])
    asked = api.VerifyKeyRequest.Route(http_method=route[0], path=route[1])
    verdict = await _verify(services, new.clear, route=asked)
    assert (verdict.allowed, verdict.reason) == (not reason, reason)
    assert verdict.rate_limit.remaining == 599


async def test_a_publishable_key_opens_publishable_methods_alone(
    services: ControlServices,
) -> None:
    """A scope doesn't tell which method is meant, so it is refused, and the message says why."""
    page = await issue(services.control, key_type=KeyType.PUBLISHABLE, allowed_origins=[PAGE])
    alone = await _verify(services, page.clear, origin=PAGE)
    assert (alone.reason, alone.key_type) == ("KEY_TYPE_NOT_ALLOWED", "pk")
    assert list(alone.scopes) == ["jobs:read"]
    assert "ask with the method and path" in alone.message
    for path, allowed in (("/v1/published-jobs", True), ("/v1/jobs", False), ("/v1/whoami", False)):
        asked = api.VerifyKeyRequest.Route(http_method="GET", path=path)
        assert (await _verify(services, page.clear, origin=PAGE, route=asked)).allowed is allowed


async def test_a_publishable_key_of_a_product_opens_its_publishable_routes_alone(
    services: ControlServices,
) -> None:
    """Its grant needs no employer and no scope of ours."""
    terms = replace(TERMS, scopes=("parks:read",), employer_user_ids=())
    grant = replace(GRANT, grant_id="grt_p", terms=terms)
    await services.control.write(lambda session: Grants(session).add(grant))
    page = await issue(
        services.control, grant, key_type=KeyType.PUBLISHABLE, allowed_origins=[PAGE]
    )
    for path, allowed in (("/v1/parks/map", True), ("/v1/parks/list", False)):
        asked = api.VerifyKeyRequest.Route(http_method="GET", path=path)
        assert (await _verify(services, page.clear, origin=PAGE, route=asked)).allowed is allowed
    alone = await _verify(services, page.clear, origin=PAGE, scope="parks:read")
    assert alone.reason == "KEY_TYPE_NOT_ALLOWED"


async def test_a_refusal_of_a_known_key_is_audited(services: ControlServices) -> None:
    """Once a minute for each reason, with the service that asked; an unknown key leaves nothing."""
    new = await issue(services.control, scopes=["jobs:read"])
    await _verify(
        services, keys.mint(Environment.SANDBOX, KeyType.SECRET, randomness, made_up).text
    )
    await _verify(services, new.clear)
    assert await services.audit_events() == []
    for _ in range(3):
        await _verify(services, new.clear, scope="jobs:write")
    revoked = revoke(new.record, reason="x", by="maya", now=NOW)
    await services.control.write(lambda session: Keys(session).revoke(revoked))
    services.clock.now = NOW + timedelta(seconds=1)  # events of several chains are in order of time
    await _verify(services, new.clear)
    first, second = [each.event for each in await services.audit_events()]
    assert (first.targets, first.outcome, first.organization_id) == (
        (new.record.key_id,),
        "REFUSED",
        "org_1",
    )
    assert first.after == {
        "method": "xaigh.keys.v1.KeyAdminService.VerifyKey",
        "reason": "SCOPE_NOT_GRANTED",
        "target": "jobs:write",
        "verifiedFor": "maya",
    }
    assert (second.after or {})["reason"] == "KEY_REVOKED"


async def test_what_is_wrong_with_the_key_is_an_answer(services: ControlServices) -> None:
    """Each with its reason; an id is told only to whoever holds the whole key."""
    new = await issue(services.control)
    operator = keys.mint_operator(randomness, TAGS.make).text
    unknown = keys.mint(Environment.SANDBOX, KeyType.SECRET, randomness, made_up).text
    for presented, reason in (
        ("nonsense", "CREDENTIALS_MALFORMED"),
        (new.clear[:-1], "CREDENTIALS_MALFORMED"),
        ("live" + new.clear[4:], "KEY_UNKNOWN"),
        (unknown, "KEY_UNKNOWN"),
        (operator, "CREDENTIAL_KIND_REFUSED"),
    ):
        verdict = await _verify(services, presented)
        assert (verdict.allowed, verdict.reason, verdict.key_id) == (False, reason, "")
        assert verdict.message.endswith(".")
        assert presented not in str(verdict)
    revoked = revoke(new.record, reason="x", by="maya", now=NOW)
    await services.control.write(lambda session: Keys(session).revoke(revoked))
    verdict = await _verify(services, new.clear)
    assert (verdict.reason, verdict.key_id) == ("KEY_REVOKED", new.record.key_id)
    assert verdict.organization_id == ""


async def test_what_is_wrong_with_the_question_is_an_error(services: ControlServices) -> None:
    """A scope that doesn't exist is a mistake of the service that asks."""
    new = await issue(services.control)
    with pytest.raises(ScopeUnknown):
        await _verify(services, new.clear, scope="jobs:delete")


async def test_peers_and_pages(services: ControlServices) -> None:
    """Addresses and origins count as if the call had come here."""
    secret = await issue(services.control, allowed_cidrs=["10.0.0.0/8"])
    assert (await _verify(services, secret.clear, peer_address="10.1.1.1")).allowed
    assert (await _verify(services, secret.clear)).reason == "PEER_REQUIRED"
    outside = await _verify(services, secret.clear, peer_address="11.1.1.1")
    assert outside.reason == "ADDRESS_NOT_ALLOWED"
    page = await issue(services.control, key_type=KeyType.PUBLISHABLE, allowed_origins=[PAGE])
    jobs = api.VerifyKeyRequest.Route(http_method="GET", path="/v1/published-jobs")
    assert (await _verify(services, page.clear, origin=PAGE, route=jobs)).allowed
    elsewhere = await _verify(services, page.clear, origin="https://evil.example", route=jobs)
    assert elsewhere.reason == "ORIGIN_NOT_ALLOWED"
    other = await _verify(services, page.clear, origin=PAGE, scope="jobs:write")
    assert other.reason == "KEY_TYPE_NOT_ALLOWED"


async def test_a_secret_key_from_a_page_is_flagged(services: ControlServices) -> None:
    """With an audit event, in the same transaction."""
    new = await issue(services.control)
    verdict = await _verify(services, new.clear, origin=PAGE)
    assert verdict.reason == "SECRET_KEY_IN_BROWSER"
    read: pb.Key = await services.call("GetKey", api.GetKeyRequest(key_id=new.record.key_id))
    assert read.flagged_time.ToDatetime(tzinfo=UTC) == NOW
    rows = await services.control.read(
        lambda session: session.all(text("SELECT action, targets FROM audit_events"))
    )
    assert [(row.action, row.targets) for row in rows] == [
        ("key.flagged", f'["{new.record.key_id}"]')
    ]


async def test_the_limit_is_the_grant_s(services: ControlServices) -> None:
    """One bucket for all keys of a grant, also after a rotation; what is refused is told."""
    terms = replace(TERMS, tier="starter")
    grant = replace(GRANT, grant_id="grt_s", terms=terms)
    await services.control.write(lambda session: Grants(session).add(grant))
    first, second = await issue(services.control, grant), await issue(services.control, grant)
    outcomes = [await _verify(services, key.clear) for key in (first, second) for _ in range(70)]
    assert [each.allowed for each in outcomes] == [True] * 120 + [False] * 20
    last = outcomes[-1]
    assert (last.reason, last.rate_limit.remaining) == ("RATE_LIMITED", 0)
    assert last.rate_limit.reset_after.seconds == 60


async def test_verified_calls_are_usage(services: ControlServices) -> None:
    """Under the scope that they were verified for; refused ones leave their mark."""
    new = await issue(services.control)
    for _ in range(3):
        await _verify(services, new.clear)
    services.clock.now = NOW + DAY
    await _verify(services, new.clear, scope="nature:read")
    await services.meter.flush()
    rows = await services.control.read(
        lambda session: session.all(text("SELECT method, day, count, billable FROM usage_days"))
    )
    assert [(row.method, row.day, row.count) for row in rows] == [
        ("verify:jobs:read", "2026-03-01", 3)
    ]
    assert not rows[0].billable
    record = await services.control.read(lambda session: Keys(session).get(new.record.key_id))
    assert record is not None
    assert (record.last_used_time, record.last_refused_time) == (NOW, NOW + DAY)
