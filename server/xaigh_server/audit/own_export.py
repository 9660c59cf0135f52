"""Export of an organization's own chains over the API, as its key may see them.

Its lines are those of `export.py`. An event that the key may not read in whole is a link: place and
hashes without content, so that the chain can be verified and the content compared later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import orjson

from xaigh_server.audit.anchor_repository import Anchors
from xaigh_server.audit.export import (
    anchor_header_line,
    chains_of,
    event_line,
    header_line,
    link_line,
    proof_line,
)
from xaigh_server.audit.merkle import HeadTree
from xaigh_server.audit.model import ChainId
from xaigh_server.audit.repository import AuditLog
from xaigh_server.audit.verify import ChainRecord
from xaigh_server.db.database import Database
from xaigh_server.db.partition import CONTROL
from xaigh_server.db.session import Session

ABOUT_EMPLOYERS = "approval_policy."
"""Events whose target is an employer."""


class Line(NamedTuple):
    """A line, and the place that it leads to: the number of its chain, and a sequence there."""

    chain: int
    sequence: int
    text: bytes


class OwnExport:
    """Reads lines of one organization's export. `environment` is that of the key that reads."""

    def __init__(
        self, databases: Mapping[str, Database], organization_id: str, environment: str
    ) -> None:
        self._databases = databases
        self._organization_id = organization_id
        self._chains = chains_of(organization_id)
        self._environment = environment

    async def read(self, after: tuple[int, int] | None, limit: int) -> list[Line]:
        """Returns `limit` lines at least, where there are so many, behind a place; None: all."""
        found = await self._head() if after is None else []
        first, sequence = after or (0, 0)
        for number in range(first, len(self._chains)):
            while len(found) < limit:
                page = await self._events(number, sequence, limit)
                if not page:
                    break
                found += page
                sequence = page[-1].sequence
            sequence = 0
        return found

    async def _head(self) -> list[Line]:
        lines = [header_line(self._organization_id)]
        newest, heads = await self._databases[CONTROL].read(
            lambda session: Anchors(session).state()
        )
        if newest is not None:
            tree = HeadTree(heads)
            lines.append(anchor_header_line(newest))
            lines += [proof_line(tree.proof(chain)) for chain in self._chains if chain in heads]
        return [Line(0, 0, line) for line in lines]

    async def _events(self, number: int, after: int, limit: int) -> list[Line]:
        chain = self._chains[number]
        records = await self._databases[chain.database].read(partial(_records, chain, after, limit))
        return [Line(number, each.sequence, self._line(chain, each)) for each in records]

    def _line(self, chain: ChainId, record: ChainRecord) -> bytes:
        if record.form is None or self._shows(chain, orjson.loads(record.form)):
            return event_line(chain, record)
        return link_line(chain, record)

    def _shows(self, chain: ChainId, event: Mapping[str, Any]) -> bool:
        """Whether the key may read all of an event: what `own_event_to_pb` leaves as it is."""
        return (
            chain.database in (CONTROL, self._environment)
            and event["environment"] in ("", self._environment)
            and event["actorType"] != "operator"
            and event["before"] is None
            and event["after"] is None
            and not event["action"].startswith(ABOUT_EMPLOYERS)
        )


def _records(chain: ChainId, after: int, limit: int, session: Session) -> Sequence[ChainRecord]:
    log = AuditLog(session, chain.database)
    return log.records(after, organization_id=chain.organization_id, limit=limit)
