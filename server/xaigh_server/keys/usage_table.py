"""Table of usage: calls by key, method and day, in the control database alone."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from xaigh_server.db.metadata import control_metadata

usage_days = Table(
    "usage_days",
    control_metadata,
    Column("organization_id", Text, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("day", Text, nullable=False),  # YYYY-MM-DD, UTC
    Column("tier", Text, nullable=False),
    Column("environment", Text, nullable=False),
    Column("billable", Boolean, nullable=False),
    Column("count", BigInteger, nullable=False),
    PrimaryKeyConstraint(
        "organization_id", "day", "key_id", "method", "tier", "environment", "billable"
    ),
    CheckConstraint("count > 0", name="count"),
    Index(None, "day", "organization_id"),
)
