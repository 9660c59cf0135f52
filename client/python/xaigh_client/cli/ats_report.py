"""Reports of syncs on the terminal: the outcome of one sync, and the status of all."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from xaigh.ats.v1.sync_pb2 import RecordOutcome, SyncJobsResponse
from xaigh.ats.v1.sync_run_pb2 import FieldDrift, MissingClose
from xaigh.ats.v1.sync_status_pb2 import IntegrationStatus, PendingDrift, SyncStatus
from xaigh_client.cli import output
from xaigh_client.cli.output import Cell, Column
from xaigh_client.cli.session import Session
from xaigh_client.cli.text import count, plain, words

_SHOWN = 20
_COUNTS = ("created", "updated", "unchanged", "reopened", "closed", "rejected", "stale_skipped")
_COLUMNS = (
    Column(title="Integration"),
    Column(title="Provider"),
    Column(title="State", keep=4),
    Column(title="Open", right=True),
    Column(title="Managed", keep=5, right=True),
    Column(title="Last attempt", keep=3),
    Column(title="Last completed", keep=1),
    Column(title="Fresh"),
    Column(title="Waits", keep=2),
)


def needs_attention(replies: Sequence[SyncJobsResponse]) -> bool:
    """True where a record was rejected, fields or a close are held back, or it was skipped."""
    last = replies[-1].run.close.state if replies else MissingClose.NOT_REQUESTED
    if last in (MissingClose.HELD, MissingClose.SKIPPED):
        return True
    return any(reply.counts.rejected or reply.run.HasField("drift") for reply in replies)


def show(session: Session, replies: Sequence[SyncJobsResponse], *, dry_run: bool) -> None:
    """Prints the outcome of a sync: counts, rejections, warnings, changes, missing roles."""
    totals = {name: sum(getattr(reply.counts, name) for reply in replies) for name in _COUNTS}
    summary = ", ".join(f"{number} {words(name)}" for name, number in totals.items() if number)
    prefix = "Would be: " if dry_run else ""
    session.out.print(Text(f"{prefix}{summary or 'no records'}", style="bold"))
    outcomes = [outcome for reply in replies for outcome in reply.outcomes]
    _show_rejected(session, [one for one in outcomes if one.rejections])
    _show_warned(session, [one for one in outcomes if one.warnings and not one.rejections])
    _show_changed(session, [one for one in outcomes if one.changed_fields])
    if replies:
        _show_close(session, replies[-1], dry_run=dry_run)
    for reply in replies:
        if reply.run.drift.state == FieldDrift.HELD_DRIFT:
            _show_held_drift(session, reply, dry_run=dry_run)


def show_missing(console: Console, close: MissingClose) -> None:
    """Prints the roles that a feed no longer lists."""
    shown = close.roles[:_SHOWN]
    for role in shown:
        name = Text(f"  {plain(role.external_job_id)}  ", style="dim")
        console.print(name.append(plain(role.title), style="not dim"), soft_wrap=True)
    if close.count > len(shown):
        rest = f"  and {count(close.count - len(shown), 'more role')}: `xaigh ats events`"
        console.print(Text(rest, style="dim"))


def show_drift(console: Console, drift: FieldDrift | PendingDrift) -> None:
    """Prints the held fields, each with how many roles lost it."""
    for field in drift.fields:
        lost = f"lost by {field.lost_count} of {count(field.had_count, 'role')}"
        console.print(Text(f"  {plain(field.field)}  {lost}"), soft_wrap=True)
        for role in field.examples[:3]:
            name = f"    {plain(role.external_job_id)}  {plain(role.title)}"
            console.print(Text(name, style="dim"), soft_wrap=True)


def show_status(session: Session, status: SyncStatus) -> None:
    """Prints one line for each integration, and the closes that wait for a confirmation."""
    rows = [_row(session, one) for one in status.integrations]
    output.table(session, _COLUMNS, rows, empty="No integrations.")
    totals = status.totals
    session.note(f"{totals.open:,} open of {totals.managed:,} managed roles.")
    for one in status.integrations:
        if one.HasField("pending_close"):
            pending = one.pending_close
            until = output.when(session, pending, "confirm_by_time")
            session.warn(
                f"{pending.close_count} of {count(pending.open_count, 'open role')} of "
                f"{one.integration_id} wait to be closed ({words(_reason(pending.reason))}), "
                f"{until}: "
                f"xaigh ats confirm-close {pending.sync_run_id} --count {pending.close_count}"
            )
        if one.HasField("pending_drift"):
            until = output.when(session, one.pending_drift, "confirm_by_time")
            session.warn(
                f"{one.integration_id} holds fields that its roles lost, {until}: "
                f"{_confirm_drift(one.pending_drift.sync_run_id, one.pending_drift)}"
            )
            show_drift(session.err, one.pending_drift)


def _show_rejected(session: Session, rejected: Sequence[RecordOutcome]) -> None:
    for outcome in rejected[:_SHOWN]:
        _head(session, outcome, "rejected", "red")
        for note in outcome.rejections:
            place = f"{plain(note.field)}: " if note.field else ""
            session.out.print(Text(f"    {place}{plain(note.message)}"), soft_wrap=True)
    _rest(session, rejected, "rejected record")


def _show_warned(session: Session, warned: Sequence[RecordOutcome]) -> None:
    for outcome in warned[:_SHOWN]:
        _head(session, outcome, "accepted with warnings", "yellow")
        for note in outcome.warnings:
            place = f"{plain(note.field)}: " if note.field else ""
            session.out.print(Text(f"    {place}{plain(note.message)}"), soft_wrap=True)
    _rest(session, warned, "record with warnings", "records with warnings")


def _show_changed(session: Session, changed: Sequence[RecordOutcome]) -> None:
    for outcome in changed[:_SHOWN]:
        what = words(output.enum_name(outcome, "outcome"))
        _head(session, outcome, f"{what}: {', '.join(outcome.changed_fields)}", "")
    _rest(session, changed, "changed role")


def _head(session: Session, outcome: RecordOutcome, result: str, style: str) -> None:
    name = outcome.external_job_id or f"record {outcome.index + 1}"
    text = Text(f"  {plain(name)}  ", style="dim").append(plain(result), style=style)
    session.out.print(text, soft_wrap=True)


def _rest(session: Session, found: Sequence[RecordOutcome], one: str, many: str = "") -> None:
    if len(found) > _SHOWN:
        session.note(f"  and {count(len(found) - _SHOWN, f'more {one}', many and f'more {many}')}")


def _show_close(session: Session, reply: SyncJobsResponse, *, dry_run: bool) -> None:
    close = reply.run.close
    gone = count(close.count, "role")
    match close.state:
        case MissingClose.CLOSED if not close.count:
            session.note("Nothing to close: the feed holds every open role.")
        case MissingClose.CLOSED:
            verb = "Would close" if dry_run else "Closed"
            session.out.print(Text(f"{verb} {gone} that the feed no longer holds:"))
            show_missing(session.out, close)
        case MissingClose.HELD:
            verb = "Would be held back" if dry_run else "Held back"
            session.warn(
                f"{verb}: closing {gone} of {close.open_count} open ones needs a confirmation "
                f"({words(_reason(close.reason))})."
            )
            show_missing(session.out, close)
            if not dry_run:
                session.warn(f"xaigh ats confirm-close {reply.sync_run_id} --count {close.count}")
        case MissingClose.SKIPPED:
            session.warn(f"Nothing was closed: {words(_reason(close.reason))}.")


def _show_held_drift(session: Session, reply: SyncJobsResponse, *, dry_run: bool) -> None:
    verb = "Would be held back" if dry_run else "Held back"
    session.warn(f"{verb}: the roles keep fields that too many of them lost at once.")
    show_drift(session.out, reply.run.drift)
    if not dry_run:
        session.warn(_confirm_drift(reply.sync_run_id, reply.run.drift))


def _confirm_drift(run: str, drift: FieldDrift | PendingDrift) -> str:
    fields = " ".join(f"--field {field.field}" for field in drift.fields)
    return f"xaigh ats confirm-drift {run} {fields}"


def _reason(reason: MissingClose.Reason.ValueType) -> str:
    return MissingClose.Reason.Name(reason)


def _row(session: Session, one: IntegrationStatus) -> list[Cell]:
    fresh = Text("stale", style="red") if one.stale else Text("fresh", style="green")
    if one.stale and one.HasField("stale_since_time"):
        fresh.append(f" {output.when(session, one, 'stale_since_time')}")
    attempt = output.when(session, one, "last_attempt_time")
    result = words(output.enum_name(one, "last_attempt_result"))
    return [
        one.integration_id,
        words(output.enum_name(one, "provider")),
        output.state(output.enum_name(one, "state")),
        str(one.roles.open),
        str(one.roles.managed),
        f"{attempt} {result}".strip(),
        output.when(session, one, "last_completed_time") or "never",
        fresh,
        str(one.pending_close.close_count or ""),
    ]
