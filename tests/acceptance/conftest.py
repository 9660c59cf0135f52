"""A real server in a process of its own, and both of its apis."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from tests.harness.access import Access, grant_access
from tests.harness.api_client import ApiClient, GrpcClient, RestClient
from tests.harness.postgres import empty_database
from tests.harness.server import Running, migrate, new_secrets, operator, server

ENVIRON = {
    # Every test has the same peer, so what is limited by peer must not stand in the way here.
    "XAIGH_PUBLIC_LIMIT_PER_MINUTE": "100000",
    "XAIGH_CONTACT_LIMIT_PER_DAY": "100000",
    "XAIGH_BAD_CREDENTIAL_LIMIT_PER_MINUTE": "100000",
    "XAIGH_PROOF_LIMIT_PER_HOUR": "100000",
    # Callbacks that answer challenges are on this host.
    "XAIGH_ALLOW_LOOPBACK_CALLBACKS": "true",
    "XAIGH_DEFAULT_TIER": "enterprise",
}


LOG_TAIL = 8_000  # characters


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that fails shows what its server logged last: the reply may not say why."""
    report = yield
    started = getattr(item, "funcargs", {}).get("running")
    if report.failed and isinstance(started, Running):
        log = started.data_dir / "server.log"
        report.sections.append(("Server log", log.read_text(errors="replace")[-LOG_TAIL:]))
    return report


def _databases(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """Where the server of a file keeps its data, as settings. SQLite has none to set."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield {}
        return
    server_url: str = request.getfixturevalue("postgres_server")
    with ExitStack() as stack:
        urls = {
            f"XAIGH_{name}_URL": stack.enter_context(empty_database(server_url))
            for name in ("CONTROL", "SANDBOX", "PRODUCTION")
        }
        migrate(tmp_path_factory.mktemp("migrate"), **urls)
        yield {**urls, **new_secrets()}


databases = pytest.fixture(scope="module")(_databases)
postgresql_alone = pytest.fixture(scope="module", params=["postgresql"])(_databases)
both_engines = pytest.fixture(scope="module", params=["sqlite", "postgresql"])(_databases)
"""A file whose tests are to run on either engine calls this `databases`; or the one before."""


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory, databases: dict[str, str]
) -> Iterator[Running]:
    """A server for the tests of one file."""
    with server(tmp_path_factory.mktemp("data"), **ENVIRON, **databases) as started:
        yield started


@pytest.fixture(scope="module")
def second(running: Running) -> str:
    """The credential of a second operator."""
    return operator(running.data_dir, "api-ops", "api_ops", **running.environ)


@pytest.fixture(scope="module", params=["rest", "grpc"])
def api(request: pytest.FixtureRequest, running: Running) -> Iterator[ApiClient]:
    """Each transport in turn."""
    made = RestClient(running.rest) if request.param == "rest" else GrpcClient(running.grpc)
    with closing(made):
        yield made


@pytest.fixture(scope="module")
def access(api: ApiClient, running: Running) -> Access:
    """A sandbox key that may read and write jobs."""
    return grant_access(api, running.founder)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """An empty folder for a server of a test's own."""
    return tmp_path
