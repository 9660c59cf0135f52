"""Writing of a changed ticket together with what the change does to its open proposals."""

from __future__ import annotations

from xaigh_server.access.model import Ticket
from xaigh_server.access.proposal import Proposal, ProposalState
from xaigh_server.access.proposal_repository import Proposals
from xaigh_server.access.repository import Tickets
from xaigh_server.rpc.unit_of_work import UnitOfWork


def save_ticket(
    old: Ticket, new: Ticket, unit: UnitOfWork, *, applicant: str = "", settled: str = ""
) -> None:
    """Writes a ticket. Open proposals that `new` has no more become OUTDATED.

    `applicant` is the ticket whose status token proved who calls. `settled` is the proposal that
    the caller closes by itself.
    """
    Tickets(unit.session).save(old, new)
    kept = {each.proposal_id for each in new.open_proposals} | {settled}
    for proposal in old.open_proposals:
        if proposal.proposal_id not in kept:
            close_proposal(
                proposal.closed(ProposalState.OUTDATED, now=unit.now, reason=what_changed(new)),
                unit,
                applicant=applicant,
            )


def close_proposal(
    closed: Proposal, unit: UnitOfWork, *, organization_id: str = "", applicant: str = ""
) -> None:
    """Writes the last state of a proposal, with its audit event."""
    Proposals(unit.session).close(closed)
    granted = (closed.grant_id,) if closed.grant_id else ()
    unit.audit(
        closed.proposal_id,
        closed.ticket_id,
        *granted,
        action=f"proposal.{closed.state.value.lower()}",
        before={"state": ProposalState.OPEN.value},
        after=closing_for_audit(closed),
        reason=closed.close_reason,
        applicant=applicant,
        organization_id=organization_id or closed.organization_id,
        environment=closed.environment.value,
    )


def expire_proposals(ticket_id: str, unit: UnitOfWork) -> None:
    """Closes the proposals of a ticket that are past their end."""
    for proposal in Proposals(unit.session).open_of([ticket_id]):
        ended = proposal.at(unit.now)
        if ended.state is ProposalState.EXPIRED:
            close_proposal(ended, unit)


def closing_for_audit(closed: Proposal) -> dict[str, str]:
    """Returns how a proposal ended, as the audit log records it."""
    return {
        "state": closed.state.value,
        "proposedBy": closed.proposed_by,
        "grantId": closed.grant_id,
    }


def what_changed(new: Ticket) -> str:
    """Returns the reason with which a changed ticket outdates its proposals."""
    return f"The ticket changed and is {new.state.value} at revision {new.revision}."
