"""Handlers of the methods that applicants call, from submission to the sealed key."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from xaigh.access.v1 import access_request_pb2 as pb
from xaigh.access.v1 import access_request_service_pb2 as api
from xaigh_server.access import review
from xaigh_server.access import status_tokens as tokens
from xaigh_server.access.callback_secrets import CallbackSecrets
from xaigh_server.access.messages import (
    form_from_pb,
    form_to_pb,
    status_to_pb,
    thread_to_pb,
    ticket_for_audit,
)
from xaigh_server.access.model import EnvironmentReview, RequestForm, Ticket, TicketState
from xaigh_server.access.next_steps import Handover, applicant_steps
from xaigh_server.access.ownership_messages import instructions, proofs_to_pb
from xaigh_server.access.ownership_repository import Proofs
from xaigh_server.access.repository import Tickets
from xaigh_server.access.ticket_changes import save_ticket
from xaigh_server.db.session import Session
from xaigh_server.errors import FieldInvalid, NotFound
from xaigh_server.identity import webhook_secrets
from xaigh_server.identity.base62 import RandomBytes
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.errors import ContactRateLimited
from xaigh_server.identity.rate_limit.model import Limiter, Tier, contact_bucket
from xaigh_server.identity.scopes import Catalogue
from xaigh_server.identity.sealing import Sealer
from xaigh_server.identity.webhook_secrets import SecretBox
from xaigh_server.keys.grant_repository import Grants
from xaigh_server.keys.repository import Keys
from xaigh_server.net.resolver import look_ups_of
from xaigh_server.net.url_guard import Resolver, check_resolved, check_url
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.handlers import Handler, Read, Write
from xaigh_server.rpc.timestamps import get_time, set_time
from xaigh_server.rpc.unit_of_work import UnitOfWork

STATUS_TOKEN = "x-status-token"


class ApplicantHandlers:
    """Handles applicants' calls. All but SubmitAccessRequest need the ticket's status token."""

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        resolver: Resolver,
        sealer: Sealer,
        box: SecretBox,
        random: RandomBytes,
        rules: review.ReviewRules,
        limiter: Limiter,
        per_contact: Tier,
    ) -> None:
        self._catalogue = catalogue
        self._resolver = resolver
        self._sealer = sealer
        self._box = box
        self._random = random
        self._rules = rules
        self._limiter = limiter
        self._per_contact = per_contact

    def handlers(self) -> Mapping[str, Handler]:
        """Returns the handlers by method name."""
        return {
            "SubmitAccessRequest": Write(
                run=self.submit, prepare=self.check_form, redact=without_token
            ),
            "GetTicketStatus": Read(run=self.status),
            "GetSealedKey": Read(run=self.sealed_key),
            "AmendAccessRequest": Write(
                run=self.amend,
                prepare=self.check_amendment,
                prove=prove_ticket,
                redact=without_answers,
            ),
            "WithdrawAccessRequest": Write(
                run=self.withdraw, prove=prove_ticket, redact=without_answers
            ),
            "ReplyToReview": Write(run=self.reply, prove=prove_ticket, redact=without_answers),
        }

    async def check_form(self, request: api.SubmitAccessRequestRequest, call: Call) -> RequestForm:
        """Checks a form beyond the protos' rules. Resolves callback names but never connects.

        Raises ContactRateLimited. A form that is refused for anything else isn't counted.
        """
        form = await self._checked(form_from_pb(request), call, prefix="")
        decision = await self._limiter.hit(contact_bucket(form.contact_email), self._per_contact)
        if not decision.allowed:
            raise ContactRateLimited(retry_after=decision.retry_after)
        return form

    async def check_amendment(
        self, request: api.AmendAccessRequestRequest, call: Call
    ) -> RequestForm:
        """Checks the form of an amendment."""
        return await self._checked(form_from_pb(request.form), call, prefix="form.")

    async def _checked(self, form: RequestForm, call: Call, *, prefix: str) -> RequestForm:
        self._catalogue.require_mintable(form.requested_scopes, path=prefix + "requestedScopes")
        if form.seal_to and not self._sealer.check(form.seal_to):
            raise FieldInvalid.at(prefix + "sealTo", "Not an age recipient (age1…).")
        # Only a callback that serves the sandbox alone may be plain http.
        checks = [
            self._check_callback(
                form.callback_url, _environment_of_callback(form), prefix + "callbackUrl"
            )
        ]
        if form.sandbox_callback_url:
            field = prefix + "sandboxCallbackUrl"
            checks.append(
                self._check_callback(form.sandbox_callback_url, Environment.SANDBOX, field)
            )
        with look_ups_of(call.peer):
            await asyncio.gather(*checks)  # at once: a dead name server costs its time-out once
        return form

    async def _check_callback(self, url: str, environment: Environment, field: str) -> None:
        checked = check_url(
            url,
            environment=environment,
            allow_loopback=self._rules.allow_loopback_callbacks,
            own=self._rules.own_hosts,
            field=field,
        )
        await check_resolved(checked, self._resolver, own=self._rules.own_hosts, field=field)

    def submit(self, request: api.SubmitAccessRequestRequest, unit: UnitOfWork) -> api.Ticket:
        form: RequestForm = unit.prepared
        token = tokens.mint(self._random)
        ticket = Ticket(
            ticket_id=unit.new_id("tkt"),
            state=TicketState.SUBMITTED,
            form=form,
            revision=1,
            version=1,
            reviews=tuple(EnvironmentReview(environment=each) for each in form.environments),
            submitted_time=unit.now,
            update_time=unit.now,
            expire_time=unit.now + self._rules.idle,
        ).with_bytes(form.size)
        Tickets(unit.session).add(ticket, token_digest=digest_of(token.text))
        callback_secret = webhook_secrets.callback_secret(token.text)
        CallbackSecrets(unit.session).add(
            ticket.ticket_id, self._box.seal(callback_secret, ticket.ticket_id)
        )
        unit.audit(ticket.ticket_id, after=ticket_for_audit(ticket), applicant=ticket.ticket_id)
        message = api.Ticket(
            ticket_id=ticket.ticket_id,
            state=pb.AccessRequest.SUBMITTED,
            status_token=token.text,
            next_steps=applicant_steps(ticket, {}, unit.now),
        )
        set_time(message.submitted_time, ticket.submitted_time)
        return message

    def status(self, request: api.GetTicketStatusRequest, unit: UnitOfWork) -> api.TicketStatus:
        return ticket_status(own_ticket(request.ticket_id, unit), unit, self._box)

    def sealed_key(self, request: api.GetSealedKeyRequest, unit: UnitOfWork) -> api.SealedKey:
        ticket = own_ticket(request.ticket_id, unit)
        waiting = Keys(unit.session).sealed_for(ticket.ticket_id)
        found = [each for each in waiting if request.key_id in ("", each.key_id)]
        if not found:
            raise NotFound("sealed key", request.key_id)
        message = api.SealedKey(
            key_id=found[0].key_id,
            environment=found[0].environment.value,
            sealed_key=found[0].text,
        )
        set_time(message.issued_time, found[0].create_time)
        return message

    def amend(self, request: api.AmendAccessRequestRequest, unit: UnitOfWork) -> api.TicketStatus:
        old = own_ticket(request.ticket_id, unit)
        new = review.amend(old, unit.prepared, now=unit.now, idle=self._rules.idle)
        return self._saved(old, new, unit)

    def withdraw(
        self, request: api.WithdrawAccessRequestRequest, unit: UnitOfWork
    ) -> api.TicketStatus:
        old = own_ticket(request.ticket_id, unit)
        new = review.withdraw(old, reason=request.reason, now=unit.now)
        return self._saved(old, new, unit, reason=request.reason)

    def reply(self, request: api.ReplyToReviewRequest, unit: UnitOfWork) -> api.TicketStatus:
        old = own_ticket(request.ticket_id, unit)
        new = review.reply(old, text=request.text, now=unit.now, idle=self._rules.idle)
        return self._saved(old, new, unit)

    def _saved(
        self, old: Ticket, new: Ticket, unit: UnitOfWork, *, reason: str = ""
    ) -> api.TicketStatus:
        save_ticket(old, new, unit, applicant=new.ticket_id)
        unit.audit(
            new.ticket_id,
            before=ticket_for_audit(old),
            after=ticket_for_audit(new),
            reason=reason,
            applicant=new.ticket_id,
            organization_id=new.organization_id,
        )
        return ticket_status(new, unit, self._box)


class StatusRequest(Protocol):
    """Request of a method that answers with a ticket's status."""

    @property
    def ticket_id(self) -> str: ...


def prove_ticket(request: StatusRequest, reply: api.TicketStatus, unit: UnitOfWork) -> None:
    """Checks the status token of a replayed call, and completes the reply. Raises NotFound."""
    ticket = own_ticket(request.ticket_id, unit)
    form = Tickets(unit.session).form_at(ticket.ticket_id, reply.revision)
    if form is not None:
        reply.form.CopyFrom(form_to_pb(form))
    written = get_time(reply, "update_time")
    reply.thread.extend(
        thread_to_pb([each for each in ticket.thread if written is None or each.time <= written])
    )


def without_answers(status: api.TicketStatus) -> None:
    """Removes form and thread from the record of a reply: the ticket has them.

    Otherwise each short reply under an idempotency key would store all of the ticket again.
    """
    status.ClearField("form")
    status.ClearField("thread")


def without_token(ticket: api.Ticket) -> None:
    """Removes the status token from the reply to a replayed submission."""
    ticket.status_token = ""


def digest_of(token: str) -> bytes:
    """Returns the digest to store. A token has 190 random bits, so a plain hash is safe."""
    return hashlib.sha256(token.encode()).digest()


def own_ticket(ticket_id: str, unit: UnitOfWork) -> Ticket:
    """Returns the ticket if the call's status token is its own; else raises NotFound."""
    return ticket_of(ticket_id, unit.call, unit.session, now=unit.now)


def ticket_of(ticket_id: str, call: Call, session: Session, *, now: datetime) -> Ticket:
    """Returns the ticket if the call's status token is its own; else raises NotFound."""
    sent = tokens.parse(call.header(STATUS_TOKEN))
    stored = Tickets(session).token_digest(ticket_id)
    digest = digest_of(sent.text if sent is not None else "")
    own = stored is not None and sent is not None and hmac.compare_digest(digest, stored)
    ticket = Tickets(session).get(ticket_id) if own else None
    if ticket is None:
        raise NotFound("access request", ticket_id)
    return ticket.at(now)


def _environment_of_callback(form: RequestForm) -> Environment:
    only_sandbox = form.environments == (Environment.SANDBOX,)
    return Environment.SANDBOX if only_sandbox else Environment.PRODUCTION


def ticket_status(ticket: Ticket, unit: UnitOfWork, box: SecretBox) -> api.TicketStatus:
    """Returns the state of a ticket as its applicant reads it."""
    message = status_to_pb(ticket, _handovers(ticket, unit), unit.now)
    ownership = Proofs(unit.session).of(ticket.ticket_id)
    message.proofs.extend(proofs_to_pb(ticket, ownership))
    steps = instructions(ticket, ownership, unit, box) if ticket.is_open else None
    if steps is not None:
        message.ownership_instructions.CopyFrom(steps)
    return message


def _handovers(ticket: Ticket, unit: UnitOfWork) -> dict[Environment, Handover]:
    """Returns what each approved environment has led to."""
    sealed = Keys(unit.session).sealed_for(ticket.ticket_id)
    found: dict[Environment, Handover] = {}
    for each in ticket.reviews:
        grant = Grants(unit.session).current(each.grant_id) if each.grant_id else None
        if grant is not None:
            found[each.environment] = Handover(
                grant=grant,
                keys_issued=Keys(unit.session).issued_from(grant.grant_id),
                sealed=tuple(key.key_id for key in sealed if key.environment is each.environment),
            )
    return found
