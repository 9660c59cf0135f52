"""`xaigh webhooks` on events: lists them, recovers them, and receives or relays them locally."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from secrets import token_bytes
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer
from google.protobuf import json_format
from rich.text import Text

from xaigh.sdk.events import AnyWebhookEvent
from xaigh.webhooks.v1.event_pb2 import Event
from xaigh_client.cli import output, prompts, times
from xaigh_client.cli.commands import Limit, Repeated, Yes, command, limited
from xaigh_client.cli.output import Cell, Column
from xaigh_client.cli.problems import UsageProblem
from xaigh_client.cli.session import Session
from xaigh_client.cli.text import count, one_line, plain
from xaigh_client.cli.webhook_forwarder import Answer, body_of, forwarder
from xaigh_client.cli.webhook_receiver import webhook_receiver
from xaigh_client.cli.webhooks import EndpointId, app

__all__ = ["app"]

_SECRET = "XAIGH_WEBHOOK_SECRET"
_PREFIX = "whsec_"
_EVENTS = (
    Column(title="Event"),
    Column(title="Type"),
    Column(title="When"),
    Column(title="Facts", keep=1, wraps=True),
)


@command(app, "events")
def events(
    session: Session,
    event: Annotated[str, typer.Option("--event", help="Only this type.")] = "",
    since: Annotated[str, typer.Option("--since", metavar="SPAN", help="As 2h.")] = "",
    limit: Limit = 50,
) -> None:
    """List what happened, newest first, whether or not an endpoint heard of it.

    Example: xaigh webhooks events --event job.closed --since 2d
    """
    pager = session.client.webhooks.list_events(
        event_type=event or None,
        since=session.now() - times.parse_span(since) if since else None,
        page_size=min(limit, 200),
    )
    found = limited(pager, limit)
    if session.as_json:
        output.emit_json(session, found)
        return
    rows: list[list[Cell]] = [
        [one.id, one.type, output.when(session, one, "timestamp"), _facts(_data(one))]
        for one in found
    ]
    output.table(session, _EVENTS, rows, empty="No events.")


@command(app, "recover")
def recover(
    session: Session,
    endpoint: EndpointId,
    since: Annotated[str, typer.Option("--since", metavar="SPAN", help="As 2h.")],
    until: Annotated[
        str, typer.Option("--until", metavar="SPAN", help="Up to so long ago. Left out: now.")
    ] = "",
    yes: Yes = False,
) -> None:
    """Send an endpoint what it has missed: after an outage, or to fill a new receiver.

    Example: xaigh webhooks recover we_1 --since 2h
    """
    start = session.now() - times.parse_span(since)
    end = session.now() - times.parse_span(until) if until else session.now()
    missed = _recover(session, endpoint, start, end, validate_only=True)
    if missed:
        prompts.confirm(session, f"Send {count(missed, 'event')}?", yes=yes)
        missed = _recover(session, endpoint, start, end)
    session.out.print(f"On the way: {count(missed, 'event')}.")


@command(app, "listen")
def listen(
    session: Session,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0: a free one.")] = 8787,
    host: Annotated[str, typer.Option("--host", help="Where to listen.")] = "127.0.0.1",
    answer: Annotated[
        int, typer.Option("--answer", min=200, max=599, help="The status, to try out failures.")
    ] = 204,
    forward: Annotated[
        str, typer.Option("--forward", metavar="URL", help="Relay events from the gateway to this.")
    ] = "",
    event: Annotated[
        Repeated, typer.Option("--event", help="Only this type, with --forward; repeatable.")
    ] = None,
    cursor: Annotated[
        str, typer.Option("--cursor", help="Go on behind this one, with --forward.")
    ] = "",
) -> None:
    """Receive webhooks on this machine and print them, until you stop it.

    Without --forward it is a receiver: it verifies what is posted to its port. The secret comes
    from XAIGH_WEBHOOK_SECRET (several with spaces), or is asked for.

    With --forward it needs no public address: it hears your events from the gateway and posts each
    to the URL, signed with XAIGH_WEBHOOK_SECRET, or with a secret of this session, which it shows.
    A lost connection is taken up again.

    Example: xaigh webhooks listen --port 8787

    Example: xaigh webhooks listen --forward http://localhost:3000/hooks
    """
    if forward:
        _relay(session, forward, list(event or ()), cursor)
        return
    if event or cursor:
        raise UsageProblem("--event and --cursor go with --forward")
    secrets = session.environ.get(_SECRET, "").split() or [prompts.secret(session, "Secret")]
    lock = threading.Lock()

    def on_event(event: AnyWebhookEvent, body: bytes) -> None:
        with lock:
            _print_event(session, event, body)

    def on_refused(why: str) -> None:
        with lock:
            session.err.print(Text(f"refused: {why}", style="red"), soft_wrap=True)

    with webhook_receiver(
        host, port, secrets, answer=answer, on_event=on_event, on_refused=on_refused
    ) as server:
        bound = server.server_address[1]
        session.note(f"Listening on http://{host}:{bound}")
        server.serve_forever()


def _relay(session: Session, url: str, types: list[str], cursor: str) -> None:
    """Posts the events of a watch to a URL, and prints a line for each, until it is stopped."""
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise UsageProblem("--forward takes an address as http://localhost:3000/hooks")
    given = session.environ.get(_SECRET, "").split()
    secret = given[0] if given else _PREFIX + base64.b64encode(token_bytes(32)).decode()
    forward = forwarder(url, secret)
    if given:
        session.note(f"Relaying to {url}, signed with {_SECRET}.")
    else:
        session.note(f"Relaying to {url}, signed with this session's secret:")
        session.note(secret)
    stream = session.client.webhooks.watch_events(cursor=cursor or None, event_types=types or None)
    with stream, suppress(KeyboardInterrupt):
        for message in stream:
            if message.HasField("event"):
                _print_relayed(session, message.event, forward(message.event))
            cursor = message.cursor
    if cursor:
        session.note(f"Go on from here with --cursor {cursor}")


def _print_relayed(session: Session, event: Event, answer: Answer) -> None:
    status, why = answer
    if session.as_json:
        members = {**json.loads(body_of(event)), "answer": status}
        session.out.file.write(json.dumps(members) + "\n")
        session.out.file.flush()
        return
    time = event.timestamp.ToDatetime(tzinfo=UTC).strftime("%H:%M:%S")
    said = plain(why or str(status))
    style = "green" if 200 <= status < 300 else "red"
    text = Text(f"{time}  ", style="dim").append(f"{plain(event.type):22}", style="bold")
    text = text.append(f"{plain(event.id)}  ", style="not bold").append(said, style=style)
    session.out.print(text, soft_wrap=True)


def _recover(
    session: Session,
    endpoint: str,
    start: datetime,
    end: datetime,
    *,
    validate_only: bool = False,
) -> int:
    """Goes through all steps of a recovery. Returns how many events it queued, or would."""
    queued, token = 0, ""
    while True:
        step = session.client.webhooks.recover_endpoint(
            endpoint_id=endpoint,
            since=start,
            until=end,
            validate_only=validate_only or None,
            page_token=token or None,
        )
        queued, token = queued + step.queued_count, step.next_page_token
        if not token:
            return queued


def _data(event: Event) -> dict[str, Any]:
    facts: dict[str, Any] = json_format.MessageToDict(event.data)
    return facts


def _facts(data: Mapping[str, object]) -> str:
    return "  ".join(f"{plain(name)}={one_line(str(value))}" for name, value in data.items())


def _print_event(session: Session, event: AnyWebhookEvent, body: bytes) -> None:
    if session.as_json:
        session.out.file.write(body.decode().replace("\n", " ") + "\n")
        session.out.file.flush()
        return
    time = event.timestamp.astimezone(UTC).strftime("%H:%M:%S")
    facts = _facts(event.data)
    text = Text(f"{time}  ", style="dim").append(f"{plain(event.type):22}", style="bold")
    session.out.print(text.append(f"{plain(event.id)}  {facts}", style="not bold"), soft_wrap=True)
