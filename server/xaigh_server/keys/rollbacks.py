"""Rollbacks of keys: a key is revoked, then the jobs that it posted are held.

The key lies in the control database and the jobs in that of its environment, and no transaction
spans both. So a rollback is recorded with the revocation, and its state says what is left to do:

    HOLDING → HELD → RELEASING → RELEASED

Whoever finds HOLDING or RELEASING goes on: the call that made it, a repeat, or a background task.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from xaigh_server.errors import DomainError
from xaigh_server.identity.environments import Environment


class RollbackState(StrEnum):
    """How far a rollback is."""

    HOLDING = "HOLDING"
    HELD = "HELD"
    RELEASING = "RELEASING"
    RELEASED = "RELEASED"


class RollbackReleasing(DomainError):
    """The key's last rollback is being undone, so nothing can be held for it now."""

    reason = "ROLLBACK_RELEASING"

    def __init__(self, rollback_id: str) -> None:
        super().__init__(
            f"The holds of {rollback_id} are being released; repeat releaseHolds first.",
            metadata={"rollbackId": rollback_id},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollback:
    """A rollback as recorded. `key_ids` are the key and its rotated predecessors, newest first."""

    rollback_id: str
    key_id: str
    key_ids: tuple[str, ...]
    organization_id: str
    environment: Environment
    since: datetime
    reason: str
    operator: str
    state: RollbackState = RollbackState.HOLDING
    create_time: datetime
    hold_time: datetime | None = None
    job_count: int = 0
    release_reason: str = ""
    released_by: str = ""
    release_time: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it holds jobs, or will."""
        return self.state in (RollbackState.HOLDING, RollbackState.HELD)

    def widened(self, since: datetime) -> Rollback:
        """Returns the rollback from an earlier time on; itself where `since` isn't earlier."""
        if since >= self.since:
            return self
        return replace(self, since=since, state=RollbackState.HOLDING, hold_time=None)

    def releasing(self, *, by: str, reason: str) -> Rollback:
        """Returns the rollback whose holds are to be released; itself where they are already."""
        if not self.is_open:
            return self
        state = RollbackState.RELEASING
        return replace(self, state=state, released_by=by, release_reason=reason)


class HeldJob(NamedTuple):
    """What an operator reads of a job that a rollback holds."""

    job_id: str
    employer_user_id: str
    title: str
    create_time: datetime


@dataclass(frozen=True, slots=True)
class HeldJobs:
    """How many jobs a rollback holds, and the first of them in the order of their posting."""

    count: int = 0
    first: Sequence[HeldJob] = ()


class JobHolding(Protocol):
    """The jobs of all environments, as rollbacks use them. Every step may be repeated."""

    async def preview(self, rollback: Rollback) -> HeldJobs:
        """Returns the jobs that the rollback would hold."""

    async def covered(self, rollback: Rollback) -> HeldJobs:
        """Returns the jobs that the rollback holds, or held until its release."""

    async def place(self, rollback: Rollback) -> None:
        """Holds every job that the rollback doesn't hold yet."""

    async def release(self, rollback: Rollback) -> None:
        """Releases every hold of the rollback, and no other one."""
