"""Proposals: what the second operator sees, confirms and discards."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.harness.control_services import MAYA, RULES, ControlServices, operator
from tests.harness.reviews import (
    FORM,
    approve,
    confirm,
    granted,
    reviewed,
    show_evidence,
    submit,
)

from xaigh.access.v1 import proposal_pb2 as pb
from xaigh_server.access.approval import ReviewIncomplete
from xaigh_server.access.proposal import (
    LIFETIME,
    ProposalClosed,
    ProposalOpen,
    SecondOperatorRequired,
)
from xaigh_server.access.tasks import TicketExpiry
from xaigh_server.errors import IllegalTransition, NotFound
from xaigh_server.identity.principal import ANONYMOUS
from xaigh_server.identity.scopes import Role
from xaigh_server.net.url_guard import CallbackForbidden
from xaigh_server.organizations.errors import OrganizationInactive
from xaigh_server.rpc.errors import EtagMismatch

ADA = operator("ada", Role.API_OPS)
LIVE: dict[str, Any] = {"environment": "production", "evidence_waiver": "Known for years."}
STATE = pb.Proposal.State


async def proposed(services: ControlServices, **changed: Any) -> Any:
    """A proposal of production by Maya, for a new organization, and the ticket's status token."""
    sent, ticket = await reviewed(services)
    return sent, (await approve(services, ticket, **{**LIVE, **changed})).proposal


async def organizations(services: ControlServices) -> list[str]:
    found = await services.do("ListOrganizations")
    return [each.display_name for each in found.organizations]


class TestReading:
    async def test_every_view_shows_all_terms(self, services: ControlServices) -> None:
        """The reply of the approval, the proposal, the list, the ticket and the dossier."""
        _, made = await proposed(services, conditions=["Weekdays."], expire_time={"seconds": 2**31})
        assert (made.proposed_by, made.new_organization_name, made.organization_id) == (
            "maya",
            FORM["company_name"],
            "",
        )
        terms = made.terms
        assert (terms.rollback_plan, terms.evidence_waiver, list(terms.conditions)) == (
            "Revoke the grant.",
            "Known for years.",
            ["Weekdays."],
        )
        assert (terms.key_allowance, terms.tier, terms.callback_url, terms.expire_time.seconds) == (
            2,
            "standard",
            FORM["callback_url"],
            2**31,
        )
        assert [each.reviewer for each in terms.findings] == ["maya"] * 5
        by_id = {"proposal_id": made.proposal_id}
        assert await services.do("GetProposal", ADA, **by_id) == made
        assert list((await services.do("ListProposals")).proposals) == [made]
        ticket = await services.do("GetAccessRequest", ticket_id=made.ticket_id)
        assert ticket.reviews[1].proposal == made
        dossier = await services.do("GetDossier", ticket_id=made.ticket_id)
        assert dossier.access_request.reviews[1].proposal == made

    async def test_the_list_filters(self, services: ControlServices) -> None:
        """By state, ticket and environment, and by who waits for whom; pages meet."""
        _, first = await proposed(services)
        services.clock.now += timedelta(hours=1)
        _, second = await proposed(services, tier="growth")
        await services.do(
            "DiscardProposal", proposal_id=first.proposal_id, etag=first.etag, reason="Typo."
        )

        async def listed(by: Any = ADA, **wanted: Any) -> list[str]:
            page = await services.do("ListProposals", by, **wanted)
            return [each.proposal_id for each in page.proposals]

        one, two = first.proposal_id, second.proposal_id
        assert await listed() == [two, one]
        assert await listed(states=[STATE.OPEN]) == [two]
        assert await listed(states=[STATE.DISCARDED, STATE.CONFIRMED]) == [one]
        assert await listed(ticket_id=first.ticket_id) == [one]
        assert await listed(environment="sandbox") == []
        assert await listed(waiting_for_me=True) == [two]
        assert await listed(MAYA, waiting_for_me=True) == []
        assert await listed(operator("m2", person="maya"), waiting_for_me=True) == []
        page = await services.do("ListProposals", page_size=1)
        assert await listed(MAYA, page_size=1, page_token=page.next_page_token) == [one]
        services.clock.now += LIFETIME
        assert await listed(states=[STATE.OPEN]) == await listed(waiting_for_me=True) == []
        assert await listed(states=[STATE.EXPIRED]) == [two]

    async def test_a_proposal_that_is_not_there(self, services: ControlServices) -> None:
        """The same answer to all three."""
        for method in ("GetProposal", "ConfirmProposal", "DiscardProposal"):
            etag: dict[str, Any] = {} if method == "GetProposal" else {"etag": "e"}
            with pytest.raises(NotFound, match="No such proposal"):
                await services.do(method, proposal_id="prp_none", **etag)


class TestConfirming:
    async def test_it_makes_the_grant_and_the_organization_that_were_meant(
        self, services: ControlServices
    ) -> None:
        """With the proposed terms, by both operators; the ticket is closed."""
        _, made = await proposed(services)
        reply = await confirm(services, made, ADA, internal_note="Checked by phone.")
        assert reply.grant.terms == made.terms
        assert list(reply.grant.approved_by) == ["maya", "ada"]
        assert reply.grant.organization_name == FORM["company_name"]
        assert await organizations(services) == [FORM["company_name"]]
        done = await services.do("GetProposal", proposal_id=made.proposal_id)
        assert done == reply.proposal
        assert (done.state, done.closed_by, done.grant_id) == (
            STATE.CONFIRMED,
            "ada",
            reply.grant.grant_id,
        )
        assert reply.access_request.internal_notes[-1].text == "Checked by phone."
        assert not (await services.do("ListKeys")).keys

    async def test_a_named_organization_is_joined(self, services: ControlServices) -> None:
        """Whatever its name; no second one is made."""
        other = await granted(services, company_name="Parent Inc", contact_email="x@parent.example")
        _, made = await proposed(services, organization_id=other.organization_id)
        assert (made.organization_id, made.new_organization_name, made.organization_name) == (
            other.organization_id,
            "",
            "Parent Inc",
        )
        reply = await confirm(services, made, ADA)
        assert reply.grant.organization_id == other.organization_id
        assert await organizations(services) == ["Parent Inc"]

    async def test_the_dry_run_shows_all_terms_and_writes_nothing(
        self, services: ControlServices
    ) -> None:
        """The grant has no id yet, and the new organization none either."""
        _, ticket = await reviewed(services)
        rehearsed = await approve(services, ticket, **LIVE, validate_only=True)
        assert (rehearsed.proposal.proposal_id, rehearsed.proposal.etag) == ("", "")
        assert not (await services.do("ListProposals")).proposals
        made = (await approve(services, ticket, **LIVE)).proposal
        assert rehearsed.proposal.terms == made.terms
        events = len(await services.audit_events())
        shown = await confirm(services, made, ADA, validate_only=True)
        assert (shown.grant.grant_id, shown.grant.organization_id) == ("", "")
        assert shown.grant.organization_name == made.new_organization_name
        assert (shown.grant.terms, shown.proposal) == (made.terms, made)
        assert len(await services.audit_events()) == events
        assert await organizations(services) == []
        with pytest.raises(SecondOperatorRequired):
            await confirm(services, made, MAYA, validate_only=True)

    @pytest.mark.parametrize("same", [MAYA, operator("maya-laptop", person="maya")])
    async def test_a_person_counts_once(self, services: ControlServices, same: Any) -> None:
        """By whichever credential."""
        _, made = await proposed(services)
        with pytest.raises(SecondOperatorRequired):
            await confirm(services, made, same)

    async def test_it_names_the_etag_that_was_shown(self, services: ControlServices) -> None:
        """Another one is refused, and nothing is granted."""
        _, made = await proposed(services)
        with pytest.raises(EtagMismatch):
            await services.do("ConfirmProposal", ADA, proposal_id=made.proposal_id, etag="another")
        assert not (await services.do("ListGrants")).grants

    async def test_it_is_confirmed_once(self, services: ControlServices) -> None:
        """The second one hears who was first."""
        _, made = await proposed(services)
        await confirm(services, made, ADA)
        with pytest.raises(ProposalClosed) as refused:
            await confirm(services, made, operator("eve"))
        assert refused.value.metadata["closedBy"] == "ada"
        assert len((await services.do("ListGrants")).grants) == 1

    async def test_its_audit_events_tell_the_whole_story(self, services: ControlServices) -> None:
        """What was proposed, who confirmed it, and the grant."""
        _, made = await proposed(services)
        reply = await confirm(services, made, ADA)
        (first,) = await services.audit_events("proposal.made")
        assert first.event.targets == (made.proposal_id, made.ticket_id)
        assert first.event.after is not None
        assert first.event.after["newOrganizationName"] == FORM["company_name"]
        assert first.event.after["scopes"] == FORM["requested_scopes"]
        (second,) = await services.audit_events("proposal.confirmed")
        assert second.event.actor_id == "ada"
        assert second.event.targets == (made.proposal_id, made.ticket_id, reply.grant.grant_id)
        (third,) = await services.audit_events("ticket.approved")
        assert third.event.after is not None
        assert third.event.after["approvedBy"] == ["maya", "ada"]

    async def test_a_solo_confirmation_says_so_in_the_audit_log(
        self, services: ControlServices
    ) -> None:
        """Where the setting came after the proposal."""
        _, made = await proposed(services)
        alone = ControlServices(services.control, rules=replace(RULES, solo_approvals=True))
        await confirm(alone, made, MAYA)
        await alone.close()
        (event,) = await services.audit_events("ticket.approved")
        assert event.event.reason == "solo approval, as the settings allow"


class TestWhatHoldsThen:
    """Everything is judged again at the moment of the confirmation."""

    async def test_the_organization_is_active(self, services: ControlServices) -> None:
        other = await granted(services, company_name="Parent Inc", contact_email="x@parent.example")
        named = {"organization_id": other.organization_id}
        _, made = await proposed(services, **named)
        await services.do("SuspendOrganization", **named, reason="Unpaid.")
        with pytest.raises(OrganizationInactive):
            await confirm(services, made, ADA)
        await services.do("ResumeOrganization", **named, reason="Paid.")
        assert (await confirm(services, made, ADA)).grant.grant_id

    async def test_the_evidence_is_that_of_the_organization_named(
        self, services: ControlServices
    ) -> None:
        """Of the proposal's, when proposing and when confirming, without a waiver."""
        other = await granted(services, company_name="Parent Inc", contact_email="x@parent.example")
        named = {"organization_id": other.organization_id, "evidence_waiver": ""}
        _, ticket = await reviewed(services)
        with pytest.raises(ReviewIncomplete, match="replays"):
            await approve(services, ticket, environment="production", **named)
        show_evidence(services, other.organization_id)
        made = (await approve(services, ticket, environment="production", **named)).proposal
        dossier = await services.do("GetDossier", ticket_id=ticket.ticket_id)
        assert dossier.readiness.sufficient and not dossier.missing_for_production
        services.outside.evidence_of.clear()
        with pytest.raises(ReviewIncomplete, match="replays"):
            await confirm(services, made, ADA)

    async def test_the_callback_is_a_public_address(self, services: ControlServices) -> None:
        """A name that leads inside by now is refused."""
        _, made = await proposed(services)
        services.outside.addresses_of["hooks.northline.example"] = ["10.0.0.1"]
        with pytest.raises(CallbackForbidden):
            await confirm(services, made, ADA)

    async def test_the_grant_has_not_ended(self, services: ControlServices) -> None:
        ends = int((services.clock.now + timedelta(days=1)).timestamp())
        _, made = await proposed(services, expire_time={"seconds": ends})
        services.clock.now += timedelta(days=2)
        with pytest.raises(ReviewIncomplete, match="end is past"):
            await confirm(services, made, ADA)

    async def test_the_proposer_is_an_operator(self, services: ControlServices) -> None:
        """A proposal of one who left isn't confirmed."""
        issued = await services.control.write(
            lambda session: services.operators.add(session, "sam", Role.FOUNDER)
        )
        sam = await services.principal(issued.text)
        _, ticket = await reviewed(services)
        made = (await approve(services, ticket, sam, **LIVE)).proposal
        await services.control.write(lambda session: services.operators.revoke(session, "sam"))
        with pytest.raises(ReviewIncomplete, match="sam is no operator any more"):
            await confirm(services, made, ADA)


async def _applicant(services: ControlServices, sent: Any, method: str, **request: Any) -> None:
    await services.do(
        method, ANONYMOUS, ticket_id=sent.ticket_id, token=sent.status_token, **request
    )


async def _operator(services: ControlServices, sent: Any, method: str, **request: Any) -> None:
    ticket = await services.do("GetAccessRequest", ticket_id=sent.ticket_id)
    await services.do(method, ticket_id=sent.ticket_id, etag=ticket.etag, **request)


async def _approve_sandbox(services: ControlServices, sent: Any) -> None:
    ticket = await services.do("GetAccessRequest", ticket_id=sent.ticket_id)
    await approve(services, ticket)


CHANGES: dict[str, Any] = {
    "an amendment": lambda s, t: _applicant(s, t, "AmendAccessRequest", form=FORM),
    "a reply": lambda s, t: _applicant(s, t, "ReplyToReview", text="By the way."),
    "a withdrawal": lambda s, t: _applicant(s, t, "WithdrawAccessRequest"),
    "a question": lambda s, t: _operator(s, t, "RequestInfo", question="Which sites?"),
    "another reviewer": lambda s, t: _operator(s, t, "StartReview"),
    "a denial": lambda s, t: _operator(
        s, t, "DenyAccessRequest", environment="production", public_reason="No."
    ),
    "a denial of the other environment": lambda s, t: _operator(
        s, t, "DenyAccessRequest", environment="sandbox", public_reason="No."
    ),
    "an approval of the sandbox": _approve_sandbox,
}


class TestEnding:
    @pytest.mark.parametrize("change", CHANGES)
    async def test_any_other_change_outdates_it(
        self, services: ControlServices, change: str
    ) -> None:
        """Nothing is granted, the event says what changed, and it can't be discarded either."""
        sent, made = await proposed(services)
        await CHANGES[change](services, sent)
        for method in ("ConfirmProposal", "DiscardProposal"):
            with pytest.raises(ProposalClosed) as refused:
                await services.do(method, ADA, proposal_id=made.proposal_id, etag=made.etag)
            assert refused.value.metadata["state"] == "OUTDATED"
        seen = await services.do("GetProposal", proposal_id=made.proposal_id)
        assert (seen.state, bool(seen.close_reason)) == (STATE.OUTDATED, True)
        grants = (await services.do("ListGrants")).grants
        assert [each.environment for each in grants if each.environment == "production"] == []
        (event,) = await services.audit_events("proposal.outdated")
        assert event.event.targets[0] == made.proposal_id

    async def test_discarding_leaves_the_ticket_to_be_approved_anew(
        self, services: ControlServices
    ) -> None:
        """On a new etag: who approves next reads again."""
        _, made = await proposed(services)
        before = await services.do("GetAccessRequest", ticket_id=made.ticket_id)
        named = {"proposal_id": made.proposal_id, "etag": made.etag}
        done = await services.do("DiscardProposal", ADA, **named, reason="Wrong tier.")
        assert (done.state, done.closed_by, done.close_reason) == (
            STATE.DISCARDED,
            "ada",
            "Wrong tier.",
        )
        (event,) = await services.audit_events("proposal.discarded")
        assert (event.event.actor_id, event.event.reason) == ("ada", "Wrong tier.")
        with pytest.raises(ProposalClosed):
            await confirm(services, made, ADA)
        with pytest.raises(EtagMismatch):
            await approve(services, before, **LIVE)
        ticket = await services.do("GetAccessRequest", ticket_id=made.ticket_id)
        again = await approve(services, ticket, **LIVE)
        assert again.proposal.proposal_id != made.proposal_id

    async def test_it_expires_after_seven_days(self, services: ControlServices) -> None:
        """At that moment, for confirming, discarding and proposing anew, without any task."""
        _, made = await proposed(services)
        services.clock.now += LIFETIME - timedelta(microseconds=1)
        await confirm(services, made, ADA, validate_only=True)
        services.clock.now += timedelta(microseconds=1)
        for method in ("ConfirmProposal", "DiscardProposal"):
            with pytest.raises(ProposalClosed) as refused:
                await services.do(method, ADA, proposal_id=made.proposal_id, etag=made.etag)
            assert refused.value.metadata["state"] == "EXPIRED"
        ticket = await services.do("GetAccessRequest", ticket_id=made.ticket_id)
        again = await approve(services, ticket, **LIVE)
        assert [
            each.event.targets[0] for each in await services.audit_events("proposal.expired")
        ] == [made.proposal_id]
        with pytest.raises(ProposalOpen):
            await approve(services, again.access_request, **LIVE)

    async def test_the_task_records_the_expiry(self, services: ControlServices) -> None:
        """Once, as an act of the system."""
        _, made = await proposed(services)
        task = TicketExpiry(services.control, clock=services.clock)
        services.clock.now += LIFETIME
        for _ in range(2):
            await task.expire()
        (event,) = await services.audit_events("proposal.expired")
        assert (event.event.actor_type, event.event.targets) == (
            "system",
            (made.proposal_id, made.ticket_id),
        )
        seen = await services.do("GetProposal", proposal_id=made.proposal_id)
        assert seen.state == STATE.EXPIRED

    async def test_a_ticket_past_its_end_takes_no_step(self, services: ControlServices) -> None:
        """Of an operator or of its applicant, before any task saw it; and it reads as expired."""
        sent, ticket = await reviewed(services)
        services.clock.now += RULES.idle
        steps: list[Any] = [
            approve(services, ticket),
            _operator(services, sent, "StartReview"),
            _operator(services, sent, "RequestInfo", question="?"),
            _operator(services, sent, "DenyAccessRequest", public_reason="No."),
            _applicant(services, sent, "AmendAccessRequest", form=FORM),
            _applicant(services, sent, "ReplyToReview", text="Hello?"),
            _applicant(services, sent, "WithdrawAccessRequest"),
        ]
        for step in steps:
            with pytest.raises((IllegalTransition, EtagMismatch)):
                await step
        seen = await services.do("GetAccessRequest", ticket_id=sent.ticket_id)
        assert seen.State.Name(seen.state) == "EXPIRED"
        queue = await services.do("ListAccessRequests", states=[seen.state])
        assert [each.ticket_id for each in queue.access_requests] == [sent.ticket_id]

    async def test_a_ticket_that_nobody_took_on_has_no_proposal(
        self, services: ControlServices
    ) -> None:
        """An approval needs a review that was started."""
        sent = await submit(services)
        ticket = await services.do("GetAccessRequest", ticket_id=sent.ticket_id)
        with pytest.raises(IllegalTransition):
            await approve(services, ticket, **LIVE)
