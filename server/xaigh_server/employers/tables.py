"""Table of approval policies."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
)

from xaigh_server.db.metadata import business_metadata

approval_policies = Table(
    "approval_policies",
    business_metadata,
    Column("organization_id", Text, nullable=False),
    Column("employer_user_id", Text, nullable=False),
    Column("approval_required", SmallInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("updated_by", Text, nullable=False),  # the operator's name
    Column("updated_time", BigInteger, nullable=False),
    Column("revision", Integer, nullable=False),
    PrimaryKeyConstraint("organization_id", "employer_user_id"),
    CheckConstraint("approval_required IN (0, 1)", name="approval_required"),
)
