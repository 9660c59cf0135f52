"""Handlers of proofs of ownership. All look-ups and connections are made before the transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from xaigh.access.v1 import access_request_service_pb2 as api
from xaigh_server.access.applicants import (
    own_ticket,
    prove_ticket,
    ticket_of,
    ticket_status,
    without_answers,
)
from xaigh_server.access.callback_secrets import CallbackSecrets
from xaigh_server.access.model import Ticket, TicketState
from xaigh_server.access.ownership import (
    CallbackUnproven,
    Check,
    DomainUnprovable,
    DomainUnproven,
    ProofRateLimited,
    callback_subjects,
    domain_subject,
    first_proof,
    unprovable,
)
from xaigh_server.access.ownership_checks import OwnershipChecks
from xaigh_server.access.ownership_repository import Proofs
from xaigh_server.db.database import Database
from xaigh_server.db.session import Session
from xaigh_server.errors import ConcurrentUpdate, FieldViolation, IllegalTransition, Internal
from xaigh_server.identity.rate_limit.model import Limiter, Tier, peer_bucket
from xaigh_server.identity.webhook_secrets import SecretBox
from xaigh_server.net.resolver import look_ups_of
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.handlers import Handler, Write
from xaigh_server.rpc.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """A ticket whose status token the call carries, and the secret of its callback."""

    ticket: Ticket
    callback_secret: bytes


class OwnershipHandlers:
    """Answers ProveDomain and ProveCallback."""

    def __init__(
        self,
        *,
        control: Database,
        checks: OwnershipChecks,
        limiter: Limiter,
        limit: Tier,
        box: SecretBox,
        clock: Callable[[], datetime],
    ) -> None:
        """`limit` is that of attempts, for a peer address and for a ticket alike."""
        self._control = control
        self._checks = checks
        self._limiter = limiter
        self._limit = limit
        self._box = box
        self._clock = clock

    def handlers(self) -> Mapping[str, Handler]:
        """Returns the handlers by method name."""
        return {
            "ProveDomain": Write(
                run=self.keep,
                prepare=self.check_domain,
                prove=prove_ticket,
                redact=without_answers,
            ),
            "ProveCallback": Write(
                run=self.keep,
                prepare=self.check_callback,
                prove=prove_ticket,
                redact=without_answers,
            ),
        }

    async def check_domain(self, request: api.ProveDomainRequest, call: Call) -> list[Check]:
        """Looks for the token of the ticket. Raises DomainUnprovable and DomainUnproven."""
        applicant = await self._applicant(request.ticket_id, call)
        subject = domain_subject(applicant.ticket.form)
        why = unprovable(subject.name)
        if why:
            raise DomainUnprovable(subject.name, why)
        await self._count(request.ticket_id, call)
        with look_ups_of(call.peer):
            check = await self._checks.domain(subject, applicant.callback_secret)
        if check.method is None:
            raise DomainUnproven(subject.name, check.finding)
        return [check]

    async def check_callback(self, request: api.ProveCallbackRequest, call: Call) -> list[Check]:
        """Challenges the callbacks. Raises CallbackUnproven, naming each that failed."""
        applicant = await self._applicant(request.ticket_id, call)
        form = applicant.ticket.form
        await self._count(request.ticket_id, call)
        checks = []
        with look_ups_of(call.peer):
            for subject in callback_subjects(form, request.environment):
                secret = applicant.callback_secret
                checks.append(await self._checks.callback(subject, request.ticket_id, secret))
        failed = [
            FieldViolation(path=check.subject.field, description=check.finding)
            for check in checks
            if check.method is None
        ]
        if failed:
            raise CallbackUnproven(failed)
        return checks

    def keep(
        self, request: api.ProveDomainRequest | api.ProveCallbackRequest, unit: UnitOfWork
    ) -> api.TicketStatus:
        """Stores what was proven."""
        ticket = own_ticket(request.ticket_id, unit)
        checks: list[Check] = unit.prepared
        named = {domain_subject(ticket.form), *callback_subjects(ticket.form)}
        if not named.issuperset(check.subject for check in checks):
            raise ConcurrentUpdate  # an amendment names something else by now
        proofs = Proofs(unit.session)
        before = proofs.of(ticket.ticket_id)
        for check in checks:
            known = before.proof_of(check.subject.kind, check.subject.name)
            proofs.store(
                known.checked(check, unit.now)
                if known is not None
                else first_proof(ticket.ticket_id, check, unit.now)
            )
        unit.audit(
            ticket.ticket_id,
            after={check.subject.name: str(check.method) for check in checks},
            applicant=ticket.ticket_id,
            organization_id=ticket.organization_id,
        )
        return ticket_status(ticket, unit, self._box)

    async def _applicant(self, ticket_id: str, call: Call) -> Applicant:
        applicant = await self._control.read(lambda session: self._read(ticket_id, call, session))
        ticket = applicant.ticket
        if not ticket.is_open and ticket.state is not TicketState.APPROVED:
            raise IllegalTransition(
                f"Ticket {ticket_id}", state=ticket.state.value, step="prove", allowed=()
            )
        return applicant

    def _read(self, ticket_id: str, call: Call, session: Session) -> Applicant:
        ticket = ticket_of(ticket_id, call, session, now=self._clock())
        sealed = CallbackSecrets(session).get(ticket_id)
        if sealed is None:
            raise Internal(f"Ticket {ticket_id} has no secret.")
        return Applicant(ticket=ticket, callback_secret=self._box.open(sealed, ticket_id))

    async def _count(self, ticket_id: str, call: Call) -> None:
        """Counts an attempt: nobody makes us connect more often, wherever to."""
        for bucket in (peer_bucket(call.peer, "proofs"), f"proofs/{ticket_id}"):
            decision = await self._limiter.hit(bucket, self._limit)
            if decision.refused is not None:
                raise ProofRateLimited(retry_after=decision.retry_after)
