"""Simulations of narrower grants on the terminal."""

from __future__ import annotations

from rich.text import Text

from xaigh.access.v1.grant_simulation_pb2 import GrantSimulation
from xaigh_client.cli import output
from xaigh_client.cli.output import Cell, Column
from xaigh_client.cli.session import Session
from xaigh_client.cli.text import count, plain, words

_COLUMNS = (
    Column(title="Call"),
    Column(title="Calls", right=True),
    Column(title="Why", keep=1, wraps=True),
    Column(title="Last", keep=2),
    Column(title="Examples", keep=3, wraps=True),
)
_WARNING = "yellow"


def show(session: Session, found: GrantSimulation) -> None:
    """Prints what would have been refused, what is never used, and what the log can't tell."""
    output.facts(session, f"{found.grant_id} · {plain(found.environment)}", facts(session, found))
    if found.refused:
        rows = [_row(session, each) for each in found.refused]
        output.table(session, _COLUMNS, rows, empty="")
    output.facts(session, "What the log can't tell", [("", text) for text in found.unknowns])


def facts(session: Session, found: GrantSimulation) -> list[tuple[str, Cell]]:
    """Formats the result in short, as a dossier has it."""
    return [
        ("would keep scopes", ", ".join(found.scopes)),
        ("would keep key types", ", ".join(found.key_types)),
        ("would keep employers", ", ".join(found.employer_user_ids)),
        ("looked at", _looked_at(session, found)),
        ("would have been refused", _refused(found)),
        ("would have come empty", count(found.emptied_calls, "call")),
        ("scopes never used", ", ".join(found.unused_scopes) or "none"),
        ("employers never named", ", ".join(found.unused_employer_user_ids) or "none"),
        ("simulated", f"{output.when(session, found, 'simulate_time')} by {found.simulated_by}"),
    ]


def _looked_at(session: Session, found: GrantSimulation) -> str:
    text = count(found.calls, "answered call")
    since = output.when_both(session, found, "start_time")
    return f"{text} since {since}" if since else text


def _refused(found: GrantSimulation) -> Text:
    text = f"{found.refused_calls:,} of {count(found.calls, 'call')}"
    return Text(text, style=_WARNING if found.refused_calls else "green")


def _row(session: Session, each: GrantSimulation.RefusedCalls) -> list[Cell]:
    missing = ", ".join(each.missing)
    return [
        each.route or "other services' checks",
        f"{each.calls:,}",
        f"{words(each.reason)}: {missing}" if missing else words(each.reason),
        output.when(session, each, "last_time"),
        ", ".join(each.request_ids),
    ]
