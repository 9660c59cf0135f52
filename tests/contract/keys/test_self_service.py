"""What a key asks about itself, and what is counted."""

from dataclasses import replace
from datetime import UTC
from typing import Any

import pytest
from sqlalchemy import text
from tests.harness.control_rows import DAY, GRANT, NOW, TERMS, issue
from tests.harness.control_services import MAYA, ControlServices

from xaigh.keys.v1 import key_pb2 as pb
from xaigh.keys.v1 import self_service_pb2 as api
from xaigh.keys.v1 import usage_pb2, usage_service_pb2
from xaigh_server.db.errors import DatabaseUnavailable
from xaigh_server.errors import FieldInvalid
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.errors import CredentialKindRefused, KeyRevoked
from xaigh_server.identity.principal import KeyPrincipal
from xaigh_server.identity.rate_limit.model import Tiers, grant_bucket
from xaigh_server.keys.grant_repository import Grants
from xaigh_server.keys.repository import Keys

GET = "xaigh.jobs.v1.JobsService/GetJob"
POST = "xaigh.jobs.v1.JobsService/PostJob"


async def _holder(services: ControlServices) -> KeyPrincipal:
    found = await services.principal((await issue(services.control)).clear)
    assert isinstance(found, KeyPrincipal)
    return found


async def _usage(
    services: ControlServices, principal: KeyPrincipal, **days: str
) -> usage_pb2.UsageReport:
    request = api.GetUsageRequest(**days)
    report: usage_pb2.UsageReport = await services.call("GetUsage", request, principal=principal)
    return report


async def test_a_key_learns_what_it_may_do(services: ControlServices) -> None:
    """After a narrowing, what is left of it."""
    terms = replace(TERMS, conditions=("No bulk deletes.",), expire_time=NOW + 30 * DAY)
    grant = replace(GRANT, grant_id="grt_c", terms=terms)
    await services.control.write(lambda session: Grants(session).add(grant))
    new = await issue(services.control, grant)
    narrowed = replace(grant, revision=2, terms=replace(terms, scopes=("jobs:read",)))
    await services.control.write(lambda session: Grants(session).supersede(grant, narrowed))
    holder = await services.principal(new.clear)
    assert isinstance(holder, KeyPrincipal)
    bucket = grant_bucket("grt_c", Environment.SANDBOX)
    await services.limiter.hit(bucket, Tiers().get("standard"))
    found: api.Identity = await services.call("WhoAmI", api.WhoAmIRequest(), principal=holder)
    assert (found.key.key_id, found.organization_name) == (new.record.key_id, "Northline")
    assert list(found.key.scopes) == ["jobs:read"]
    assert (found.tier, list(found.conditions)) == ("standard", ["No bulk deletes."])
    assert list(found.employer_user_ids) == ["emp_1", "emp_2"]
    assert found.grant_expire_time.ToDatetime(tzinfo=UTC) == NOW + 30 * DAY
    assert (found.rate_limit.limit, found.rate_limit.remaining) == (600, 599)


async def test_a_key_revokes_itself(services: ControlServices) -> None:
    """Possession is authority enough; the audit log names the key as the actor."""
    new = await issue(services.control)
    holder = await services.principal(new.clear)
    gone: pb.Key = await services.call("RevokeSelf", api.RevokeSelfRequest(), principal=holder)
    assert gone.state == pb.Key.REVOKED
    with pytest.raises(KeyRevoked):
        await services.principal(new.clear)
    rows = await services.control.read(
        lambda session: session.all(text("SELECT actor_type, actor_id, action FROM audit_events"))
    )
    assert [tuple(row) for row in rows] == [("key", new.record.key_id, "key.revoked")]


async def test_an_operator_learns_who_it_is(services: ControlServices) -> None:
    """Name, role and scopes; nothing of a key's."""
    found: api.Identity = await services.call("WhoAmI", api.WhoAmIRequest(), principal=MAYA)
    assert (found.operator.name, found.operator.role) == (MAYA.name, MAYA.role.value)
    assert list(found.operator.scopes) == sorted(MAYA.scopes)
    assert found.operator.credential_id == MAYA.credential_id
    assert not found.HasField("key") and not found.HasField("rate_limit")


@pytest.mark.parametrize("method", ["GetUsage", "RevokeSelf"])
async def test_operators_have_no_self(services: ControlServices, method: str) -> None:
    """Even if one came past the chain."""
    request = getattr(api, f"{method}Request")()
    with pytest.raises(CredentialKindRefused):
        await services.call(method, request, principal=MAYA)


async def test_usage_is_counted_by_method_and_day(services: ControlServices) -> None:
    """Replays once, refused calls not at all, each environment apart."""
    holder = await _holder(services)
    live = replace(holder, environment=Environment.PRODUCTION)
    for _ in range(3):
        services.meter.used(holder, GET, replayed=False)
    services.meter.used(holder, POST, replayed=False)
    services.meter.used(holder, POST, replayed=True)
    services.meter.failed(holder, POST)
    services.meter.used(live, GET, replayed=False)
    services.clock.now = NOW + DAY
    services.meter.used(holder, GET, replayed=False)
    report = await _usage(services, holder)
    rows = [(row.day, row.method, row.calls, row.billable) for row in report.rows]
    assert rows == [
        ("2026-03-01", GET, 3, False),
        ("2026-03-01", POST, 1, False),
        ("2026-03-02", GET, 1, False),
    ]
    assert (report.calls, report.billable_calls) == (5, 0)
    assert (report.start_date, report.end_date) == ("2026-03-01", "2026-03-02")
    production = await _usage(services, live)
    assert (production.calls, production.billable_calls) == (1, 1)
    assert {(row.tier, row.environment) for row in production.rows} == {("standard", "production")}


async def test_a_report_adds_up_over_flushes(services: ControlServices) -> None:
    """However the counts were cut into batches."""
    holder = await _holder(services)
    for _ in range(4):
        services.meter.used(holder, GET, replayed=False)
        await services.meter.flush()
    assert (await _usage(services, holder)).calls == 4


@pytest.mark.parametrize(
    ("days", "field"),
    [
        ({"start_date": "2026-02-30"}, "startDate"),
        ({"end_date": "2026-13-01"}, "endDate"),
        ({"start_date": "2026-03-02", "end_date": "2026-03-01"}, "endDate"),
        ({"start_date": "2025-01-01"}, "startDate"),
    ],
)
async def test_days_that_make_no_report(
    services: ControlServices, days: dict[str, str], field: str
) -> None:
    """Days that don't exist, run backwards, or are too many."""
    with pytest.raises(FieldInvalid) as caught:
        await _usage(services, await _holder(services), **days)
    assert caught.value.violations[0].path == field


async def test_an_end_before_this_month_begins_with_its_own(services: ControlServices) -> None:
    """Leaving the start out means the month of the last day."""
    report = await _usage(services, await _holder(services), end_date="2026-01-20")
    assert (report.start_date, report.end_date) == ("2026-01-01", "2026-01-20")


async def test_operators_see_everyone_s_usage(services: ControlServices) -> None:
    """Filtered as they like; of everybody, a month at most."""
    holder = await _holder(services)
    other = replace(holder, organization_id="org_2")
    for principal in (holder, other):
        services.meter.used(principal, GET, replayed=False)

    async def report(**members: Any) -> usage_pb2.UsageReport:
        request = usage_service_pb2.ReportUsageRequest(**members)
        found: usage_pb2.UsageReport = await services.call("ReportUsage", request)
        return found

    whole = await report()
    assert whole.calls == 2
    assert {each.organization_name for each in whole.rows} == {"Northline", ""}
    assert (await report(organization_id="org_1")).calls == 1
    assert (await report(key_id=holder.key_id)).calls == 2
    assert (await report(environment="production")).calls == 0
    with pytest.raises(FieldInvalid):
        await report(start_date="2026-01-01")
    assert (await report(start_date="2026-01-01", organization_id="org_2")).calls == 1


async def test_what_cannot_be_written_is_kept(
    services: ControlServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that is away for a while costs no count and no mark."""
    holder = await _holder(services)
    services.meter.used(holder, GET, replayed=False)
    services.meter.refused(holder.key_id)

    async def away(work: object, **_: object) -> None:
        services.clock.now = NOW + DAY
        services.meter.used(holder, GET, replayed=False)
        raise DatabaseUnavailable("away")

    with monkeypatch.context() as patch:
        patch.setattr(services.control, "write", away)
        await services.meter.flush()
    assert (await _usage(services, holder)).calls == 2
    record = await services.control.read(lambda session: Keys(session).get(holder.key_id))
    assert record is not None
    assert (record.last_used_time, record.last_refused_time) == (NOW + DAY, NOW)
