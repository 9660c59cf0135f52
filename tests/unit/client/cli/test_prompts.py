"""Prompts on the terminal."""

from __future__ import annotations

import pytest
from tests.unit.client.cli.command_runner import new_session, printed

from xaigh_client.cli import prompts
from xaigh_client.cli.problems import Declined, UsageProblem


@pytest.mark.parametrize("answer", ["y", "Y", "yes", " YES "])
def test_yes_confirms(answer: str) -> None:
    """In any case of letters."""
    prompts.confirm(new_session({}, stdin=f"{answer}\n", terminal=True), "Sure?", yes=False)


@pytest.mark.parametrize("answer", ["", "n", "yeah", "no"])
def test_any_other_answer_declines(answer: str) -> None:
    """The default is no."""
    with pytest.raises(Declined):
        prompts.confirm(new_session({}, stdin=f"{answer}\n", terminal=True), "Sure?", yes=False)


def test_a_confirmation_needs_a_terminal_or_yes() -> None:
    """A script must say `--yes`."""
    with pytest.raises(UsageProblem, match="--yes"):
        prompts.confirm(new_session({}, stdin="y\n"), "Sure?", yes=False)
    prompts.confirm(new_session({}), "Sure?", yes=True)


@pytest.mark.parametrize(("typed", "answer"), [("\n", "default"), (" x \n", "x"), ("", "default")])
def test_an_empty_line_is_the_default(typed: str, answer: str) -> None:
    """The prompt shows it."""
    session = new_session({}, stdin=typed, terminal=True)
    assert prompts.ask(session, "Name", default="default") == answer
    assert printed(session.err) == "Name [default]: "


def test_without_a_terminal_the_default_is_taken() -> None:
    """Stdin may be the data of the command."""
    session = new_session({}, stdin="data\n")
    assert prompts.ask(session, "Name", default="default") == "default"
    assert (session.stdin.read(), printed(session.err)) == ("data\n", "")


def test_a_secret_is_read_from_a_pipe() -> None:
    """Whole, without its line break."""
    assert prompts.secret(new_session({}, stdin="s3\n"), "Key") == "s3"


def test_a_secret_is_typed_without_an_echo(monkeypatch: pytest.MonkeyPatch) -> None:
    """By getpass."""
    asked: list[str] = []

    def getpass(prompt: str, stream: object = None) -> str:
        asked.append(prompt)
        return " s3 "

    monkeypatch.setattr("getpass.getpass", getpass)
    assert prompts.secret(new_session({}, terminal=True), "Key") == "s3"
    assert asked == ["Key: "]
