"""Proofs of ownership: what proves, what doesn't, and what a lapse leaves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from standardwebhooks import Webhook
from tests.harness.control_services import BOX, ControlServices, operator
from tests.harness.reviews import FORM, approve, confirm, own, show_evidence, submit

from xaigh.access.v1 import ownership_pb2 as pb
from xaigh_server.access.approval import ReviewIncomplete
from xaigh_server.access.ownership import (
    CallbackUnproven,
    DomainUnprovable,
    DomainUnproven,
    ProofRateLimited,
    unprovable,
)
from xaigh_server.access.ownership_task import OwnershipRechecks
from xaigh_server.db.session import Session
from xaigh_server.errors import DomainError, IllegalTransition, NotFound
from xaigh_server.identity import webhook_secrets
from xaigh_server.identity.principal import ANONYMOUS
from xaigh_server.identity.scopes import Role
from xaigh_server.net.http_reply import Fetched, HttpOutcome

State = pb.OwnershipProof.State
DOMAIN = "northline.example"
FILE = f"https://{DOMAIN}/.well-known/xaigh-domain-verification.txt"


async def prove(services: ControlServices, what: str, ticket: Any, **changed: Any) -> Any:
    wanted = {"ticket_id": ticket.ticket_id, "token": ticket.status_token, **changed}
    return await services.do(f"Prove{what}", ANONYMOUS, **wanted)


async def status(services: ControlServices, ticket: Any) -> Any:
    return await services.do(
        "GetTicketStatus", ANONYMOUS, ticket_id=ticket.ticket_id, token=ticket.status_token
    )


async def told(services: ControlServices, ticket: Any) -> Any:
    return (await status(services, ticket)).ownership_instructions


def states(message: Any) -> list[str]:
    return [State.Name(proof.state) for proof in message.proofs]


def rechecks(services: ControlServices) -> OwnershipRechecks:
    return OwnershipRechecks(
        services.control,
        services.checks,
        BOX,
        clock=services.clock,
        new_id=lambda prefix: f"{prefix}_recheck_{services.clock.now.timestamp()}",
    )


class TestDomain:
    async def test_a_txt_record_proves_it(self, services: ControlServices) -> None:
        """The status says which; the proof is dated, in the dossier too, and audited."""
        ticket = await submit(services)
        wanted = await told(services, ticket)
        assert wanted.dns_name == f"_xaigh-challenge.{DOMAIN}"
        assert ticket.status_token not in wanted.dns_value
        services.outside.texts_of[wanted.dns_name] = ["v=spf1 -all", wanted.dns_value]
        proven = await prove(services, "Domain", ticket)
        assert states(proven) == ["PROVEN", "UNPROVEN"]
        assert proven.proofs[0].method == pb.OwnershipProof.DNS_TXT
        assert proven.proofs[0].prove_time.ToDatetime() == services.clock.now.replace(tzinfo=None)
        assert not proven.ownership_instructions.dns_value
        dossier = await services.do("GetDossier", ticket_id=ticket.ticket_id)
        assert list(dossier.proofs) == list(proven.proofs)
        (event,) = await services.audit_events("ticket.domain_proven")
        assert event.event.actor == f"applicant:{ticket.ticket_id}"
        assert not services.outside.fetched

    async def test_a_file_proves_it(self, services: ControlServices) -> None:
        """Where there is no record: one line of it is the token."""
        ticket = await submit(services)
        wanted = await told(services, ticket)
        assert wanted.file_url == FILE
        body = f"# ours\r\n{wanted.dns_value}\r\n".encode()
        services.outside.files[FILE] = Fetched(outcome=HttpOutcome.ACCEPTED, status=200, body=body)
        proven = await prove(services, "Domain", ticket)
        assert proven.proofs[0].method == pb.OwnershipProof.WELL_KNOWN_FILE

    @pytest.mark.parametrize(
        ("records", "file", "says"),
        [
            (["something else"], None, "No TXT record of _xaigh-challenge.northline.example is"),
            (None, None, "wasn't found: no such name."),
            (None, Fetched(outcome=HttpOutcome.REDIRECTED, status=301), "It answered 301."),
            (
                None,
                Fetched(outcome=HttpOutcome.ACCEPTED, status=200, body=b"<html>hi</html>"),
                "has no line",
            ),
            (None, Fetched(outcome=HttpOutcome.TLS_FAILED), "Its certificate isn't valid"),
        ],
    )
    async def test_what_proves_nothing(
        self, services: ControlServices, records: Any, file: Any, says: str
    ) -> None:
        ticket = await submit(services)
        if records:
            services.outside.texts_of[f"_xaigh-challenge.{DOMAIN}"] = records
        if file:
            services.outside.files[FILE] = file
        with pytest.raises(DomainUnproven) as refused:
            await prove(services, "Domain", ticket)
        assert says in refused.value.message
        assert refused.value.violations[0].path == "contactEmail"
        assert states(await status(services, ticket))[0] == "UNPROVEN"

    async def test_another_tickets_token_proves_nothing(self, services: ControlServices) -> None:
        first, second = await submit(services), await submit(services)
        theirs = await told(services, first)
        services.outside.texts_of[theirs.dns_name] = [theirs.dns_value]
        with pytest.raises(DomainUnproven):
            await prove(services, "Domain", second)

    @pytest.mark.parametrize("domain", ["gmail.com", "co.uk", "github.io", "localhost"])
    async def test_a_domain_that_identifies_nobody(
        self, services: ControlServices, domain: str
    ) -> None:
        """No look-up is made, and the status says so from the beginning."""
        assert unprovable(domain)
        if domain == "localhost":
            return  # no valid mail address
        ticket = await submit(services, contact_email=f"maya@{domain}")
        shown = await status(services, ticket)
        assert states(shown)[0] == "IMPOSSIBLE"
        assert not shown.ownership_instructions.dns_value
        with pytest.raises(DomainUnprovable):
            await prove(services, "Domain", ticket)
        assert not services.outside.fetched

    @pytest.mark.parametrize("domain", ["northline.co.uk", "northline.github.io", DOMAIN])
    def test_a_companys_domain(self, domain: str) -> None:
        assert unprovable(domain) == ""


class TestCallback:
    async def test_its_answer_proves_it(self, services: ControlServices) -> None:
        """The challenge is signed as events for the ticket are."""
        ticket = await submit(services)
        proven = await prove(services, "Callback", ticket)
        assert states(proven) == ["UNPROVEN", "PROVEN"]
        ((url, body, headers),) = services.outside.fetched
        assert url == FORM["callback_url"]
        assert body is not None
        secret = webhook_secrets.derive(
            webhook_secrets.callback_secret(ticket.status_token), "ticket"
        )
        signed = Webhook(secret)
        expected = signed.sign(headers["webhook-id"], services.clock.now, body.decode())
        assert headers["webhook-signature"] == expected
        assert headers["webhook-timestamp"] == str(int(services.clock.now.timestamp()))

    async def test_both_callbacks_are_challenged(self, services: ControlServices) -> None:
        """Or the one of the environment named."""
        ticket = await submit(services, sandbox_callback_url="https://test.northline.example/")
        one = await prove(services, "Callback", ticket, environment="sandbox")
        assert states(one) == ["UNPROVEN", "UNPROVEN", "PROVEN"]
        both = await prove(services, "Callback", ticket)
        assert states(both) == ["UNPROVEN", "PROVEN", "PROVEN"]
        assert len(services.outside.fetched) == 3

    async def test_an_answer_without_the_value_proves_nothing(
        self, services: ControlServices
    ) -> None:
        """A server that answers 204 to everything hasn't read the challenge."""
        services.outside.echoes = False
        ticket = await submit(services, sandbox_callback_url="https://test.northline.example/")
        with pytest.raises(CallbackUnproven) as refused:
            await prove(services, "Callback", ticket)
        assert [each.path for each in refused.value.violations] == [
            "callbackUrl",
            "sandboxCallbackUrl",
        ]
        assert states(await status(services, ticket))[1:] == ["UNPROVEN", "UNPROVEN"]

    async def test_another_url_needs_another_proof(self, services: ControlServices) -> None:
        """An amendment keeps what it doesn't change."""
        ticket = await submit(services)
        await prove(services, "Callback", ticket)
        form = {**FORM, "callback_url": "https://elsewhere.northline.example/"}
        by_id = {"ticket_id": ticket.ticket_id, "token": ticket.status_token}
        amended = await services.do("AmendAccessRequest", ANONYMOUS, form=form, **by_id)
        assert states(amended)[1] == "UNPROVEN"
        back = await services.do("AmendAccessRequest", ANONYMOUS, form=FORM, **by_id)
        assert states(back)[1] == "PROVEN"


class TestWhoMayProve:
    @pytest.mark.parametrize("what", ["Domain", "Callback"])
    async def test_a_foreign_token_connects_nowhere(
        self, services: ControlServices, what: str
    ) -> None:
        ticket, other = await submit(services), await submit(services)
        with pytest.raises(NotFound):
            await prove(services, what, ticket, token=other.status_token)
        assert not services.outside.fetched

    async def test_a_closed_request_proves_nothing(self, services: ControlServices) -> None:
        ticket = await submit(services)
        by_id = {"ticket_id": ticket.ticket_id, "token": ticket.status_token}
        await services.do("WithdrawAccessRequest", ANONYMOUS, **by_id)
        with pytest.raises(IllegalTransition):
            await prove(services, "Callback", ticket)
        assert not services.outside.fetched

    async def test_attempts_are_limited(self, services: ControlServices) -> None:
        """By peer, over all of its tickets."""
        services.outside.echoes = False
        tickets = [await submit(services), await submit(services)]
        refusals: list[DomainError] = []
        for number in range(21):
            with pytest.raises(DomainError) as refused:
                await prove(services, "Callback", tickets[number % 2])
            refusals.append(refused.value)
        assert {type(each) for each in refusals[:20]} == {CallbackUnproven}
        assert isinstance(refusals[20], ProofRateLimited)
        assert refusals[20].retry_after
        assert len(services.outside.fetched) == 20


class TestRechecks:
    async def test_a_proof_is_checked_again_after_a_week(self, services: ControlServices) -> None:
        ticket = await submit(services)
        await prove(services, "Callback", ticket)
        services.clock.now += timedelta(days=6)
        assert await rechecks(services).run() == 0
        services.clock.now += timedelta(days=1)
        assert await rechecks(services).run() == 1
        assert states(await status(services, ticket))[1] == "PROVEN"
        assert await services.audit_events("ticket.proof_lapsed") == []

    async def test_a_lapse_shows_everywhere_and_ends(self, services: ControlServices) -> None:
        """Status, dossier, audit log, outbox; the next day it is checked again."""
        ticket = await submit(services)
        await services.do("StartReview", ticket_id=ticket.ticket_id)
        await prove(services, "Callback", ticket)
        services.outside.echoes = False
        services.clock.now += timedelta(days=7)
        await rechecks(services).run()
        shown = await status(services, ticket)
        assert states(shown)[1] == "LAPSED"
        assert shown.proofs[1].finding == "It answered without the value of the challenge."
        assert shown.proofs[1].HasField("lapse_time")
        dossier = await services.do("GetDossier", ticket_id=ticket.ticket_id)
        assert states(dossier)[1] == "LAPSED"
        (event,) = await services.audit_events("ticket.proof_lapsed")
        assert event.event.targets == (ticket.ticket_id,)
        events = [each.event_type for each in await services.outgoing()]
        assert events.count("ticket.proof_lapsed") == 1
        services.clock.now += timedelta(days=1)
        assert await rechecks(services).run() == 1
        services.outside.echoes = True
        services.clock.now += timedelta(days=1)
        await rechecks(services).run()
        assert states(await status(services, ticket))[1] == "PROVEN"
        assert len(await services.audit_events("ticket.proof_lapsed")) == 1
        assert len(await services.audit_events("ticket.proof_restored")) == 1

    async def test_a_former_callback_is_left_alone(self, services: ControlServices) -> None:
        """Nobody is called whom the request no longer names."""
        ticket = await submit(services)
        await prove(services, "Callback", ticket)
        form = {**FORM, "callback_url": "https://elsewhere.northline.example/"}
        by_id = {"ticket_id": ticket.ticket_id, "token": ticket.status_token}
        await services.do("AmendAccessRequest", ANONYMOUS, form=form, **by_id)
        services.clock.now += timedelta(days=8)
        assert await rechecks(services).run() == 1
        assert len(services.outside.fetched) == 1
        assert await services.audit_events("ticket.proof_lapsed") == []


class TestProduction:
    """Production asks for the callback proof, and for the domain proof or a founder's waiver."""

    async def _started(self, services: ControlServices) -> Any:
        made = await submit(services, environments=["production"])
        return made, await services.do("StartReview", ticket_id=made.ticket_id)

    async def test_both_proofs_are_missing_at_first(self, services: ControlServices) -> None:
        """The dossier forecasts what the approval lists."""
        _, ticket = await self._started(services)
        with pytest.raises(ReviewIncomplete) as refused:
            await approve(services, ticket, environment="production", evidence_waiver="known")
        assert refused.value.metadata["missing"] == "callbackProof domainProof"
        dossier = await services.do("GetDossier", ticket_id=ticket.ticket_id)
        missing = " ".join(dossier.missing_for_production)
        assert "The callback https://hooks.northline.example/xaigh isn't proven" in missing
        assert "The domain northline.example isn't proven" in missing

    async def test_a_founder_waives_the_domain_alone(self, services: ControlServices) -> None:
        """In writing; the waiver is among the proposed terms."""
        sent, ticket = await self._started(services)
        waived: Any = {"evidence_waiver": "known", "domain_waiver": "We called the company."}
        with pytest.raises(ReviewIncomplete) as refused:
            await approve(services, ticket, environment="production", **waived)
        assert refused.value.metadata["missing"] == "callbackProof"
        await prove(services, "Callback", sent)
        made = await approve(services, ticket, environment="production", **waived)
        assert made.proposal.terms.domain_waiver == "We called the company."

    async def test_nobody_else_waives_it(self, services: ControlServices) -> None:
        sent, ticket = await self._started(services)
        await prove(services, "Callback", sent)
        show_evidence(services, "")
        ada = operator("ada", Role.API_OPS)
        with pytest.raises(ReviewIncomplete) as refused:
            await approve(
                services, ticket, ada, environment="production", domain_waiver="I know them."
            )
        assert "domainWaiver" in refused.value.metadata["missing"]

    async def test_another_callback_than_the_proven_one(self, services: ControlServices) -> None:
        """A reviewer who changes the callback changes what must be proven."""
        _, ticket = await self._started(services)
        await own(services, ticket.ticket_id)
        with pytest.raises(ReviewIncomplete) as refused:
            await approve(
                services,
                ticket,
                environment="production",
                evidence_waiver="known",
                callback_url="https://elsewhere.northline.example/",
            )
        assert refused.value.metadata["missing"] == "callbackProof"

    async def test_a_lapse_before_the_confirmation(self, services: ControlServices) -> None:
        """The terms are judged again by what holds then."""
        sent, ticket = await self._started(services)
        await prove(services, "Callback", sent)
        waived: Any = {"evidence_waiver": "known", "domain_waiver": "We called the company."}
        proposal = (await approve(services, ticket, environment="production", **waived)).proposal
        services.outside.echoes = False
        services.clock.now += timedelta(days=7) - timedelta(seconds=1)
        await services.control.write(_make_due)
        await rechecks(services).run()
        with pytest.raises(ReviewIncomplete) as refused:
            await confirm(services, proposal, operator("noa"))
        assert refused.value.metadata["missing"] == "callbackProof"


def _make_due(session: Session) -> None:
    session.run(text("UPDATE ownership_proofs SET next_check_time = 0"))
