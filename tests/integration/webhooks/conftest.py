"""A delivery harness and a webhook receiver for every test."""

from __future__ import annotations

import asyncio
import shutil

import pytest
from tests.harness import delivery as delivery_harness
from tests.harness import webhook_receiver as receivers


@pytest.fixture(scope="session")
def new_databases(tmp_path_factory):
    """A folder with the three databases of a new harness, to be copied."""
    folder = tmp_path_factory.mktemp("harness")

    async def make():
        async with delivery_harness.opened(folder):
            pass

    asyncio.run(make())
    return folder


@pytest.fixture
def folder(new_databases, tmp_path):
    """The databases of a new harness."""
    return shutil.copytree(new_databases, tmp_path / "data")


@pytest.fixture
async def harness(folder):
    async with delivery_harness.opened(folder, fresh=False) as harness:
        yield harness


@pytest.fixture
async def receiver():
    async with receivers.receiving() as receiver:
        yield receiver
