"""The business services on an empty SQLite file."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.harness.business_services import BusinessServices, opened


@pytest.fixture
async def services(tmp_path: Path) -> AsyncIterator[BusinessServices]:
    """An empty sandbox with its services."""
    async with opened(tmp_path / "sandbox.db") as made:
        yield made
