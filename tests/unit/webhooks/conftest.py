"""The business services on an empty SQLite file."""

from tests.unit.jobs.conftest import services

__all__ = ["services"]
