"""Services run on the real SQLite."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.harness.business_services import BusinessServices, opened

from xaigh_server.ats.intake.pool import LocalRoom, ProcessRoom
from xaigh_server.ats.intake.reading import ReadingRoom


@pytest.fixture
def reading(request: pytest.FixtureRequest) -> str:
    """Where batches are read: `here`, or `beside`, by a process that looks mirrors up itself."""
    return str(getattr(request, "param", "here"))


@pytest.fixture
async def room(tmp_path: Path, reading: str) -> AsyncIterator[ReadingRoom]:
    """Of any size, batches go where they are to be read."""
    if reading == "here":
        yield LocalRoom()
        return
    beside = ProcessRoom(1, {"sandbox": str(tmp_path / "sandbox.db")}, least=0)
    yield beside
    await beside.close()


@pytest.fixture
async def services(tmp_path: Path, room: ReadingRoom) -> AsyncIterator[BusinessServices]:
    """An empty sandbox with its services."""
    async with opened(tmp_path / "sandbox.db", room) as made:
        yield made
