"""Anchor: signs the heads of the audit chains into a file outside the databases.

The anchor verifies each event since the last head before it signs the next one. A chain that
doesn't agree with its last head gets no new head. The chain alone protects the events since the
last head, so the time between two heads is how long a rewritten tail can go unnoticed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from xaigh_server.audit.anchor_file import AnchorFile, AnchorsCut
from xaigh_server.audit.heads import HeadMalformed, SignedHead, link_of
from xaigh_server.audit.model import GENESIS, ChainId, rfc3339
from xaigh_server.audit.repository import AuditLog, ChainHead
from xaigh_server.audit.verify import ChainRecord, fault_of
from xaigh_server.db.database import Database
from xaigh_server.db.errors import StoreError
from xaigh_server.db.session import Session
from xaigh_server.log_events import LogEvent

_EVENTS = 1024  # at most, under one head
_CHAINS = 1000  # in one page of ends


class AnchorRefused(StoreError):
    """A chain doesn't agree with its last head, or is broken after it."""


class AuditAnchor:
    """Anchors the chains of some databases into one file."""

    def __init__(
        self,
        databases: Sequence[Database],
        file: AnchorFile,
        key: Ed25519PrivateKey,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._databases = databases
        self._file = file
        self._key = key
        self._clock = clock
        self._offset = 0
        self._heads: dict[ChainId, SignedHead] = {}
        self._faults: dict[ChainId, str] = {}
        self._log = structlog.get_logger("xaigh.audit")

    async def anchor(self) -> dict[ChainId, str]:
        """Signs the head of each chain that has grown.

        Returns the faults by chain; a chain with a fault gets no head. Each fault is logged once.
        """
        faults: dict[ChainId, str] = {}
        for database in self._databases:
            try:
                for chain in await self._moved(database, faults):
                    await self._anchor(database, chain, faults)
            except (StoreError, HeadMalformed) as error:
                faults[ChainId(database.name)] = str(error)
        self._tell(faults)
        return faults

    async def _moved(self, database: Database, faults: dict[ChainId, str]) -> list[ChainId]:
        """Returns the chains whose end isn't the one that the last head was signed for."""
        self._catch_up()
        ends = await database.read(lambda session: _ends(session, database.name))
        for chain in self._heads.keys() - ends.keys():
            if chain.database == database.name:
                faults[chain] = "the chain is missing"
        return [
            chain
            for chain, end in ends.items()
            if chain not in self._heads or end.hash != self._heads[chain].hash
        ]

    async def _anchor(self, database: Database, chain: ChainId, faults: dict[ChainId, str]) -> None:
        try:
            while await self._advance(database, chain):
                pass
        except (StoreError, HeadMalformed) as error:
            faults[chain] = str(error)

    async def _advance(self, database: Database, chain: ChainId) -> bool:
        """Signs one head. False: there is nothing to sign."""
        self._catch_up()
        last, offset = self._heads.get(chain), self._offset
        records = await database.read(lambda session: _unsigned(session, chain, last))
        if not records:
            return False
        head = self._signed(chain, last, records)
        if await asyncio.to_thread(self._file.append, head, at=offset):
            self._log.info(
                LogEvent.AUDIT_ANCHORED, chain=str(chain), sequence=head.sequence, hash=head.hash
            )
        return True  # where another process was faster, we go on behind its head

    def _catch_up(self) -> None:
        try:
            found, self._offset = self._file.newer(self._offset)
        except AnchorsCut as error:
            # Evidence is lost and can't be made again: say so, and go on from what is left.
            self._log.error(LogEvent.AUDIT_ANCHORS_CUT, fault=str(error))
            self._heads.clear()
            found, self._offset = self._file.newer(0)
        self._heads.update((chain, heads[-1]) for chain, heads in found.items())

    def _signed(
        self, chain: ChainId, last: SignedHead | None, records: Sequence[ChainRecord]
    ) -> SignedHead:
        return SignedHead(
            chain=chain,
            first=records[0].sequence,
            sequence=records[-1].sequence,
            hash=records[-1].hash,
            links=b"".join(link_of(record.hash) for record in records),
            previous=GENESIS if last is None else last.digest(),
            time=rfc3339(self._clock()),
        ).signed(self._key)

    def _tell(self, faults: dict[ChainId, str]) -> None:
        for chain, fault in faults.items():
            if self._faults.get(chain) != fault:
                self._log.error(LogEvent.AUDIT_NOT_ANCHORED, chain=str(chain), fault=fault)
        self._faults = faults


def _ends(session: Session, database: str) -> dict[ChainId, ChainHead]:
    """Returns the end of each chain of a database."""
    log = AuditLog(session, database)
    found: dict[ChainId, ChainHead] = {}
    page = log.heads(limit=_CHAINS)
    while page:
        found |= page
        page = log.heads(after=[*page][-1].organization_id, limit=_CHAINS)
    return found


def _unsigned(session: Session, chain: ChainId, last: SignedHead | None) -> list[ChainRecord]:
    """The events behind the last head, checked. AnchorRefused: they or the head don't hold."""
    log = AuditLog(session, chain.database)
    own = chain.organization_id
    sequence, prev_hash = (0, GENESIS) if last is None else (last.sequence, last.hash)
    if last is not None and log.hash_at(sequence, organization_id=own) != prev_hash:
        raise AnchorRefused(f"the event at {sequence} isn't the one that a head was signed for")
    records = log.records(sequence, organization_id=own, limit=_EVENTS)
    for record in records:
        sequence += 1
        if fault := fault_of(record, sequence=sequence, prev_hash=prev_hash):
            raise AnchorRefused(f"bad at sequence {sequence}: {fault}")
        prev_hash = record.hash
    return records
