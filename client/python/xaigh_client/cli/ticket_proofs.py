"""`xaigh ticket prove-domain` and `prove-callback`: prove that a request names what is yours."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from xaigh_client.cli import dossier, kept_tickets, output
from xaigh_client.cli.commands import command
from xaigh_client.cli.session import Session
from xaigh_client.cli.text import plain
from xaigh_client.cli.ticket import TicketId
from xaigh_client.types import TicketStatus


def prove_domain(session: Session, ticket: TicketId = "") -> None:
    """Prove the domain of your mail address, by a TXT record or a file.

    `xaigh ticket proofs` says what to publish.

    Example: xaigh ticket prove-domain
    """
    kept = kept_tickets.find(session, ticket)
    found = session.client.access_requests.prove_domain(
        ticket_id=kept.ticket_id, status_token=kept.status_token
    )
    show(session, found)


def prove_callback(
    session: Session,
    ticket: TicketId = "",
    environment: Annotated[
        str, typer.Option("--environment", "-e", help="Only the callback of this one.")
    ] = "",
) -> None:
    """Prove your callback: it is sent a signed challenge, and answers with its value.

    Example: xaigh ticket prove-callback --environment sandbox
    """
    kept = kept_tickets.find(session, ticket)
    found = session.client.access_requests.prove_callback(
        ticket_id=kept.ticket_id, environment=environment or None, status_token=kept.status_token
    )
    show(session, found)


def proofs(session: Session, ticket: TicketId = "") -> None:
    """Show what of your request is proven, and how to prove the rest."""
    kept = kept_tickets.find(session, ticket)
    found = session.client.access_requests.get_ticket_status(
        ticket_id=kept.ticket_id, status_token=kept.status_token
    )
    show(session, found)


def add_to(app: typer.Typer) -> None:
    """Adds the commands to the group of tickets."""
    command(app, "proofs")(proofs)
    command(app, "prove-domain")(prove_domain)
    command(app, "prove-callback")(prove_callback)


def show(session: Session, found: TicketStatus) -> None:
    """Prints proofs and what is left to do."""
    if session.as_json:
        output.emit_json(session, found)
        return
    output.facts(session, "Ownership", dossier.proofs(session, found.proofs))
    for step in found.ownership_instructions.steps:
        session.out.print(Text(plain(step)), soft_wrap=True)
