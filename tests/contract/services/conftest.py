"""A desk on each engine."""

from collections.abc import AsyncIterator

import pytest
from tests.contract.gate import seed
from tests.contract.services.desk import Desk

from xaigh_server.db.database import Database


@pytest.fixture
async def desk(control: Database) -> AsyncIterator[Desk]:
    """The services of keys, with one organization and one grant."""
    await control.write(seed)
    opened = Desk(control)
    yield opened
    await opened.close()
