"""`xaigh webhooks`: manages endpoints and lists deliveries. Its commands on events stand apart."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from xaigh.webhooks.v1.delivery_pb2 import Delivery
from xaigh.webhooks.v1.endpoint_pb2 import Endpoint
from xaigh_client.cli import output, prompts, support, times
from xaigh_client.cli.commands import Limit, Repeated, Yes, command, group, limited
from xaigh_client.cli.output import Cell, Column
from xaigh_client.cli.problems import UsageProblem
from xaigh_client.cli.session import Session
from xaigh_client.cli.text import count, plain, words
from xaigh_client.webhooks import callback_secret

app = group("webhooks", "Manage endpoints, see deliveries, and listen on your own machine.")

EndpointId = Annotated[str, typer.Argument(metavar="ENDPOINT", help="The endpoint, we_…")]
_TOKEN = "XAIGH_STATUS_TOKEN"
_ENDPOINTS = (
    Column(title="Endpoint"),
    Column(title="State"),
    Column(title="URL", wraps=True),
    Column(title="Events", keep=2, wraps=True),
    Column(title="Last success", keep=1),
    Column(title="Failures", keep=3, right=True),
)
_DELIVERIES = (
    Column(title="Delivery"),
    Column(title="State"),
    Column(title="Event"),
    Column(title="Tries", keep=3, right=True),
    Column(title="Last answer", keep=2),
    Column(title="Made", keep=1),
    Column(title="Endpoint", keep=4),
)


@command(app, "list")
def list_(
    session: Session,
    organization: support.Organization = "",
    environment: support.Environment = "",
    limit: Limit = 50,
) -> None:
    """List the endpoints of your environment, or as an operator an organization's.

    Example: xaigh webhooks list --organization Northline -e production
    """
    theirs = support.scope_of(session, organization, environment)
    size = min(limit, 200)
    if theirs is None:
        found = limited(session.client.webhooks.list_endpoints(page_size=size), limit)
    else:
        found = limited(
            session.client.support.list_organization_endpoints(
                organization_id=theirs.organization_id,
                environment=theirs.environment,
                page_size=size,
            ),
            limit,
        )
    if session.as_json:
        output.emit_json(session, found)
        return
    rows: list[list[Cell]] = [
        [
            one.endpoint_id,
            output.state(output.enum_name(one, "state")),
            one.url,
            ", ".join(one.event_types) or "all",
            output.when(session, one, "last_success_time") or "never",
            str(one.failure_count or ""),
        ]
        for one in found
    ]
    columns, named = support.whose(session, theirs, _ENDPOINTS, rows, found)
    output.table(session, columns, named, empty="No endpoints.")


@command(app, "create")
def create(
    session: Session,
    url: Annotated[str, typer.Argument(metavar="URL", help="https, on a public address.")],
    event: Annotated[Repeated, typer.Option("--event", help="Left out: all; repeatable.")] = None,
    description: Annotated[str, typer.Option("--description", help="A note for people.")] = "",
) -> None:
    """Make an endpoint. Its secret is shown once.

    Example: xaigh webhooks create https://hooks.example.com/xaigh --event job.closed
    """
    made = session.client.webhooks.create_endpoint(
        url=url, event_types=event, description=description or None
    )
    _show_secret(session, made)


@command(app, "rotate-secret")
def rotate_secret(
    session: Session,
    endpoint: EndpointId,
    overlap: Annotated[
        str, typer.Option("--overlap", metavar="SPAN", help="How long both sign. Left out: 24h.")
    ] = "",
) -> None:
    """Give an endpoint a new secret; both sign for a while."""
    span = int(times.parse_span(overlap).total_seconds()) if overlap else None
    made = session.client.webhooks.rotate_secret(endpoint_id=endpoint, overlap_seconds=span)
    _show_secret(session, made)


@command(app, "delete")
def delete(session: Session, endpoint: EndpointId, yes: Yes = False) -> None:
    """Delete an endpoint: nothing is sent to it any more."""
    found = session.client.webhooks.get_endpoint(endpoint_id=endpoint)
    prompts.confirm(session, f"Delete the endpoint {plain(found.url)}?", yes=yes)
    session.client.webhooks.delete_endpoint(endpoint_id=endpoint, etag=found.etag)
    session.out.print(f"Deleted {endpoint}.")


@command(app, "test")
def test(session: Session, endpoint: EndpointId) -> None:
    """Send a test event to an endpoint."""
    sent = session.client.webhooks.send_test(endpoint_id=endpoint)
    if session.as_json:
        output.emit_json(session, sent)
    else:
        session.out.print(f"Sent as {sent.delivery_id}: xaigh webhooks deliveries")


@command(app, "deliveries")
def deliveries(
    session: Session,
    endpoint: Annotated[str, typer.Option("--endpoint", help="Only to this one.")] = "",
    event: Annotated[str, typer.Option("--event", help="Only this type.")] = "",
    state: Annotated[str, typer.Option("--state", help="As failed.")] = "",
    since: Annotated[str, typer.Option("--since", metavar="SPAN", help="As 2h.")] = "",
    organization: support.Organization = "",
    environment: support.Environment = "",
    limit: Limit = 50,
) -> None:
    """List deliveries, newest first: your own, or as an operator an organization's.

    Example: xaigh webhooks deliveries --state failed --since 2d
    """
    theirs = support.scope_of(session, organization, environment)
    if theirs is None:
        found = _deliveries(session, endpoint, event, state, since, limit)
    elif since:
        raise UsageProblem("--since is for keys: operators filter by --endpoint or --state")
    else:
        pager = session.client.support.list_organization_deliveries(
            organization_id=theirs.organization_id,
            environment=theirs.environment,
            endpoint_id=endpoint or None,
            event_type=event or None,
            state=Delivery.State.Value(state.upper()) if state else None,
            page_size=min(limit, 200),
        )
        found = limited(pager, limit)
    if session.as_json:
        output.emit_json(session, found)
        return
    rows = [_delivery_row(session, one) for one in found]
    columns, named = support.whose(session, theirs, _DELIVERIES, rows, found)
    output.table(session, columns, named, empty="No deliveries.")


@command(app, "disable")
def disable(
    session: Session,
    endpoint: EndpointId,
    organization: support.Organization = "",
    environment: support.Environment = "",
    reason: support.Reason = "",
) -> None:
    """Disable an endpoint of an organization, as an operator. What waits is cancelled.

    Example: xaigh webhooks disable we_1 --organization Northline -e production --reason "Floods us"
    """
    theirs = support.one_of(session, organization, environment)
    changed = session.client.support.disable_endpoint(
        organization_id=theirs.organization_id,
        endpoint_id=endpoint,
        environment=theirs.environment,
        reason=support.reason_of(session, reason, "the organization reads it"),
    )
    _say_state(session, changed)


@command(app, "enable")
def enable(
    session: Session,
    endpoint: EndpointId,
    organization: support.Organization = "",
    environment: support.Environment = "",
    reason: support.Reason = "",
) -> None:
    """Enable an endpoint of an organization, as an operator, whatever disabled it."""
    theirs = support.one_of(session, organization, environment)
    changed = session.client.support.enable_endpoint(
        organization_id=theirs.organization_id,
        endpoint_id=endpoint,
        environment=theirs.environment,
        reason=reason or None,
    )
    _say_state(session, changed)


@command(app, "redeliver")
def redeliver(
    session: Session,
    delivery: Annotated[Repeated, typer.Argument(metavar="[DELIVERY]...", help="wd_…")] = None,
    endpoint: Annotated[str, typer.Option("--endpoint", help="All that match, to this.")] = "",
    event: Annotated[str, typer.Option("--event", help="All that match, of this type.")] = "",
    state: Annotated[str, typer.Option("--state", help="All that match, as failed.")] = "",
    since: Annotated[str, typer.Option("--since", metavar="SPAN", help="All of it, as 2h.")] = "",
    limit: Limit = 200,
    yes: Yes = False,
) -> None:
    """Send deliveries again: some by name, or all that match.

    Example: xaigh webhooks redeliver --state failed --since 2d
    """
    names = list(delivery or ())
    if not names and not (endpoint or event or state or since):
        raise UsageProblem("name deliveries, or say which: --state failed, --since 2d")
    if not names:
        found = _deliveries(session, endpoint, event, state, since, limit)
        names = [one.delivery_id for one in reversed(found)]
        prompts.confirm(session, f"Send {count(len(names), 'delivery', 'deliveries')}?", yes=yes)
    for name in names:
        session.client.webhooks.redeliver(delivery_id=name)
    session.out.print(f"On the way: {count(len(names), 'delivery', 'deliveries')}.")


@command(app, "callback-secret")
def show_callback_secret(
    session: Session,
    purpose: Annotated[
        str, typer.Argument(metavar="PURPOSE", help="ticket, sandbox or production.")
    ],
) -> None:
    """Derive the secret of a request's callback from its status token, offline.

    It signs the events of the ticket, and those of the endpoint that a grant made. The token comes
    from XAIGH_STATUS_TOKEN, or is asked for.

    Example: xaigh webhooks callback-secret sandbox
    """
    if purpose not in ("ticket", "sandbox", "production"):
        raise UsageProblem("the purpose is ticket, sandbox or production")
    token = session.environ.get(_TOKEN) or prompts.secret(session, "Status token")
    session.out.print(Text(callback_secret(token, purpose)), soft_wrap=True)


def _deliveries(
    session: Session, endpoint: str, event: str, state: str, since: str, limit: int
) -> list[Delivery]:
    pager = session.client.webhooks.list_deliveries(
        endpoint_id=endpoint or None,
        event_type=event or None,
        state=Delivery.State.Value(state.upper()) if state else None,
        created_after_time=session.now() - times.parse_span(since) if since else None,
        page_size=min(limit, 200),
    )
    return limited(pager, limit)


def _say_state(session: Session, endpoint: Endpoint) -> None:
    if session.as_json:
        output.emit_json(session, endpoint)
        return
    session.out.print(f"{endpoint.endpoint_id} is {output.enum_name(endpoint, 'state').lower()}.")


def _delivery_row(session: Session, one: Delivery) -> list[Cell]:
    last = one.attempts[-1] if one.attempts else None
    answer = "" if last is None else words(output.enum_name(last, "outcome"))
    status = f" {last.status_code}" if last is not None and last.status_code else ""
    return [
        one.delivery_id,
        output.state(output.enum_name(one, "state")),
        one.event_type,
        str(one.attempt_count),
        f"{answer}{status}",
        output.when(session, one, "create_time"),
        one.endpoint_id,
    ]


def _show_secret(session: Session, endpoint: Endpoint) -> None:
    if session.as_json:
        output.emit_json(session, endpoint)
        return
    if endpoint.secret:
        session.out.print(Text(endpoint.secret, style="bold"), soft_wrap=True)
        session.warn("The secret is shown this once: put it into a secret store now.")
    else:
        session.warn("This was done by an earlier try; the secret was shown then. Rotate it.")
    session.note(f"{endpoint.endpoint_id} hears {', '.join(endpoint.event_types) or 'all'}.")
