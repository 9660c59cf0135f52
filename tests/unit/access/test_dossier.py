"""The dossier, line by line: what each one says, and of what it is made."""

from datetime import timedelta
from typing import Any

import pytest
from tests.harness.control_services import ControlServices
from tests.harness.outside import PUBLIC_ADDRESS, Probed
from tests.harness.reviews import FORM, approve, granted, reviewed, show_evidence, start, submit

from xaigh.access.v1 import access_request_pb2 as pb
from xaigh_server.identity.principal import ANONYMOUS

HOST = "hooks.northline.example"


async def dossier(services: ControlServices, ticket: Any, **request: Any) -> Any:
    return await services.do("GetDossier", ticket_id=ticket.ticket_id, **request)


async def of_form(services: ControlServices, **changed: Any) -> Any:
    """The dossier of a submitted form."""
    return await dossier(services, await submit(services, **changed))


async def test_it_begins_with_the_request(services: ControlServices) -> None:
    """As operators read it, with the kinds of data that were named."""
    ticket = await submit(services)
    found = await dossier(services, ticket)
    read = await services.do("GetAccessRequest", ticket_id=ticket.ticket_id)
    assert found.access_request == read
    assert list(found.data_classes) == ["shift data"]


async def test_its_age_runs_from_the_submission(services: ControlServices) -> None:
    """A change of the ticket doesn't make it younger."""
    ticket = await submit(services)
    services.clock.now += timedelta(days=2)
    await start(services, ticket.ticket_id)
    services.clock.now += timedelta(hours=1)
    assert (await dossier(services, ticket)).age.ToTimedelta() == timedelta(days=2, hours=1)


class TestEmployerAuthority:
    async def test_claims_are_shown_as_they_were_made(self, services: ControlServices) -> None:
        """Nobody holds them yet."""
        found = (await of_form(services, employer_user_ids=["b", "a"])).employer_authority
        assert list(found.claimed_employer_user_ids) == ["b", "a"]
        assert not found.held_by_others and not found.held_already

    async def test_an_employer_of_another_organization_stands_out(
        self, services: ControlServices
    ) -> None:
        """Only what is claimed is named, not all that the other one holds."""
        await granted(services, contact_email="x@other.example", company_name="Other")
        found = (await of_form(services)).employer_authority
        assert (list(found.held_by_others), list(found.held_already)) == (["employer_1"], [])

    async def test_an_employer_of_its_own_is_held_already(self, services: ControlServices) -> None:
        """By the grant of the sandbox, when production is reviewed."""
        _, ticket = await reviewed(services)
        await approve(services, ticket)
        found = (await dossier(services, ticket)).employer_authority
        assert (list(found.held_by_others), list(found.held_already)) == ([], ["employer_1"])


class TestScopes:
    async def test_a_scope_tells_what_it_opens(self, services: ControlServices) -> None:
        """Its risk, its sentence, and each of its routes with the risk of that."""
        reading, writing = (await of_form(services)).scopes
        assert (reading.scope, reading.known, reading.mintable) == ("jobs:read", True, True)
        assert (reading.high_risk, writing.high_risk) == (False, True)
        assert reading.summary.endswith(".") and writing.summary != reading.summary
        assert {each.route: each.risk for each in writing.routes}["POST /v1/jobs/post"] == "HIGH"
        assert {each.risk for each in reading.routes} == {"LOW"}

    async def test_a_scope_of_a_product_tells_the_same(self, services: ControlServices) -> None:
        """Its routes come from the settings."""
        scopes = ["nature:read", "nature:write"]
        reading, writing = (await of_form(services, requested_scopes=scopes)).scopes
        assert [(each.route, each.risk) for each in reading.routes] == [("GET /v1/nature/*", "LOW")]
        assert {(each.route, each.risk) for each in writing.routes} == {
            (f"{method} /v1/nature/*", "MEDIUM") for method in ("POST", "PATCH", "DELETE")
        }


class TestCallback:
    async def test_an_address_in_public_is_fine(self, services: ControlServices) -> None:
        """Nothing is connected to unless a probe is asked for."""
        services.outside.addresses_of[HOST] = [PUBLIC_ADDRESS]
        found = (await of_form(services)).callback
        assert (found.url, found.ok) == (FORM["callback_url"], True)
        assert (list(found.addresses), list(found.findings)) == ([PUBLIC_ADDRESS], [])
        assert (found.probe_status, services.outside.probed) == (0, [])

    async def test_a_name_that_does_not_resolve_is_a_finding(
        self, services: ControlServices
    ) -> None:
        """The review goes on: names are made later than requests."""
        found = (await of_form(services)).callback
        assert not found.ok
        assert list(found.findings) == [f"{HOST} doesn't resolve: no such name."]

    async def test_an_address_inside_is_a_finding_and_is_never_probed(
        self, services: ControlServices
    ) -> None:
        """Also where the name came to point there after the submission."""
        ticket = await submit(services)
        services.outside.addresses_of[HOST] = ["10.0.0.1"]
        found = (await dossier(services, ticket, probe_callback=True)).callback
        assert not found.ok and "10.0.0.1" in found.findings[0]
        assert services.outside.probed == []

    async def test_a_probe_shows_its_status_and_findings(self, services: ControlServices) -> None:
        """Any finding takes the `ok` away."""
        services.outside.addresses_of[HOST] = [PUBLIC_ADDRESS]
        ticket = await submit(services)
        seen = (await dossier(services, ticket, probe_callback=True)).callback
        assert (seen.ok, seen.probe_status) == (True, 204)
        services.outside.probe_result = Probed(status=404, findings=["It answers 404."])
        worse = (await dossier(services, ticket, probe_callback=True)).callback
        assert (worse.ok, worse.probe_status) == (False, 404)
        assert list(worse.findings) == ["It answers 404."]

    async def test_a_sandbox_callback_has_a_line_of_its_own(
        self, services: ControlServices
    ) -> None:
        """Only where one was given; it may be plain http."""
        assert not (await of_form(services)).HasField("sandbox_callback")
        own = "http://sandbox.northline.example/x"
        services.outside.addresses_of["sandbox.northline.example"] = [PUBLIC_ADDRESS]
        found = (await of_form(services, sandbox_callback_url=own)).sandbox_callback
        assert (found.url, found.ok) == (own, True)


@pytest.mark.parametrize(
    ("address", "domain", "free"),
    [
        ("maya@Northline.Example", "northline.example", False),
        ("northline@gmail.com", "gmail.com", True),
    ],
)
async def test_the_mail_domain(
    services: ControlServices, address: str, domain: str, free: bool
) -> None:
    """In lower case; a free mail box proves no company."""
    found = await of_form(services, contact_email=address)
    assert (found.email_domain, found.free_mail) == (domain, free)


@pytest.mark.parametrize(
    ("estimate", "tier", "capacity"),
    [
        (1, "starter", 120 * 43_200),
        (120 * 43_200, "starter", 120 * 43_200),
        (120 * 43_200 + 1, "standard", 600 * 43_200),
        (2_000_000_000, "enterprise", 12_000 * 43_200),
    ],
)
async def test_the_smallest_tier_that_carries_the_volume(
    services: ControlServices, estimate: int, tier: str, capacity: int
) -> None:
    """With what it carries in 30 days; the widest where none does."""
    found = (await of_form(services, monthly_volume_estimate=estimate)).volume
    assert found.monthly_volume_estimate == estimate
    assert (found.suggested_tier, found.tier_monthly_capacity) == (tier, capacity)


async def test_every_tier_is_listed_with_its_limits(services: ControlServices) -> None:
    """The narrowest first, so that a reviewer needn't guess a name."""
    tiers = (await of_form(services)).volume.tiers
    assert [each.tier for each in tiers] == ["starter", "standard", "growth", "enterprise"]
    assert (list(tiers[0].limits), tiers[0].monthly_capacity) == (
        ["120 calls in 60 s"],
        120 * 43_200,
    )


async def test_earlier_requests_of_the_same_mail_domain(services: ControlServices) -> None:
    """Newest first, with their state; neither later ones nor those of other domains."""
    first = await submit(services, company_name="Northline East")
    services.clock.now += timedelta(hours=1)
    second = await submit(services)
    await services.do(
        "WithdrawAccessRequest",
        ANONYMOUS,
        ticket_id=second.ticket_id,
        token=second.status_token,
    )
    await submit(services, contact_email="x@other.example")
    services.clock.now += timedelta(hours=1)
    earlier = (await of_form(services)).earlier_requests
    assert [each.ticket_id for each in earlier] == [second.ticket_id, first.ticket_id]
    assert [each.state for each in earlier] == [
        pb.AccessRequest.WITHDRAWN,
        pb.AccessRequest.SUBMITTED,
    ]
    assert earlier[1].company_name == "Northline East"
    assert earlier[1].submitted_time == first.submitted_time


class TestOrganizations:
    async def suggested(self, services: ControlServices, **changed: Any) -> list[tuple[str, str]]:
        found = (await of_form(services, **changed)).organizations
        return [(each.organization_id, each.why) for each in found]

    async def test_one_with_the_same_domain_or_name_is_suggested(
        self, services: ControlServices
    ) -> None:
        """Once, with the reason; a stranger suggests nothing."""
        tenant = (await granted(services)).organization_id
        contacts = [(tenant, "It has contacts at northline.example.")]
        assert await self.suggested(services) == contacts
        assert await self.suggested(services, company_name="Another") == contacts
        named = await self.suggested(services, contact_email="x@other.example")
        assert named == [(tenant, "It has the same name.")]
        stranger = {"company_name": "Another", "contact_email": "x@other.example"}
        assert await self.suggested(services, **stranger) == []

    async def test_a_free_mail_box_suggests_nobody(self, services: ControlServices) -> None:
        """Two customers of one provider have nothing in common."""
        box = {"contact_email": "northline@gmail.com"}
        await granted(services, **box)
        assert await self.suggested(services, **box, company_name="Another") == []


class TestChanges:
    async def amended(self, services: ControlServices, **changed: Any) -> Any:
        sent = await submit(services)
        await services.do(
            "AmendAccessRequest",
            ANONYMOUS,
            ticket_id=sent.ticket_id,
            token=sent.status_token,
            form={**FORM, **changed},
        )
        return await dossier(services, sent)

    async def test_a_first_revision_has_none(self, services: ControlServices) -> None:
        """There is nothing to compare it with."""
        assert not (await of_form(services)).changes

    async def test_an_amendment_is_shown_field_by_field(self, services: ControlServices) -> None:
        """By JSON names, before and after as JSON; fields that stayed are left out."""
        found = await self.amended(
            services, use_case="Plus night shifts.", requested_scopes=["jobs:read"]
        )
        assert {each.field: (each.before, each.after) for each in found.changes} == {
            "useCase": ('"Post closeout shifts."', '"Plus night shifts."'),
            "requestedScopes": ('["jobs:read", "jobs:write"]', '["jobs:read"]'),
        }


class TestReadiness:
    async def test_without_a_tenant_there_is_no_traffic(self, services: ControlServices) -> None:
        """All is zero, and the times are absent."""
        found = (await of_form(services)).readiness
        assert (found.calls, found.sufficient) == (0, False)
        assert not found.HasField("first_call_time") and not found.HasField("last_call_time")

    @pytest.mark.parametrize(
        ("replays", "recovered", "sufficient"),
        [(1, 1, True), (0, 1, False), (1, 0, False)],
    )
    async def test_it_takes_a_replay_and_a_recovered_error(
        self, services: ControlServices, replays: int, recovered: int, sufficient: bool
    ) -> None:
        """One of each, of this organization."""
        _, ticket = await reviewed(services)
        tenant = (await approve(services, ticket)).grant.organization_id
        began = services.clock.now - timedelta(days=1)
        show_evidence(
            services,
            tenant,
            idempotent_replays=replays,
            recovered_errors=recovered,
            first_call_time=began,
            last_call_time=services.clock.now,
        )
        found = (await dossier(services, ticket)).readiness
        assert (found.calls, found.idempotent_replays, found.recovered_errors) == (
            9,
            replays,
            recovered,
        )
        assert found.sufficient is sufficient
        assert found.first_call_time.ToJsonString() == began.strftime("%Y-%m-%dT%H:%M:%SZ")
        assert found.last_call_time.ToDatetime(tzinfo=began.tzinfo) == services.clock.now


class TestMissingForProduction:
    async def test_evidence_and_a_failure_mode_are_named(self, services: ControlServices) -> None:
        """In sentences, each with what would cure it."""
        lacking = await of_form(services, failure_mode="")
        failure, evidence, callback, domain = lacking.missing_for_production
        assert "failureMode" in failure
        assert evidence.startswith("Sandbox traffic shows 0 replays and 0 recovered errors")
        assert "proveCallback" in callback
        assert "proveDomain" in domain

    async def test_a_proven_request_lacks_nothing(self, services: ControlServices) -> None:
        """What the operator adds with the approval isn't missing yet."""
        _, ticket = await reviewed(services)
        show_evidence(services, (await approve(services, ticket)).grant.organization_id)
        assert not (await dossier(services, ticket)).missing_for_production


async def test_a_reading_leaves_no_trace(services: ControlServices) -> None:
    """It changes neither the ticket nor the audit log."""
    ticket = await submit(services)
    before = await services.do("GetAccessRequest", ticket_id=ticket.ticket_id)
    await dossier(services, ticket)
    assert await services.do("GetAccessRequest", ticket_id=ticket.ticket_id) == before
    assert [each.event.action for each in await services.audit_events()] == ["ticket.submitted"]
