"""Chains are anchored, verified in place and from an export, and forgeries are named."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text
from tests.contract.conftest import opened

from xaigh_server.audit.anchor_file import AnchorFile
from xaigh_server.audit.anchoring import AuditAnchor
from xaigh_server.audit.export import ExportMalformed, verify_export
from xaigh_server.audit.model import AuditEvent, ChainId, seal
from xaigh_server.audit.repository import _APPEND, AuditLog, _values
from xaigh_server.audit.signing_key import load_or_create, load_public
from xaigh_server.audit.trail import export, verify
from xaigh_server.audit.verify import ChainReport
from xaigh_server.db.database import Database
from xaigh_server.db.metadata import business_metadata, control_metadata
from xaigh_server.db.session import Session
from xaigh_server.db.triggers import guards_of, trigger_names

CONTROL, SANDBOX = ChainId("control"), ChainId("sandbox")
NOW = datetime(2026, 1, 31, tzinfo=UTC)


class Trail:
    """Two databases with their anchors, and short words for what is done to them."""

    def __init__(self, control: Database, sandbox: Database, folder: Path) -> None:
        self.control = control
        self.databases = [control, sandbox]
        self.folder = folder
        self.key = load_or_create(folder)
        self.file = AnchorFile(folder / "anchors.jsonl")
        self.anchor = self.anchors()

    def anchors(self) -> AuditAnchor:
        return AuditAnchor(self.databases, self.file, self.key, clock=lambda: NOW)

    async def write(self, database: Database, count: int) -> None:
        for _ in range(count):
            await database.write(lambda s: one_event(s, database.name))

    async def forge(self, statement: str) -> None:
        """Changes the control database as someone with the file in hand can."""

        def unit(session: Session) -> None:
            disarm(session)
            session.run(text(statement))

        await self.control.write(unit)

    async def reports(self) -> list[ChainReport]:
        """By verification in place, which an export must agree with."""
        public_key = self.key.public_key()
        in_place = await verify(self.databases, self.file, public_key)
        lines = [line async for line in export(self.databases, self.file)]
        names = [ChainId(database.name) for database in self.databases]
        offline = verify_export(lines, public_key, chains=names)
        assert [(r.chain, r.first_bad, r.events, r.anchored) for r in offline] == [
            (r.chain, r.first_bad, r.events, r.anchored) for r in in_place
        ]
        return in_place


@pytest.fixture
async def trail(location: Path | str, tmp_path: Path) -> AsyncIterator[Trail]:
    async with (
        opened(location, control_metadata) as control,
        opened(tmp_path / "sandbox.db", business_metadata, name="sandbox") as sandbox,
    ):
        made = Trail(control, sandbox, tmp_path / "audit")
        await made.write(control, 8)
        await made.write(sandbox, 2)
        yield made


def one_event(session: Session, chain: str) -> None:
    event = AuditEvent(time=NOW, actor_type="system", action="test", after={"a": 1})
    AuditLog(session, chain).append(event)


def disarm(session: Session) -> None:
    for trigger in trigger_names(
        [guard for guard in guards_of(control_metadata) if guard.table == "audit_events"],
        session.dialect,
    ):
        on = " ON audit_events" if session.dialect == "postgresql" else ""
        session.run(text(f"DROP TRIGGER IF EXISTS {trigger}{on}"))


def rechain(session: Session, sequence: int) -> None:
    """Rewrites one event, and the hashes of all that follow."""
    disarm(session)
    log = AuditLog(session, "control")
    standing = log.after(sequence - 2, limit=100)
    session.run(text("DELETE FROM audit_events WHERE sequence >= :at"), at=sequence)
    prev_hash = standing[0].hash
    for sealed in standing[1:]:
        event = sealed.event
        if sealed.sequence == sequence:
            event = AuditEvent(time=NOW, actor_type="system", action="test", reason="forged")
        forged = seal(event, chain=CONTROL, sequence=sealed.sequence, prev_hash=prev_hash)
        session.run(_APPEND, _values(forged))
        prev_hash = forged.hash
    session.run(text("UPDATE audit_heads SET hash = :hash"), hash=prev_hash)


async def test_sound_chains(trail: Trail) -> None:
    """Each database has its chain; what is anchored is told, and nothing is anchored twice."""
    assert [r.anchored for r in await trail.reports()] == [0, 0]
    assert await trail.anchor.anchor() == {}
    assert [(r.chain, r.events, r.anchored) for r in await trail.reports()] == [
        (CONTROL, 8, 8),
        (SANDBOX, 2, 2),
    ]
    lines = (trail.folder / "anchors.jsonl").read_bytes()
    await trail.anchor.anchor()
    assert (trail.folder / "anchors.jsonl").read_bytes() == lines
    await trail.write(trail.control, 1)
    assert [r.anchored for r in await trail.reports()] == [8, 2]
    assert all(report.sound for report in await trail.reports())


async def test_an_edit(trail: Trail) -> None:
    """A changed column is found in anchored and in new events."""
    await trail.anchor.anchor()
    await trail.forge("UPDATE audit_events SET reason = 'forged' WHERE sequence IN (4, 6)")
    assert [r.first_bad for r in await trail.reports()] == [4, None]


@pytest.mark.parametrize(
    "change",
    [
        'after = \'{"a": 1, "b": 2}\'',
        "after = '{nonsense'",
        "targets = '17'",
        "time = time + 1",
        "before = '{}'",
        "hash = prev_hash",
        "prev_hash = hash",
    ],
)
async def test_an_edit_of_any_column(trail: Trail, change: str) -> None:
    """Also one that makes the row unreadable, or changes a hash alone."""
    await trail.forge(f"UPDATE audit_events SET {change} WHERE sequence = 3")
    assert (await trail.reports())[0].first_bad == 3


async def test_a_deletion_in_the_middle(trail: Trail) -> None:
    """The gap is named, anchored or not."""
    await trail.forge("DELETE FROM audit_events WHERE sequence = 5")
    assert [r.first_bad for r in await trail.reports()] == [5, None]


async def test_a_cut_tail(trail: Trail) -> None:
    """The first missing event is named, and the anchor signs nothing that comes behind."""
    await trail.anchor.anchor()
    await trail.forge("DELETE FROM audit_events WHERE sequence > 6")
    assert [r.first_bad for r in await trail.reports()] == [7, None]
    await trail.write(trail.control, 1)
    faults = await trail.anchor.anchor()
    assert list(faults) == [CONTROL]
    assert "isn't the one that a head was signed for" in faults[CONTROL]


async def test_a_tail_that_was_cut_and_grew_again(trail: Trail) -> None:
    """New events in the place of old ones are found as well."""
    await trail.anchor.anchor()
    await trail.forge("DELETE FROM audit_events WHERE sequence > 6")
    await trail.control.write(
        lambda s: AuditLog(s, "control").append(
            AuditEvent(time=NOW, actor_type="system", action="other")
        )
    )
    await trail.write(trail.control, 5)
    assert (await trail.reports())[0].first_bad == 7
    assert CONTROL in await trail.anchor.anchor()


async def test_a_rechained_log(trail: Trail) -> None:
    """Consistent hashes don't help: the first rewritten event is named."""
    await trail.anchor.anchor()
    await trail.control.write(lambda s: rechain(s, 4))
    report = (await trail.reports())[0]
    assert (report.first_bad, report.anchored) == (4, 0)
    assert "rewritten" in report.fault
    assert CONTROL in await trail.anchor.anchor()


async def test_a_broken_tail_is_not_signed(trail: Trail) -> None:
    """The anchor checks what it signs, and goes on with the chains that are sound."""
    await trail.forge("UPDATE audit_events SET reason = 'forged' WHERE sequence = 6")
    faults = await trail.anchor.anchor()
    assert list(faults) == [CONTROL]
    assert faults[CONTROL].startswith("bad at sequence 6: ")
    assert [r.anchored for r in await trail.reports()] == [0, 2]


async def test_an_export_that_was_falsified(trail: Trail) -> None:
    """Lines left out or changed are found; what isn't an export is refused by its line."""
    await trail.anchor.anchor()
    lines = [line async for line in export(trail.databases, trail.file)]
    public_key = trail.key.public_key()
    first = next(n for n, line in enumerate(lines) if b'"sequence":3' in line and b"event" in line)
    for falsified, bad in (
        ([*lines[:first], *lines[first + 1 :]], 3),
        ([*lines[:first], lines[first].replace(b"system", b"nobody"), *lines[first + 1 :]], 3),
        ([line for line in lines if b'"event"' not in line], 1),
        ([line.replace(b'"type"', b'"added":1,"type"') for line in lines], 1),
    ):
        reports = verify_export(falsified, public_key, chains=[CONTROL, SANDBOX])
        assert reports[0].first_bad == bad
    other = Ed25519PrivateKey.generate().public_key()
    assert {r.first_bad for r in verify_export(lines, other, chains=[CONTROL])} == {1}
    head, event = lines[1], lines[-1].replace(b"sandbox", b"control")
    for nonsense, number in (
        ([head], 1),
        ([b"{}"], 1),
        ([lines[0], b"x"], 2),
        ([lines[0], event.replace(b'"hash"', b'"hush"')], 2),
        ([lines[0], event, head], 3),
    ):
        with pytest.raises(ExportMalformed, match=f"line {number} "):
            verify_export(nonsense, public_key)


async def test_two_anchors_share_a_file(trail: Trail) -> None:
    """Whoever is slower goes on behind the other's head: the heads stay one chain."""
    anchors = [trail.anchors() for _ in range(3)]
    for _ in range(5):
        await trail.write(trail.control, 2)
        await asyncio.gather(*(anchor.anchor() for anchor in anchors))
    report = (await trail.reports())[0]
    assert (report.sound, report.anchored) == (True, 18)


async def test_a_restart_goes_on(trail: Trail) -> None:
    """A new anchor reads the file and continues, also behind a line that a crash tore."""
    await trail.anchor.anchor()
    with (trail.folder / "anchors.jsonl").open("ab") as file:
        file.write(b'{"chain":"control","fir')
    assert all(report.sound for report in await trail.reports())
    await trail.write(trail.control, 3)
    assert await trail.anchors().anchor() == {}
    assert [r.anchored for r in await trail.reports()] == [11, 2]


async def test_a_lost_anchor_file_is_begun_anew(trail: Trail) -> None:
    """What is left of the proof is rebuilt from the first event on."""
    await trail.anchor.anchor()
    (trail.folder / "anchors.jsonl").unlink()
    await trail.write(trail.control, 1)
    assert await trail.anchor.anchor() == {}
    assert [r.anchored for r in await trail.reports()] == [9, 2]


def test_the_signing_key_is_made_once(tmp_path: Path) -> None:
    """Private to its owner, the same at each start, with the public half beside it."""
    folder = tmp_path / "audit"
    program = (
        "import pathlib, sys\n"
        "from xaigh_server.audit.signing_key import load_or_create, public_pem\n"
        "print(public_pem(load_or_create(pathlib.Path(sys.argv[1]))).decode())\n"
    )
    starts = [
        subprocess.Popen([sys.executable, "-c", program, str(folder)], stdout=subprocess.PIPE)
        for _ in range(4)
    ]
    told = {start.communicate()[0] for start in starts}
    assert len(told) == 1
    assert sorted(file.name for file in folder.iterdir()) == ["public_key.pem", "signing_key.pem"]
    assert (folder / "signing_key.pem").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    public = load_public(folder / "public_key.pem")
    assert public == load_or_create(folder).public_key()
