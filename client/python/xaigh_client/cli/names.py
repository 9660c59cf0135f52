"""Names of organizations: a person reads a name beside every organization's id."""

from __future__ import annotations

from google.protobuf.message import Message

from xaigh_client.cli.problems import UsageProblem
from xaigh_client.cli.session import Session
from xaigh_client.cli.text import plain
from xaigh_client.errors import ApiError


def organization(session: Session, organization_id: str, known: str = "") -> str:
    """Formats an organization as `Northline · org_1`, by the name that is known or looked up.

    The id alone where the caller may not read organizations. Each is looked up once a command.
    """
    if not organization_id:
        return plain(known)
    found = plain(known) or name(session, organization_id)
    return f"{found} · {organization_id}" if found else organization_id


def name(session: Session, organization_id: str) -> str:
    """Returns the name alone, for a row that has the id; empty where it isn't known."""
    return plain(_lookup(session, organization_id)) if organization_id else ""


def of(session: Session, message: Message) -> str:
    """Formats the organization of a message with the field `organization_id`.

    Takes its `organization_name` where the message has one.
    """
    known: str = getattr(message, "organization_name", "")
    return organization(session, message.organization_id, known)  # type: ignore[attr-defined]


def organization_id(session: Session, text: str) -> str:
    """Resolves what a person wrote, an id or a whole name, to an id; empty for empty.

    Raises UsageProblem where no organization, or more than one, has that name.
    """
    if not text or text == "-" or text.startswith("org_"):
        return text
    wanted = text.casefold()
    found = [
        one.organization_id
        for one in session.client.organizations.list_organizations(page_size=200)
        if one.display_name.casefold() == wanted
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageProblem(f"several organizations are named {text!r}: {', '.join(found)}")
    raise UsageProblem(f"no organization is named {text!r}: xaigh organizations list")


def _lookup(session: Session, organization_id: str) -> str:
    if organization_id not in session.organization_names:
        session.organization_names[organization_id] = _read(session, organization_id)
    return session.organization_names[organization_id]


def _read(session: Session, organization_id: str) -> str:
    if not session.is_operator:
        return ""
    try:
        found = session.client.organizations.get_organization(organization_id=organization_id)
    except ApiError:
        # A role that may not read organizations still sees the id.
        return ""
    return found.display_name
