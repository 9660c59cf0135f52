"""Services run on the real SQLite."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.harness.business_services import BusinessServices, opened

from xaigh_server.ats.normalizer_pool import NormalizerPool
from xaigh_server.identity.environments import Environment
from xaigh_server.worker_pool.pool import WorkerPool


@pytest.fixture
def reading(request: pytest.FixtureRequest) -> str:
    """Where batches are normalized: `here`, or `beside`, in a worker process."""
    return str(getattr(request, "param", "here"))


@pytest.fixture
async def normalizers(reading: str) -> AsyncIterator[NormalizerPool]:
    """Batches of any size go where they are to be normalized."""
    pool = WorkerPool()
    yield NormalizerPool() if reading == "here" else NormalizerPool(pool, least=0)
    await pool.close()


@pytest.fixture
async def services(tmp_path: Path, normalizers: NormalizerPool) -> AsyncIterator[BusinessServices]:
    """An empty sandbox with its services."""
    async with opened(tmp_path / "sandbox.db", normalizers) as made:
        yield made


@pytest.fixture
async def production(
    tmp_path: Path, normalizers: NormalizerPool
) -> AsyncIterator[BusinessServices]:
    """An empty production database with its services: there operators review."""
    path = tmp_path / "production.db"
    async with opened(path, normalizers, Environment.PRODUCTION) as made:
        yield made
