"""The command `xaigh`: its groups, and how it starts."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from xaigh_client.cli import problems, requests
from xaigh_client.cli.commands import group

_EXITS = (problems.__doc__ or "").split("\n\n", 1)[1]

app = group("xaigh", "Work with an XaiGH access gateway: review requests, issue keys, sync jobs.")
app.add_typer(requests.app)


@app.callback(epilog=f"Exit codes:\n\n{_EXITS}")
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    if version:
        from importlib.metadata import version as of

        print(f"xaigh {of('xaigh')}")
        raise typer.Exit


def run(arguments: Sequence[str]) -> int:
    """Runs one command; the exit code."""
    try:
        app(list(arguments), prog_name="xaigh")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    except Exception as error:  # A fault of ours: one line, and no stack of calls.
        print(f"xaigh: {type(error).__name__}: {error} (a fault in this program)", file=sys.stderr)
        return 70
    return 0
