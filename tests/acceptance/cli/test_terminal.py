"""What a person sees: screens of several widths, questions, and nothing that shouldn't be there."""

from __future__ import annotations

import json
import re
import socket
import ssl
import threading
from pathlib import Path

import pytest
from tests.acceptance.cli.program import Cli, plain
from tests.harness.access import Access, request_form
from tests.harness.certificates import issued_by_ca


@pytest.mark.parametrize("width", [60, 80, 140])
def test_a_table_fits_the_terminal(founder: Cli, granted: Access, width: int) -> None:
    """Columns give way before ids do: an id that is cut can't be copied."""
    shown = plain(founder.screen("keys", "list", width=width).out)
    lines = shown.rstrip().splitlines()
    assert max(map(len, lines)) <= width
    assert lines[0].startswith("KEY ")
    assert any(line.startswith(granted.key_id) for line in lines)
    assert ("SCOPES" in lines[0]) == (width == 140)


def test_colours_are_for_terminals_alone(founder: Cli, granted: Access) -> None:
    """A pipe gets plain text, tab-separated, with nothing cut."""
    show = ("keys", "show", granted.key_id)
    assert "\x1b[" in founder.screen(*show).out
    piped = founder.ok(*show).out
    assert "\x1b" not in piped
    assert "state\tactive" in piped


def test_times_are_said_and_exact_ones_are_at_hand(founder: Cli, granted: Access) -> None:
    """`3 min ago` for people; `--exact` for those who compare."""
    said = plain(founder.screen("keys", "list", width=140).out)
    exact = plain(founder.screen("keys", "list", "--exact", width=140).out)
    assert "just now" in said or "ago" in said
    assert "UTC" in exact
    assert "UTC" not in said


def test_a_new_key_is_shown_once_with_a_warning(founder: Cli, granted: Access) -> None:
    """On the screen it stands alone, whole, and with the advice where to put it."""
    shown = plain(founder.screen("keys", "issue", granted.grant_id, "--name", "seen", width=60).out)
    lines = shown.splitlines()
    (key,) = [line.strip() for line in lines if line.startswith("test_sk_")]
    assert len(key) == 56
    assert "only time" in shown
    assert key not in plain(founder.screen("keys", "list").out)


@pytest.mark.parametrize(("answer", "code"), [("n\n", 10), ("\n", 10), ("y\n", 0)])
def test_a_dangerous_step_shows_what_happens_and_asks(
    founder: Cli, granted: Access, answer: str, code: int
) -> None:
    """Anything but yes leaves everything as it was."""
    key = founder.ok("keys", "issue", granted.grant_id, "--name", "asked").out.strip()
    done = founder.screen("keys", "revoke", key[8:18], "--reason", "test", typed=answer)
    shown = plain(done.out)
    assert done.code == code
    assert "can't be undone" in shown
    assert "asked (test_sk_" in shown
    state = founder.json("keys", "show", key[8:18])["state"]
    assert state == ("REVOKED" if code == 0 else "ACTIVE")


def test_an_approval_is_led_through_step_by_step(founder: Cli, nobody: Cli) -> None:
    """Terms, then findings with what is expected; all terms; a change; then it is sent."""
    form = json.dumps(request_form(companyName="Guided Ltd", contactEmail="g@guided.example"))
    ticket = nobody.ok("call", "SubmitAccessRequest", form).json["ticketId"]
    founder.ok("requests", "start", ticket)
    approve = ("requests", "approve", ticket)
    assert "requests dossier" in plain(founder.screen(*approve).out)
    founder.screen("requests", "dossier", ticket)
    terms = ["", "employer_1", "", "", "growht", "growth", "<", "", "3", "", "30d", ""]
    broken = founder.screen(*approve, typed="\n".join([*terms, "fine", "\x04"]) + "\n")
    assert broken.code == 130, plain(broken.out)
    typed = ["y", "as seen", *(["fine", "as seen"] * 4), "allowance", "4", "y"]
    done = founder.screen(*approve, typed="\n".join(typed) + "\n")
    shown = plain(done.out)
    assert done.code == 0, shown
    assert "growht isn't a tier; there are: starter, standard, growth" in plain(broken.out)
    assert "nothing proves it" in plain(broken.out)
    assert "10 answers are kept" in shown
    assert "Route risk: what did you find?" in shown
    assert "4 keys at most, ever" in shown
    assert "You opened sandbox to Guided Ltd." in shown
    (grant,) = founder.json("grants", "list", "--ticket", ticket)
    assert (grant["terms"]["tier"], grant["terms"]["keyAllowance"]) == ("growth", 4)


def test_a_strangers_text_moves_no_cursor(founder: Cli, nobody: Cli) -> None:
    """What an applicant wrote can't clear the screen or turn the line around."""
    evil = "Good\x1b[2J\x1b]0;owned\x07 Company\u202egpj.exe"
    form = json.dumps(request_form(companyName=evil, contactEmail="e@evil.example"))
    submitted = nobody.run("call", "SubmitAccessRequest", form)
    if submitted.code != 0:
        assert submitted.code == 6, "refused by the server, which is as good"
        return
    ticket = submitted.json["ticketId"]
    for done in (founder.screen("requests", "show", ticket), founder.ok("requests", "list")):
        assert "\x1b[2J" not in done.out
        assert "\x1b]0" not in done.out
        assert "\u202e" not in done.out
        assert "Good<1B>" in done.out


def test_an_error_is_one_readable_block(founder: Cli) -> None:
    """What, why, the cure, and the request id."""
    done = founder.screen("grants", "show", "grt_none")
    shown = plain(done.out)
    assert done.code == 5
    for part in ("No such grant.", "Why: ", "Cure: Check the id.", "NOT_FOUND · req_"):
        assert part in shown
    assert "Traceback" not in shown


def test_profiles_are_made_used_and_forgotten(
    founder: Cli, integrator: Cli, nobody: Cli, tmp_path: Path
) -> None:
    """`login` tries the key, keeps it for its owner alone, and never shows it."""
    somebody = Cli(address="", home=tmp_path)
    file = tmp_path / ".config" / "xaigh" / "profiles.json"
    address = ("--address", founder.address)
    wrong = somebody.run("login", *address, stdin="test_sk_nonsense")
    assert wrong.code == 2
    unknown = "test_sk_" + "1" * 42 + "000000"
    assert somebody.run("login", *address, stdin=unknown).code == 2
    assert not file.exists()
    somebody.ok("login", "ops", *address, stdin=founder.key)
    somebody.ok("login", "acme", *address, stdin=integrator.key)
    assert file.stat().st_mode & 0o777 == 0o600
    listed = somebody.ok("profiles").out
    assert "acme\tcurrent" in listed
    assert founder.key not in listed
    assert integrator.key not in listed
    assert "test_sk_" in somebody.ok("whoami").out or somebody.run("whoami").code == 0
    assert somebody.run("requests", "list").code == 4
    assert somebody.run("requests", "list", "--profile", "ops").code == 0
    somebody.ok("use", "ops")
    assert somebody.run("requests", "list").code == 0
    somebody.ok("logout", "ops")
    assert somebody.run("requests", "list").code == 2
    assert somebody.run("requests", "list", "--profile", "ops").code == 2
    file.chmod(0o644)
    refused = somebody.run("profiles")
    assert refused.code == 2
    assert "chmod 600" in refused.err


def test_without_a_credential_it_says_what_to_do(nobody: Cli) -> None:
    """One line."""
    done = nobody.run("keys", "list")
    assert done.code == 2
    assert done.err.strip() == "xaigh: no credential; run `xaigh login`, or set XAIGH_API_KEY"


def test_scopes_are_listed_to_anybody(nobody: Cli) -> None:
    """Those that can be asked for; one by its name with what it opens; all on demand."""
    lines = nobody.ok("scopes").out.splitlines()
    listed = {line.split("\t")[0]: line for line in lines[1:]}
    assert "two operators in production" in listed["jobs:write"]
    assert "keys:read" not in listed and "payroll:read" not in listed
    every = nobody.ok("scopes", "--all").out
    assert "keys:read\toperators" in every and "payroll:read\tintegrators, later" in every
    assert "high risk\tPOST /v1/jobs/post" in nobody.ok("scopes", "jobs:write").out
    wrong = nobody.run("scopes", "jobs:fly")
    assert wrong.code == 2 and "xaigh scopes --all" in wrong.err


def test_a_server_that_isnt_there_is_told(founder: Cli) -> None:
    """With its address and the way out, and an exit code of its own."""
    done = founder.run("keys", "list", "--address", "127.0.0.1:1")
    assert done.code == 9
    assert "127.0.0.1:1 can't be reached" in done.err


def test_a_certificate_that_isnt_trusted_is_told(nobody: Cli, tmp_path: Path) -> None:
    """It is no matter of the address; the cure names the option."""
    _, cert, key = issued_by_ca(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    context.set_alpn_protocols(["h2"])
    with socket.create_server(("127.0.0.1", 0)) as plain_server:
        address = f"https://127.0.0.1:{plain_server.getsockname()[1]}"
        server = context.wrap_socket(plain_server, server_side=True)
        threading.Thread(target=_refuse_handshakes, args=(server,), daemon=True).start()
        done = nobody.run("ticket", "status", "tkt_1", "--address", address, stdin="token")
        server.close()
    assert done.code == 9
    assert "127.0.0.1" in done.err
    assert "isn't trusted" in done.err
    assert "--ca-file" in done.err
    assert not re.findall(r"(?m)^[EWIF]\d{4} ", done.err), "gRPC's core speaks in between"


def _refuse_handshakes(server: ssl.SSLSocket) -> None:
    while True:
        try:
            server.accept()[0].close()
        except ssl.SSLError:
            continue
        except OSError:
            return


@pytest.mark.parametrize("arguments", [(), ("keys",), ("keys", "issue"), ("ats", "sync")])
def test_help_is_everywhere_with_examples(nobody: Cli, arguments: tuple[str, ...]) -> None:
    """Every command explains itself; those with options show how they are used."""
    done = nobody.ok(*arguments, "--help")
    assert "Usage: xaigh" in done.out
    if len(arguments) == 2:
        assert "Example: xaigh" in done.out


def test_completion_can_be_installed(nobody: Cli) -> None:
    """The shell asks the program itself."""
    done = nobody.run(
        environ={"_XAIGH_COMPLETE": "complete_bash", "COMP_WORDS": "xaigh req", "COMP_CWORD": "1"}
    )
    assert done.out.split() == ["requests"]


def test_a_wrong_command_suggests_the_right_one(nobody: Cli) -> None:
    """A slip of the finger costs one look."""
    done = nobody.run("kyes")
    assert done.code == 2
    assert "keys" in done.err
