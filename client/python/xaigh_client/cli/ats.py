"""`xaigh ats`: syncs a feed, shows the state of syncs, confirms held closes."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

from xaigh.ats.v1.sync_event_pb2 import AtsJobSyncEvent
from xaigh.ats.v1.sync_pb2 import SyncJobsResponse
from xaigh.ats.v1.sync_run_pb2 import FieldDrift, MissingClose, SyncRun
from xaigh.jobs.v1.ats_job_link_pb2 import AtsJobLink
from xaigh_client import rawhash
from xaigh_client.cli import (
    ats_integrations,
    ats_pull,
    ats_report,
    feeds,
    output,
    prompts,
    support,
    times,
)
from xaigh_client.cli.commands import DryRun, Limit, Yes, command, group, limited
from xaigh_client.cli.feeds import Feed
from xaigh_client.cli.output import Cell, Column
from xaigh_client.cli.problems import PARTIAL, UsageProblem
from xaigh_client.cli.session import Session
from xaigh_client.cli.text import count, plain, words
from xaigh_client.errors import FailedPreconditionError

app = group("ats", "Sync a client's ATS, and see how the syncs stand.")
app.add_typer(ats_integrations.app)
ats_pull.add_to(app)

Run = Annotated[str, typer.Argument(metavar="RUN", help="The sync run.")]
Provider = Annotated[str, typer.Option("--provider", "-p", help="As greenhouse.")]
Integration = Annotated[str, typer.Option("--integration", help="Only this one.")]
_RUN_COLUMNS = (
    Column(title="Run"),
    Column(title="State"),
    Column(title="Provider", keep=4),
    Column(title="Seen", right=True),
    Column(title="Changed", keep=2, right=True),
    Column(title="Rejected", keep=3, right=True),
    Column(title="Close", keep=1),
    Column(title="Began", keep=5),
)
_EVENT_COLUMNS = (
    Column(title="When"),
    Column(title="What"),
    Column(title="Job"),
    Column(title="External id", keep=1),
    Column(title="Changed", keep=2, wraps=True),
    Column(title="Run", keep=3),
)


@command(app, "sync")
def sync(
    session: Session,
    file: Annotated[str, typer.Argument(metavar="FILE", help="The provider's JSON; - for stdin.")],
    provider: Provider = "",
    employer: Annotated[str, typer.Option("--employer", help="Whose roles they are.")] = "",
    integration: Annotated[str, typer.Option("--integration", help="Where there are two.")] = "",
    close_missing: Annotated[
        bool, typer.Option("--close-missing", help="The file is whole: close what isn't in it.")
    ] = False,
    expected_total: Annotated[
        int, typer.Option("--expected-total", min=-1, help="Distinct ids. Left out: the records.")
    ] = -1,
    read_at: Annotated[
        str, typer.Option("--read-at", metavar="TIME", help="When the feed was read.")
    ] = "",
    run: Annotated[str, typer.Option("--run", help="The run that the file is.")] = "",
    dry_run: DryRun = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Accepted for scripts: a sync asks nothing.")
    ] = False,
) -> int:
    """Sync a feed from a file: a provider's document, a list of records, or lines of JSON.

    Exit code 11 where a record was rejected or a close is held back.

    Example: xaigh ats sync board.json --provider greenhouse --dry-run

    Example: xaigh ats sync board.json -p greenhouse --close-missing
    """
    if not provider and not integration:
        raise UsageProblem("say --provider, as greenhouse, or --integration")
    named = _provider(provider)
    feed = Feed(
        records=feeds.read(session, file),
        provider=named,
        employer=employer or None,
        integration=integration
        or (None if employer else ats_integrations.only_one(session, named)),
        close_missing=close_missing,
        expected_total=None if expected_total < 0 else expected_total,
        generated_at=times.parse_time(read_at, session.now()) if read_at else None,
        run=run,
    )
    try:
        replies = _send(session, feed, dry_run=dry_run)
    except FailedPreconditionError as error:
        if error.reason == "INTEGRATION_INACTIVE":
            session.warn(ats_integrations.WAITS)
        raise
    if session.as_json:
        output.emit_json(session, replies)
    else:
        ats_report.show(session, replies, dry_run=dry_run)
    return PARTIAL if ats_report.needs_attention(replies) else 0


@command(app, "hash")
def hash_(
    session: Session,
    file: Annotated[str, typer.Argument(metavar="FILE", help="The provider's JSON; - for stdin.")],
    provider: Provider = "",
) -> None:
    """Compute the raw hash of each record of a file, without a server.

    Compare it with `rawHash` of a job or an event: it proves which record the role was made of.

    Example: xaigh ats hash board.json --provider greenhouse
    """
    name = _provider(provider)
    if name is None:
        raise UsageProblem("say --provider: the members that are left out depend on it")
    hashes = [rawhash.raw_hash(name, record) for record in feeds.read(session, file)]
    if session.as_json:
        output.emit_json(session, [{"index": at, "rawHash": one} for at, one in enumerate(hashes)])
        return
    for one in hashes:
        session.out.print(one)


@command(app, "status")
def status(
    session: Session,
    provider: Provider = "",
    employer: Annotated[str, typer.Option("--employer", help="Only this one's.")] = "",
) -> None:
    """Show how the syncs stand: roles, last runs, what is stale, what waits."""
    found = session.client.ats.get_sync_status(
        provider=AtsJobLink.Provider.Value(_provider(provider) or "") if provider else None,
        employer_user_id=employer or None,
    )
    if session.as_json:
        output.emit_json(session, found)
        return
    ats_report.show_status(session, found)


@command(app, "runs")
def runs(
    session: Session,
    integration: Integration = "",
    provider: Provider = "",
    state: Annotated[str, typer.Option("--state", help="As completed.")] = "",
    organization: support.Organization = "",
    environment: support.Environment = "",
    limit: Limit = 20,
) -> None:
    """List sync runs, newest first: your own, or as an operator an organization's."""
    theirs = support.scope_of(session, organization, environment)
    filters: dict[str, Any] = {
        "integration_id": integration or None,
        "provider": AtsJobLink.Provider.Value(_provider(provider) or "") if provider else None,
        "state": SyncRun.State.Value(state.upper()) if state else None,
        "page_size": min(limit, 200),
    }
    if theirs is None:
        found = limited(session.client.ats.list_sync_runs(**filters), limit)
    else:
        found = limited(
            session.client.support.list_organization_runs(
                organization_id=theirs.organization_id, environment=theirs.environment, **filters
            ),
            limit,
        )
    if session.as_json:
        output.emit_json(session, found)
        return
    rows = [_run_row(session, run) for run in found]
    columns, named = support.whose(session, theirs, _RUN_COLUMNS, rows, found)
    output.table(session, columns, named, empty="No runs.")


@command(app, "events")
def events(
    session: Session,
    integration: Integration = "",
    run: Annotated[str, typer.Option("--run", help="Only of this run.")] = "",
    job: Annotated[str, typer.Option("--job", help="Only of this job.")] = "",
    type_: Annotated[str, typer.Option("--type", help="As closed.")] = "",
    organization: support.Organization = "",
    environment: support.Environment = "",
    limit: Limit = 50,
) -> None:
    """List what syncs did to single roles, newest first: your own, or an organization's.

    Example: xaigh ats events --type missing-from-ats

    Example: xaigh ats events --organization Northline -e production --job ats_1
    """
    theirs = support.scope_of(session, organization, environment)
    kind = type_.upper().replace("-", "_")
    filters: dict[str, Any] = {
        "integration_id": integration or None,
        "job_id": job or None,
        "type": AtsJobSyncEvent.Type.Value(kind) if kind else None,
        "page_size": min(limit, 200),
    }
    if theirs is None:
        mine = session.client.ats.list_sync_events(sync_run_id=run or None, **filters)
        found = limited(mine, limit)
    elif run:
        raise UsageProblem("--run is for keys: operators filter by --job or --integration")
    else:
        found = limited(
            session.client.support.list_organization_events(
                organization_id=theirs.organization_id, environment=theirs.environment, **filters
            ),
            limit,
        )
    if session.as_json:
        output.emit_json(session, found)
        return
    rows: list[list[Cell]] = [
        [
            output.when(session, event, "event_time"),
            output.state(output.enum_name(event, "type")),
            event.job_id,
            event.external_job_id,
            ", ".join(event.changed_fields),
            event.sync_run_id,
        ]
        for event in found
    ]
    columns, named = support.whose(session, theirs, _EVENT_COLUMNS, rows, found)
    output.table(session, columns, named, empty="No events.")


@command(app, "confirm-close")
def confirm_close(
    session: Session,
    run: Run,
    number: Annotated[
        int, typer.Option("--count", min=0, help="How many roles, exactly. Left out: shown, asked.")
    ] = 0,
    yes: Yes = False,
) -> None:
    """Close the roles that a run found gone and the guard held back.

    Example: xaigh ats confirm-close cli-4b1d --count 37
    """
    held = _held(session, run)
    if held is not None:
        ats_report.show_missing(session.err, held)
        number = number or held.count
    if not number:
        raise UsageProblem(f"nothing is held back of {run}, as far as the list says; give --count")
    session.warn(f"{count(number, 'role')} stop at once: nobody is matched to them any more.")
    prompts.confirm(session, f"Close {count(number, 'role')}?", yes=yes)
    closed = session.client.ats.confirm_close(sync_run_id=run, close_count=number)
    if session.as_json:
        output.emit_json(session, closed)
    else:
        session.out.print(f"Closed {count(closed.close.count, 'role')}.")


@command(app, "confirm-drift")
def confirm_drift(
    session: Session,
    run: Run,
    fields: Annotated[
        list[str] | None,
        typer.Option("--field", help="A field to clear; repeat it. Left out: shown, asked."),
    ] = None,
    yes: Yes = False,
) -> None:
    """Clear the fields that too many roles of a run lost and the guard held back.

    Example: xaigh ats confirm-drift cli-4b1d --field pay
    """
    held = _held_drift(session, run)
    if held is not None:
        ats_report.show_drift(session.err, held)
    names = fields or ([] if held is None else [field.field for field in held.fields])
    if not names:
        raise UsageProblem(f"no field is held of {run}, as far as the list says; give --field")
    session.warn("The roles whose records lack these fields have no value any more.")
    prompts.confirm(session, f"Clear {', '.join(names)}?", yes=yes)
    cleared = session.client.ats.confirm_drift(sync_run_id=run, fields=names)
    if session.as_json:
        output.emit_json(session, cleared)
    else:
        session.out.print(f"Cleared {', '.join(names)}.")


def _provider(text: str) -> str | None:
    if not text:
        return None
    name = text.upper()
    known = [value.name for value in AtsJobLink.Provider.DESCRIPTOR.values if value.number]
    if name not in known:
        raise UsageProblem(f"no provider {text!r}; there are: {', '.join(known).lower()}")
    return name


def _send(session: Session, feed: Feed, *, dry_run: bool) -> list[SyncJobsResponse]:
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=session.err,
        transient=True,
        disable=not session.err.is_terminal or len(feed.records) <= feeds.BATCH,
    )
    replies = []
    with progress:
        task = progress.add_task("Records", total=len(feed.records))
        for reply in feeds.send(session, feed, dry_run=dry_run):
            replies.append(reply)
            progress.advance(task, len(reply.outcomes))
    return replies


def _held(session: Session, run: str) -> MissingClose | None:
    found = _listed(session, run)
    if found is None or found.close.state != MissingClose.HELD:
        return None
    return found.close


def _held_drift(session: Session, run: str) -> FieldDrift | None:
    found = _listed(session, run)
    if found is None or found.drift.state != FieldDrift.HELD_DRIFT:
        return None
    return found.drift


def _listed(session: Session, run: str) -> SyncRun | None:
    for found in session.client.ats.list_sync_runs(page_size=200):
        if found.sync_run_id == run:
            return found
    return None


def _run_row(session: Session, run: SyncRun) -> list[Cell]:
    counts = run.counts
    changed = counts.created + counts.updated + counts.reopened + counts.closed
    close = output.enum_name(run.close, "state")
    nothing = "none gone" if close == "CLOSED" else words(close)
    gone = f"{words(close)} {run.close.count}" if run.close.count else nothing
    expected = f"/{run.expected_total}" if run.HasField("expected_total") else ""
    return [
        run.sync_run_id,
        output.state(output.enum_name(run, "state")),
        words(output.enum_name(run, "provider")),
        f"{run.seen_total}{expected}",
        str(changed),
        str(counts.rejected),
        "" if close == "NOT_REQUESTED" else Text(plain(gone)),
        output.when(session, run, "begin_time"),
    ]
