"""A server, and the command line as its operators and as an integrator."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.acceptance.cli.program import Cli
from tests.harness.access import Access, grant_access
from tests.harness.api_client import GrpcClient
from tests.harness.server import Running, operator


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder without profiles."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def founder(running: Running, home: Path) -> Cli:
    """The first operator."""
    return Cli(address=running.grpc, home=home, key=running.founder)


@pytest.fixture(scope="module")
def colleague(running: Running, home: Path) -> Cli:
    """A second founder."""
    credential = operator(running.data_dir, "ana", "founder", **running.environ)
    return Cli(address=running.grpc, home=home, key=credential)


@pytest.fixture(scope="module")
def nobody(running: Running, home: Path) -> Cli:
    """Somebody without a credential."""
    return Cli(address=running.grpc, home=home)


@pytest.fixture(scope="module")
def granted(running: Running) -> Access:
    """An organization with a sandbox grant and a key."""
    api = GrpcClient(running.grpc)
    scopes = ["jobs:read", "jobs:write", "employer:read", "ats:read", "ats:sync", "ats:confirm"]
    try:
        return grant_access(
            api, running.founder, approval_terms={"keyAllowance": 20}, requestedScopes=scopes
        )
    finally:
        api.close()


@pytest.fixture(scope="module")
def integrator(running: Running, home: Path, granted: Access) -> Cli:
    """The holder of that key."""
    return Cli(address=running.grpc, home=home, key=granted.key)
