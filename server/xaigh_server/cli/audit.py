"""Command `xaigh-server audit`: verifies the audit chains, and exports them.

An export can be verified with the public key alone, without database and settings.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from contextlib import AsyncExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from xaigh_server.audit.verify import ChainReport
from xaigh_server.cli.common import CommandError, run_loop
from xaigh_server.settings import Settings


def audit(settings: Settings, arguments: argparse.Namespace) -> int:
    """Returns 0 if every chain is sound, else 1, naming the first bad sequence of each."""
    if arguments.step == "export":
        with _output(arguments.file) as out:
            return run_loop(_export(settings, out))
    if (arguments.export is None) != (arguments.public_key is None):
        raise CommandError("audit verify: give --export and --public-key together, or neither")
    if arguments.export is not None:
        return _verify_export(Path(arguments.export), Path(arguments.public_key))
    return run_loop(_verify(settings))


def _verify_export(file: Path, public_key: Path) -> int:
    from xaigh_server.audit import signing_key as audit_keys
    from xaigh_server.audit.export import ExportMalformed, verify_export

    try:
        key = audit_keys.load_public(public_key)
        with file.open("rb") as lines:
            reports = verify_export(lines, key)
    except audit_keys.AuditKeyError as error:
        raise CommandError(str(error)) from error
    except ExportMalformed as error:
        raise CommandError(f"{file}: {error}") from error
    return _print_reports(reports)


async def _verify(settings: Settings) -> int:
    from xaigh_server.audit import signing_key as audit_keys
    from xaigh_server.audit import trail as audit_trail
    from xaigh_server.audit.anchor_file import AnchorFile
    from xaigh_server.runtime.databases import open_databases

    folder = settings.audit_dir
    async with AsyncExitStack() as stack:
        databases = await open_databases(settings, stack)
        key = audit_keys.load_or_create(folder)
        reports = await audit_trail.verify(
            databases.all, AnchorFile(settings.anchor_file), key.public_key()
        )
    return _print_reports(reports)


async def _export(settings: Settings, out: IO[bytes]) -> int:
    from xaigh_server.audit import signing_key as audit_keys
    from xaigh_server.audit import trail as audit_trail
    from xaigh_server.audit.anchor_file import AnchorFile
    from xaigh_server.audit.anchoring import AuditAnchor
    from xaigh_server.runtime.databases import open_databases

    file, key = AnchorFile(settings.anchor_file), audit_keys.load_or_create(settings.audit_dir)
    async with AsyncExitStack() as stack:
        databases = await open_databases(settings, stack)
        anchor = AuditAnchor(databases.all, file, key, clock=lambda: datetime.now(UTC))
        # A broken chain is exported as healthy: the export is the evidence.
        faults = await anchor.anchor()
        async for line in audit_trail.export(databases.all, file):
            out.write(line)
    for chain, fault in faults.items():
        print(f"{chain}: not anchored: {fault}", file=sys.stderr)
    return 1 if faults else 0


@contextmanager
def _output(name: str) -> Iterator[IO[bytes]]:
    """Opens a new file, or standard output for `-`. FileExistsError: the file exists."""
    if name == "-":
        yield sys.stdout.buffer
        return
    with open(name, "xb") as file:
        yield file


def _print_reports(reports: Iterable[ChainReport]) -> int:
    found = list(reports)
    for report in found:
        print(report)
    return 0 if all(report.sound for report in found) else 1
