"""Every list at the widths of real terminals: no column that a row has is ever missing."""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path

import pytest
from tests.acceptance.cli.program import Cli, plain, submit_and_prove
from tests.acceptance.cli.test_review import approve
from tests.harness.access import job_form, request_form
from tests.harness.challenged_callback import shared_callback

from xaigh_client.cli import app as program

LISTS = {
    "requests": ("founder", "requests", "list", "--all"),
    "waiting": ("founder", "requests", "list", "--waiting-for-me"),
    "proposals": ("founder", "proposals", "list", "--all"),
    "grants": ("founder", "grants", "list"),
    "keys": ("founder", "keys", "list"),
    "organizations": ("founder", "organizations", "list"),
    "audit": ("founder", "audit", "tail"),
    "scopes": ("founder", "scopes", "--all"),
    "usage": ("founder", "usage", "--by", "day,key,method,organization,environment"),
    "all integrations": ("founder", "ats", "integrations", "list", "-e", "sandbox"),
    "profiles": ("holder", "profiles"),
    "jobs": ("holder", "jobs", "list"),
    "integrations": ("holder", "ats", "integrations", "list"),
    "sync status": ("holder", "ats", "status"),
    "runs": ("holder", "ats", "runs"),
    "events": ("holder", "ats", "events"),
    "employers": ("holder", "employers", "list"),
    "endpoints": ("holder", "webhooks", "list"),
    "deliveries": ("holder", "webhooks", "deliveries"),
    "calls": ("holder", "logs", "tail"),
    "calls of all": ("founder", "logs", "tail", "--organization", "-", "-e", "sandbox"),
    "own audit": ("holder", "audit", "tail"),
}
ELSEWHERE = {"applications", "call", "key_rollbacks", "simulations"}
"""Modules whose tables list no objects: methods, what a rollback holds, refused calls. Applications
need a service that submits them: their unit test looks at the screen.
"""


@pytest.fixture(scope="module")
def holder(founder: Cli, nobody: Cli, tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """The holder of a key of every scope, who has one of everything."""
    folder = tmp_path_factory.mktemp("holder")
    scopes = [
        "jobs:read", "jobs:write", "employer:read", "workforce:read", "ats:read", "ats:sync",
        "ats:confirm", "webhooks:read", "webhooks:write",
    ]  # fmt: skip
    form = request_form(
        companyName="Northern Quayside and Dockyard Staffing Cooperative",
        requestedScopes=scopes,
        failureMode="we phone",
        callbackUrl=shared_callback().url(),
    )
    ticket = submit_and_prove(nobody, form)
    founder.ok("requests", "start", ticket)
    approved = approve(founder, ticket, "--employer", "employer_123", "--organization", "new")
    approve(
        founder, ticket, "-e", "production", "--employer", "employer_123",
        "--rollback-plan", "revoke", "--evidence-waiver", "known", "--domain-waiver", "known",
    )  # fmt: skip
    file = folder / "key"
    founder.ok("keys", "issue", approved["grant"]["grantId"], "--name", "all", "--out", str(file))
    holder = Cli(address=founder.address, home=folder, key=file.read_text().strip())
    holder.ok("call", "PostJob", json.dumps(job_form()))
    made = holder.json(
        "ats", "integrations", "create", "-p", "greenhouse", "--employer", "employer_123"
    )
    activate = ("ats", "integrations", "activate", made["integrationId"], "-e", "sandbox")
    if made["state"] == "PENDING":
        founder.ok(*activate)
    board = {"jobs": [{"id": 7, "title": "Welder", "location": {"name": "Hull"}}]}
    (folder / "board.json").write_text(json.dumps(board))
    holder.run("ats", "sync", str(folder / "board.json"), "-p", "greenhouse", "--close-missing")
    endpoint = holder.json("webhooks", "create", "https://hooks.example.com/x")
    holder.ok("webhooks", "test", endpoint["endpointId"])
    holder.run("call", "PostJob", json.dumps(job_form(title="")))
    nobody.ok("call", "SubmitAccessRequest", json.dumps(request_form(companyName="New Ltd")))
    address = ("--address", founder.address)
    holder.run("login", "northern", *address, stdin=holder.key)
    return holder


@pytest.mark.parametrize("width", [80, 100, 120])
@pytest.mark.parametrize("name", LISTS)
def test_a_list_shows_every_column_at_every_width(
    founder: Cli, holder: Cli, name: str, width: int
) -> None:
    """What stands in a pipe stands on the screen, too: beside or below, and never cut."""
    who, *command = LISTS[name]
    cli = founder if who == "founder" else holder
    exact = ("--exact",)
    titles, *rows = [line.split("\t") for line in cli.ok(*command, *exact).out.splitlines()]
    assert rows, f"{name} has no row: the test proves nothing"
    screen = plain(cli.screen(*command, *exact, width=width).out)
    assert max(map(len, screen.splitlines())) <= width
    for at, title in enumerate(titles):
        if any(row[at] for row in rows):
            assert title.lower() in " ".join(screen.lower().split())
    for row in rows[:5]:
        for word in " ".join(row).split():
            assert word in screen or _folded(word, screen), (word, screen)


@pytest.mark.parametrize("name", LISTS)
def test_enums_are_words(founder: Cli, holder: Cli, name: str) -> None:
    """`needs info`, never `NEEDS_INFO`."""
    who, *command = LISTS[name]
    cli = founder if who == "founder" else holder
    body = "\n".join(cli.ok(*command).out.splitlines()[1:])
    assert re.findall(r"\b[A-Z]{2,}(?:_[A-Z]+)+\b", body) == []


@pytest.mark.parametrize("width", [80, 100])
def test_a_simulation_shows_its_examples_at_every_width(
    founder: Cli, holder: Cli, width: int
) -> None:
    """Request ids are there to be copied; the first column says which call."""
    grant = holder.json("whoami")["key"]["grantId"]
    command = ("grants", "simulate", grant, "--scope", "jobs:read", "--employer", "employer_123")
    found = founder.json(*command)["refused"]
    screen = " ".join(plain(founder.screen(*command, width=width).out).split())
    assert max(map(len, plain(founder.screen(*command, width=width).out).splitlines())) <= width
    for each in found:
        assert each["route"].split()[1] in screen
        for request_id in each["requestIds"]:
            assert request_id in screen


def test_every_command_that_prints_a_table_is_here() -> None:
    """A new list joins `LISTS`, or is tested elsewhere and named in `ELSEWHERE`."""
    folder = Path(inspect.getfile(program)).parent
    printing = {file.stem for file in folder.glob("*.py") if "output.table(" in file.read_text()}
    covered = {
        "requests", "proposals", "grants", "keys", "organizations", "audit", "usage",
        "ats_integrations", "login", "jobs", "ats", "ats_report", "webhooks",
        "webhook_events", "logs", "employers", "scopes",
    }  # fmt: skip
    assert printing - covered - ELSEWHERE == set()


def _folded(word: str, screen: str) -> bool:
    """True where a word is broken over the lines of its column."""
    return any(
        word[:at] in screen and (word[at:] in screen or _folded(word[at:], screen))
        for at in range(len(word) - 1, 3, -1)
    )
