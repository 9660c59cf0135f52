"""Chains are anchored, verified in place and from an export, and forgeries are named."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from prometheus_client import CollectorRegistry
from sqlalchemy import text
from tests.contract.conftest import opened

from xaigh_client.cli import audit_chain
from xaigh_client.cli.problems import UsageProblem
from xaigh_server.audit import chain_check
from xaigh_server.audit.anchor_file import AnchorFile
from xaigh_server.audit.anchor_metrics import AnchorMetrics
from xaigh_server.audit.anchoring import ANCHORS, AuditAnchor, begin_key
from xaigh_server.audit.anchors import key_name
from xaigh_server.audit.export import ExportMalformed, verify_export
from xaigh_server.audit.model import AuditEvent, ChainId, rfc3339, seal
from xaigh_server.audit.repository import _APPEND, AuditLog, _values
from xaigh_server.audit.signing_key import AuditKeys, load_or_create, load_public
from xaigh_server.audit.trail import export, export_organization, verify
from xaigh_server.audit.verify import ChainReport, TrailReport
from xaigh_server.db.database import Database
from xaigh_server.db.metadata import business_metadata, control_metadata
from xaigh_server.db.session import Session
from xaigh_server.db.triggers import guards_of, trigger_names
from xaigh_server.log_events import LogEvent

CONTROL, SANDBOX = ChainId("control"), ChainId("sandbox")
NOW = datetime(2026, 1, 31, tzinfo=UTC)


class Trail:
    """Two databases with their anchors, and short words for what is done to them."""

    def __init__(self, control: Database, sandbox: Database, folder: Path) -> None:
        self.control = control
        self.databases = [control, sandbox]
        self.folder = folder
        self.key = load_or_create(folder)
        self.keys = AuditKeys(current=self.key)
        self.file = AnchorFile(folder / "anchors.jsonl")
        self.anchor = self.anchors()

    def anchors(self) -> AuditAnchor:
        return self.anchors_into(self.file)

    def anchors_into(
        self, file: AnchorFile, *, now: datetime = NOW, keys: AuditKeys | None = None
    ) -> AuditAnchor:
        """The task of a server whose file and keys these are."""
        metrics, keys = AnchorMetrics(CollectorRegistry()), keys or self.keys
        return AuditAnchor(
            self.control, self.databases, file, keys, clock=lambda: now, metrics=metrics
        )

    async def write(self, database: Database, count: int) -> None:
        for _ in range(count):
            await database.write(lambda s: one_event(s, database.name))

    async def forge(self, statement: str) -> None:
        """Changes the control database as someone with the file in hand can."""

        def unit(session: Session) -> None:
            disarm(session)
            session.run(text(statement))

        await self.control.write(unit)

    async def report(self) -> TrailReport:
        """By verification in place."""
        return await verify(self.control, self.databases, self.file, self.key.public_key())

    async def reports(self) -> list[ChainReport]:
        """By verification in place, which an export must agree with."""
        in_place = await self.report()
        lines = [line async for line in export(self.databases, self.file)]
        names = [ChainId(database.name) for database in self.databases]
        offline = verify_export(lines, self.key.public_key(), chains=names)
        assert [(r.chain, r.first_bad, r.events, r.anchored) for r in offline.chains] == [
            (r.chain, r.first_bad, r.events, r.anchored) for r in in_place.chains
        ]
        assert in_place.anchors.sound and offline.anchors.sound
        return list(in_place.chains)


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


def one_event(session: Session, chain: str, organization_id: str = "") -> None:
    event = AuditEvent(
        time=NOW,
        actor_type="system",
        action="test",
        after={"a": 1},
        organization_id=organization_id,
    )
    AuditLog(session, chain).append(event)


def disarm(session: Session) -> None:
    for table in ("audit_events", "audit_anchors"):
        guards = [guard for guard in guards_of(control_metadata) if guard.table == table]
        on = f" ON {table}" if session.dialect == "postgresql" else ""
        for trigger in trigger_names(guards, session.dialect):
            session.run(text(f"DROP TRIGGER IF EXISTS {trigger}{on}"))


def rechain(session: Session, sequence: int) -> None:
    """Rewrites one event, and the hashes of all that follow."""
    disarm(session)
    log = AuditLog(session, "control")
    standing = log.after(sequence - 2, limit=100)
    own = "organization_id = ''"
    session.run(text(f"DELETE FROM audit_events WHERE {own} AND sequence >= :at"), at=sequence)
    prev_hash = standing[0].hash
    for sealed in standing[1:]:
        event = sealed.event
        if sealed.sequence == sequence:
            event = AuditEvent(time=NOW, actor_type="system", action="test", reason="forged")
        forged = seal(event, chain=CONTROL, sequence=sealed.sequence, prev_hash=prev_hash)
        session.run(_APPEND, _values(forged))
        prev_hash = forged.hash
    session.run(text(f"UPDATE audit_heads SET hash = :hash WHERE {own}"), hash=prev_hash)


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
    assert list(faults) == ["control/-"]
    assert "isn't the one that a head was signed for" in faults["control/-"]


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
    assert "control/-" in await trail.anchor.anchor()


async def test_a_rechained_log(trail: Trail) -> None:
    """Consistent hashes don't help: the events under the head that doesn't fit are named."""
    await trail.anchor.anchor()
    await trail.control.write(lambda s: rechain(s, 4))
    report = (await trail.reports())[0]
    assert (report.first_bad, report.anchored) == (1, 0)
    assert report.fault.startswith("an event from 1 to 8 isn't the one a head was signed for")
    assert "control/-" in await trail.anchor.anchor()


async def test_a_broken_tail_is_not_signed(trail: Trail) -> None:
    """The anchor checks what it signs, and goes on with the chains that are sound."""
    await trail.forge("UPDATE audit_events SET reason = 'forged' WHERE sequence = 6")
    faults = await trail.anchor.anchor()
    assert list(faults) == ["control/-"]
    assert faults["control/-"].startswith("bad at sequence 6: ")
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
    ):
        report = verify_export(falsified, public_key, chains=[CONTROL, SANDBOX])
        assert report.chains[0].first_bad == bad
    other = Ed25519PrivateKey.generate().public_key()
    forged = verify_export(lines, other, chains=[CONTROL])
    assert forged.anchors.first_bad == 1
    assert f"the key {key_name(trail.key.public_key())}, which isn't known" in forged.anchors.fault
    assert forged.chains[0].anchored == 0
    assert [r.anchored for r in forged.chains] == [0, 0]
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


async def test_anchors_of_several_processes(trail: Trail) -> None:
    """The control database orders the anchors of all servers: their files end up the same."""
    files = [trail.file, trail.file, AnchorFile(trail.folder / "another.jsonl")]
    anchors = [trail.anchors_into(file) for file in files]
    for _ in range(5):
        await trail.write(trail.control, 2)
        await asyncio.gather(*(anchor.anchor() for anchor in anchors))
    for anchor in anchors:
        await anchor.follow()
    report = (await trail.reports())[0]
    assert (report.sound, report.anchored) == (True, 18)
    own, another = (trail.folder / name for name in ("anchors.jsonl", "another.jsonl"))
    assert own.read_bytes() == another.read_bytes()


async def test_a_restart_goes_on(trail: Trail) -> None:
    """A new task continues from the database, and behind a line that a crash tore in the file."""
    await trail.anchor.anchor()
    with (trail.folder / "anchors.jsonl").open("ab") as file:
        file.write(b'{"chains":"1,')
    assert all(report.sound for report in await trail.reports())
    await trail.write(trail.control, 3)
    assert await trail.anchors().anchor() == {}
    assert [r.anchored for r in await trail.reports()] == [11, 2]


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_lost_anchor_file_is_written_again(trail: Trail, restarted: bool) -> None:
    """From the control database, byte for byte, and the loss is told."""
    await trail.anchor.anchor()
    await trail.write(trail.control, 1)
    await trail.anchor.anchor()
    file = trail.folder / "anchors.jsonl"
    kept = file.read_bytes()
    for left in (b"", kept[: kept.index(b"\n") + 1]):
        file.write_bytes(left)
        if not left:
            file.unlink()
        later = trail.anchors_into(trail.file, now=NOW + timedelta(hours=1))
        anchor = later if restarted else trail.anchor
        with structlog.testing.capture_logs() as logs:
            assert await anchor.anchor() == {}
        assert file.read_bytes() == kept
        told = [line["event"] for line in logs]
        assert told == ([LogEvent.AUDIT_ANCHORS_CUT] if not (restarted and left) else [])


async def test_anchors_that_the_database_lost(trail: Trail) -> None:
    """The file is ahead: nothing more is signed, the verification says why, and it is told once."""
    await trail.anchor.anchor()
    await trail.write(trail.control, 1)
    await trail.anchor.anchor()
    await trail.forge("DELETE FROM audit_anchors WHERE number = 2")
    await trail.write(trail.control, 1)
    with structlog.testing.capture_logs() as logs:
        for _ in range(2):
            assert list(await trail.anchor.anchor()) == [ANCHORS]
    assert [line["event"] for line in logs] == [LogEvent.AUDIT_ANCHORS_FORKED]
    report = await trail.report()
    assert not report.sound
    assert (report.anchors.first_bad, report.anchors.count) == (2, 1)
    assert report.anchors.fault == "the anchor of the file isn't in the control database"


KEY = Ed25519PrivateKey.from_private_bytes(b"n" * 32)
"""The key that replaces that of a trail."""


async def test_a_new_key_replaces_the_former_one(trail: Trail) -> None:
    """Servers change over one after the other; the new key alone then proves the whole log."""
    old, new = trail.key.public_key(), KEY.public_key()
    ready = trail.anchors_into(trail.file, keys=AuditKeys(current=trail.key, previous=KEY))
    ahead = trail.anchors_into(trail.file, keys=AuditKeys(current=KEY, previous=trail.key))
    later = trail.anchors_into(AnchorFile(trail.folder / "new.jsonl"), keys=AuditKeys(current=KEY))
    for anchor in (trail.anchor, ready, ahead, ready, ahead, later):
        await trail.write(trail.control, 1)
        assert await anchor.anchor() == {}
    assert (trail.folder / "new.jsonl").read_bytes() == (
        trail.folder / "anchors.jsonl"
    ).read_bytes() + (trail.folder / "new.jsonl").read_bytes().splitlines(keepends=True)[-1]
    trail.file = AnchorFile(trail.folder / "new.jsonl")
    report = await verify(trail.control, trail.databases, trail.file, new)
    assert report.sound and all(chain.is_proven() for chain in report.chains)
    keys = [(use.number, use.key, use.handed_over) for use in report.anchors.keys]
    assert keys == [(1, key_name(old), True), (3, key_name(new), True)]
    assert f"; key {key_name(new)[:8]} from 3 on" in str(report.anchors)
    lines = [line async for line in export(trail.databases, trail.file)]
    offline = verify_export(lines, new)
    assert offline.anchors == report.anchors
    assert offline.sound and all(chain.is_proven() for chain in offline.chains)
    assert all(each.proven for each in audit_chain.verify(map(bytes.decode, lines), [], new))


async def test_a_replaced_key_proves_nothing_any_more(trail: Trail) -> None:
    """A server or a reader who has it alone hears since when another one signs."""
    await trail.anchor.anchor()
    await trail.write(trail.control, 1)
    both = AuditKeys(current=KEY, previous=trail.key)
    await trail.anchors_into(trail.file, keys=both).anchor()
    await trail.write(trail.control, 1)
    (fault,) = (await trail.anchors().anchor()).values()
    assert f"signed by another key: {key_name(KEY.public_key())}" in fault
    report = await trail.report()
    assert (report.anchors.first_bad, report.anchors.kept) == (2, 0)
    assert not any(chain.anchored for chain in report.chains)
    lines = [line async for line in export(trail.databases, trail.file)]
    with pytest.raises(UsageProblem, match="anchor 2 was signed by another key"):
        audit_chain.verify(map(bytes.decode, lines), [], trail.key.public_key())


async def test_a_lost_key_is_replaced_without_its_signature(trail: Trail) -> None:
    """By a step of its own, of which every verification tells."""
    await trail.anchor.anchor()
    keys = AuditKeys(current=KEY)
    anchor = trail.anchors_into(trail.file, keys=keys)
    assert list(await anchor.anchor()) == [ANCHORS]
    for _ in range(2):
        await trail.control.write(lambda session: begin_key(session, keys, rfc3339(NOW)))
    await trail.write(trail.control, 1)
    assert await anchor.anchor() == {}
    report = await verify(trail.control, trail.databases, trail.file, KEY.public_key())
    assert report.sound and report.anchors.count == 3
    assert "from 2 on, without a signature of the key before" in str(report.anchors)
    lines = [line.decode() async for line in export(trail.databases, trail.file)]
    assert all(each.proven for each in audit_chain.verify(lines, [], KEY.public_key()))


async def test_another_history_of_anchors(trail: Trail) -> None:
    """Whoever has the key and the database signs a second history; the file keeps the first."""
    await trail.anchor.anchor()
    await trail.control.write(lambda s: rechain(s, 4))
    await trail.forge("DELETE FROM audit_anchors")
    await trail.forge("DELETE FROM audit_anchored_heads")
    other = trail.anchors_into(AnchorFile(trail.folder / "other.jsonl"))
    assert await other.anchor() == {}
    assert list(await trail.anchor.anchor()) == [ANCHORS]
    report = await trail.report()
    assert report.anchors.first_bad == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_anchored_heads SET sequence = 7 WHERE chain = 'control/-'",
        "DELETE FROM audit_anchored_heads WHERE chain = 'sandbox/-'",
        "INSERT INTO audit_anchored_heads VALUES ('control/org_1', 1, 'x')",
    ],
)
async def test_altered_heads_are_not_built_upon(trail: Trail, statement: str) -> None:
    """The signed root says which heads the last anchor stated."""
    await trail.anchor.anchor()
    await trail.forge(statement)
    await trail.write(trail.control, 1)
    faults = await trail.anchors().anchor()
    assert faults == {ANCHORS: "the heads in the control database aren't those of its last anchor"}


@pytest.mark.parametrize(
    ("found", "other", "fault"),
    [
        ('"chains":2', '"chains":3', "the signature is wrong"),
        ('"moved":[["control/-",8,', '"moved":[["control/-",7,', "don't give the signed root"),
        ('"moved":[["control/-",8,', '"moved":[["control/x",8,', "don't give the signed root"),
        ('"number":1', '"number":2', "an anchor is missing"),
        ('"number":1', '"number":"1"', "not an anchor"),
    ],
)
async def test_an_altered_anchor(trail: Trail, found: str, other: str, fault: str) -> None:
    """In the database and the file alike it doesn't hold together."""
    await trail.anchor.anchor()
    change = f"UPDATE audit_anchors SET line = replace(line, '{found}', '{other}')"
    await trail.forge(change.replace(":", "\\:"))
    file = trail.folder / "anchors.jsonl"
    file.write_text(file.read_text().replace(found, other))
    report = await trail.report()
    assert report.anchors.first_bad == 1
    assert fault in report.anchors.fault


async def test_a_chain_that_is_gone(trail: Trail) -> None:
    """The anchor's task and the verification name it."""
    await trail.control.write(lambda s: one_event(s, "control", "org_1"))
    await trail.anchor.anchor()
    await trail.forge("DELETE FROM audit_events WHERE organization_id = 'org_1'")
    await trail.forge("DELETE FROM audit_heads WHERE organization_id = 'org_1'")
    await trail.write(trail.control, 1)
    assert await trail.anchor.anchor() == {"control/org_1": "the chain is missing"}
    reports = await trail.reports()
    assert [(r.chain, r.first_bad) for r in reports if not r.sound] == [
        (ChainId("control", "org_1"), 1)
    ]


async def test_an_anchor_names_what_moved_alone(trail: Trail) -> None:
    """And how many chains there are; a round without a new event signs nothing."""
    await trail.control.write(lambda s: one_event(s, "control", "org_1"))
    await trail.anchor.anchor()
    await trail.control.write(lambda s: one_event(s, "control", "org_1"))
    await trail.anchor.anchor()
    await trail.anchor.anchor()
    first, second = trail.file.anchors()
    assert [*first.moved] == [CONTROL, ChainId("control", "org_1"), SANDBOX]
    assert {str(chain): head.sequence for chain, head in second.moved.items()} == {
        "control/org_1": 2
    }
    assert (second.header.chains, second.header.previous) == (3, first.header.digest())


async def organization_export(trail: Trail) -> list[bytes]:
    lines = export_organization(trail.control, trail.databases, trail.file, "org_2")
    return [line async for line in lines]


async def with_organizations(trail: Trail) -> None:
    for number in range(1, 6):
        own = f"org_{number}"
        for database in trail.databases:
            await database.write(lambda s, d=database, o=own: one_event(s, d.name, o))  # type: ignore[misc]
    await trail.control.write(lambda s: one_event(s, "control", "org_2"))
    await trail.anchor.anchor()


async def test_an_organization_verifies_alone(trail: Trail) -> None:
    """By the newest anchor's header and proofs of inclusion; no other organization is named."""
    await with_organizations(trail)
    lines = await organization_export(trail)
    assert not any(f"org_{other}".encode() in line for line in lines for other in (1, 3, 4, 5))
    report = verify_export(lines, trail.key.public_key())
    assert report.sound and report.anchors.count == 1
    assert {str(r.chain): (r.events, r.anchored) for r in report.chains} == {
        "control/org_2": (2, 2),
        "production/org_2": (0, 0),
        "sandbox/org_2": (1, 1),
    }
    told = audit_chain.verify([line.decode() for line in lines], [], trail.key.public_key())
    assert [(r.chain, r.sound, r.events, r.anchored) for r in told] == [
        ("control/org_2", True, 2, 2),
        ("sandbox/org_2", True, 1, 1),
    ]


async def test_an_organization_s_export_that_was_falsified(trail: Trail) -> None:
    """A cut tail, a chain left out, another proof or header: each shows."""
    await with_organizations(trail)
    lines = await organization_export(trail)
    key = trail.key.public_key()
    proof = next(line for line in lines if b'"proof"' in line and b"control" in line)
    events = [line for line in lines if b'"event"' in line and b'"control/org_2"' in line]

    def bad(*, without: tuple[bytes, ...] = (), change: tuple[bytes, bytes] = (b"", b"")) -> str:
        kept = [line.replace(*change) if change[0] else line for line in lines]
        report = verify_export([line for line in kept if line not in without], key)
        assert not report.sound
        first = next((r.fault for r in report.chains if not r.sound), "")
        return report.anchors.fault or first

    assert "the tail is cut" in bad(without=(events[-1],))
    assert "the tail is cut" in bad(without=tuple(events))
    assert "signature" in bad(change=(b'"number":1', b'"number":2'))
    assert "doesn't give the signed root" in bad(
        change=(b'"sequence":2,"type":"proof"', b'"sequence":1,"type":"proof"')
    )
    assert "doesn't give the signed root" in bad(change=(b'"index":2', b'"index":3'))
    unproven = verify_export([line for line in lines if line != proof], key)
    assert not unproven.chains[0].is_proven()


async def test_thousands_of_events_are_checked_in_pages(
    trail: Trail, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the pages' size, each event is verified once."""
    monkeypatch.setattr(chain_check, "_EVENTS", 3)
    monkeypatch.setattr(chain_check, "_CHAINS", 2)
    await with_organizations(trail)
    await trail.write(trail.control, 6)
    assert await trail.anchor.anchor() == {}
    report = await trail.report()
    assert report.sound and all(chain.is_proven() for chain in report.chains)
    await trail.write(trail.control, 6)
    await trail.forge("UPDATE audit_events SET reason = 'x' WHERE sequence = 19")
    assert list(await trail.anchor.anchor()) == ["control/-"]


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
