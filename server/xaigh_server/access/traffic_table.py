"""What an organization's own traffic shows: the evidence that a review of production asks for."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from xaigh_server.db.metadata import business_metadata

traffic = Table(
    "traffic",
    business_metadata,
    Column("organization_id", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("calls", BigInteger, nullable=False),
    Column("replays", BigInteger, nullable=False),
    Column("recovered", BigInteger, nullable=False),
    Column("failing", Boolean, nullable=False),  # the last call failed
    Column("first_time", BigInteger, nullable=False),
    Column("last_time", BigInteger, nullable=False),
    PrimaryKeyConstraint("organization_id", "method"),
    CheckConstraint("replays <= calls AND recovered <= calls", name="counts"),
)
