"""Periodic task that checks proofs of ownership again: every week, and lapsed ones every day.

A lapse takes no access back by itself: it is a finding in the dossier, an audit event, and an event
for notices. A proof that holds again is restored in the same way.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from xaigh_server.access.callback_secrets import CallbackSecrets
from xaigh_server.access.model import Ticket
from xaigh_server.access.ownership import CHECKED_EVERY, Check, Proof, Subject, subjects_of
from xaigh_server.access.ownership_checks import OwnershipChecks
from xaigh_server.access.ownership_repository import Proofs
from xaigh_server.access.repository import Tickets
from xaigh_server.audit.model import AuditEvent
from xaigh_server.audit.repository import AuditLog
from xaigh_server.db.database import Database
from xaigh_server.db.outbox import Outbox, OutgoingEvent
from xaigh_server.db.partition import CONTROL, Partition
from xaigh_server.db.session import Session
from xaigh_server.identity.webhook_secrets import SecretBox
from xaigh_server.net.resolver import look_ups_of

BATCH = 50
LAPSED, RESTORED = "ticket.proof_lapsed", "ticket.proof_restored"


class OwnershipRechecks:
    """Checks due proofs, one after another, outside of any transaction."""

    def __init__(
        self,
        control: Database,
        checks: OwnershipChecks,
        box: SecretBox,
        *,
        clock: Callable[[], datetime],
        new_id: Callable[[str], str],
    ) -> None:
        self._control = control
        self._checks = checks
        self._box = box
        self._clock = clock
        self._new_id = new_id

    async def run(self) -> int:
        """Checks every due proof. Returns their number."""
        checked = 0
        while due := await self._control.read(
            lambda session: Proofs(session).due(self._clock(), limit=BATCH)
        ):
            for proof in due:
                await self._recheck(proof)
            checked += len(due)
        return checked

    async def _recheck(self, proof: Proof) -> None:
        ticket, sealed = await self._control.read(
            lambda session: (
                Tickets(session).get(proof.ticket_id),
                CallbackSecrets(session).get(proof.ticket_id),
            )
        )
        check = None
        subject = _subject(ticket, proof)
        if subject is not None and sealed is not None:
            secret = self._box.open(sealed, proof.ticket_id)
            with look_ups_of("proofs"):
                check = await self._checks.check(subject, proof.ticket_id, secret)
        await self._control.write(
            lambda session: self._store(session, proof, check), partition=Partition(CONTROL)
        )

    def _store(self, session: Session, before: Proof, check: Check | None) -> None:
        now = self._clock()
        current = Proofs(session).of(before.ticket_id).proof_of(before.kind, before.subject)
        if current != before:
            return  # proven anew, or checked by another process, meanwhile
        if check is None:  # of a former subject: it proves nothing that is asked for
            Proofs(session).store(replace(before, next_check_time=now + CHECKED_EVERY))
            return
        after = before.checked(check, now)
        Proofs(session).store(after)
        if after.holds != before.holds:
            self._tell(session, after, now)

    def _tell(self, session: Session, proof: Proof, now: datetime) -> None:
        ticket = Tickets(session).get(proof.ticket_id)
        organization_id = ticket.organization_id if ticket is not None else ""
        action = RESTORED if proof.holds else LAPSED
        facts = {
            "ticketId": proof.ticket_id,
            "kind": proof.kind.value,
            "subject": proof.subject,
            "finding": proof.finding,
        }
        AuditLog(session, CONTROL).append(
            AuditEvent(
                time=now,
                actor_type="system",
                action=action,
                targets=(proof.ticket_id,),
                after={"kind": proof.kind.value, "subject": proof.subject},
                reason=proof.finding,
                organization_id=organization_id,
            )
        )
        event = OutgoingEvent(
            event_id=self._new_id("evt"),
            event_type=action,
            organization_id=organization_id,
            environment="",
            payload=json.dumps(facts, separators=(",", ":")),
            created_time=now,
        )
        Outbox(session).append([event])


def _subject(ticket: Ticket | None, proof: Proof) -> Subject | None:
    """What the proof is about, where the ticket's form still names it."""
    named = subjects_of(ticket.form) if ticket is not None else []
    wanted = (proof.kind, proof.subject)
    return next((each for each in named if (each.kind, each.name) == wanted), None)
