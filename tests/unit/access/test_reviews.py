"""The handlers of reviewers: each step with its state, its audit event and its outgoing event."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.harness.control_services import MAYA, RULES, ControlServices, opened, operator
from tests.harness.reviews import (
    EMPLOYER,
    FINDINGS,
    FORM,
    approve,
    confirm,
    granted,
    reviewed,
    show_evidence,
    start,
    submit,
)

from xaigh.access.v1 import access_request_pb2 as pb
from xaigh.access.v1 import access_request_service_pb2 as api
from xaigh.access.v1 import grant_pb2
from xaigh_server.access.approval import (
    RequestExceeded,
    ReviewIncomplete,
)
from xaigh_server.access.proposal import ProposalOpen, SecondOperatorRequired
from xaigh_server.errors import FieldInvalid, IllegalTransition, NotFound
from xaigh_server.identity.scopes import Role
from xaigh_server.net.url_guard import CallbackForbidden
from xaigh_server.organizations.errors import OrganizationInactive
from xaigh_server.rpc.errors import EtagMismatch

ADA = operator("ada", Role.API_OPS)
GRANTED = api.ApproveAccessRequestResponse.GRANTED
PROPOSED = api.ApproveAccessRequestResponse.PROPOSED
PRODUCTION: dict[str, Any] = {
    "environment": "production",
    "evidence_waiver": "A known integrator.",
}


def state(ticket: Any) -> str:
    return pb.AccessRequest.State.Name(ticket.state)


async def actions(services: ControlServices) -> list[str]:
    return [each.event.action for each in await services.audit_events()]


class TestSteps:
    async def test_a_start_assigns_the_ticket(self, services: ControlServices) -> None:
        """To whoever starts last, with a note that only operators read."""
        ticket = await submit(services)
        await start(services, ticket.ticket_id)
        taken = await services.do(
            "StartReview", ADA, ticket_id=ticket.ticket_id, internal_note="Maya is away."
        )
        assert (state(taken), taken.assignee) == ("IN_REVIEW", "ada")
        assert [(each.operator, each.text) for each in taken.internal_notes] == [
            ("ada", "Maya is away.")
        ]
        assert await actions(services) == ["ticket.submitted"] + ["ticket.review_started"] * 2

    async def test_a_step_on_a_stale_etag_changes_nothing(self, services: ControlServices) -> None:
        """Each step that names an etag compares it."""
        _, ticket = await reviewed(services)
        stale = {"ticket_id": ticket.ticket_id, "etag": '"0"'}
        with pytest.raises(EtagMismatch):
            await services.do("RequestInfo", question="Which sites?", **stale)
        with pytest.raises(EtagMismatch):
            await services.do("DenyAccessRequest", public_reason="No.", **stale)
        with pytest.raises(EtagMismatch):
            await approve(services, ticket, etag='"0"')
        assert (await services.do("GetAccessRequest", ticket_id=ticket.ticket_id)) == ticket

    async def test_a_missing_ticket_is_not_found(self, services: ControlServices) -> None:
        """By every step alike."""
        for method in ("GetAccessRequest", "StartReview", "GetDossier"):
            with pytest.raises(NotFound):
                await services.do(method, ticket_id="tkt_nothing")

    async def test_a_question_needs_an_answer(self, services: ControlServices) -> None:
        """The applicant is told by an event; its reply brings the review back."""
        sent, ticket = await reviewed(services)
        asked = await services.do(
            "RequestInfo",
            ticket_id=ticket.ticket_id,
            etag=ticket.etag,
            question="Which sites?",
            internal_note="Sounds large.",
        )
        assert (state(asked), asked.thread[0].text) == ("NEEDS_INFO", "Which sites?")
        (event,) = await services.outgoing()
        assert (event.event_type, json.loads(event.payload)["state"]) == (
            "ticket.needs_info",
            "NEEDS_INFO",
        )
        with pytest.raises(IllegalTransition):
            await approve(services, asked)
        answered = await services.do(
            "ReplyToReview", ticket_id=ticket.ticket_id, token=sent.status_token, text="Reno."
        )
        assert (state(answered), [each.text for each in answered.thread]) == (
            "IN_REVIEW",
            ["Which sites?", "Reno."],
        )
        assert (await actions(services))[-2:] == ["ticket.info_requested", "ticket.replied"]

    async def test_a_denial_gives_its_reason(self, services: ControlServices) -> None:
        """To the applicant and to the audit log; the ticket is closed."""
        sent, ticket = await reviewed(services)
        denied = await services.do(
            "DenyAccessRequest",
            ticket_id=ticket.ticket_id,
            etag=ticket.etag,
            public_reason="No such company.",
        )
        assert (state(denied), denied.denial_reason) == ("DENIED", "No such company.")
        seen = await services.do(
            "GetTicketStatus", ticket_id=ticket.ticket_id, token=sent.status_token
        )
        assert seen.denial_reason == "No such company."
        event = (await services.audit_events("ticket.denied"))[0].event
        assert event.reason == "No such company."
        assert event.before is not None and event.after is not None
        assert (event.before["state"], event.after["state"]) == ("IN_REVIEW", "DENIED")
        outgoing = await services.outgoing()
        assert [(each.event_type, each.environment) for each in outgoing] == [
            ("ticket.denied", ""),
            ("ticket.denied", ""),
        ]
        assert [json.loads(each.payload)["environment"] for each in outgoing] == [
            "sandbox",
            "production",
        ]

    async def test_a_denial_of_one_environment_names_it(self, services: ControlServices) -> None:
        """In the event for the applicant and in the audit event."""
        _, ticket = await reviewed(services)
        await services.do(
            "DenyAccessRequest",
            ticket_id=ticket.ticket_id,
            etag=ticket.etag,
            environment="production",
            public_reason="Not yet.",
        )
        (event,) = await services.outgoing()
        assert json.loads(event.payload)["environment"] == "production"
        assert (await services.audit_events("ticket.denied"))[0].event.environment == "production"

    async def test_the_denial_of_one_environment_leaves_the_other(
        self, services: ControlServices
    ) -> None:
        """Production is refused, and the sandbox can still be approved."""
        _, ticket = await reviewed(services)
        left = await services.do(
            "DenyAccessRequest",
            ticket_id=ticket.ticket_id,
            etag=ticket.etag,
            environment="production",
            public_reason="Not yet.",
        )
        assert state(left) == "IN_REVIEW"
        assert (await approve(services, left)).outcome == GRANTED


class TestQueue:
    async def test_it_lists_the_oldest_first_and_filters(self, services: ControlServices) -> None:
        """Pages meet; state, assignee and mail domain narrow the list."""
        ids = []
        for number in range(3):
            services.clock.now += RULES.idle / 100
            sent = await submit(services, contact_email=f"a@company{number}.example")
            ids.append(sent.ticket_id)
        await start(services, ids[1])

        async def listed(**wanted: Any) -> list[str]:
            page = await services.do("ListAccessRequests", **wanted)
            return [each.ticket_id for each in page.access_requests]

        first = await services.do("ListAccessRequests", page_size=2)
        rest = await listed(page_size=2, page_token=first.next_page_token)
        assert [each.ticket_id for each in first.access_requests] + rest == ids
        assert await listed(states=[pb.AccessRequest.IN_REVIEW]) == [ids[1]]
        assert await listed(assignee="maya") == [ids[1]]
        assert await listed(email_domain="company2.example") == [ids[2]]


class TestApproval:
    async def test_it_makes_the_tenant_and_the_grant_and_no_key(
        self, services: ControlServices
    ) -> None:
        """The terms are the form's where the approval names none."""
        _, ticket = await reviewed(services)
        reply = await approve(services, ticket, conditions=["Use the staging board."])
        grant = reply.grant
        assert (reply.outcome, grant.keys_issued, grant.environment) == (GRANTED, 0, "sandbox")
        assert (list(grant.terms.scopes), list(grant.terms.key_types)) == (
            ["jobs:read", "jobs:write"],
            ["sk"],
        )
        assert (grant.terms.tier, list(grant.terms.employer_user_ids)) == ("standard", [EMPLOYER])
        assert list(grant.terms.conditions) == ["Use the staging board."]
        assert [each.reviewer for each in grant.terms.findings] == ["maya"] * 5
        tenant = await services.do("GetOrganization", organization_id=grant.organization_id)
        assert list(tenant.email_domains) == ["northline.example"]
        assert [each.event_type for each in await services.outgoing()] == ["ticket.approved"]

    async def test_its_audit_event_holds_the_terms(self, services: ControlServices) -> None:
        """Who approved, what was granted, for whom and where."""
        grant = await granted(services)
        (sealed,) = await services.audit_events("ticket.approved")
        event = sealed.event
        assert event.targets == (grant.ticket_id, grant.grant_id)
        assert (event.organization_id, event.environment) == (grant.organization_id, "sandbox")
        assert event.after is not None
        assert event.after["approvedBy"] == ["maya"]
        assert event.after["scopes"] == ["jobs:read", "jobs:write"]
        assert event.reason == ""

    @pytest.mark.parametrize("aspect", range(5))
    async def test_every_finding_is_needed(self, services: ControlServices, aspect: int) -> None:
        """A missing one is named, and nothing is granted."""
        _, ticket = await reviewed(services)
        with pytest.raises(ReviewIncomplete) as refused:
            await approve(services, ticket, findings=FINDINGS[:aspect] + FINDINGS[aspect + 1 :])
        (lack,) = refused.value.preconditions
        name = grant_pb2.Finding.Aspect.Name(FINDINGS[aspect]["aspect"])
        assert lack.subject == f"findings.{name}"
        assert not (await services.do("ListGrants")).grants

    async def test_a_second_finding_on_an_aspect_is_refused(
        self, services: ControlServices
    ) -> None:
        """Which of the two would count?"""
        _, ticket = await reviewed(services)
        with pytest.raises(FieldInvalid, match="second finding"):
            await approve(services, ticket, findings=[*FINDINGS[:4], FINDINGS[0]])

    @pytest.mark.parametrize(
        ("changed", "error"),
        [
            ({"scopes": ["jobs:read", "ats:read"]}, RequestExceeded),
            ({"key_types": ["pk"]}, RequestExceeded),
            ({"employer_user_ids": []}, FieldInvalid),
            ({"tier": "golden"}, FieldInvalid),
            ({"callback_url": "https://127.0.0.1/"}, CallbackForbidden),
            ({"expire_time": {"seconds": 1}}, FieldInvalid),
            ({"organization_id": "org_nobody"}, FieldInvalid),
        ],
    )
    async def test_terms_that_cannot_be_granted(
        self, services: ControlServices, changed: dict[str, Any], error: type[Exception]
    ) -> None:
        """Wider than the request, unknown or past: nothing is granted."""
        _, ticket = await reviewed(services)
        with pytest.raises(error):
            await approve(services, ticket, **changed)
        assert not (await services.do("ListGrants")).grants

    async def test_a_dry_run_finds_the_same_and_writes_nothing(
        self, services: ControlServices
    ) -> None:
        """Neither a grant, nor a tenant, nor an event."""
        _, ticket = await reviewed(services)
        before = await actions(services)
        reply = await approve(services, ticket, validate_only=True)
        assert (reply.outcome, reply.grant.grant_id) == (GRANTED, "")
        assert (reply.grant.organization_id, reply.grant.organization_name) == (
            "",
            FORM["company_name"],
        )
        assert list(reply.grant.terms.scopes) == FORM["requested_scopes"]
        assert len(reply.grant.terms.findings) == 5
        with pytest.raises(ReviewIncomplete):
            await approve(services, ticket, validate_only=True, findings=FINDINGS[1:])
        assert await actions(services) == before
        assert not (await services.do("ListOrganizations")).organizations

    async def test_a_later_request_joins_the_tenant_that_is_named(
        self, services: ControlServices
    ) -> None:
        """Its mail domain becomes one of the tenant's; a suspended tenant takes none."""
        first = await granted(services)
        asked = {"environments": ["sandbox"], "contact_email": "x@other.example"}
        _, ticket = await reviewed(services, **asked)
        joined = await approve(services, ticket, organization_id=first.organization_id)
        assert joined.grant.organization_id == first.organization_id
        tenant = await services.do("GetOrganization", organization_id=first.organization_id)
        assert sorted(tenant.email_domains) == ["northline.example", "other.example"]
        await services.do(
            "SuspendOrganization", organization_id=first.organization_id, reason="Unpaid."
        )
        _, third = await reviewed(services, **asked)
        with pytest.raises(OrganizationInactive):
            await approve(services, third, organization_id=first.organization_id)

    async def test_a_ticket_stays_with_its_tenant(self, services: ControlServices) -> None:
        """What belongs to one organization can't be approved for another."""
        _, ticket = await reviewed(services)
        sandbox = await approve(services, ticket)
        other = await granted(services, contact_email="x@other.example", company_name="Other")
        with pytest.raises(FieldInvalid, match="belongs to"):
            await approve(
                services,
                sandbox.access_request,
                **PRODUCTION,
                organization_id=other.organization_id,
            )


class TestProduction:
    async def ready(self, services: ControlServices) -> Any:
        """A ticket whose sandbox is approved and whose traffic suffices."""
        _, ticket = await reviewed(services)
        approved = await approve(services, ticket)
        show_evidence(services, approved.grant.organization_id)
        return approved.access_request

    async def test_one_operator_proposes_and_another_confirms(
        self, services: ControlServices
    ) -> None:
        """The reply carries the proposal whole; the grant names both."""
        ticket = await self.ready(services)
        made = await approve(services, ticket, environment="production")
        assert (made.outcome, made.HasField("grant")) == (PROPOSED, False)
        assert made.proposal.organization_id == ticket.organization_id
        assert list(made.proposal.terms.scopes) == ["jobs:read", "jobs:write"]
        with pytest.raises(ProposalOpen):
            await approve(services, made.access_request, ADA, environment="production")
        with pytest.raises(SecondOperatorRequired):
            await confirm(services, made.proposal, MAYA)
        reply = await confirm(services, made.proposal, ADA)
        assert list(reply.grant.approved_by) == ["maya", "ada"]
        assert reply.grant.terms == made.proposal.terms
        assert state(reply.access_request) == "APPROVED"
        (event,) = await services.audit_events("proposal.made")
        assert (event.event.actor_id, event.event.environment) == ("maya", "production")

    async def test_without_evidence_it_takes_a_founders_waiver(
        self, services: ControlServices
    ) -> None:
        """Another operator's waiver waives nothing."""
        ticket = await self.ready(services)
        services.outside.evidence_of.clear()
        with pytest.raises(ReviewIncomplete, match="replays"):
            await approve(services, ticket, environment="production")
        with pytest.raises(ReviewIncomplete, match="founder"):
            await approve(services, ticket, ADA, **PRODUCTION)
        assert (await approve(services, ticket, **PRODUCTION)).outcome == PROPOSED

    async def test_without_a_rollback_plan_it_is_incomplete(
        self, services: ControlServices
    ) -> None:
        """Production needs one; the sandbox doesn't."""
        ticket = await self.ready(services)
        with pytest.raises(ReviewIncomplete, match="rollbackPlan"):
            await approve(services, ticket, environment="production", rollback_plan="")

    async def test_low_risk_scopes_need_one_operator(self, services: ControlServices) -> None:
        """A second one confirms high risk only."""
        ticket = await self.ready(services)
        reply = await approve(services, ticket, environment="production", scopes=["jobs:read"])
        assert (reply.outcome, list(reply.grant.approved_by)) == (GRANTED, ["maya"])

    async def test_a_solo_approval_says_so_in_the_audit_log(self, tmp_path: Path) -> None:
        """Where the settings allow one operator, the event gives that as its reason."""
        async with opened(tmp_path, rules=replace(RULES, solo_approvals=True)) as services:
            ticket = await self.ready(services)
            reply = await approve(services, ticket, MAYA, environment="production")
            assert (reply.outcome, list(reply.grant.approved_by)) == (GRANTED, ["maya"])
            sandbox, production = await services.audit_events("ticket.approved")
        assert sandbox.event.reason == ""
        assert production.event.reason == "solo approval, as the settings allow"
        assert production.event.after is not None
        assert production.event.after["approvedBy"] == ["maya"]
