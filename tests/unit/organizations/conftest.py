"""The services of the control database, on empty SQLite files."""

from tests.unit.access.conftest import services

__all__ = ["services"]
