"""The audit log through the command: sound as written, and every forgery named by its place.

A server writes a log; then each test changes a copy of its files, as someone with the disk in hand
can, and asks `xaigh-server audit` in place and offline.
"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.acceptance.conftest import ENVIRON
from tests.contract.audit.test_trail import rechain
from tests.harness.access import grant_access, job_form, ok
from tests.harness.api_client import RestClient
from tests.harness.audit_receiver import AuditReceiver
from tests.harness.server import program, server
from tests.harness.threaded_receiver import receiving

from xaigh_server.audit.signing_key import load_public
from xaigh_server.db.sqlite.database import SqliteDatabase
from xaigh_server.runtime.tables import control_metadata


def audit(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs `xaigh-server audit`."""
    return program("audit", *arguments)


FAULTY, UNANCHORED = 1, 3
OWN = "organization_id = ''"  # events of the chain control/-


@dataclass(frozen=True, kw_only=True)
class Log:
    """A data folder, and the control chain's length in it."""

    folder: Path
    length: int

    def verify(self, *options: str) -> subprocess.CompletedProcess[str]:
        """In place."""
        return audit("verify", "--data-dir", str(self.folder), *options)

    def export(self, *options: str) -> Path:
        """Exports; whether the chains hold is said by the verification."""
        file = self.folder / "export.ndjson"
        file.unlink(missing_ok=True)
        done = audit("export", str(file), "--data-dir", str(self.folder), *options)
        assert file.exists(), done.stderr
        return file

    def verify_export(self, file: Path, *options: str) -> subprocess.CompletedProcess[str]:
        """Offline: the file and the public key are all there is."""
        key = self.folder / "audit" / "public_key.pem"
        return audit("verify", "--export", str(file), "--public-key", str(key), *options)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a server that worked and stopped, which anchored its chains."""
    folder = tmp_path_factory.mktemp("log")
    with server(folder, **ENVIRON) as running, closing(RestClient(running.rest)) as api:
        access = grant_access(api, running.founder)
        for number in range(3):
            job = api.call("PostJob", job_form(), key=access.key, idempotency_key=f"{number}")
            assert job.code == "ok"
        rotated = ok(api.call("RotateKey", {"keyId": access.key_id}, key=running.founder))
        revoke = {"keyId": rotated["key"]["keyId"], "reason": "done"}
        ok(api.call("RevokeKey", revoke, key=running.founder))
    yield folder


@pytest.fixture
def log(written: Path, tmp_path: Path) -> Log:
    """A copy of one's own."""
    folder = tmp_path / "data"
    shutil.copytree(written, folder)
    with closing(sqlite3.connect(folder / "control.db")) as control:
        (length,) = control.execute(f"SELECT count(*) FROM audit_events WHERE {OWN}").fetchone()
    return Log(folder=folder, length=length)


def business_chains(done: subprocess.CompletedProcess[str]) -> list[str]:
    """The lines of a report about chains that the command adds nothing to."""
    return sorted(line for line in done.stdout.splitlines() if line.startswith("sandbox/"))


def recorded(log: Log) -> list[str]:
    """The actions of the control chain, in order."""
    with closing(sqlite3.connect(log.folder / "control.db")) as control:
        rows = control.execute(
            "SELECT action FROM audit_events WHERE actor_id != '' AND"
            " organization_id = '' ORDER BY sequence"
        )
        return [action for (action,) in rows]


def test_what_the_server_wrote_is_sound_in_place_and_offline(log: Log):
    """Everything is anchored; the offline proof needs no data folder at all."""
    in_place = log.verify()
    assert in_place.returncode == 0, in_place.stdout
    assert f"control/-: {log.length + 1} events sound, {log.length} of them" in in_place.stdout
    offline = log.verify_export(log.export())
    assert offline.returncode == 0
    length = log.length + 1
    assert f"control/-: {length} events sound, {length} of them anchored" in offline.stdout
    assert business_chains(offline) == business_chains(in_place) != []
    assert recorded(log)[-2:] == ["audit.verified", "audit.exported"]


def test_an_export_anchors_what_is_not_anchored_yet(log: Log):
    """So that all of it is proven; without any anchor, only where the operator says so."""
    (log.folder / "audit" / "anchors.jsonl").unlink()
    offline = log.verify_export(log.export("--allow-unanchored"))
    assert f"control/-: {log.length} events sound, {log.length} of them" in offline.stdout
    assert offline.returncode == 0


def test_a_log_without_its_anchors_is_not_proven(log: Log):
    """An exit code of its own says that it may be rewritten; no export of it is signed anew."""
    (log.folder / "audit" / "anchors.jsonl").unlink()
    in_place = log.verify()
    assert in_place.returncode == UNANCHORED
    assert f"control/-: {log.length + 1} events sound, 0 of them anchored" in in_place.stdout
    assert "control/-: unanchored" in in_place.stderr
    assert log.verify("--allow-unanchored").returncode == 0
    offline = log.verify_export(log.export())
    assert offline.returncode == UNANCHORED
    assert log.verify_export(log.folder / "export.ndjson", "--allow-unanchored").returncode == 0


def test_a_rewritten_export_without_heads_is_not_proven(log: Log):
    """Every hash of it is right; only the head that somebody kept tells."""
    heads = [line.split("head ")[1] for line in log.verify().stdout.splitlines() if "head " in line]
    rewrite_the_chain(log.folder)
    (log.folder / "audit" / "anchors.jsonl").unlink()
    file = log.export()
    assert log.verify_export(file).returncode == UNANCHORED
    kept = log.folder / "heads.txt"
    kept.write_text("\n".join(heads))
    for known in (str(kept), heads[0]):
        told = log.verify_export(file, "--expect-heads", known)
        assert told.returncode == FAULTY
        assert "isn't the one of the expected head" in told.stdout
        assert log.verify("--expect-heads", known).returncode == FAULTY


def test_expected_heads_prove_without_anchors(log: Log):
    """And tell of a cut tail."""
    kept = log.folder / "heads.txt"
    kept.write_text(log.verify().stdout)
    (log.folder / "audit" / "anchors.jsonl").unlink()
    again = log.verify("--expect-heads", str(kept))
    assert again.returncode == 0
    kept.write_text(again.stdout)
    assert log.verify_export(log.export(), "--expect-heads", str(kept)).returncode == 0
    cut_the_tail(log.folder)
    told = log.verify_export(log.export(), "--expect-heads", str(kept))
    assert told.returncode == FAULTY and "a head is expected at" in told.stdout
    nonsense = log.verify("--expect-heads", "control:1")
    assert nonsense.returncode == 2 and "CHAIN:SEQUENCE:HASH" in nonsense.stderr


def edit(folder: Path) -> int:
    """Another reason for what was done."""
    return _sql(
        folder, f"UPDATE audit_events SET reason = 'nothing to see' WHERE {OWN} AND sequence = 3", 3
    )


def delete_in_the_middle(folder: Path) -> int:
    """One event fewer."""
    return _sql(folder, f"DELETE FROM audit_events WHERE {OWN} AND sequence = 2", 2)


def cut_the_tail(folder: Path) -> int:
    """The last two never happened."""
    with closing(sqlite3.connect(folder / "control.db")) as control:
        (last,) = control.execute(f"SELECT max(sequence) FROM audit_events WHERE {OWN}").fetchone()
    return _sql(folder, f"DELETE FROM audit_events WHERE {OWN} AND sequence > {last - 2}", last - 1)


def rewrite_the_chain(folder: Path) -> int:
    """Another third event, and every hash behind it made anew: the chain alone holds.

    The next head alone tells, so all events since the head before it are in doubt.
    """
    import asyncio

    async def forge() -> None:
        database = SqliteDatabase("control", folder / "control.db", control_metadata)
        await database.start()
        await database.write(lambda session: rechain(session, 3))
        await database.close()

    asyncio.run(forge())
    return 1


FORGERIES = [edit, delete_in_the_middle, cut_the_tail, rewrite_the_chain]


@pytest.mark.parametrize("forge", FORGERIES)
def test_a_forgery_is_found_and_its_first_bad_sequence_named(
    log: Log, forge: Callable[[Path], int]
):
    """In place, and in an export that was made of the forged log."""
    bad = forge(log.folder)
    in_place = log.verify()
    assert in_place.returncode == 1
    assert f"control/-: bad at sequence {bad}:" in in_place.stdout
    offline = log.verify_export(log.export())
    assert offline.returncode == 1
    assert f"control/-: bad at sequence {bad}:" in offline.stdout
    assert "sandbox/-:" in offline.stdout and "sandbox/-: bad" not in offline.stdout


def test_an_export_that_was_changed_on_its_way_is_found(log: Log):
    """A line less, a word more, or a whole chain missing."""
    file = log.export()
    lines = file.read_bytes().splitlines(keepends=True)
    events = [
        at
        for at, line in enumerate(lines)
        if b'"chain":"control/-"' in line and b'"type":"event"' in line
    ]
    fewer = log.folder / "fewer"
    fewer.write_bytes(b"".join(lines[: events[1]] + lines[events[2] :]))
    assert "control/-: bad at sequence 2:" in log.verify_export(fewer).stdout
    other = log.folder / "other"
    other.write_bytes(b"".join(lines).replace(b"ticket.approved", b"ticket.denied__"))
    assert log.verify_export(other).returncode == 1
    none = log.folder / "none"
    none.write_bytes(b"".join(line for at, line in enumerate(lines) if at not in events))
    assert "control/-: bad at sequence 1:" in log.verify_export(none).stdout


def test_an_organization_s_export_is_verified_alone(log: Log):
    """With its three chains; its end can't be cut, and nothing tells who else is there."""
    with closing(sqlite3.connect(log.folder / "control.db")) as control:
        (organization,) = control.execute("SELECT organization_id FROM organizations").fetchone()
    file = log.export("--organization", organization)
    done = log.verify_export(file)
    assert done.returncode == 0, done.stderr
    assert "anchors: 1 sound" in done.stdout
    chains = [line.split(": ")[0] for line in done.stdout.splitlines()[1:]]
    assert chains == [f"{name}/{organization}" for name in ("control", "production", "sandbox")]
    assert b"control/-" not in file.read_bytes()
    lines = file.read_bytes().splitlines(keepends=True)
    cut = log.folder / "cut"
    cut.write_bytes(b"".join(lines[:-1]))
    assert log.verify_export(cut).returncode == FAULTY


def test_a_server_writes_a_lost_anchor_file_again(log: Log):
    """From the control database, and says so: it doesn't begin anew."""
    file = log.folder / "audit" / "anchors.jsonl"
    kept = file.read_bytes()
    file.unlink()
    with server(log.folder, **ENVIRON):
        pass
    assert file.read_bytes().startswith(kept)
    assert "audit.anchors_cut" in (log.folder / "server.log").read_text()
    assert log.verify().returncode == 0


def test_a_server_sends_its_log_to_a_sink(tmp_path: Path):
    """All of it, anchored, while it runs."""
    settings = tmp_path / "settings.toml"
    with receiving() as site:
        settings.write_text(f'[audit_sinks.archive]\nurl = "{site.url()}"\nbearer = "let-me-in"\n')
        with server(tmp_path, **ENVIRON, XAIGH_SETTINGS=str(settings)) as running:
            site.wait(lambda post: b'"founder"' in post.body and b'"type":"anchor"' in post.body)
            key = load_public(running.data_dir / "audit" / "public_key.pem")
            receiver = AuditReceiver(key)
            for post in list(site.posts):
                assert post.headers["authorization"] == "Bearer let-me-in"
                receiver.take(post.body)
    assert receiver.complete and receiver.chains["control/-"]


def test_another_key_proves_nothing(log: Log, tmp_path: Path):
    """Who re-signs the anchors needs the key that the verifier doesn't have."""
    file = log.export()
    own = log.folder / "audit" / "public_key.pem"
    kept = own.read_bytes()
    for name in ("signing_key.pem", "public_key.pem"):
        (log.folder / "audit" / name).unlink()
    audit("export", str(tmp_path / "second"), "--data-dir", str(log.folder))
    assert log.verify_export(file).returncode == 1  # by the new key
    own.write_bytes(kept)
    assert log.verify_export(file).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--export", "x"), "together"),
        (("--public-key", "x"), "together"),
        (("--export", "/nowhere", "--public-key", "/nowhere"), "/nowhere"),
    ],
)
def test_what_is_missing_is_one_line(arguments: tuple[str, ...], said: str):
    """Exit code 2, and no traceback."""
    done = audit("verify", *arguments)
    assert done.returncode == 2
    assert said in done.stderr and len(done.stderr.strip().splitlines()) == 1


def test_what_is_no_export_is_told_by_its_line(log: Log):
    """A file of something else isn't a broken log."""
    file = log.folder / "noise"
    file.write_text("hello\n")
    done = log.verify_export(file)
    assert done.returncode == 2 and "line 1" in done.stderr


def _sql(folder: Path, statement: str, first_bad: int) -> int:
    """Runs a statement without the triggers that would refuse it."""
    with closing(sqlite3.connect(folder / "control.db")) as control:
        for (name,) in control.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_events'"
        ).fetchall():
            control.execute(f"DROP TRIGGER {name}")
        control.execute(statement)
        control.commit()
    return first_bad
