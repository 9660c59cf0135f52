"""Verification and export of the audit log of all databases."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from types import MappingProxyType

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from xaigh_server.audit.anchor_file import AnchorFile
from xaigh_server.audit.anchor_history import AnchorHistory
from xaigh_server.audit.anchor_repository import Anchors
from xaigh_server.audit.anchors import Anchor, AnchorMalformed
from xaigh_server.audit.expected_heads import ExpectedHeads
from xaigh_server.audit.export import (
    anchor_header_line,
    anchor_line,
    chains_of,
    event_line,
    header_line,
    proof_line,
    report_of,
)
from xaigh_server.audit.merkle import HeadTree
from xaigh_server.audit.model import ChainId
from xaigh_server.audit.repository import AuditLog
from xaigh_server.audit.verify import ChainRecord, ChainReport, ChainVerifier, TrailReport
from xaigh_server.db.database import Database
from xaigh_server.db.session import Session

_PAGE = 1000
_ANCHORS = 100


async def verify(
    control: Database,
    databases: Sequence[Database],
    file: AnchorFile,
    *public_keys: Ed25519PublicKey,
    expected: ExpectedHeads = MappingProxyType({}),
) -> TrailReport:
    """Reports on the anchors and on each chain, by name. Reads in pages, writes nothing.

    The anchors of the file prove. Those that the control database alone has must hold, too.
    One of the keys must be that of the newest anchor. `expected` are heads that the reader knows
    from elsewhere.
    """
    anchors = _BothHistories(public_keys)
    await anchors.read(control, file)  # before the events: a head covers events written before it
    stated, signed = anchors.history.heads, anchors.kept_heads
    chains: list[ChainReport] = []
    for database in databases:
        for chain in await _chains(database, stated.keys() | expected.keys()):
            verifier = ChainVerifier(
                chain,
                signed=signed.get(chain, {}),
                stated=stated.get(chain, {}),
                expected=expected.get(chain, {}),
            )
            chains.append(await _verify(database, chain, verifier))
    return TrailReport(
        anchors=report_of(anchors.history, kept=anchors.kept),
        chains=tuple(sorted(chains, key=_name)),
    )


class _BothHistories:
    """The anchors of the file and of the control database, which must be the same."""

    def __init__(self, public_keys: Sequence[Ed25519PublicKey]) -> None:
        self.history = AnchorHistory(*public_keys)
        self.kept = 0
        self.kept_heads: dict[ChainId, dict[int, str]] = {}

    async def read(self, control: Database, file: AnchorFile) -> None:
        """Reads both, the file a little ahead: it follows the table, which so is never behind."""
        await self._read(control, file)
        self.history.close()
        if not self.history.heads:
            self.kept, self.kept_heads = 0, {}

    async def _read(self, control: Database, file: AnchorFile) -> None:
        in_file = file.anchors()
        while not self.history.fault:
            mine, fault = _page(in_file)
            after = self.history.count
            theirs = await control.read(partial(_anchors, after=after, limit=len(mine) or _ANCHORS))
            self._take(mine, theirs)
            if fault:
                self.history.fail(fault)
            elif not mine and not theirs:
                return

    def _take(self, mine: Sequence[Anchor], theirs: Sequence[Anchor | str]) -> None:
        for at in range(max(len(mine), len(theirs))):
            own = mine[at] if at < len(mine) else None
            other = theirs[at] if at < len(theirs) else None
            if isinstance(other, str):
                self.history.fail(f"the control database holds what is {other}")
            elif own is not None and (other is None or own.line() != other.line()):
                self.history.fail("the anchor of the file isn't in the control database")
            elif (taken := own or other) is not None:
                self.history.take(taken)
                self._keep(own)

    def _keep(self, own: Anchor | None) -> None:
        if own is None or self.history.fault:
            return
        self.kept = own.number
        for chain, head in own.moved.items():
            self.kept_heads.setdefault(chain, {})[head.sequence] = head.hash


async def export(databases: Sequence[Database], file: AnchorFile) -> AsyncIterator[bytes]:
    """Yields the lines of an export with their ends. Anchor first, so heads cover all events."""
    yield header_line() + b"\n"
    for anchor in file.anchors():
        yield anchor_line(anchor) + b"\n"
    for database in databases:
        for chain in await _chains(database, ()):
            async for line in _event_lines(database, chain):
                yield line


async def export_organization(
    control: Database, databases: Sequence[Database], file: AnchorFile, organization_id: str
) -> AsyncIterator[bytes]:
    """Yields the lines of an export of one organization's chains, with their ends.

    Its heads are those of the newest anchor, unless the anchor file has none: nothing proves then.
    """
    yield header_line(organization_id) + b"\n"
    chains = chains_of(organization_id)
    newest, heads = await control.read(lambda session: Anchors(session).state())
    if newest is not None and file.end().number:
        tree = HeadTree(heads)
        yield anchor_header_line(newest) + b"\n"
        for chain in chains:
            if chain in heads:
                yield proof_line(tree.proof(chain)) + b"\n"
    for database in databases:
        for chain in chains:
            if chain.database == database.name:
                async for line in _event_lines(database, chain):
                    yield line


async def _event_lines(database: Database, chain: ChainId) -> AsyncIterator[bytes]:
    async for page in _pages(database, chain):
        for record in page:
            yield event_line(chain, record) + b"\n"


async def _chains(database: Database, anchored: Iterable[ChainId]) -> list[ChainId]:
    """The chains of a database, those included whose events have gone, and its own."""
    found = await database.read(lambda session: AuditLog(session, database.name).chains())
    known = {chain for chain in anchored if chain.database == database.name}
    return sorted(found | known | {ChainId(database.name)})


async def _verify(database: Database, chain: ChainId, verifier: ChainVerifier) -> ChainReport:
    async for page in _pages(database, chain):
        for record in page:
            verifier.feed(record)
    return verifier.report()


async def _pages(database: Database, chain: ChainId) -> AsyncIterator[list[ChainRecord]]:
    after = 0
    while page := await database.read(partial(_records, chain=chain, after=after)):
        yield page
        after = page[-1].sequence


def _records(session: Session, *, chain: ChainId, after: int) -> list[ChainRecord]:
    log = AuditLog(session, chain.database)
    return log.records(after, organization_id=chain.organization_id, limit=_PAGE)


def _page(in_file: Iterator[Anchor]) -> tuple[list[Anchor], str]:
    """The next anchors of a file, and what is wrong with the line behind them."""
    page: list[Anchor] = []
    try:
        page.extend(islice(in_file, _ANCHORS))
    except AnchorMalformed as error:
        return page, f"the anchor file holds a line that is {error}"
    return page, ""


def _anchors(session: Session, *, after: int, limit: int) -> Sequence[Anchor | str]:
    """The anchors that follow a number, or why they can't be read."""
    try:
        return Anchors(session).after(after, limit=limit)
    except AnchorMalformed as error:
        return [str(error)]


def _name(report: ChainReport) -> ChainId:
    return report.chain
