"""Reader of the request log for simulations: sums of calls, from the database of an environment."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial

from xaigh_server.access.simulation import CallSum, PastCalls
from xaigh_server.db.database import Database
from xaigh_server.db.session import Session
from xaigh_server.identity.environments import Environment
from xaigh_server.request_log.employers import employers_text, read_employers
from xaigh_server.request_log.model import CallGroup
from xaigh_server.request_log.repository import RequestLogs

MOST_CALLS = 500_000
"""Calls that one simulation looks at, the newest: about a second."""


class LoggedHistory:
    """Reads the log after every process has written its calls. It keeps them for `days`."""

    def __init__(
        self,
        business: Mapping[Environment, Database],
        *,
        flush: Callable[[], Awaitable[None]],
        days: int,
        most: int = MOST_CALLS,
    ) -> None:
        self._business = business
        self._flush = flush
        self._most = most
        self.days = days

    async def read(
        self, environment: Environment, organization_id: str, key_ids: Sequence[str]
    ) -> PastCalls:
        """Returns the answered calls of the keys, up to now."""
        if not key_ids:
            return PastCalls((), cut=False)
        await self._flush()
        groups = await self._business[environment].read(
            lambda session: RequestLogs(session).groups(organization_id, key_ids, most=self._most)
        )
        whole = sum(group.calls for group in groups) < self._most
        return PastCalls([_sum(group) for group in groups], cut=not whole)

    async def last(
        self, environment: Environment, organization_id: str, sums: Sequence[CallSum], limit: int
    ) -> list[str]:
        """Returns the request ids of the last calls of these sums, the latest first."""
        read = partial(_last, organization_id, [*map(_group, sums)], limit)
        return await self._business[environment].read(read)


def _last(
    organization_id: str, groups: Sequence[CallGroup], limit: int, session: Session
) -> list[str]:
    found = [
        place
        for group in groups
        for place in RequestLogs(session).last_of(organization_id, group, limit=limit)
    ]
    return [request_id for _, request_id in sorted(found, reverse=True)[:limit]]


def _sum(group: CallGroup) -> CallSum:
    employers = read_employers(group.employers)
    return CallSum(
        key_id=group.key_id,
        method=group.method,
        needs=employers.needs,
        lists=employers.lists,
        cut=employers.cut,
        calls=group.calls,
        first_time=group.first_time,
        last_time=group.last_time,
    )


def _group(each: CallSum) -> CallGroup:
    return CallGroup(
        key_id=each.key_id,
        method=each.method,
        employers=employers_text(each.needs, each.lists, each.cut),
        calls=each.calls,
        first_time=each.first_time,
        last_time=each.last_time,
    )
