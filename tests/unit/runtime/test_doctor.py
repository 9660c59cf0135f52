"""Findings of the doctor that a running fleet doesn't show by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.harness.certificates import self_signed

from xaigh_server.audit.anchor_repository import Anchors
from xaigh_server.audit.anchors import Anchor, AnchorHeader
from xaigh_server.audit.merkle import ChainHead, HeadTree
from xaigh_server.audit.model import ChainId, rfc3339
from xaigh_server.audit.sink_settings import AuditSink
from xaigh_server.audit_sinks.repository import SinkCursors
from xaigh_server.runtime.databases import Databases, migrate_or_check, open_databases
from xaigh_server.runtime.doctor import Diagnosis, Health, examine
from xaigh_server.settings import Settings

SINKS = (
    AuditSink(name="archive", url="https://archive.example/x", bearer="b"),
    AuditSink(name="second", url="https://second.example/x", bearer="b"),
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """With sinks, and a certificate that ends within the hour."""
    made = self_signed("localhost", "127.0.0.1")
    (tmp_path / "cert.pem").write_bytes(made.pem)
    (tmp_path / "key.pem").write_bytes(made.key)
    return Settings(
        data_dir=tmp_path,
        audit_sinks=SINKS,
        tls_cert=tmp_path / "cert.pem",
        tls_key=tmp_path / "key.pem",
    )


@pytest.fixture
async def databases(settings: Settings) -> AsyncIterator[Databases]:
    """Migrated, as the first start does it."""
    async with AsyncExitStack() as stack:
        opened = await open_databases(settings, stack)
        await migrate_or_check(settings, opened)
        yield opened


async def findings(settings: Settings) -> dict[str, Diagnosis]:
    """By subject."""
    return {each.subject: each async for each in examine(settings)}


async def sign(databases: Databases, age: timedelta) -> None:
    """The first anchor, of that age."""
    moved = {ChainId("control"): ChainHead(sequence=1, hash="a" * 64)}
    tree = HeadTree(moved)
    time = rfc3339(datetime.now(UTC) - age)
    header = AnchorHeader(number=1, time=time, chains=1, root=tree.root)
    anchor = Anchor(header=header.signed(Ed25519PrivateKey.generate()), moved=moved)
    assert await databases.control.write(lambda session: Anchors(session).add(anchor))


async def test_a_sink_that_lags(settings: Settings, databases: Databases):
    """What it lacks and for how long, once that is more than a moment; another one has all."""
    assert (await findings(settings))["audit sink archive"].text == "has everything"
    await sign(databases, timedelta(minutes=20))

    def move(session):
        cursors = SinkCursors(session, "second")
        assert cursors.move(cursors.position(), 1, {})

    await databases.control.write(move)
    found = await findings(settings)
    late = found["audit sink archive"]
    assert late.health is Health.WARNING
    assert late.text == "lacks the anchors from 1 on, signed 20 min ago"
    assert "audit.sink_failed" in late.cure
    assert found["audit sink second"].health is Health.OK


async def test_a_sink_that_is_about_to_get_an_anchor(settings: Settings, databases: Databases):
    """A minute is nothing."""
    await sign(databases, timedelta(minutes=1))
    found = (await findings(settings))["audit sink archive"]
    assert (found.health, found.cure) == (Health.OK, "")


async def test_a_certificate_that_ends(settings: Settings, databases: Databases):
    """Three weeks before it does."""
    found = (await findings(settings))["certificate"]
    assert (found.health, found.cure) == (Health.WARNING, "renew it and restart the server")
