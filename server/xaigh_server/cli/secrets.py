"""Command `xaigh-server secrets`: makes the secrets of a fleet, and replaces a lost one."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import AsyncExitStack

from xaigh_server.cli.common import CommandError, run_loop
from xaigh_server.settings import Settings


def secrets(settings: Settings, arguments: argparse.Namespace) -> int:
    if arguments.step == "new":
        return _new(arguments.file)
    before = run_loop(_accept(settings, arguments.name))
    print(f"{arguments.name}: {before or 'none'} -> this server's. Restart the others with it.")
    return 0


def _new(file: str) -> int:
    """Writes a fresh secret of each kind into a new file, mode 0600; `-` is standard output."""
    from xaigh_server.runtime.secrets import new_secrets

    if file == "-":
        sys.stdout.write(new_secrets())
        return 0
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise CommandError(f"secrets new: can't make {file}: {error.strerror}") from error
    with open(descriptor, "w", encoding="ascii") as output:
        os.fchmod(descriptor, 0o600)
        output.write(new_secrets())
        output.flush()
        os.fsync(descriptor)
    print(f"{file}: give these lines to every server of the fleet, and keep a copy apart.")
    return 0


async def _accept(settings: Settings, name: str) -> str:
    """Makes this server's secret the fleet's. Returns what was registered, in short."""
    from xaigh_server.audit.anchoring import begin_key
    from xaigh_server.audit.model import rfc3339
    from xaigh_server.db.partition import CONTROL, Partition
    from xaigh_server.db.session import Session
    from xaigh_server.identity.fleet_secrets import AUDIT_KEY, FleetSecrets, RegisteredSecret
    from xaigh_server.runtime.databases import migrate_or_check, open_databases
    from xaigh_server.runtime.secrets import load_audit_keys, own_secret
    from xaigh_server.runtime.system import now

    own = own_secret(settings, name)

    def unit(session: Session) -> RegisteredSecret | None:
        if name == AUDIT_KEY:
            begin_key(session, load_audit_keys(settings), rfc3339(now()))
        return FleetSecrets(session).accept(own, now())

    async with AsyncExitStack() as stack:
        databases = await open_databases(settings, stack)
        await migrate_or_check(settings, databases)
        before = await databases.control.write(unit, partition=Partition(CONTROL))
    return before.fingerprint[:8] if before else ""
