"""A plant and a receiver for every test."""

from __future__ import annotations

import pytest
from tests.integration.webhooks import plant as plants
from tests.integration.webhooks import receiver as receivers


@pytest.fixture
async def plant(tmp_path):
    async with plants.opened(tmp_path) as plant:
        yield plant


@pytest.fixture
async def receiver():
    async with receivers.receiving() as receiver:
        yield receiver
