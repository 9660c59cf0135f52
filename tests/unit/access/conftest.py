"""The services of the control database, on empty SQLite files."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.harness.control_services import ControlServices, opened


@pytest.fixture
async def services(tmp_path: Path) -> AsyncIterator[ControlServices]:
    """Every service of access, keys, organizations and audit."""
    async with opened(tmp_path) as made:
        yield made
