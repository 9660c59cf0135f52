"""Entry point of the command `xaigh`, with all its groups."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.metadata import version as version_of
from typing import Annotated

import typer

from xaigh_client.cli import (
    applications,
    ats,
    audit,
    call,
    employers,
    grants,
    jobs,
    key_rollbacks,
    keys,
    login,
    logs,
    organizations,
    problems,
    proposals,
    rehearse,
    requests,
    scopes,
    ticket,
    ticket_proofs,
    usage,
    webhook_events,
)
from xaigh_client.cli.commands import command, group

_EXITS = (problems.__doc__ or "").split("\n\n", 1)[1]

app = group("xaigh", "Work with an XaiGH access gateway: review requests, issue keys, sync jobs.")
key_rollbacks.add_to(keys.app)
ticket_proofs.add_to(ticket.app)
for _group in (
    ticket,
    requests,
    proposals,
    grants,
    keys,
    organizations,
    jobs,
    employers,
    ats,
    applications,
    webhook_events,
    logs,
    audit,
):
    app.add_typer(_group.app)
command(app, "scopes")(scopes.scopes)
command(app, "rehearse")(rehearse.rehearse)
command(app, "usage")(usage.usage)
command(app, "whoami")(usage.whoami)
command(app, "call")(call.call)
command(app, "login")(login.login)
command(app, "logout")(login.logout)
command(app, "use")(login.use)
command(app, "profiles")(login.list_profiles)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"xaigh {version_of('xaigh')}")
        raise typer.Exit


@app.callback(epilog=f"Exit codes:\n\n{_EXITS}")
def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_print_version,
            is_eager=True,
            help="Print the version and stop.",
        ),
    ] = False,
) -> None:
    pass


def run(arguments: Sequence[str]) -> int:
    """Runs one command and returns its exit code."""
    try:
        app(list(arguments), prog_name="xaigh")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    except Exception as error:  # A bug of this program: one line without a traceback.
        print(f"xaigh: {type(error).__name__}: {error} (a fault in this program)", file=sys.stderr)
        return 70
    return 0
