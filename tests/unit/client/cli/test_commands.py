"""Registration of commands."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from tests.unit.client.cli.command_runner import new_session, printed
from typer.testing import CliRunner

from xaigh_client.cli.commands import command, group, limited
from xaigh_client.cli.problems import Declined, UsageProblem
from xaigh_client.cli.session import Session
from xaigh_client.errors import (
    ApiError,
    ConfigurationError,
    CredentialMissingError,
    Failure,
    NotFoundError,
)


def _run(function: Callable[[Session], int | None], *arguments: str) -> tuple[int, Session]:
    app = group("test", "A group.")
    command(app, "one")(function)
    command(app, "two")(lambda session: None)
    session = new_session({})
    done = CliRunner().invoke(app, ["one", *arguments], obj=session)
    return done.exit_code, session


def _raising(error: BaseException) -> Callable[[Session], int | None]:
    def function(session: Session) -> int | None:
        raise error

    return function


@pytest.mark.parametrize(("returned", "code"), [(None, 0), (0, 0), (11, 11)])
def test_a_command_returns_its_exit_code(returned: int | None, code: int) -> None:
    """None is success."""

    def function(session: Session) -> int | None:
        return returned

    assert _run(function)[0] == code


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (NotFoundError(Failure(message="No such job.")), 5, "No such job."),
        (ApiError(Failure(message="odd")), 1, "odd"),
        (UsageProblem("say --provider"), 2, "xaigh: say --provider"),
        (ConfigurationError("no profile"), 2, "xaigh: no profile"),
        (CredentialMissingError("no key"), 2, "xaigh login"),
        (ValueError("7 is no span"), 2, "xaigh: 7 is no span"),
        (OSError("disk full"), 1, "xaigh: disk full"),
        (Declined(), 10, "Nothing was done."),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_an_exception_becomes_an_exit_code_and_a_message(
    error: BaseException, code: int, message: str
) -> None:
    """No command handles them itself."""
    found, session = _run(_raising(error))
    assert found == code
    assert message in printed(session.err)


def test_every_command_has_the_common_options() -> None:
    """They are set on the session before the command runs."""
    seen: list[Session] = []

    def function(session: Session) -> None:
        seen.append(session)

    _run(function, "--json", "--exact", "--profile", "staging", "--address", "a.example")
    (session,) = seen
    assert (session.as_json, session.exact) == (True, True)
    assert (session.profile, session.address) == ("staging", "a.example")


def test_limited_reads_no_item_beyond_the_limit() -> None:
    """The next item may cost a call."""
    read: list[int] = []

    def items() -> Iterator[int]:
        for number in range(10):
            read.append(number)
            yield number

    assert limited(items(), 3) == [0, 1, 2]
    assert read == [0, 1, 2]
