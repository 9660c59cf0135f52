"""Applicants at the command line: from the request to the opened key, without a credential."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from tests.acceptance.cli.program import Cli, plain
from tests.acceptance.cli.test_review import approve
from tests.harness.access import request_form
from tests.harness.server import Running


@pytest.fixture
def applicant(running: Running, tmp_path: Path) -> Cli:
    """Somebody without a credential, with a home of one's own."""
    return Cli(address=running.grpc, home=tmp_path / "home")


def _state(applicant: Cli) -> Path:
    return applicant.home / ".local" / "state" / "xaigh"


def _submit(applicant: Cli, tmp_path: Path, *more: str, **changed: object) -> str:
    file = tmp_path / "request.json"
    file.write_text(json.dumps(request_form(**changed)))
    return str(applicant.json("ticket", "submit", "--file", str(file), *more)["ticketId"])


def test_a_request_is_submitted_by_questions(applicant: Cli) -> None:
    """Every field is asked for with what is expected; the request is shown before it is sent."""
    typed = [
        "Dockside Crews", "Maya Patel", "maya@dockside-crews.example", "Post night shifts.",
        "jobs:read jobs:write", "many", "2,500", "https://hooks.dockside-crews.example/x",
        "", "", "sandbox", "", "employer_7", "", "y", "",
    ]  # fmt: skip
    done = applicant.screen("ticket", "submit", typed="\n".join(typed) + "\n")
    shown = plain(done.out)
    assert done.code == 0, shown
    assert "Give a whole number" in shown
    assert "Post, change and close jobs" in shown
    assert "Your request" in shown
    assert "Submitted as tkt_" in shown
    kept = json.loads((_state(applicant) / "tickets.json").read_text())
    (ticket,) = kept.values()
    assert ticket["status_token"] not in shown
    assert (_state(applicant) / "age-identity.txt").stat().st_mode & 0o777 == 0o600
    assert not (_state(applicant) / "drafts" / "ticket-submit.json").exists()
    form = applicant.json("ticket", "status")["form"]
    assert form["monthlyVolumeEstimate"] == 2500
    assert form["requestedScopes"] == ["jobs:read", "jobs:write"]
    assert form["sealTo"].startswith("age1")


def test_a_step_back_and_a_draft_lose_no_answer(applicant: Cli) -> None:
    """`<` asks the question before again; what was answered is offered the next time."""
    broken = "Docksde\n<\nDockside\nMaya\nmaya@dockside.example\nShifts\njobs:read\n10\n"
    address = "http://10.0.0.1/x"
    done = applicant.screen("ticket", "submit", typed=f"{broken}{address}\n\n\n\n\n\n\ny\n\n")
    assert done.code == 6, plain(done.out)
    assert "--callback" in plain(done.out)
    draft = _state(applicant) / "drafts" / "ticket-submit.json"
    assert stat.S_IMODE(draft.stat().st_mode) == 0o600
    again = applicant.screen(
        "ticket", "submit", typed="y\ncallback\nhttps://hooks.dockside.example/x\ny\n\n"
    )
    shown = plain(again.out)
    assert again.code == 0, shown
    assert "13 answers are kept" in shown
    assert applicant.json("ticket", "status")["form"]["companyName"] == "Dockside"


def test_a_ticket_is_followed_without_arguments(
    applicant: Cli, founder: Cli, tmp_path: Path
) -> None:
    """Question, answer, change and withdrawal; the token stands on no command line or screen."""
    ticket = _submit(applicant, tmp_path, companyName="Followed Ltd")
    founder.ok("requests", "start", ticket)
    founder.ok("requests", "ask", ticket, "Which sites?")
    token = json.loads((_state(applicant) / "tickets.json").read_text())[ticket]["status_token"]
    seen = plain(applicant.screen("ticket", "status").out)
    assert "needs info" in seen
    assert "Which sites?" in seen
    assert "Next: " in seen
    assert token not in seen
    assert applicant.json("ticket", "reply", "Leeds and Hull.")["state"] == "IN_REVIEW"
    amended = applicant.run("ticket", "amend", "--failure-mode", "We phone.", "--yes")
    assert "none → We phone." in amended.err
    status = applicant.json("ticket", "status")
    assert (status["revision"], status["form"]["failureMode"]) == (2, "We phone.")
    assert status["form"]["useCase"] == request_form()["useCase"]
    assert applicant.run("ticket", "withdraw").code == 2
    assert applicant.json("ticket", "withdraw", "--yes")["state"] == "WITHDRAWN"


def test_a_sealed_key_is_opened_by_two_words(applicant: Cli, founder: Cli, tmp_path: Path) -> None:
    """The age identity is made while submitting, and is remembered."""
    identity = tmp_path / "me.agekey"
    ticket = _submit(
        applicant, tmp_path, "--seal-with", str(identity), companyName="Sealed by two words"
    )
    assert stat.S_IMODE(identity.stat().st_mode) == 0o600
    founder.ok("requests", "start", ticket)
    approved = approve(founder, ticket, "--employer", "employer_3")
    founder.ok("keys", "issue", approved["grant"]["grantId"], "--name", "sealed")
    assert "A sealed key waits: xaigh ticket open" in applicant.run("ticket", "status").err
    opened = tmp_path / "opened.key"
    applicant.ok("ticket", "open", "--out", str(opened))
    holder = Cli(address=applicant.address, home=applicant.home, key=opened.read_text().strip())
    assert "Sealed by two words" in holder.screen("whoami").out


def test_without_a_ticket_it_says_what_to_do(applicant: Cli) -> None:
    """One line, and nothing is sent."""
    done = applicant.run("ticket", "status")
    assert (done.code, "submit a request first" in done.err) == (2, True)


def test_another_machines_ticket_opens_by_its_token(applicant: Cli, tmp_path: Path) -> None:
    """The token comes from the environment or a pipe; a wrong one opens nothing."""
    ticket = _submit(applicant, tmp_path)
    token = json.loads((_state(applicant) / "tickets.json").read_text())[ticket]["status_token"]
    other = Cli(address=applicant.address, home=tmp_path / "other")
    assert other.run("ticket", "status", ticket, environ={"XAIGH_STATUS_TOKEN": token}).code == 0
    assert other.run("ticket", "status", ticket, stdin=f"{token}\n").code == 0
    assert other.run("ticket", "status", ticket, stdin="nonsense\n").code == 5
