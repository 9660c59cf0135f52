"""`xaigh call`: calls any method of the API by its name, with JSON requests and replies."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from google.api import annotations_pb2
from google.protobuf import json_format
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message

from xaigh.sdk.services import DESCRIPTORS, GROUPS
from xaigh_client import methods
from xaigh_client.cli import output
from xaigh_client.cli.output import Column
from xaigh_client.cli.problems import UsageProblem
from xaigh_client.cli.session import Session

_COLUMNS = (
    Column(title="Method"),
    Column(title="Route", keep=2),
    Column(title="What it does", keep=1, wraps=True),
)
_VERBS = ("get", "post", "put", "patch", "delete")


def call(
    session: Session,
    method: Annotated[
        str, typer.Argument(metavar="[METHOD]", help="As PostJob, or JobsService/PostJob.")
    ] = "",
    body: Annotated[
        str, typer.Argument(metavar="[JSON]", help="The request; @FILE, or - for stdin.")
    ] = "",
    idempotency_key: Annotated[
        str, typer.Option("--idempotency-key", help="Left out: a new one.")
    ] = "",
    status_token: Annotated[
        bool, typer.Option("--status-token", help="Send XAIGH_STATUS_TOKEN along.")
    ] = False,
    timeout: Annotated[float, typer.Option("--timeout", help="Seconds, for the call.")] = 0.0,
) -> None:
    """Call any method with a JSON request. Without a method: list them all.

    A stream is printed as lines of JSON as they come; a method that takes a stream reads lines
    of JSON.

    Example: xaigh call GetJob '{"jobId": "job_1"}'

    Example: xaigh call PostJob @job.json --idempotency-key shift-plan-1
    """
    if not method:
        _list(session)
        return
    found = _find(method)
    options: dict[str, Any] = {
        "idempotency_key": idempotency_key or None,
        "status_token": session.environ.get("XAIGH_STATUS_TOKEN") if status_token else None,
        "timeout": timeout or None,
    }
    facts = methods.of(found)
    if facts.client_streaming:
        lines = (_message(facts.request_type, line) for line in _lines(session, body))
        with session.client.call_feed(found, lines, **options) as stream:
            _print_stream(session, stream)
    elif facts.server_streaming:
        request = _message(facts.request_type, _text(session, body) or "{}")
        with session.client.call_stream(found, request, **options) as stream:
            _print_stream(session, stream)
    else:
        request = _message(facts.request_type, _text(session, body) or "{}")
        output.emit_json(session, session.client.call(found, request, **options).message)


def _print_stream(session: Session, stream: Iterator[Message]) -> None:
    for message in stream:
        output.emit_line(session, message)


def _find(name: str) -> MethodDescriptor:
    wanted = name.strip("/").replace("/", ".")
    every = [method for service in DESCRIPTORS.values() for method in service.methods]
    for method in every:
        if method.full_name == wanted or method.full_name.endswith(f".{wanted}"):
            return method
    close = sorted({m.name for m in every if wanted.lower() in m.full_name.lower()}, key=len)
    hint = f"; did you mean {', '.join(close[:5])}?" if close else "; `xaigh call` lists all"
    raise UsageProblem(f"no method {name!r}{hint}")


def _text(session: Session, body: str) -> str:
    if body == "-":
        return session.stdin.read()
    if body.startswith("@"):
        return Path(body[1:]).read_text()
    return body


def _lines(session: Session, body: str) -> Iterator[str]:
    if body.startswith("@"):
        with Path(body[1:]).open() as file:
            yield from (line for line in file if line.strip())
    else:
        yield from (line for line in session.stdin if line.strip())


def _message(kind: type[Message], text: str) -> Message:
    try:
        return json_format.ParseDict(json.loads(text), kind())
    except (json.JSONDecodeError, json_format.ParseError) as error:
        raise UsageProblem(f"the request isn't a {kind.DESCRIPTOR.name}: {error}") from None


def _list(session: Session) -> None:
    rows = [
        (f"{service.name}/{method.name}", _route(method), _summary(attribute, method))
        for attribute, service in DESCRIPTORS.items()
        for method in service.methods
    ]
    if session.as_json:
        output.emit_json(session, [{"method": m, "route": r, "summary": s} for m, r, s in rows])
        return
    output.table(session, _COLUMNS, rows, empty="")


def _route(method: MethodDescriptor) -> str:
    options: Any = method.GetOptions()
    rule = options.Extensions[annotations_pb2.http]
    for verb in _VERBS:
        if path := getattr(rule, verb):
            return f"{verb.upper()} {path}"
    return ""


def _summary(attribute: str, method: MethodDescriptor) -> str:
    for name, function in inspect.getmembers(GROUPS[attribute], inspect.isfunction):
        if name.replace("_", "") == method.name.lower():
            return (inspect.getdoc(function) or "").split("\n\n")[0].replace("\n", " ")
    return ""
