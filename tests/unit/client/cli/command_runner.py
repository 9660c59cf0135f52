"""Runner of the command line in process, against a scripted server."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from google.protobuf import message_factory
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.timestamp_pb2 import Timestamp
from rich.console import Console
from tests.harness.method_names import by_short_name
from tests.unit.client.scripted_server import KEY, Answer, Server
from typer.testing import CliRunner

from xaigh.sdk.services import DESCRIPTORS
from xaigh_client.cli.app import app
from xaigh_client.cli.session import Session

NOW = datetime(2026, 6, 18, 12, tzinfo=UTC)
# Valid checksums, and no server knows them.
VALID_KEY = "test_sk_4fT0aQ9xZb" + "s" * 32 + "05fHOm"
VALID_CREDENTIAL = "xop_4fT0aQ9xZb" + "s" * 32 + "4P0SPz"
METHODS: Mapping[str, MethodDescriptor] = by_short_name(
    (method.full_name, method) for service in DESCRIPTORS.values() for method in service.methods
)


class Stdin(io.StringIO):
    """Standard input, on a terminal or from a pipe."""

    def __init__(self, text: str, *, terminal: bool) -> None:
        super().__init__(text)
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


def new_session(
    environ: Mapping[str, str], *, stdin: str = "", terminal: bool = False, width: int = 100
) -> Session:
    """A session that prints to strings. With `terminal`, it may also prompt."""
    out, err = (
        Console(
            file=io.StringIO(),
            force_terminal=terminal,
            color_system=None,
            width=width,
            highlight=False,
        )
        for _ in range(2)
    )
    return Session(
        out=out,
        err=err,
        stdin=Stdin(stdin, terminal=terminal),
        environ=environ,
        now=lambda: NOW,
    )


def printed(console: Console) -> str:
    """The text that a console of `new_session` printed."""
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def timestamp(text: str) -> Timestamp:
    """A Timestamp from RFC 3339."""
    result = Timestamp()
    result.FromJsonString(text)
    return result


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The result of a command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The output as JSON."""
        return json.loads(self.out)

    @property
    def rows(self) -> list[list[str]]:
        """The output as tab-separated text, without the titles."""
        return [line.split("\t") for line in self.out.splitlines()[1:]]

    @property
    def facts(self) -> dict[str, str]:
        """The output as a sheet of facts."""
        return dict(line.split("\t", 1) for line in self.out.splitlines())


class CommandRunner:
    """Runs commands as a user of one server."""

    def __init__(self, server: Server, home: Path) -> None:
        self._server = server
        self.environ = {
            "XAIGH_ADDR": server.address,
            "XAIGH_API_KEY": KEY,
            "XDG_CONFIG_HOME": str(home),
            "XDG_STATE_HOME": str(home / "state"),
        }

    def script(self, method: str, *answers: Answer) -> None:
        """Sets the answers to the calls of a method."""
        self._server.script[_path(method)] = list(answers)

    def sent(self, method: str) -> list[Any]:
        """The requests that the server received for a method, in order."""
        request = message_factory.GetMessageClass(METHODS[method].input_type)
        return [
            request.FromString(body)
            for seen in self._server.seen
            if seen.path == _path(method)
            for body in seen.body
        ]

    def metadata(self, method: str) -> dict[str, str]:
        """The metadata of the last call of a method."""
        return [seen.metadata for seen in self._server.seen if seen.path == _path(method)][-1]

    def run(self, *arguments: str, stdin: str = "", terminal: bool = False) -> Result:
        """Runs a command through pipes, or on a terminal where stdin is what a person types."""
        session = new_session(self.environ, stdin=stdin, terminal=terminal)
        done = CliRunner().invoke(app, arguments, obj=session, prog_name="xaigh")
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Result(
            code=done.exit_code,
            out=printed(session.out) + done.stdout,
            err=printed(session.err) + done.stderr,
        )


def _path(method: str) -> str:
    descriptor = METHODS[method]
    return f"/{descriptor.containing_service.full_name}/{descriptor.name}"
