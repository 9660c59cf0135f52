"""Stage of a rehearsal: who plays, with what, what was made, and the lines that tell it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

from xaigh.jobs.v1.job_pb2 import Job
from xaigh.keys.v1.self_service_pb2 import Identity
from xaigh.rehearsals.v1.rehearsal_pb2 import Drill
from xaigh_client.client import Client
from xaigh_client.errors import FailedPreconditionError, XaighError

_PATIENCE = 5.0  # seconds
TITLE = "Rehearsal, nobody works here"


class Waits(Exception):
    """The drill needs somebody else first. The message says whom and for what."""


class Failed(Exception):
    """The server did something else than the drill expects. The message says what."""


@dataclass(slots=True, kw_only=True)
class Stage:
    """What the drills share. `connect` makes a client for another key of the same server.

    `since` is the server's own time at the beginning; None where it isn't known.
    """

    client: Client
    identity: Identity
    employer: str
    connect: Callable[[str], Client]
    say: Callable[[str], None]
    operator: Client | None = None
    since: datetime | None = None
    now: datetime
    left_behind: list[str] = field(default_factory=list)

    @property
    def key_id(self) -> str:
        """The public part of the key that rehearses."""
        return self.identity.key.key_id

    def needs(self, *scopes: str) -> None:
        """Raises Waits, naming them, where the key lacks scopes."""
        missing = [scope for scope in scopes if scope not in self.identity.key.scopes]
        if missing:
            lacks = ", ".join(missing)
            raise Waits(f"The key lacks {lacks}: ask API Ops for a wider grant of the sandbox.")

    def needs_operator(self, command: str) -> Client:
        """The operator's client. Raises Waits with the command that an operator would run."""
        if self.operator is None:
            raise Waits(
                f"This step is an operator's: ask API Ops to run `{command}`, use what they hand "
                "you, and rehearse again; or name a profile of yours with --operator."
            )
        return self.operator

    def record(self, kind: Drill.Kind.ValueType, *, since: datetime | None = None) -> Drill:
        """Has the server look for the drill that was just played. Raises ApiError: it saw none.

        It may notice a moment later that a client has hung up, so it is asked for some seconds.
        """
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                return self.recorded(kind, since=since)
            except FailedPreconditionError as error:
                if error.reason != "DRILL_NOT_SEEN" or time.monotonic() > deadline:
                    raise
            time.sleep(0.2)

    def recorded(self, kind: Drill.Kind.ValueType, *, since: datetime | None = None) -> Drill:
        """Has the server look once. Raises ApiError: it saw none."""
        return self.client.rehearsal.record_drill(kind=kind, since_time=since)

    def post(self, idempotency_key: str, *, slots: int = 1, client: Client | None = None) -> Job:
        """Posts a job that nobody takes for a real one, always the same."""
        return (client or self.client).jobs.post_job(
            employer_user_id=self.employer,
            title=TITLE,
            slots=slots,
            starts_at=self.now + timedelta(days=30),
            idempotency_key=idempotency_key,
        )

    @contextmanager
    def closing(self) -> Iterator[list[Job]]:
        """Closes at the end the jobs that are put into the list."""
        made: list[Job] = []
        try:
            yield made
        finally:
            for job_id in {job.job_id for job in made}:
                self.undo(f"job {job_id}", partial(_close, self.client, job_id))

    def undo(self, what: str, step: Callable[[], object]) -> None:
        """Takes away what was made; what can't be is told at the end."""
        try:
            step()
        except XaighError as error:
            self.left_behind.append(f"{what}: {error}")


def new_key() -> str:
    """A new idempotency key, which tells where it comes from."""
    return f"rehearse-{uuid4()}"


def _close(client: Client, job_id: str) -> None:
    client.jobs.close_job(job_id=job_id)
