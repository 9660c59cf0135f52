"""Connection of rollbacks, which are records of keys, with the jobs that they hold.

Features import one another along few edges, and keys know no jobs: this is the one place that
knows both.
"""

from __future__ import annotations

from collections.abc import Mapping

from xaigh_server.identity.environments import Environment
from xaigh_server.jobs.holds import BriefJobs, HoldOrder, JobHolder
from xaigh_server.keys.rollbacks import HeldJob, HeldJobs, Rollback

LISTED = 1000
"""How many jobs a reply lists."""


class RollbackHolds:
    """Holds and releases jobs for rollbacks, each in the database of its environment."""

    def __init__(self, holders: Mapping[Environment, JobHolder]) -> None:
        self._holders = holders

    async def preview(self, rollback: Rollback) -> HeldJobs:
        """Returns the jobs that the rollback would hold."""
        holder = self._holders[rollback.environment]
        return _listed(await holder.preview(_order(rollback), limit=LISTED))

    async def covered(self, rollback: Rollback) -> HeldJobs:
        """Returns the jobs that the rollback holds, or held until its release."""
        holder = self._holders[rollback.environment]
        return _listed(await holder.covered(rollback.rollback_id, limit=LISTED))

    async def place(self, rollback: Rollback) -> None:
        """Holds every job that the rollback doesn't hold yet."""
        await self._holders[rollback.environment].place(_order(rollback))

    async def release(self, rollback: Rollback) -> None:
        """Releases every hold of the rollback, and no other one."""
        await self._holders[rollback.environment].release(
            _order(rollback), by=rollback.released_by, reason=rollback.release_reason
        )


def _order(rollback: Rollback) -> HoldOrder:
    return HoldOrder(
        hold_id=rollback.rollback_id,
        organization_id=rollback.organization_id,
        key_ids=rollback.key_ids,
        since=rollback.since,
        reason=rollback.reason,
        held_by=rollback.operator,
        hold_time=rollback.create_time,
    )


def _listed(jobs: BriefJobs) -> HeldJobs:
    return HeldJobs(jobs.count, [HeldJob(*job) for job in jobs.first])
