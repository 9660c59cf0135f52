"""Anchor task: signs the heads of all audit chains, as one anchor, every few seconds.

The task verifies each event since a chain's last head before it signs the next one. A chain that
doesn't agree with its last head keeps that head. The chain alone protects the events since the last
anchor, so the time between two anchors is how long a rewritten tail can go unnoticed.

The control database orders the anchors of all servers; each server follows it into a file of its
own. A file whose last anchor isn't the database's is evidence of another history: nothing is signed
then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

import structlog

from xaigh_server.audit.anchor_file import AnchorFile, FileEnd
from xaigh_server.audit.anchor_metrics import AnchorMetrics
from xaigh_server.audit.anchor_repository import Anchors
from xaigh_server.audit.anchors import Anchor, AnchorHeader, AnchorMalformed, key_name
from xaigh_server.audit.chain_check import ChainCheck
from xaigh_server.audit.merkle import ChainHead, HeadTree
from xaigh_server.audit.model import GENESIS, ChainId, rfc3339
from xaigh_server.audit.repository import AuditLog
from xaigh_server.audit.signing_key import AuditKeys
from xaigh_server.db.database import Database
from xaigh_server.db.errors import StoreError
from xaigh_server.db.partition import CONTROL, Partition
from xaigh_server.db.session import Session
from xaigh_server.log_events import LogEvent

_CHAINS = 1000  # in one page of ends
_YOUNG = timedelta(seconds=1)
_ANCHORS = 100  # in one page of what the file lacks
ANCHORS = "anchors"
"""Subject of a fault of the anchors themselves."""


class AnchorsForked(StoreError):
    """The anchors of the control database and of the file aren't one history, or were altered."""


class AuditAnchor:
    """Anchors the chains of some databases in the control database, and follows it into a file."""

    def __init__(
        self,
        control: Database,
        databases: Sequence[Database],
        file: AnchorFile,
        keys: AuditKeys,
        *,
        clock: Callable[[], datetime],
        metrics: AnchorMetrics,
    ) -> None:
        self._control = control
        self._databases = databases
        self._file = file
        self._keys = keys
        self._clock = clock
        self._metrics = metrics
        self._turn = asyncio.Lock()
        self._newest: AnchorHeader | None = None
        self._tree: HeadTree | None = None
        self._followed: int | None = None  # the number up to which the file had every anchor
        self._faults: dict[str, str] = {}
        self._log = structlog.get_logger("xaigh.audit")

    async def anchor(self) -> dict[str, str]:
        """Signs one anchor if chains have moved, and brings the file up to date.

        Returns the faults by chain, database or `anchors`. Each fault is logged once.
        """
        faults: dict[str, str] = {}
        async with self._turn:
            try:
                await self._follow()
                await self._sign(faults)
                await self._follow()
            except (AnchorsForked, AnchorMalformed) as error:
                faults[ANCHORS] = str(error)
            except StoreError as error:
                faults[self._control.name] = str(error)
        self._tell(faults)
        return faults

    async def follow(self) -> None:
        """Brings the file up to date, for a server that doesn't sign now."""
        faults: dict[str, str] = {}
        async with self._turn:
            try:
                await self._follow()
            except (AnchorsForked, AnchorMalformed) as error:
                faults[ANCHORS] = str(error)
        self._tell(faults)

    async def _follow(self) -> None:
        end = await asyncio.to_thread(self._file.end)
        known, missing, newest = await self._control.read(partial(_behind, number=end.number))
        if end.last is not None and known != end.last.header.digest():
            raise AnchorsForked(
                f"the anchor {end.number} of the file isn't that of the control database"
            )
        if self._lacks_lines(end, missing):
            self._log.error(LogEvent.AUDIT_ANCHORS_CUT, number=end.number)
        self._require_own(newest)
        while missing:
            self._check(end, missing)
            appended = await asyncio.to_thread(self._file.append, missing, behind=end)
            if appended is None:
                return  # another process of this machine follows, too
            end = appended
            _, missing, _ = await self._control.read(partial(_behind, number=end.number))
        self._followed = end.number

    def _require_own(self, newest: AnchorHeader | None) -> None:
        """AnchorsForked: the newest anchor, which vouches for all, has a key of somebody else."""
        if newest is not None and self._keys.named(newest.key) is None:
            raise AnchorsForked(
                f"the anchor {newest.number} is signed by another key: {newest.key}"
            )

    def _lacks_lines(self, end: FileEnd, missing: Sequence[Anchor]) -> bool:
        """Whether the file is shorter than it was, or empty when the process starts.

        An empty file may still wait for an anchor that another process signs just now.
        """
        if self._followed is not None:
            return end.number < self._followed
        if end.number or not missing:
            return False
        return missing[0].header.time < rfc3339(self._clock() - _YOUNG)

    def _check(self, end: FileEnd, missing: Sequence[Anchor]) -> None:
        number, previous = end.number, GENESIS if end.last is None else end.last.header.digest()
        for anchor in missing:
            number += 1
            if (anchor.number, anchor.header.previous) != (number, previous):
                raise AnchorsForked(f"the control database lacks the anchor {number}")
            if not anchor.header.is_genuine():
                raise AnchorsForked(f"the anchor {number} of the control database was altered")
            previous = anchor.header.digest()

    async def _sign(self, faults: dict[str, str]) -> None:
        tree = await self._load()
        moved: dict[ChainId, ChainHead] = {}
        for database in self._databases:
            try:
                moved |= await self._moved(database, tree.heads, faults)
            except StoreError as error:
                faults[database.name] = str(error)
        if not moved:
            return
        header, self._tree = self._newest, None  # loaded again, unless the anchor is written
        tree.move(moved)
        anchor = Anchor(header=await self._signed(header, tree), moved=moved)
        added = await self._control.write(
            lambda session: Anchors(session).add(anchor), partition=Partition(CONTROL)
        )
        if added:
            self._newest, self._tree = anchor.header, tree
            self._log.info(
                LogEvent.AUDIT_ANCHORED,
                number=anchor.number,
                chains=len(tree),
                moved=len(moved),
                root=tree.root,
                digest=anchor.header.digest(),
            )

    async def _load(self) -> HeadTree:
        """The heads that the newest anchor states. AnchorsForked: its signed root isn't theirs."""
        number = 0 if self._newest is None else self._newest.number
        if self._tree is not None and number == await self._control.read(_newest_number):
            return self._tree
        newest, heads = await self._control.read(lambda session: Anchors(session).state())
        self._require_own(newest)
        self._newest, self._tree = newest, HeadTree(heads)
        if newest is None and not heads:
            return self._tree
        stated = None if newest is None else (newest.root, newest.chains)
        genuine = newest is not None and newest.is_genuine()
        if not genuine or stated != (self._tree.root, len(self._tree)):
            self._tree = None
            raise AnchorsForked("the heads in the control database aren't those of its last anchor")
        return self._tree

    async def _moved(
        self, database: Database, anchored: Mapping[ChainId, ChainHead], faults: dict[str, str]
    ) -> dict[ChainId, ChainHead]:
        """The new heads of a database's chains. A chain with a fault has none."""
        ends = await database.read(partial(_ends, database=database.name))
        for chain in anchored:
            if chain.database == database.name and chain not in ends:
                faults[str(chain)] = "the chain is missing"
        check = ChainCheck(database, anchored)
        sound = await check.run({c: end for c, end in ends.items() if anchored.get(c) != end})
        faults.update((str(chain), fault) for chain, fault in check.faults.items())
        return sound

    async def _signed(self, before: AnchorHeader | None, tree: HeadTree) -> AnchorHeader:
        header = header_after(before, tree, rfc3339(self._clock()))
        current = self._keys.current
        former = None if before is None else self._keys.named(before.key)
        if former is None or former is current:
            return header.signed(current)
        if await self._control.read(partial(_has_key, key=key_name(current.public_key()))):
            return header.signed(former)  # another server has gone on to the key that is newer
        return header.signed(current, former=former)

    def _tell(self, faults: dict[str, str]) -> None:
        for subject, fault in faults.items():
            if self._faults.get(subject) == fault:
                continue
            if subject == ANCHORS:
                self._log.error(LogEvent.AUDIT_ANCHORS_FORKED, fault=fault)
            else:
                self._log.error(LogEvent.AUDIT_NOT_ANCHORED, chain=subject, fault=fault)
        self._faults = faults
        self._metrics.set_faults(len(faults))


def header_after(before: AnchorHeader | None, tree: HeadTree, time: str) -> AnchorHeader:
    """The header that follows another one, not signed yet."""
    return AnchorHeader(
        number=1 if before is None else before.number + 1,
        previous=GENESIS if before is None else before.digest(),
        time=time,
        chains=len(tree),
        root=tree.root,
    )


def begin_key(session: Session, keys: AuditKeys, time: str) -> None:
    """Adds an anchor under a key that replaces a lost one, which can't sign the change.

    Verifiers tell of it. Does nothing where the newest anchor is signed under one of the keys.
    """
    newest, heads = Anchors(session).state()
    if newest is None or keys.named(newest.key) is not None:
        return
    header = header_after(newest, HeadTree(heads), time)
    Anchors(session).add(Anchor(header=header.signed(keys.current), moved={}))


def _behind(session: Session, *, number: int) -> tuple[str, list[Anchor], AnchorHeader | None]:
    """The digest of an anchor, the anchors that follow it, and the newest one if some do."""
    anchors = Anchors(session)
    missing = anchors.after(number, limit=_ANCHORS)
    return anchors.digest(number), missing, anchors.newest() if missing else None


def _has_key(session: Session, *, key: str) -> bool:
    return Anchors(session).has_key(key)


def _newest_number(session: Session) -> int:
    return Anchors(session).newest_number()


def _ends(session: Session, *, database: str) -> dict[ChainId, ChainHead]:
    """The end of each chain of a database."""
    log = AuditLog(session, database)
    found: dict[ChainId, ChainHead] = {}
    page = log.heads(limit=_CHAINS)
    while page:
        found |= page
        page = log.heads(after=[*page][-1].organization_id, limit=_CHAINS)
    return found
