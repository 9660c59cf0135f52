"""A plant and a receiver for every test."""

from __future__ import annotations

import asyncio
import shutil

import pytest
from tests.harness import delivery as plants
from tests.harness import webhook_receiver as receivers


@pytest.fixture(scope="session")
def new_databases(tmp_path_factory):
    """A folder with the three databases of a new plant, to be copied."""
    folder = tmp_path_factory.mktemp("plant")

    async def make():
        async with plants.opened(folder):
            pass

    asyncio.run(make())
    return folder


@pytest.fixture
def folder(new_databases, tmp_path):
    """The databases of a new plant."""
    return shutil.copytree(new_databases, tmp_path / "data")


@pytest.fixture
async def plant(folder):
    async with plants.opened(folder, fresh=False) as plant:
        yield plant


@pytest.fixture
async def receiver():
    async with receivers.receiving() as receiver:
        yield receiver
