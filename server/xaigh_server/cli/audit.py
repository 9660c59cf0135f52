"""Command `xaigh-server audit`: verifies the audit chains, and exports them.

An export can be verified with the public key alone, without database and settings. Exit codes: 0,
all is proven; 1, something is wrong; 3, all is sound, but no head proves all of it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING

from xaigh_server.audit.expected_heads import ExpectedHeads, read_expected
from xaigh_server.audit.model import rfc3339
from xaigh_server.audit.verify import TrailReport
from xaigh_server.cli.common import CommandError, account, run_loop
from xaigh_server.db.errors import StoreError
from xaigh_server.db.partition import CONTROL, Partition
from xaigh_server.settings import Settings

if TYPE_CHECKING:
    from xaigh_server.audit.anchor_file import AnchorFile
    from xaigh_server.audit.signing_key import AuditKeys
    from xaigh_server.db.database import Database
    from xaigh_server.runtime.databases import Databases

FAULTY, UNANCHORED = 1, 3
ANCHORED_WITHIN = timedelta(minutes=1)  # a running server signs every ten seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class _Proof:
    """What counts as proven: the heads that the caller knows, and whether events need a head."""

    expected: ExpectedHeads
    needed: bool


def audit(settings: Settings, arguments: argparse.Namespace) -> int:
    """Returns the exit code, and prints for each chain its head or its first bad sequence."""
    if arguments.step == "export":
        with _output(arguments.file) as out:
            return run_loop(_export(settings, out, arguments))
    if (arguments.export is None) != (arguments.public_key is None):
        raise CommandError("audit verify: give --export and --public-key together, or neither")
    try:
        expected = read_expected(arguments.expect_heads)
    except ValueError as error:
        raise CommandError(f"--expect-heads: {error}") from error
    proof = _Proof(expected=expected, needed=not arguments.allow_unanchored)
    if arguments.export is not None:
        return _verify_export(Path(arguments.export), Path(arguments.public_key), proof)
    return run_loop(_verify(settings, proof))


def _verify_export(file: Path, public_key: Path, proof: _Proof) -> int:
    from xaigh_server.audit import signing_key as audit_keys
    from xaigh_server.audit.export import ExportMalformed, verify_export

    try:
        key = audit_keys.load_public(public_key)
        with file.open("rb") as lines:
            report = verify_export(lines, key, expected=proof.expected)
    except audit_keys.AuditKeyError as error:
        raise CommandError(str(error)) from error
    except ExportMalformed as error:
        raise CommandError(f"{file}: {error}") from error
    return _print_report(report, proof)


async def _verify(settings: Settings, proof: _Proof) -> int:
    from xaigh_server.audit import trail as audit_trail
    from xaigh_server.audit.anchor_file import AnchorFile
    from xaigh_server.runtime.databases import open_databases
    from xaigh_server.runtime.secrets import load_audit_keys

    async with AsyncExitStack() as stack:
        databases = await open_databases(settings, stack)
        file, keys = AnchorFile(settings.anchor_file), load_audit_keys(settings)
        # Before it, so that the printed heads prove this event, too.
        noted = await _note(databases.control, "audit.verified", {})
        report = await audit_trail.verify(
            databases.control,
            databases.all,
            file,
            *keys.public,
            expected=proof.expected,
        )
        since = _recently(report, proof.expected)
        # A proven log stays proven, also where no server signs the new event.
        proven = all(chain.is_proven(since=since) for chain in report.chains)
        if noted and proven and report.sound and report.anchors.kept:
            await _anchor(databases, file, keys)
    return _print_report(report, proof, since=since)


async def _note(control: Database, action: str, facts: dict[str, object]) -> bool:
    """Writes that the log was used on this machine, and by which account.

    Returns False, with a line to standard error, where it can't: a log is also verified where
    nobody can write, such as on a replica.
    """
    from xaigh_server.audit.model import AuditEvent
    from xaigh_server.audit.repository import AuditLog

    event = AuditEvent(
        time=_now(), actor_type="system", actor_id=account(), action=action, after=facts
    )
    try:
        await control.write(
            lambda session: AuditLog(session, CONTROL).append(event), partition=Partition(CONTROL)
        )
    except StoreError as error:
        print(f"xaigh-server: this use of the log wasn't recorded: {error}", file=sys.stderr)
        return False
    return True


async def _export(settings: Settings, out: IO[bytes], arguments: argparse.Namespace) -> int:
    from xaigh_server.audit import trail as audit_trail
    from xaigh_server.audit.anchor_file import AnchorFile
    from xaigh_server.identity.fleet_secrets import AUDIT_KEY
    from xaigh_server.runtime.databases import open_databases
    from xaigh_server.runtime.secrets import agree, load_audit_keys
    from xaigh_server.runtime.system import now

    file, keys = AnchorFile(settings.anchor_file), load_audit_keys(settings)
    async with AsyncExitStack() as stack:
        databases = await open_databases(settings, stack)
        await agree(settings, databases.control, clock=now, names=[AUDIT_KEY])
        # A broken chain is exported like a sound one: the export is the evidence. But a log whose
        # anchors are missing isn't signed anew, which would make a rewritten one look proven.
        report = await audit_trail.verify(databases.control, databases.all, file, *keys.public)
        sound = [chain for chain in report.chains if chain.sound]
        proven = all(chain.is_proven(since=_recently(report)) for chain in sound)
        signs = proven or arguments.allow_unanchored
        facts = {"organization": arguments.organization, "signedAnew": not proven and signs}
        faults = await _anchor(databases, file, keys) if signs else {}
        try:
            async for line in _exported(databases, file, arguments.organization):
                out.write(line)
        finally:
            # Behind the export, so that heads which were known before still prove all of it.
            if await _note(databases.control, "audit.exported", facts) and signs:
                await _anchor(databases, file, keys)
    for chain, fault in faults.items():
        print(f"{chain}: not anchored: {fault}", file=sys.stderr)
    if not signs:
        print("not anchored: heads are missing; see `audit verify`", file=sys.stderr)
        return UNANCHORED
    return FAULTY if faults else 0


async def _anchor(databases: Databases, file: AnchorFile, keys: AuditKeys) -> dict[str, str]:
    from prometheus_client import CollectorRegistry

    from xaigh_server.audit.anchor_metrics import AnchorMetrics
    from xaigh_server.audit.anchoring import AuditAnchor

    metrics = AnchorMetrics(CollectorRegistry())
    return await AuditAnchor(
        databases.control, databases.all, file, keys, clock=_now, metrics=metrics
    ).anchor()


def _exported(databases: Databases, file: AnchorFile, organization: str) -> AsyncIterator[bytes]:
    from xaigh_server.audit import trail

    if organization:
        return trail.export_organization(databases.control, databases.all, file, organization)
    return trail.export(databases.all, file)


@contextmanager
def _output(name: str) -> Iterator[IO[bytes]]:
    """Opens a new file, or standard output for `-`. FileExistsError: the file exists."""
    if name == "-":
        yield sys.stdout.buffer
        return
    with open(name, "xb") as file:
        yield file


def _now() -> datetime:
    return datetime.now(UTC)


def _recently(report: TrailReport, expected: ExpectedHeads | None = None) -> str:
    """The time since when events may still wait for a head; "" where there is no head at all."""
    return rfc3339(_now() - ANCHORED_WITHIN) if report.anchors.kept or expected else ""


def _print_report(report: TrailReport, proof: _Proof, *, since: str = "") -> int:
    print(report.anchors)
    for chain in report.chains:
        print(chain)
    if not report.sound:
        return FAULTY
    unproven = [chain for chain in report.chains if not chain.is_proven(since=since)]
    for chain in unproven:
        print(
            f"{chain.chain}: unanchored: no head proves the events after {chain.anchored}. "
            "Is the anchor file whole? Give the heads that you know with --expect-heads.",
            file=sys.stderr,
        )
    return UNANCHORED if unproven and proof.needed else 0
