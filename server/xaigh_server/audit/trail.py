"""Verification and export of the audit log of all databases."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from functools import partial
from types import MappingProxyType

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from xaigh_server.audit.anchor_file import AnchorFile
from xaigh_server.audit.expected_heads import ExpectedHeads
from xaigh_server.audit.export import event_line, head_line, header_line
from xaigh_server.audit.model import ChainId
from xaigh_server.audit.repository import AuditLog
from xaigh_server.audit.verify import ChainRecord, ChainReport, ChainVerifier
from xaigh_server.db.database import Database
from xaigh_server.db.session import Session

_PAGE = 1000


async def verify(
    databases: Sequence[Database],
    file: AnchorFile,
    public_key: Ed25519PublicKey,
    *,
    expected: ExpectedHeads = MappingProxyType({}),
) -> list[ChainReport]:
    """A report on each chain, by name. Reads in pages, writes nothing.

    `expected` are heads that the reader knows from elsewhere.
    HeadMalformed: the anchor file holds a line that is no head.
    """
    heads = file.heads()  # before the events: a head covers only events written before it
    reports = []
    for database in databases:
        for chain in await _chains(database, heads.keys() | expected.keys()):
            verifier = ChainVerifier(
                chain, heads.get(chain, []), public_key, expected=expected.get(chain, {})
            )
            reports.append(await _verify(database, chain, verifier))
    return reports


async def export(databases: Sequence[Database], file: AnchorFile) -> AsyncIterator[bytes]:
    """Yields the lines of an export with their ends. Anchor first, so heads cover all events."""
    yield header_line() + b"\n"
    for heads in file.heads().values():
        for head in heads:
            yield head_line(head) + b"\n"
    for database in databases:
        for chain in await _chains(database, ()):
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
