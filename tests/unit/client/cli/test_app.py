"""Entry point of the command."""

from __future__ import annotations

import sys
from importlib.metadata import version

import pytest

from xaigh_client import cli
from xaigh_client.cli import app


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    """Printed alone."""
    assert app.run(["--version"]) == 0
    assert capsys.readouterr().out == f"xaigh {version('xaigh')}\n"


@pytest.mark.parametrize("arguments", [["keys", "nothing"], ["--nothing"]])
def test_wrong_usage_has_exit_code_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """As every program of its kind has."""
    assert app.run(arguments) == 2


def test_a_bug_is_one_line_and_exit_code_70(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A traceback may hold a key."""

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(app, "app", broken)
    assert app.run([]) == 70
    assert capsys.readouterr().err == "xaigh: ZeroDivisionError: oops (a fault in this program)\n"


def test_without_the_extra_the_command_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The base install has no typer."""
    monkeypatch.delitem(sys.modules, "xaigh_client.cli.app")
    monkeypatch.setitem(sys.modules, "typer", None)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert "pip install 'xaigh[cli]'" in capsys.readouterr().err
