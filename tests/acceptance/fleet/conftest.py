"""Two servers with folders of their own, on one PostgreSQL and one Redis."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.acceptance.conftest import ENVIRON
from tests.harness.postgres import empty_database
from tests.harness.redis import Redis, redis
from tests.harness.server import Running, migrate, new_secrets, operator, server

TIERS = """
[tiers.enterprise]
minute = {calls = 100000, seconds = 60}
[tiers.tiny]
burst = {calls = 40, seconds = 1800}
hour = {calls = 50, seconds = 3600}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """The servers, the store of their limits, and their first operator."""

    servers: tuple[Running, ...]
    store: Redis
    founder: str


@contextmanager
def fleet_databases(postgres_server: str, folder: Path) -> Iterator[dict[str, str]]:
    """Three migrated databases, as settings."""
    with ExitStack() as stack:
        urls = {
            f"XAIGH_{name}_URL": stack.enter_context(empty_database(postgres_server))
            for name in ("CONTROL", "SANDBOX", "PRODUCTION")
        }
        migrate(folder, **urls)
        yield urls


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory, postgres_server: str) -> Iterator[Fleet]:
    """A fleet of two for the tests of one file."""
    shared = tmp_path_factory.mktemp("shared")
    settings = shared / "settings.toml"
    settings.write_text(TIERS)
    with ExitStack() as stack:
        store = stack.enter_context(redis())
        environ = {
            **ENVIRON,
            **stack.enter_context(fleet_databases(postgres_server, shared)),
            **new_secrets(),
            "XAIGH_SETTINGS": str(settings),
            "XAIGH_LIMITS_URL": store.url,
        }
        founder = operator(shared, "founder", "founder", **environ)
        servers = tuple(
            stack.enter_context(server(tmp_path_factory.mktemp(f"server{n}"), **environ))
            for n in range(2)
        )
        yield Fleet(servers=servers, store=store, founder=founder)
