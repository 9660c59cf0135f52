"""`xaigh logs`: looks calls up in the request log."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer
from rich.text import Text

from xaigh.request_log.v1.request_log_pb2 import RequestLog
from xaigh_client.cli import names, output, support, times
from xaigh_client.cli.commands import Limit, command, group, limited
from xaigh_client.cli.output import Cell, Column
from xaigh_client.cli.session import Session
from xaigh_client.cli.text import plain, words

app = group("logs", "Look calls up: what became of a request, by its id.")

_POLL = 2.0  # seconds
_OVERLAP = timedelta(seconds=10)
"""Processes write calls some seconds apart: a look reads so much again."""
_COLUMNS = (
    Column(title="Request"),
    Column(title="Outcome"),
    Column(title="Route", keep=1),
    Column(title="Ended", keep=2),
    Column(title="Took", keep=3, right=True),
    Column(title="Key", keep=4),
    Column(title="Fields", keep=5, wraps=True),
)


@command(app, "tail")
def tail(
    session: Session,
    organization: support.Organization = "",
    environment: support.Environment = "",
    limit: Limit = 20,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as calls end.")] = False,
    errors: Annotated[bool, typer.Option("--errors", help="Only calls that failed.")] = False,
    reason: Annotated[str, typer.Option("--reason", help="Only this, as FIELD_INVALID.")] = "",
    key: Annotated[str, typer.Option("--key", help="Only calls of this key's id.")] = "",
    client_id: Annotated[
        str, typer.Option("--client-id", help="Only with this X-Request-Id of the client.")
    ] = "",
    since: Annotated[str, typer.Option("--since", metavar="SPAN", help="As 2h or 7d.")] = "",
) -> None:
    """Show the latest calls of your organization, oldest of them first.

    Operators name the organization, or - for all, and the environment.

    Example: xaigh logs tail --errors --follow
    """
    theirs = support.scope_of(session, organization, environment)
    filters: dict[str, Any] = {
        "errors_only": errors or None,
        "reason": reason.upper() or None,
        "key_id": key or None,
        "client_request_id": client_id or None,
    }
    start = session.now() - times.parse_span(since) if since else None
    found = _calls(session, theirs, filters, start, limit)
    if follow:
        _follow(session, theirs, filters, found)
    elif session.as_json:
        output.emit_json(session, found)
    else:
        rows = [_row(session, each) for each in found]
        columns, named = support.whose(session, theirs, _COLUMNS, rows, found)
        output.table(session, columns, named, empty="No calls.")


@command(app, "show")
def show(
    session: Session,
    request: Annotated[str, typer.Argument(metavar="ID", help="The request id, req_…")],
    organization: support.Organization = "",
    environment: support.Environment = "",
) -> None:
    """Show one call: its outcome, what to do about it, and what came of it."""
    theirs = support.scope_of(session, organization, environment)
    if theirs is None:
        found = session.client.request_log.get_request_log(request_id=request)
    else:
        found = session.client.support.get_organization_request_log(
            organization_id=theirs.organization_id,
            environment=theirs.environment,
            request_id=request,
        )
    if session.as_json:
        output.emit_json(session, found)
    else:
        output.facts(session, found.request_id, _facts(session, found))


def _facts(session: Session, call: RequestLog) -> list[tuple[str, Cell]]:
    return [
        ("outcome", _outcome(call)),
        ("cure", call.cure),
        ("fields", "\n".join(f"{each.field}: {each.description}" for each in call.violations)),
        ("route", call.route),
        ("method", call.method),
        ("transport", words(output.enum_name(call, "transport"))),
        ("ended", output.when_both(session, call, "end_time")),
        ("took", _took(call)),
        ("key", call.key_id),
        ("organization", names.of(session, call)),
        ("environment", call.environment),
        ("client's id", call.client_request_id),
        ("idempotency key", call.idempotency_key),
        ("audit", "\n".join(_audit(each) for each in call.audit_events)),
        ("sync", "\n".join(_sync(each) for each in call.sync_events)),
        ("events", "\n".join(line for each in call.events for line in _event(each))),
        ("replayed", "yes: the reply of an earlier call" if call.replayed else ""),
        ("repeats", _repeats(session, call)),
    ]


def _repeats(session: Session, call: RequestLog) -> str:
    """Which reply repeats with the call's idempotency key get, and for how long."""
    record = call.idempotency_record
    if not call.HasField("idempotency_record"):
        return ""
    until = output.when_both(session, record, "expire_time")
    return f"get the reply of {record.request_id or 'a call that the log has not'} until {until}"


def _audit(event: RequestLog.AuditEventRef) -> str:
    return f"{event.action} · {event.chain} {event.sequence}{' refused' if event.refused else ''}"


def _sync(event: RequestLog.SyncEventRef) -> str:
    return f"{words(output.enum_name(event, 'type'))} {event.job_id} · {event.event_id}"


def _event(event: RequestLog.EventRef) -> list[str]:
    deliveries = [
        f"  {words(output.enum_name(each, 'state'))} {each.delivery_id} to {each.endpoint_id}"
        for each in event.deliveries
    ]
    return [f"{event.event_type} · {event.event_id}", *deliveries]


def _calls(
    session: Session,
    theirs: support.Scope | None,
    filters: dict[str, Any],
    start: datetime | None,
    limit: int,
) -> list[RequestLog]:
    """The latest calls, oldest first."""
    wanted = {**filters, "start_time": start, "page_size": min(limit, 200)}
    if theirs is None:
        own = session.client.request_log.list_request_logs(**wanted)
        return list(reversed(limited(own, limit)))
    named = session.client.support.list_organization_request_logs(
        organization_id=theirs.organization_id, environment=theirs.environment, **wanted
    )
    return list(reversed(limited(named, limit)))


def _follow(
    session: Session,
    theirs: support.Scope | None,
    filters: dict[str, Any],
    found: list[RequestLog],
) -> None:
    seen: dict[str, datetime] = {}
    while True:
        for call in found:
            if call.request_id not in seen:
                seen[call.request_id] = call.end_time.ToDatetime(tzinfo=UTC)
                _line(session, call)
        latest = max(seen.values(), default=None)
        if latest is not None:
            seen = {name: at for name, at in seen.items() if at >= latest - 2 * _OVERLAP}
        time.sleep(_POLL)
        since = None if latest is None else latest - _OVERLAP
        found = _calls(session, theirs, filters, since, 1000)


def _line(session: Session, call: RequestLog) -> None:
    if session.as_json:
        output.emit_line(session, call)
        return
    text = Text(f"{output.when(session, call, 'end_time')}  ", style="dim")
    text.append(call.request_id, style="bold").append("  ").append_text(_outcome(call))
    text.append(f"  {plain(call.route)}  {_took(call)}")
    if session.is_operator:  # who may follow the calls of all organizations
        text.append(f"  {names.of(session, call)}".rstrip())
    if call.violations:
        text.append(f"  {plain(_fields(call))}")
    session.out.print(text, soft_wrap=True)


def _row(session: Session, call: RequestLog) -> list[Cell]:
    return [
        call.request_id,
        _outcome(call),
        call.route,
        output.when(session, call, "end_time"),
        _took(call),
        call.key_id,
        _fields(call),
    ]


def _outcome(call: RequestLog) -> Text:
    if call.code == "ok":
        return Text("replayed" if call.replayed else "ok", style="green")
    return Text(words(call.reason or call.code), style="red")


def _fields(call: RequestLog) -> str:
    return ", ".join(each.field for each in call.violations)


def _took(call: RequestLog) -> str:
    return f"{call.duration.ToTimedelta().total_seconds() * 1000:.1f} ms"
