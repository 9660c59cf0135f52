"""Options by which operators choose whose data a command shows, and the steps that they take."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated

import typer
from google.protobuf.message import Message

from xaigh_client.cli import names, prompts
from xaigh_client.cli.output import Cell, Column
from xaigh_client.cli.problems import UsageProblem
from xaigh_client.cli.session import Session

Organization = Annotated[
    str, typer.Option("--organization", help="Operators: whose, by id or name; - for all.")
]
Environment = Annotated[
    str, typer.Option("--environment", "-e", help="Operators: sandbox or production.")
]
Reason = Annotated[str, typer.Option("--reason", help="Why.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whose data an operator reads: an organization's id or `-`, and the environment."""

    organization_id: str
    environment: str


def scope_of(session: Session, organization: str, environment: str) -> Scope | None:
    """Returns what an operator named; None for the holder of a key, who sees its own.

    Raises UsageProblem where an operator leaves one out, or a key's holder names one.
    """
    if not session.is_operator:
        if organization or environment:
            raise UsageProblem(
                "--organization and --environment are for operators: your key says both"
            )
        return None
    if not organization:
        raise UsageProblem("operators say --organization, by id or name, or - for all")
    if environment not in ("sandbox", "production"):
        raise UsageProblem("operators say --environment: sandbox or production")
    return Scope(
        organization_id=names.organization_id(session, organization), environment=environment
    )


def one_of(session: Session, organization: str, environment: str) -> Scope:
    """Like `scope_of`, for a step on something of one organization. Raises UsageProblem."""
    found = scope_of(session, organization, environment)
    if found is None:
        raise UsageProblem("this is a step of operators: it needs an operator's credential")
    if found.organization_id == "-":
        raise UsageProblem("name the organization: a step is on something of one")
    return found


def whose(
    session: Session,
    theirs: Scope | None,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Cell]],
    found: Iterable[Message],
) -> tuple[Sequence[Column], Iterable[Sequence[Cell]]]:
    """Returns columns and rows of a list; of all organizations each row names its own.

    `found` are the messages of the rows.
    """
    if theirs is None or theirs.organization_id != "-":
        return columns, rows
    named = [[*row, names.of(session, one)] for row, one in zip(rows, found, strict=True)]
    return (*columns, Column(title="Organization", keep=1, wraps=True)), named


def reason_of(session: Session, given: str, why: str) -> str:
    """Returns the reason for a step, asked for where it is left out. Raises UsageProblem."""
    reason = given or prompts.ask(session, "Reason")
    if not reason:
        raise UsageProblem(f"it needs --reason: {why}")
    return reason
