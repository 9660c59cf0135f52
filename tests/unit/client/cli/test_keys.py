"""`xaigh keys`."""

from __future__ import annotations

import stat
from pathlib import Path

import grpc
import pytest
from tests.unit.client.cli.command_runner import VALID_KEY, CommandRunner, timestamp
from tests.unit.client.scripted_server import Fail

from xaigh.keys.v1.key_admin_service_pb2 import ListKeysResponse
from xaigh.keys.v1.key_pb2 import IssuedKey, Key

SECRET = "test_sk_" + "a" * 48


def _issued(disclosure: IssuedKey.Disclosure.ValueType = IssuedKey.SHOWN) -> IssuedKey:
    shown = disclosure == IssuedKey.SHOWN
    return IssuedKey(
        key=Key(key_id="4fT0aQ9xZb", name="ci", state=Key.ACTIVE),
        api_key=SECRET if shown else "",
        disclosure=disclosure,
        sealed_for_ticket_id="tkt_1" if disclosure == IssuedKey.SEALED else "",
    )


def test_issue_sends_its_options(cli: CommandRunner) -> None:
    """Options become the fields of the request; a span becomes a time from now."""
    cli.script("IssueKey", _issued())
    cli.run(
        *("keys", "issue", "grt_1", "--name", "ci", "--scope", "jobs:read", "--expires", "30d"),
        *("--label", "team=ops", "--cidr", "10.0.0.0/8"),
    )
    (sent,) = cli.sent("IssueKey")
    assert (sent.grant_id, sent.name, sent.key_type) == ("grt_1", "ci", "sk")
    assert (list(sent.scopes), dict(sent.labels)) == (["jobs:read"], {"team": "ops"})
    assert sent.expire_time == timestamp("2026-07-18T12:00:00Z")


def test_a_label_without_a_value_is_refused(cli: CommandRunner) -> None:
    """Nothing is sent: the form of a label is checked first."""
    done = cli.run("keys", "issue", "grt_1", "--name", "ci", "--label", "team")
    assert (done.code, "write NAME=VALUE" in done.err) == (2, True)
    assert cli.sent("IssueKey") == []


def test_into_a_pipe_the_key_is_the_only_line_of_stdout(cli: CommandRunner) -> None:
    """A script can take stdout as the key."""
    cli.script("IssueKey", _issued())
    done = cli.run("keys", "issue", "grt_1", "--name", "ci")
    assert (done.out, done.err) == (f"{SECRET}\n", "Issued 4fT0aQ9xZb.\n")


def test_out_writes_a_file_that_only_its_owner_reads(cli: CommandRunner, tmp_path: Path) -> None:
    """The key is in the file, and not on stdout."""
    cli.script("IssueKey", _issued())
    file = tmp_path / "ci.key"
    done = cli.run("keys", "issue", "grt_1", "--name", "ci", "--out", str(file))
    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode)) == (f"{SECRET}\n", 0o600)
    assert SECRET not in done.out + done.err


def test_an_existing_file_stops_the_command_before_the_call(
    cli: CommandRunner, tmp_path: Path
) -> None:
    """A key that can't be written would be lost."""
    file = tmp_path / "ci.key"
    file.write_text("other")
    done = cli.run("keys", "issue", "grt_1", "--name", "ci", "--out", str(file))
    assert (done.code, file.read_text(), cli.sent("IssueKey")) == (1, "other", [])


def test_a_refused_issue_leaves_no_file(cli: CommandRunner, tmp_path: Path) -> None:
    """The empty file goes away again."""
    cli.script("IssueKey", Fail(code=grpc.StatusCode.NOT_FOUND, reason="NOT_FOUND"))
    file = tmp_path / "ci.key"
    done = cli.run("keys", "issue", "grt_1", "--name", "ci", "--out", str(file))
    assert (done.code, file.exists()) == (5, False)


def test_a_sealed_key_names_its_ticket(cli: CommandRunner, tmp_path: Path) -> None:
    """The operator gets no key, and so no file."""
    cli.script("IssueKey", _issued(IssuedKey.SEALED))
    file = tmp_path / "ci.key"
    done = cli.run("keys", "issue", "grt_1", "--name", "ci", "--out", str(file))
    assert (file.exists(), "the token of tkt_1" in done.err) == (False, True)


def test_a_withheld_key_says_how_to_get_another(cli: CommandRunner) -> None:
    """A repeat of an issue doesn't show the key again."""
    cli.script("IssueKey", _issued(IssuedKey.WITHHELD))
    done = cli.run("keys", "issue", "grt_1", "--name", "ci")
    assert "xaigh keys rotate 4fT0aQ9xZb" in done.err.replace("\n", " ")


def test_list_prints_a_row_for_each_key(cli: CommandRunner) -> None:
    """A key that was never used says so."""
    cli.script(
        "ListKeys", ListKeysResponse(keys=[Key(key_id="k1", state=Key.GRACE, scopes=["jobs:read"])])
    )
    done = cli.run("keys", "list", "--state", "grace", "--limit", "5")
    (row,) = done.rows
    assert (row[0], row[1], row[5], row[7]) == ("k1", "grace", "jobs:read", "never")
    (sent,) = cli.sent("ListKeys")
    assert (sent.state, sent.page_size) == (Key.GRACE, 5)


def test_rotate_without_a_grace_needs_a_confirmation(cli: CommandRunner) -> None:
    """The old key would end at once: without a terminal, `--yes` must say so."""
    cli.script("GetKey", Key(key_id="k1"))
    done = cli.run("keys", "rotate", "k1")
    assert (done.code, "--yes" in done.err) == (2, True)
    assert cli.sent("RotateKey") == []


def test_rotate_with_a_grace_asks_nothing(cli: CommandRunner) -> None:
    """The grace and the revision that was read are sent."""
    cli.script("GetKey", Key(key_id="k1", etag="e1"))
    cli.script("RotateKey", _issued())
    cli.run("keys", "rotate", "k1", "--grace", "24h")
    (sent,) = cli.sent("RotateKey")
    assert (sent.grace.ToSeconds(), sent.etag) == (86_400, "e1")


def test_revoke_needs_a_reason(cli: CommandRunner) -> None:
    """Without a terminal to ask on, a missing reason is a wrong usage."""
    cli.script("GetKey", Key(key_id="k1"))
    assert cli.run("keys", "revoke", "k1", "--yes").code == 2
    assert cli.sent("RevokeKey") == []


def test_revoke_asks_for_the_reason_and_a_confirmation(cli: CommandRunner) -> None:
    """On a terminal both are prompted for."""
    cli.script("GetKey", Key(key_id="k1"))
    cli.script("RevokeKey", Key(key_id="k1", state=Key.REVOKED))
    done = cli.run("keys", "revoke", "k1", stdin="leaked\ny\n", terminal=True)
    (sent,) = cli.sent("RevokeKey")
    assert (done.code, sent.reason) == (0, "leaked")


def test_a_declined_revocation_sends_nothing(cli: CommandRunner) -> None:
    """Any answer but yes declines, and has an exit code of its own."""
    cli.script("GetKey", Key(key_id="k1"))
    done = cli.run("keys", "revoke", "k1", "--reason", "x", stdin="\n", terminal=True)
    assert (done.code, cli.sent("RevokeKey")) == (10, [])


def test_check_refuses_what_is_no_key(cli: CommandRunner) -> None:
    """A wrong checksum is exit code 1, offline."""
    done = cli.run("keys", "check", "--json", stdin=f"{SECRET}\n")
    assert (done.code, done.json) == (1, {"valid": False})


def test_scan_names_no_secret(cli: CommandRunner, tmp_path: Path) -> None:
    """A hit is its file, its line and the public id."""
    file = tmp_path / "code.py"
    file.write_text(f"x = 1\nkey = '{VALID_KEY}'\nother = '{SECRET}'\n")
    done = cli.run("keys", "scan", str(file), "--json")
    assert done.code == 1
    assert done.json == [
        {"file": str(file), "line": 2, "keyId": "4fT0aQ9xZb", "kind": "secret key"}
    ]


def test_open_needs_an_identity(cli: CommandRunner) -> None:
    """Without one nothing is read or fetched."""
    done = cli.run("keys", "open", "--ticket", "tkt_1")
    assert (done.code, "--identity" in done.err) == (2, True)


@pytest.mark.parametrize("option", ["--out", "--pipe"])
def test_open_leaves_no_destination_behind_where_it_fails(
    cli: CommandRunner, tmp_path: Path, option: str
) -> None:
    """An identity file without an identity ends the command."""
    identity, out = tmp_path / "me.agekey", tmp_path / "out.key"
    identity.write_text("nothing")
    value = str(out) if option == "--out" else "cat"
    done = cli.run("keys", "open", "-i", str(identity), option, value, stdin="sealed")
    assert (done.code, out.exists()) == (2, False)
