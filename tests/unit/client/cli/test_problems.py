"""What a person reads when a call went wrong."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from xaigh_client import errors
from xaigh_client.cli.problems import show
from xaigh_client.cli.session import Session


@pytest.mark.parametrize(
    ("environ", "address", "cure"),
    [
        ({}, "api.xaigh.com", "XAIGH_ADDR"),
        ({"XAIGH_ADDR": "gateway.example.com:9090"}, "gateway.example.com:9090", "xaigh profiles"),
    ],
)
def test_a_server_out_of_reach_is_named_with_the_cure(
    environ: dict[str, str], address: str, cure: str, tmp_path: Path
) -> None:
    """Whoever never said which server is told how; whoever did, to look at it."""
    said = io.StringIO()
    session = Session(
        err=Console(file=said, width=100, highlight=False),
        environ={**environ, "XDG_CONFIG_HOME": str(tmp_path)},
    )
    show(session, errors.UnavailableError(errors.Failure(message="no route", cause="no route")))
    title, *rest = said.getvalue().splitlines()
    assert title == f"The server at {address} can't be reached."
    assert cure in "\n".join(rest)
