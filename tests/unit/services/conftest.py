"""Services run on the real SQLite."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.unit.services.business import World, opened


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """An empty sandbox with its services."""
    async with opened(tmp_path / "sandbox.db") as made:
        yield made
