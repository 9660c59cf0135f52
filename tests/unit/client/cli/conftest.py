"""Fixture: the command line in process."""

from pathlib import Path

import pytest
from tests.unit.client.cli.command_runner import CommandRunner
from tests.unit.client.scripted_server import Server


@pytest.fixture
def cli(server: Server, tmp_path: Path) -> CommandRunner:
    return CommandRunner(server, tmp_path / "home")
