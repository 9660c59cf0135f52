"""What holds for every test."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings
from tests.harness.postgres import postgres
from tests.harness.server import FREE

os.environ.update(FREE)  # also for servers that a test starts by itself

# A shared machine is slow at times: how long an example takes is no property of the code.
settings.register_profile("xaigh", deadline=None, print_blob=True)
settings.register_profile("quick", settings.get_profile("xaigh"), max_examples=10)
settings.load_profile("xaigh")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of the maintenance database of a server, started when a test first asks for it."""
    with postgres() as url:
        yield url
