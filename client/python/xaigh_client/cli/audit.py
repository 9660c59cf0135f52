"""`xaigh audit`: reads, exports and verifies the audit log."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from xaigh.audit.v1.audit_pb2 import AuditEvent
from xaigh_client.cli import audit_chain, names, output, times
from xaigh_client.cli.commands import Limit, OfOrganization, Repeated, command, group, limited
from xaigh_client.cli.output import Column
from xaigh_client.cli.problems import UsageProblem
from xaigh_client.cli.session import Session
from xaigh_client.cli.text import count, plain

app = group("audit", "Read, export and verify the audit log.")

_CHAINS = ("control", "sandbox", "production")
_POLL = 2.0  # seconds
_FOR_OPERATORS = ("chain", "actor", "organization_id")
_READ = "audit_log.read"
_COLUMNS = (
    Column(title="When"),
    Column(title="Action"),
    Column(title="Actor", keep=1),
    Column(title="Targets", wraps=True),
    Column(title="Outcome", keep=3),
    Column(title="Organization", keep=5),
    Column(title="Chain", keep=4),
    Column(title="Reason", keep=2, wraps=True),
)


@command(app, "tail")
def tail(
    session: Session,
    limit: Limit = 20,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as events come.")] = False,
    chain: Annotated[str, typer.Option("--chain", help="As control, or sandbox/org_1.")] = "",
    actor: Annotated[str, typer.Option("--actor", help="Only this one, as operator:ana.")] = "",
    action: Annotated[str, typer.Option("--action", help="Only this one, as key.issued.")] = "",
    target: Annotated[str, typer.Option("--target", help="Only about this id.")] = "",
    organization: OfOrganization = "",
    request: Annotated[str, typer.Option("--request", help="Only of this request id.")] = "",
    since: Annotated[str, typer.Option("--since", metavar="SPAN", help="As 2h or 7d.")] = "",
) -> None:
    """Show the latest events, oldest of them first.

    Operators see every chain; the holder of a key sees its organization's events, in the key's
    environment.

    Example: xaigh audit tail --action key.revoked --since 7d
    """
    filters: dict[str, Any] = {
        "chain": chain or None,
        "actor": actor or None,
        "action": action or None,
        "target": target or None,
        "organization_id": _organization(session, organization),
        "request_id": request or None,
        "start_time": session.now() - times.parse_span(since) if since else None,
    }
    found = list(reversed(limited(_events(session, filters, min(limit, 200)), limit)))
    if follow:
        _follow(session, found, filters)
    elif session.as_json:
        output.emit_json(session, found)
    else:
        output.table(session, _COLUMNS, [_row(session, one) for one in found], empty="No events.")


@command(app, "show")
def show(
    session: Session,
    chain: Annotated[str, typer.Argument(help="As control, or sandbox/org_1.")],
    sequence: Annotated[int, typer.Argument(help="The position in its chain.")],
) -> None:
    """Show one event with what it changed."""
    chain = chain if "/" in chain else f"{chain}/-"
    for event in session.client.audit.list_audit_events(chain=chain, page_size=1000):
        if event.sequence == sequence:
            _show(session, event)
            return
        if event.sequence < sequence:
            break
    raise UsageProblem(f"the chain {chain} has no event {sequence}")


@command(app, "export")
def export(
    session: Session,
    out: Annotated[str, typer.Option("--out", metavar="FILE", help="Left out: stdout.")] = "",
    chain: Annotated[
        str, typer.Option("--chain", help="A database or a chain of it; left out: all.")
    ] = "",
) -> None:
    """Write whole chains as lines of JSON, in the form that `xaigh audit verify` proves.

    The holder of a key gets the three chains of its organization with the newest anchor; what the
    key may not read is there as a link, without its content.

    Example: xaigh audit export --out audit.ndjson
    """
    if out and Path(out).exists():
        raise UsageProblem(f"{out} exists: an export never replaces another")
    lines = _all_lines(session, chain) if session.is_operator else _own_lines(session, chain)
    # The file is written after the last event arrived: half an export looks like a cut chain.
    with open(out, "x") if out else nullcontext(session.out.file) as stream:
        stream.writelines(f"{line}\n" for line in lines)
    events = sum('"type":"event"' in line or '"type":"link"' in line for line in lines)
    session.note(f"Exported {count(events, 'event')}.")


@command(app, "verify")
def verify(
    session: Session,
    export_file: Annotated[Path, typer.Argument(metavar="FILE", help="An export.")],
    anchors: Annotated[Path | None, typer.Option("--anchors", help="An anchor file.")] = None,
    public_key: Annotated[
        Path | None, typer.Option("--public-key", help="The anchor's key, PEM.")
    ] = None,
    expect_heads: Annotated[
        Repeated,
        typer.Option("--expect-heads", help="FILE or CHAIN:SEQUENCE:HASH; repeatable."),
    ] = None,
    allow_unanchored: Annotated[
        bool, typer.Option("--allow-unanchored", help="Exit with 0 where no head proves the end.")
    ] = False,
) -> int:
    """Prove an export offline: every event follows from the one before it.

    With the public key the anchors count, those in the export and those of an anchor file: a cut
    or rewritten end is found, too. An export of the server's own command holds anchors; one over
    the API holds none: expect the heads that an earlier verification printed. Exit code 1
    where something is wrong, and the first bad event is named; 3 where all is sound, but no head
    proves the end of a chain.

    Example: xaigh audit verify audit.ndjson --anchors anchors.jsonl --public-key audit.pub
    """
    if anchors is not None and public_key is None:
        raise UsageProblem("--anchors needs --public-key: an anchor is worth its signature")
    key = audit_chain.read_key(public_key) if public_key is not None else None
    signed = anchors.read_text().splitlines() if anchors is not None else []
    with export_file.open() as lines:
        known = [head for text in expect_heads or () for head in audit_chain.read_expected(text)]
        reports = audit_chain.verify(lines, signed, key, known)
    if session.as_json:
        output.emit_json(session, [report.as_json() for report in reports])
    else:
        for report in reports:
            shown = Text(report.text(), style="green" if report.sound else "bold red")
            session.out.print(shown, soft_wrap=True)  # a head that is cut proves nothing
        if key is None:
            session.note("Without --public-key a cut or rewritten end can't be found.")
    if not all(report.sound for report in reports):
        return 1
    unproven = [report for report in reports if not report.proven]
    for report in unproven:
        session.note(f"{report.chain}: no head proves the events after {report.anchored}.")
    return 3 if unproven and not allow_unanchored else 0


def _all_lines(session: Session, chain: str) -> list[str]:
    lines = [audit_chain.header_line()]
    for name in [chain] if chain else _CHAINS:
        events = list(session.client.audit.list_audit_events(chain=name, page_size=1000))
        events.sort(key=lambda event: (event.chain, event.sequence))
        lines += map(audit_chain.event_line, events)
    return lines


def _own_lines(session: Session, chain: str) -> list[str]:
    if chain:
        raise UsageProblem("--chain is for operators: a key exports its organization's chains")
    found = session.client.audit.export_own_audit_events(page_size=200)
    return [line.text for line in found]


def _follow(session: Session, found: list[AuditEvent], filters: dict[str, Any]) -> None:
    seen = {(event.chain, event.sequence) for event in found}
    for event in found:
        _line(session, event)
    while True:
        time.sleep(_POLL)
        fresh = list(_unseen(session, seen, filters))
        for event in reversed(fresh):
            seen.add((event.chain, event.sequence))
            # Each look at the log is an event: without this, following would show itself alone.
            if event.action != _READ or filters.get("action") == _READ:
                _line(session, event)


def _organization(session: Session, given: str) -> str | None:
    """The id of an organization that an operator names; a key's holder can't look names up."""
    return (names.organization_id(session, given) if session.is_operator else given) or None


def _events(session: Session, filters: dict[str, Any], size: int) -> Iterable[AuditEvent]:
    """The newest events first: of every chain, or those of the holder's organization."""
    if session.is_operator:
        return session.client.audit.list_audit_events(**filters, page_size=size)
    unfit = [name for name in _FOR_OPERATORS if filters.get(name)]
    if unfit:
        option = unfit[0].removesuffix("_id")
        raise UsageProblem(f"--{option} is for operators: a key sees its organization's events")
    own = {name: value for name, value in filters.items() if name not in _FOR_OPERATORS}
    return session.client.audit.list_own_audit_events(**own, page_size=size)


def _unseen(
    session: Session, seen: set[tuple[str, int]], filters: dict[str, Any]
) -> Iterator[AuditEvent]:
    for event in _events(session, filters, 100):
        if (event.chain, event.sequence) in seen:
            return
        yield event


def _line(session: Session, event: AuditEvent) -> None:
    if session.as_json:
        output.emit_line(session, event)
        return
    when, action, actor, targets, outcome, organization, chain, reason = (
        cell.plain if isinstance(cell, Text) else plain(cell) for cell in _row(session, event)
    )
    text = Text(f"{when}  ", style="dim").append(action, style="bold")
    where = f"{organization}  {chain}" if organization else chain
    text.append(f"  {actor}  {targets}  {where}  {reason}".rstrip())
    if outcome != "done":
        text.append(f"  {outcome}", style="red")
    session.out.print(text, soft_wrap=True)


def _row(session: Session, event: AuditEvent) -> list[output.Cell]:
    return [
        output.when(session, event, "event_time"),
        event.action,
        event.actor,
        ", ".join(event.targets),
        output.state(output.enum_name(event, "outcome")),
        names.name(session, event.organization_id),  # the chain has its id
        event.chain,
        event.reason,
    ]


def _show(session: Session, event: AuditEvent) -> None:
    if session.as_json:
        output.emit_json(session, event)
        return
    members = audit_chain.members(event)
    output.facts(
        session,
        f"{event.action} · {event.chain} {event.sequence}",
        [
            ("when", output.when_both(session, event, "event_time")),
            ("actor", event.actor),
            ("targets", ", ".join(event.targets)),
            ("outcome", output.state(output.enum_name(event, "outcome"))),
            ("reason", event.reason),
            ("request", event.request_id),
            ("client's id", event.client_request_id),
            ("peer", event.peer),
            ("environment", event.environment),
            ("organization", names.of(session, event)),
            ("before", _pretty(members["before"])),
            ("after", _pretty(members["after"])),
            ("hash", event.hash),
        ],
    )


def _pretty(value: Any) -> str:
    return "" if value is None else json.dumps(value, indent=2, ensure_ascii=False)
