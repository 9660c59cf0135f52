"""Destination of a new key."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest
from tests.unit.client.cli.command_runner import new_session, printed

from xaigh_client.cli.key_destination import prepare
from xaigh_client.cli.problems import UsageProblem

KEY = "test_sk_" + "a" * 48


def test_the_screen_is_the_default() -> None:
    """Into a pipe, the key is all that is printed."""
    session, destination = new_session({}), prepare("", "")
    assert destination.is_screen
    destination.write(session, KEY, key_id="k1")
    assert (printed(session.out), printed(session.err)) == (f"{KEY}\n", "")


def test_a_terminal_shows_the_key_with_a_warning() -> None:
    """The key is on stdout, unwrapped; the warning on stderr."""
    session = new_session({}, terminal=True, width=40)
    prepare("", "").write(session, KEY, key_id="k1")
    assert printed(session.out) == f"{KEY}\n"
    assert "Shown once" in printed(session.err)


def test_a_file_is_new_and_of_mode_0600(tmp_path: Path) -> None:
    """From its first moment."""
    file = tmp_path / "a.key"
    destination = prepare(str(file), "")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    destination.write(new_session({}), KEY, key_id="k1")
    assert file.read_text() == f"{KEY}\n"


@pytest.mark.parametrize("kind", ["file", "link"])
def test_a_file_that_exists_is_refused(tmp_path: Path, kind: str) -> None:
    """Also a link to nothing."""
    file = tmp_path / "a.key"
    if kind == "file":
        file.touch()
    else:
        file.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError):
        prepare(str(file), "")


def test_a_discarded_file_is_deleted(tmp_path: Path) -> None:
    """No key was issued."""
    file = tmp_path / "a.key"
    prepare(str(file), "").discard()
    assert not file.exists()


def test_a_command_gets_the_key_on_its_stdin(tmp_path: Path) -> None:
    """Without a line break, as secret stores take it."""
    file = tmp_path / "got"
    code = f"import sys; open({str(file)!r}, 'w').write(sys.stdin.read())"
    prepare("", f'{sys.executable} -c "{code}"').write(new_session({}), KEY, key_id="k1")
    assert file.read_text() == KEY


def test_a_command_that_fails_is_reported_with_a_rotation() -> None:
    """The key may be lost."""
    with pytest.raises(UsageProblem, match="xaigh keys rotate k1"):
        prepare("", "false").write(new_session({}), KEY, key_id="k1")


@pytest.mark.parametrize(
    ("out", "pipe"), [("a.key", "cat"), ("", "no-such-program-here x"), ("", " ")]
)
def test_an_impossible_destination_is_refused(out: str, pipe: str) -> None:
    """Before a key is issued."""
    with pytest.raises(UsageProblem):
        prepare(out, pipe)
