"""Command `xaigh-server audit`: verifies the audit chains, and exports them.

An export can be verified with the public key alone, without database and settings. Exit codes: 0,
all is proven; 1, something is wrong; 3, all is sound, but no head proves all of it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from xaigh_server.audit.expected_heads import ExpectedHeads, read_expected
from xaigh_server.audit.model import rfc3339
from xaigh_server.audit.verify import ChainReport
from xaigh_server.cli.common import CommandError, run_loop
from xaigh_server.settings import Settings

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
            return run_loop(_export(settings, out, anew=arguments.allow_unanchored))
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
            reports = verify_export(lines, key, expected=proof.expected)
    except audit_keys.AuditKeyError as error:
        raise CommandError(str(error)) from error
    except ExportMalformed as error:
        raise CommandError(f"{file}: {error}") from error
    return _print_reports(reports, proof)


async def _verify(settings: Settings, proof: _Proof) -> int:
    from xaigh_server.audit import signing_key as audit_keys
    from xaigh_server.audit import trail as audit_trail
    from xaigh_server.audit.anchor_file import AnchorFile
    from xaigh_server.runtime.databases import open_databases

    folder = settings.audit_dir
    async with AsyncExitStack() as stack:
        databases = await open_databases(settings, stack)
        key = audit_keys.load_or_create(folder)
        reports = await audit_trail.verify(
            databases.all,
            AnchorFile(settings.anchor_file),
            key.public_key(),
            expected=proof.expected,
        )
    return _print_reports(reports, proof, since=_recently())


async def _export(settings: Settings, out: IO[bytes], *, anew: bool) -> int:
    from xaigh_server.audit import signing_key as audit_keys
    from xaigh_server.audit import trail as audit_trail
    from xaigh_server.audit.anchor_file import AnchorFile
    from xaigh_server.audit.anchoring import AuditAnchor
    from xaigh_server.runtime.databases import open_databases

    file, key = AnchorFile(settings.anchor_file), audit_keys.load_or_create(settings.audit_dir)
    async with AsyncExitStack() as stack:
        databases = await open_databases(settings, stack)
        anchor = AuditAnchor(databases.all, file, key, clock=lambda: datetime.now(UTC))
        # A broken chain is exported like a sound one: the export is the evidence. But a log whose
        # anchors are missing isn't signed anew, which would make a rewritten one look proven.
        reports = await audit_trail.verify(databases.all, file, key.public_key())
        since = _recently()
        proven = all(report.is_proven(since=since) for report in reports if report.sound)
        faults = await anchor.anchor() if proven or anew else {}
        async for line in audit_trail.export(databases.all, file):
            out.write(line)
    for chain, fault in faults.items():
        print(f"{chain}: not anchored: {fault}", file=sys.stderr)
    if not (proven or anew):
        print("not anchored: heads are missing; see `audit verify`", file=sys.stderr)
        return UNANCHORED
    return FAULTY if faults else 0


@contextmanager
def _output(name: str) -> Iterator[IO[bytes]]:
    """Opens a new file, or standard output for `-`. FileExistsError: the file exists."""
    if name == "-":
        yield sys.stdout.buffer
        return
    with open(name, "xb") as file:
        yield file


def _recently() -> str:
    """The time since when events may still wait for their anchor."""
    return rfc3339(datetime.now(UTC) - ANCHORED_WITHIN)


def _print_reports(reports: Iterable[ChainReport], proof: _Proof, *, since: str = "") -> int:
    found = list(reports)
    for report in found:
        print(report)
    if not all(report.sound for report in found):
        return FAULTY
    unproven = [report for report in found if not report.is_proven(since=since)]
    for report in unproven:
        print(
            f"{report.chain}: unanchored: no head proves the events after {report.anchored}. "
            "Is the anchor file whole? Give the heads that you know with --expect-heads.",
            file=sys.stderr,
        )
    return UNANCHORED if unproven and proof.needed else 0
