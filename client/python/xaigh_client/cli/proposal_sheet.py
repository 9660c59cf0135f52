"""A proposal on the terminal: who proposed it, for whom, until when, and all of its terms."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from xaigh_client.cli import names, output, terms
from xaigh_client.cli.output import Cell
from xaigh_client.cli.session import Session
from xaigh_client.cli.text import plain
from xaigh_client.types import Proposal


def show(session: Session, proposal: Proposal, *, to: Console | None = None) -> None:
    """Prints a proposal and every one of its terms; one that a dry run shows has no id yet."""
    title = f"Proposal {proposal.proposal_id}".strip()
    output.facts(session, title, _facts(session, proposal), to=to)
    terms.show(session, "Its terms", proposal.terms, to=to)


def organization(session: Session, proposal: Proposal) -> Cell:
    """The organization of the grant: an existing one, or the name of the one to be made."""
    if not proposal.organization_id:
        return Text(f"new: {plain(proposal.new_organization_name)}", style="yellow")
    return names.of(session, proposal)


def _facts(session: Session, proposal: Proposal) -> list[tuple[str, Cell]]:
    return [
        ("proposal", proposal.proposal_id),
        ("state", output.state(output.enum_name(proposal, "state"))),
        ("ticket", f"{proposal.ticket_id}, revision {proposal.request_revision}"),
        ("environment", proposal.environment),
        ("organization", organization(session, proposal)),
        ("proposed by", proposal.proposed_by),
        ("proposed", output.when_both(session, proposal, "create_time")),
        ("ends", output.when_both(session, proposal, "expire_time")),
        ("closed", output.when_both(session, proposal, "close_time")),
        ("closed by", proposal.closed_by),
        ("because", proposal.close_reason),
        ("grant", proposal.grant_id),
    ]
