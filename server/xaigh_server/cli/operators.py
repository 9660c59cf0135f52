"""Command `xaigh-server operator`: adds, lists, rotates and revokes operators."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any, TypeVar

from xaigh_server.cli.common import account, run_loop
from xaigh_server.identity.scopes import Role
from xaigh_server.settings import Settings

T = TypeVar("T")


def operator(settings: Settings, arguments: argparse.Namespace) -> int:
    admin = open_operator_admin(settings)
    steps: dict[str, Callable[[Any], Any]] = {
        "add": lambda session: admin.add(
            session,
            arguments.name,
            Role(arguments.role),
            person=arguments.person,
            lifetime=_days(arguments.days),
        ),
        "list": admin.list,
        "rotate": lambda session: admin.rotate(session, arguments.name),
        "revoke": lambda session: admin.revoke(session, arguments.name, reason=arguments.reason),
    }
    result = run_loop(_in_control(settings, steps[arguments.step]))
    if arguments.step in ("add", "rotate"):
        print(f"{result.operator.name} ({result.operator.role}). Shown this once:")
        print(result.text)
    elif arguments.step == "revoke":
        print(f"{result.name} is revoked for good.")
    else:
        _print_operators(result)
    return 0


def _print_operators(found: Any) -> None:
    rows = [("NAME", "PERSON", "ROLE", "STATE", "CREDENTIAL", "ENDS")]
    for each in found:
        credential = each.credential
        shown = f"xop_{credential.credential_id}…{credential.last_four}" if credential else "-"
        ends = credential.expire_time if credential else None
        until = ends.strftime("%Y-%m-%d %H:%M UTC") if ends else "never"
        who = (each.operator.name, each.operator.person, each.operator.role)
        rows.append((*who, each.state, shown, until))
    widths = [max(len(row[column]) for row in rows) for column in range(6)]
    for row in rows:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )


def _days(days: int | None) -> timedelta | None:
    return None if days is None else timedelta(days=days)


def open_operator_admin(settings: Settings) -> Any:
    """Returns the operator administration; audit events name the account that runs the command."""
    from xaigh_server.identity.operator_admin import OperatorAdmin
    from xaigh_server.runtime.secrets import load_peppers
    from xaigh_server.runtime.system import new_id, now

    return OperatorAdmin(
        peppers=load_peppers(settings),
        random=os.urandom,
        new_id=new_id,
        clock=now,
        actor=account(),
    )


async def _in_control(settings: Settings, work: Callable[[Any], T]) -> T:
    from xaigh_server.db.partition import CONTROL, Partition
    from xaigh_server.identity.fleet_secrets import PEPPER
    from xaigh_server.runtime.databases import migrate_or_check, open_databases
    from xaigh_server.runtime.secrets import agree
    from xaigh_server.runtime.system import now

    async with AsyncExitStack() as stack:
        databases = await open_databases(settings, stack)
        await migrate_or_check(settings, databases)
        await agree(settings, databases.control, clock=now, names=[PEPPER])
        result = await databases.control.write(work, partition=Partition(CONTROL))
        await databases.epoch().settle()  # what is printed then holds on every server
        return result
