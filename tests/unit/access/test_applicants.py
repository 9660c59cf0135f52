"""The handlers of applicants: what they may do with a status token, and what they never see."""

from typing import Any

import pyrage
import pytest
from google.protobuf.json_format import MessageToJson
from tests.harness.control_services import MAYA, ControlServices, operator
from tests.harness.reviews import FORM, approve, granted, reviewed, start, submit

from xaigh.access.v1 import access_request_pb2 as pb
from xaigh.access.v1 import access_request_service_pb2 as api
from xaigh_server.errors import DomainError, FieldInvalid, IllegalTransition, NotFound
from xaigh_server.identity.errors import ScopeNotMintable, ScopeUnknown
from xaigh_server.identity.principal import ANONYMOUS
from xaigh_server.identity.scopes import Role
from xaigh_server.net.url_guard import CallbackForbidden

ADA = operator("ada", Role.API_OPS)
RECIPIENT = str(pyrage.x25519.Identity.generate().to_public())


def state(ticket: Any) -> str:
    return pb.AccessRequest.State.Name(ticket.state)


async def status(services: ControlServices, ticket: Any) -> Any:
    """The ticket as its applicant reads it."""
    return await services.do(
        "GetTicketStatus", ANONYMOUS, ticket_id=ticket.ticket_id, token=ticket.status_token
    )


class TestSubmission:
    async def test_it_gives_a_ticket_and_its_token(self, services: ControlServices) -> None:
        """No key exists yet, and the applicant is the actor of the event."""
        ticket = await submit(services)
        assert (state(ticket), bool(ticket.status_token)) == ("SUBMITTED", True)
        assert "no key exists yet" in ticket.next_steps[0]
        (event,) = await services.audit_events()
        assert (event.event.action, event.event.actor) == (
            "ticket.submitted",
            f"applicant:{ticket.ticket_id}",
        )
        assert ticket.status_token not in str(event)

    async def test_a_replay_never_shows_the_token_again(self, services: ControlServices) -> None:
        """The same ticket, without its secret."""
        request = api.SubmitAccessRequestRequest(**FORM)
        first, _ = await services.exchange("SubmitAccessRequest", request, ANONYMOUS, "once")
        second, call = await services.exchange("SubmitAccessRequest", request, ANONYMOUS, "once")
        assert (second.ticket_id, second.status_token) == (first.ticket_id, "")
        assert call.replayed

    @pytest.mark.parametrize(
        ("changed", "error", "path"),
        [
            ({"company_name": " "}, FieldInvalid, "companyName"),
            ({"contact_name": " "}, FieldInvalid, "contactName"),
            ({"requested_scopes": ["keys:write"]}, ScopeNotMintable, None),
            ({"requested_scopes": ["nothing:read"]}, ScopeUnknown, "requestedScopes"),
            ({"callback_url": "http://hooks.example/"}, CallbackForbidden, "callbackUrl"),
            ({"callback_url": "https://10.0.0.1/"}, CallbackForbidden, "callbackUrl"),
            ({"callback_url": "https://inside.example/"}, CallbackForbidden, "callbackUrl"),
            (
                {"sandbox_callback_url": "https://inside.example/"},
                CallbackForbidden,
                "sandboxCallbackUrl",
            ),
        ],
    )
    async def test_forms_that_are_refused(
        self,
        services: ControlServices,
        changed: dict[str, Any],
        error: type[DomainError],
        path: str | None,
    ) -> None:
        """At the field that is wrong, before anything is written."""
        services.outside.addresses_of["inside.example"] = ["10.0.0.1"]
        with pytest.raises(error) as refused:
            await submit(services, **changed)
        assert [each.path for each in refused.value.violations] == ([path] if path else [])
        assert not await services.audit_events()

    async def test_only_a_sandbox_callback_may_be_plain_http(
        self, services: ControlServices
    ) -> None:
        """Production's never is."""
        plain = {"callback_url": "http://hooks.northline.example/"}
        assert await submit(services, **plain, environments=["sandbox"])
        with pytest.raises(CallbackForbidden):
            await submit(services, **plain, environments=["sandbox", "production"])


class TestStatusToken:
    @pytest.mark.parametrize(
        ("method", "request_"),
        [
            ("GetTicketStatus", {}),
            ("GetSealedKey", {}),
            ("AmendAccessRequest", {"form": FORM}),
            ("WithdrawAccessRequest", {}),
            ("ReplyToReview", {"text": "Hello."}),
        ],
    )
    async def test_without_it_there_is_no_ticket(
        self, services: ControlServices, method: str, request_: dict[str, Any]
    ) -> None:
        """No token, a malformed one and that of another ticket answer as a missing ticket does."""
        ticket, other = await submit(services), await submit(services)
        said = set()
        for token in ("", "xst_nonsense", other.status_token):
            with pytest.raises(NotFound) as refused:
                await services.do(
                    method, ANONYMOUS, ticket_id=ticket.ticket_id, token=token, **request_
                )
            said.add(str(refused.value).replace(ticket.ticket_id, "ID"))
        with pytest.raises(NotFound) as refused:
            await services.do(
                method, ANONYMOUS, ticket_id="tkt_x", token=ticket.status_token, **request_
            )
        said.add(str(refused.value).replace("tkt_x", "ID"))
        assert len(said) == 1


class TestWhatIsHidden:
    async def test_notes_and_names_stay_with_operators(self, services: ControlServices) -> None:
        """Neither notes, nor operators, nor a proposal are in what the applicant reads."""
        sent, ticket = await reviewed(services)
        steps = {"ticket_id": ticket.ticket_id, "internal_note": "A secret note."}
        asked = await services.do(
            "RequestInfo", ADA, **steps, etag=ticket.etag, question="Which sites?"
        )
        assert [each.text for each in asked.internal_notes] == ["A secret note."]
        assert asked.thread[0].operator == "ada"
        seen = await status(services, sent)
        assert [(each.text, each.operator) for each in seen.thread] == [("Which sites?", "")]
        text = MessageToJson(seen)
        assert "secret note" not in text and "ada" not in text
        assert "maya" not in text.replace("maya@northline", "")

    async def test_a_proposal_looks_pending(self, services: ControlServices) -> None:
        """An applicant learns of an approval when both operators have given it."""
        sent, ticket = await reviewed(services)
        waiver = {"environment": "production", "evidence_waiver": "A known integrator."}
        await approve(services, ticket, MAYA, **waiver)
        seen = await status(services, sent)
        assert {each.decision for each in seen.environments} == {pb.EnvironmentReview.PENDING}
        assert "waiver" not in MessageToJson(seen)

    async def test_the_conditions_of_a_grant_are_shown(self, services: ControlServices) -> None:
        """They bind the applicant."""
        sent, ticket = await reviewed(services)
        await approve(services, ticket, conditions=["Post to one site."])
        sandbox, production = (await status(services, sent)).environments
        assert (sandbox.decision, list(sandbox.conditions)) == (
            pb.EnvironmentReview.APPROVED,
            ["Post to one site."],
        )
        assert (production.decision, list(production.conditions)) == (
            pb.EnvironmentReview.PENDING,
            [],
        )


class TestSteps:
    async def test_an_amendment_is_a_new_revision(self, services: ControlServices) -> None:
        """It goes back to the operator who had it, and a proposal falls."""
        sent, ticket = await reviewed(services)
        amended = await services.do(
            "AmendAccessRequest",
            ANONYMOUS,
            ticket_id=ticket.ticket_id,
            token=sent.status_token,
            form={**FORM, "use_case": "Another."},
        )
        assert (state(amended), amended.revision, amended.form.use_case) == (
            "IN_REVIEW",
            2,
            "Another.",
        )
        with pytest.raises(DomainError, match=r"(?i)etag"):
            await approve(services, ticket)

    async def test_a_withdrawal_ends_the_review(self, services: ControlServices) -> None:
        """Its reason is in the thread and in the audit log; nothing can follow."""
        sent, ticket = await reviewed(services)
        step = {"ticket_id": ticket.ticket_id, "token": sent.status_token}
        gone = await services.do("WithdrawAccessRequest", ANONYMOUS, **step, reason="Too early.")
        assert (state(gone), gone.thread[0].text) == ("WITHDRAWN", "Too early.")
        (event,) = await services.audit_events("ticket.withdrawn")
        assert (event.event.reason, event.event.actor_type) == ("Too early.", "applicant")
        for method, request in (
            ("WithdrawAccessRequest", {}),
            ("ReplyToReview", {"text": "Still here?"}),
            ("AmendAccessRequest", {"form": FORM}),
        ):
            with pytest.raises(IllegalTransition):
                await services.do(method, ANONYMOUS, **step, **request)
        with pytest.raises(IllegalTransition):
            await start(services, ticket.ticket_id)

    async def test_a_withdrawal_leaves_the_grants_that_exist(
        self, services: ControlServices
    ) -> None:
        """What was approved is approved."""
        sent, ticket = await reviewed(services)
        grant = (await approve(services, ticket)).grant
        await services.do(
            "WithdrawAccessRequest",
            ANONYMOUS,
            ticket_id=ticket.ticket_id,
            token=sent.status_token,
        )
        assert (await services.do("GetGrant", grant_id=grant.grant_id)) == grant

    async def test_a_sealed_key_waits_for_its_applicant(self, services: ControlServices) -> None:
        """It is found with and without its id, and no other id finds it."""
        sent, ticket = await reviewed(services, environments=["sandbox"], seal_to=RECIPIENT)
        grant = (await approve(services, ticket)).grant
        issued = await services.do("IssueKey", grant_id=grant.grant_id, name="nightly")
        step = {"ticket_id": ticket.ticket_id, "token": sent.status_token}
        found = await services.do("GetSealedKey", ANONYMOUS, **step)
        assert found.key_id == issued.key.key_id
        assert found.sealed_key.startswith("-----BEGIN AGE ENCRYPTED FILE-----")
        assert found == await services.do("GetSealedKey", ANONYMOUS, **step, key_id=found.key_id)
        with pytest.raises(NotFound):
            await services.do("GetSealedKey", ANONYMOUS, **step, key_id="another")
        assert list((await status(services, sent)).environments[0].sealed_key_ids) == [found.key_id]

    async def test_without_a_sealed_key_there_is_none(self, services: ControlServices) -> None:
        """Keys that operators hand over are not here."""
        grant = await granted(services)
        await services.do("IssueKey", grant_id=grant.grant_id, name="nightly")
        sent = await submit(services)
        with pytest.raises(NotFound):
            await services.do(
                "GetSealedKey", ANONYMOUS, ticket_id=sent.ticket_id, token=sent.status_token
            )
