"""The three databases of a deployment, opened, migrated and closed together."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from xaigh_server.db import migrate
from xaigh_server.db.database import Database, open_database
from xaigh_server.db.postgres.watchdog import Wait
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.epoch import Epoch, open_epoch
from xaigh_server.runtime.tables import business_metadata, control_metadata
from xaigh_server.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Databases:
    """Control database, and one business database per environment."""

    control: Database
    business: Mapping[Environment, Database]

    @property
    def all(self) -> tuple[Database, ...]:
        """Every database, control first."""
        return (self.control, *self.business.values())

    def epoch(self) -> Epoch:
        """Opens the epoch, which shows whether cached credentials are still valid."""
        return open_epoch(self.control)


async def open_databases(settings: Settings, stack: AsyncExitStack) -> Databases:
    """Opens all three without migrating them. The stack closes them."""
    waits: set[Wait] = set()
    databases = Databases(
        control=open_database(
            "control",
            _place(settings, "control"),
            control_metadata,
            # Less than a unit waits for a lock: a revocation must not fail for a stopped server.
            idle_timeout=2.0,
            waits=waits,
        ),
        business={
            environment: open_database(
                environment.value,
                _place(settings, environment.value),
                business_metadata,
                waits=waits,
            )
            for environment in Environment
        },
    )
    for database in databases.all:
        await database.start()
        stack.push_async_callback(database.close)
    return databases


async def migrate_or_check(settings: Settings, databases: Databases) -> None:
    """Migrates SQLite files. With PostgreSQL, raises if `xaigh-server migrate` is due."""
    if not settings.control_url:
        await migrate.upgrade(*databases.all)
        return
    for database in databases.all:
        await migrate.check(database)


def _place(settings: Settings, name: str) -> Path | str:
    url: str = getattr(settings, f"{name}_url")
    return url or settings.data_dir / f"{name}.db"
