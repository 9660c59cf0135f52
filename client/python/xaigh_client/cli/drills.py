"""Drills of a rehearsal, one function each. Each plays its part and cleans up behind itself.

None of them decides whether it was passed: the server does, by what it saw.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, timedelta
from uuid import uuid4

from xaigh.jobs.v1 import jobs_service_pb2
from xaigh.rehearsals.v1.rehearsal_pb2 import Drill
from xaigh_client import methods
from xaigh_client.cli.abandoned_calls import give_up
from xaigh_client.cli.rehearsal import TITLE, Failed, Stage, new_key
from xaigh_client.cli.text import count, words
from xaigh_client.client import Client
from xaigh_client.errors import (
    FailedPreconditionError,
    InvalidArgumentError,
    UnauthenticatedError,
)
from xaigh_client.types import MissingClose, SyncJobsResponse

_POST = methods.of(
    jobs_service_pb2.DESCRIPTOR.services_by_name["JobsService"].methods_by_name["PostJob"]
)
_ROLES = 4
_WHY = "a rehearsal in the sandbox"


def replay(stage: Stage) -> Drill:
    """Posts a job, and posts it again under the same idempotency key."""
    stage.needs("jobs:write")
    key = new_key()
    with stage.closing() as made:
        made.append(stage.post(key))
        stage.say(f"Posted {made[0].job_id}.")
        made.append(stage.post(key))
        stage.say("Posted it again under the same idempotency key.")
        if made[0].job_id != made[1].job_id:
            raise Failed(f"The repeat made another job, {made[1].job_id}.")
        return stage.record(Drill.REPLAY, since=stage.since)


def time_out(stage: Stage) -> Drill:
    """Gives a post up, and posts again under the same idempotency key."""
    stage.needs("jobs:write")
    key = new_key()
    ending = give_up(stage.client.settings, _POST, idempotency_key=key)
    stage.say(f"Began to post a job, and {ending}.")
    with stage.closing() as made:
        made.append(stage.post(key))
        stage.say(f"Posted it again under the same idempotency key: {made[0].job_id}, one job.")
        return stage.record(Drill.TIME_OUT, since=stage.since)


def recovery(stage: Stage) -> Drill:
    """Posts a job with a fault, mends it, and posts it under the same idempotency key."""
    stage.needs("jobs:write")
    key = new_key()
    try:
        refused = stage.post(key, slots=0)
    except InvalidArgumentError as error:
        fields = ", ".join(violation.path for violation in error.violations)
        stage.say(f"Posted a job with a fault: refused, {error.reason} at {fields}.")
    else:
        stage.undo("a job", lambda: stage.client.jobs.close_job(job_id=refused.job_id))
        raise Failed("The server took a job without slots.")
    with stage.closing() as made:
        made.append(stage.post(key))
        stage.say(f"Mended it, and posted it under the same idempotency key: {made[0].job_id}.")
        return stage.record(Drill.RECOVERY, since=stage.since)


def half_feed(stage: Stage) -> Drill:
    """Ends a run with half of the feed, then sends the whole one."""
    with _integration(stage) as integration:
        _sync(stage, integration, _ROLES)
        stage.say(f"Synced a whole feed of {_ROLES} roles.")
        half = _sync(stage, integration, _ROLES // 2, run=f"half-{uuid4().hex[:8]}")
        stage.say(
            f"Sent {_ROLES // 2} of {_ROLES} announced roles and said that was all: the run is "
            f"{words(half.run.State.Name(half.run.state))}, and closed "
            f"{count(half.run.close.count, 'role')}."
        )
        whole = _sync(stage, integration, _ROLES)
        if whole.counts.reopened or whole.counts.created:
            raise Failed("The half feed closed roles, which the whole one brought back.")
        stage.say("Sent the whole feed: every role was still open.")
        return stage.record(Drill.HALF_FEED, since=stage.since)


def held_close(stage: Stage) -> Drill:
    """Sends an empty feed, whose close is held back, then sends the whole one."""
    with _integration(stage) as integration:
        _sync(stage, integration, _ROLES)
        stage.say(f"Synced a whole feed of {_ROLES} roles.")
        empty = _sync(stage, integration, 0)
        if empty.run.close.state != MissingClose.HELD:
            state = words(MissingClose.State.Name(empty.run.close.state))
            raise Failed(f"The close of an empty feed is {state}, not held back.")
        stage.say(f"Sent an empty feed: closing {empty.run.close.count} roles is held back.")
        _sync(stage, integration, _ROLES)
        stage.say("Sent the whole feed, which outdates the held close: every role is still open.")
        return stage.record(Drill.HELD_CLOSE, since=stage.since)


def rotation(stage: Stage) -> Drill:
    """Rotates a key with a grace, and uses its successor."""
    if stage.operator is None:
        return _seen_or_waits(stage, Drill.ROTATION, f"xaigh keys rotate {stage.key_id} --grace 1h")
    operator = stage.needs_operator("xaigh keys rotate")
    with _spare_key(stage, operator) as (key_id, old):
        turned = operator.keys.rotate_key(
            key_id=key_id, grace=timedelta(minutes=1), reason=_WHY, clear_reason=_WHY
        )
        new_id = turned.key.key_id
        try:
            stage.say(f"The operator rotated {key_id} with a grace of a minute: {new_id}.")
            for name, secret in (("new", turned.api_key), ("old", old)):
                with stage.connect(secret) as client:
                    client.me.who_am_i()
                stage.say(f"Called with the {name} key: answered.")
            return stage.record(Drill.ROTATION, since=stage.since)
        finally:
            stage.undo(f"key {new_id}", lambda: _revoke(operator, new_id))


def rollback(stage: Stage) -> Drill:
    """Rolls a key back: it ends, and the job that it posted is held."""
    if stage.operator is None:
        command = f"xaigh keys rollback {stage.key_id} --since 2h"
        return _seen_or_waits(stage, Drill.ROLLBACK, command)
    stage.needs("jobs:write")
    operator = stage.needs_operator("xaigh keys rollback")
    with (
        _spare_key(stage, operator) as (key_id, secret),
        stage.closing() as made,
        stage.connect(secret) as client,
    ):
        made.append(stage.post(new_key(), client=client))
        stage.say(f"Posted {made[0].job_id} with {key_id}.")
        since = made[0].create_time.ToDatetime(tzinfo=UTC)
        done = operator.keys.rollback_key(key_id=key_id, since=since, reason=_WHY)
        try:
            stage.say(f"The operator rolled {key_id} back: {done.job_count} job held.")
            _check_refused(client)
            stage.say("Called with the key: refused.")
            return stage.record(Drill.ROLLBACK, since=stage.since)
        finally:
            stage.undo(
                "the hold",
                lambda: operator.keys.release_holds(key_id=key_id, reason=_WHY),
            )


DRILLS: Mapping[str, Callable[[Stage], Drill]] = {
    "replay": replay,
    "time-out": time_out,
    "recovery": recovery,
    "half-feed": half_feed,
    "held-close": held_close,
    "rotation": rotation,
    "rollback": rollback,
}
"""The drills by the names that the command takes, in the order of a rehearsal."""


@contextmanager
def _integration(stage: Stage) -> Iterator[str]:
    """An integration of its own, which is retired at the end with all of its roles."""
    stage.needs("ats:sync")
    made = stage.client.ats.create_integration(
        integration={
            "provider": "CUSTOM",
            "board": f"rehearsal-{uuid4().hex[:12]}",
            "display_name": TITLE,
            "employer_user_ids": [stage.employer],
        }
    )
    named = made.integration_id
    stage.say(f"Made the integration {named}.")
    try:
        yield named
    finally:
        stage.undo(
            f"integration {named}",
            lambda: stage.client.ats.retire_integration(integration_id=named),
        )


def _sync(stage: Stage, integration: str, roles: int, *, run: str = "") -> SyncJobsResponse:
    """Sends roles as a whole feed; with `run`, as one that announces more than it holds."""
    records = [
        {"external_job_id": f"{integration}-{number}", "title": f"{TITLE} {number}"}
        for number in range(roles)
    ]
    in_run = {"sync_run_id": run, "batch_index": 0, "complete": True} if run else {}
    found: SyncJobsResponse = stage.client.ats.sync_jobs(
        integration_id=integration,
        normalized_jobs=records,
        close_missing=True,
        expected_total=_ROLES if run else roles,
        idempotency_key=new_key(),
        **in_run,  # type: ignore[arg-type]  # the three members of a run
    )
    for outcome in found.outcomes:
        for note in outcome.rejections:
            raise Failed(f"The server rejected a role: {note.field} {note.message}")
    return found


@contextmanager
def _spare_key(stage: Stage, operator: Client) -> Iterator[tuple[str, str]]:
    """A key of the same grant, issued for the drill and revoked at its end: its id, and itself."""
    issued = operator.keys.issue_key(
        grant_id=stage.identity.key.grant_id, name="rehearsal", clear_reason=_WHY
    )
    key_id = issued.key.key_id
    stage.say(f"The operator issued {key_id} for the drill, one of the grant's allowance.")
    try:
        yield key_id, issued.api_key
    finally:
        stage.undo(f"key {key_id}", lambda: _revoke(operator, key_id))


def _revoke(operator: Client, key_id: str) -> None:
    operator.keys.revoke_key(key_id=key_id, reason=_WHY)


def _check_refused(client: Client) -> None:
    try:
        client.me.who_am_i()
    except UnauthenticatedError:
        return
    raise Failed("The key still works after its rollback.")


def _seen_or_waits(stage: Stage, kind: Drill.Kind.ValueType, command: str) -> Drill:
    """The drill as the server saw it some time before. Raises Waits with the operator's command."""
    try:
        return stage.recorded(kind)
    except FailedPreconditionError:
        stage.needs_operator(command)
        raise
