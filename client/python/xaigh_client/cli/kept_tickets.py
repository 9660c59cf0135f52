"""Tickets that this machine's applicant submitted, with their status tokens, in one private file.

The file is `tickets.json` in the state folder. A status token is never an argument and is printed
once, by `xaigh ticket submit --json`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from xaigh_client.cli import private_files, prompts
from xaigh_client.cli.problems import UsageProblem
from xaigh_client.cli.session import Session
from xaigh_client.errors import ConfigurationError

TOKEN = "XAIGH_STATUS_TOKEN"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptTicket:
    """One ticket: where it was submitted, and what opens it."""

    ticket_id: str
    status_token: str = field(repr=False)
    address: str = ""
    """The server's address as it was given; empty for the default one."""
    identity: str = ""
    """The file of the age identity that keys are sealed to."""


def file(session: Session) -> Path:
    """Returns the path of the file."""
    return session.state_folder / "tickets.json"


def keep(session: Session, ticket: KeptTicket) -> None:
    """Adds a ticket; it becomes the one that is meant when none is named."""
    kept = {name: asdict(one) for name, one in _load(session).items() if name != ticket.ticket_id}
    private_files.save(file(session), {**kept, ticket.ticket_id: asdict(ticket)})


def keep_identity(session: Session, ticket: KeptTicket, identity: str) -> None:
    """Remembers the age identity of a ticket that is kept; a foreign ticket stays unknown."""
    if ticket.ticket_id in _load(session):
        keep(session, replace(ticket, identity=identity))


def find(session: Session, ticket_id: str) -> KeptTicket:
    """Returns a ticket, the newest one if none is named, and points the session at its server.

    XAIGH_STATUS_TOKEN goes before the kept token; a token that is nowhere is asked for. Raises
    UsageProblem where no ticket is kept and none is named.
    """
    kept = _load(session)
    if not ticket_id and not kept:
        raise UsageProblem("no ticket is kept here: name one, or submit a request first")
    found = kept.get(ticket_id or list(kept)[-1]) or KeptTicket(
        ticket_id=ticket_id, status_token=""
    )
    token = session.environ.get(TOKEN) or found.status_token
    if not token:
        token = prompts.secret(session, "Status token")
    session.address = session.address or found.address
    return replace(found, status_token=token)


def _load(session: Session) -> Mapping[str, KeptTicket]:
    kept = private_files.load(file(session)) or {}
    try:
        return {name: KeptTicket(**one) for name, one in kept.items()}
    except TypeError:
        raise ConfigurationError(f"{file(session)} is damaged; mend or delete it") from None
