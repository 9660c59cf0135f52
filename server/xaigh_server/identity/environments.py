"""Environments: sandbox and production. Each has a business database and keys of its own."""

from __future__ import annotations

from enum import StrEnum


class Environment(StrEnum):
    """A value reads as in JSON: `sandbox`."""

    SANDBOX = "sandbox"
    PRODUCTION = "production"

    @property
    def prefix(self) -> str:
        """What the keys of it begin with: `test` or `live`."""
        return "test" if self is Environment.SANDBOX else "live"

    @property
    def billable(self) -> bool:
        """Only production traffic is billed."""
        return self is Environment.PRODUCTION
