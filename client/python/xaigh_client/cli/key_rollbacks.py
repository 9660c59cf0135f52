"""`xaigh keys rollback` and `xaigh keys release-holds`: take a key back with what it posted."""

from __future__ import annotations

from typing import Annotated

import typer

from xaigh.keys.v1.rollback_pb2 import Rollback
from xaigh_client.cli import output, prompts, times
from xaigh_client.cli.commands import DryRun, Yes, command
from xaigh_client.cli.keys import KeyId, Reason
from xaigh_client.cli.output import Column
from xaigh_client.cli.problems import UsageProblem
from xaigh_client.cli.session import Session

_COLUMNS = (
    Column(title="Job"),
    Column(title="Title", wraps=True),
    Column(title="Employer", keep=1),
    Column(title="Posted", keep=2),
)


def rollback(
    session: Session,
    key_id: KeyId,
    since: Annotated[
        str, typer.Option("--since", metavar="WHEN", help="2026-11-30T08:00Z, or 2h ago as 2h.")
    ] = "",
    reason: Reason = "",
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Revoke a key and hold every open job that it and its predecessors posted since then.

    Jobs that a sync mirrors stay as they are. Should it break off after the revocation, the
    server goes on by itself, and the same command completes it. The organization reads the reason
    on its held jobs.

    Example: xaigh keys rollback 4fT0aQ9xZb --since 2h --dry-run
    """
    if not since:
        raise UsageProblem("--since WHEN: from when on its jobs are held, as 2h")
    start = times.parse_past(since, session.now())
    preview = session.client.keys.rollback_key(
        key_id=key_id, since=start, reason=reason or "dry run", validate_only=True
    )
    if dry_run:
        _show(session, preview, "Would revoke {keys} and hold {jobs}. Nothing was done.")
        return
    reason = reason or prompts.ask(session, "Reason")
    if not reason:
        raise UsageProblem("a rollback needs --reason: the organization reads it on the held jobs")
    session.warn(_words(preview, "{keys} can't be used again, and {jobs} will be held."))
    prompts.confirm(session, f"Roll back {key_id}?", yes=yes)
    done = session.client.keys.rollback_key(key_id=key_id, since=start, reason=reason)
    _show(session, done, "Revoked {keys} and held {jobs}.")


def release_holds(session: Session, key_id: KeyId, reason: Reason = "", yes: Yes = False) -> None:
    """Release exactly the holds of the key's last rollback. The key stays revoked.

    Example: xaigh keys release-holds 4fT0aQ9xZb --reason "the jobs were checked" --yes
    """
    reason = reason or prompts.ask(session, "Reason")
    if not reason:
        raise UsageProblem("a release needs --reason: it is kept in the audit log")
    prompts.confirm(session, f"Release what the rollback of {key_id} holds?", yes=yes)
    done = session.client.keys.release_holds(key_id=key_id, reason=reason)
    _show(session, done, "Released {jobs}. The key stays revoked.")


def add_to(app: typer.Typer) -> None:
    """Adds both commands to the group of keys."""
    command(app, "rollback")(rollback)
    command(app, "release-holds")(release_holds)


def _show(session: Session, found: Rollback, summary: str) -> None:
    if session.as_json:
        output.emit_json(session, found)
        return
    rows = [
        [job.job_id, job.title, job.employer_user_id, output.when(session, job, "create_time")]
        for job in found.jobs
    ]
    output.table(session, _COLUMNS, rows, empty="No jobs.")
    if len(found.jobs) < found.job_count:
        session.note(f"The first {len(found.jobs)} of {found.job_count}.")
    session.note(_words(found, summary))


def _words(found: Rollback, summary: str) -> str:
    jobs = "1 job" if found.job_count == 1 else f"{found.job_count} jobs"
    return summary.format(keys=", ".join(found.key_ids), jobs=jobs)
