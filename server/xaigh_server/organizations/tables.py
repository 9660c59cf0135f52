"""Tables of organizations and of the mail domains that suggest them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from xaigh_server.db.metadata import control_metadata

organizations = Table(
    "organizations",
    control_metadata,
    Column("organization_id", Text, primary_key=True),
    Column("display_name", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("suspension_reason", Text, nullable=False),
    Column("create_time", BigInteger, nullable=False),
    Column("update_time", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    CheckConstraint("state IN ('ACTIVE', 'SUSPENDED')", name="state"),
)

organization_domains = Table(
    "organization_domains",
    control_metadata,
    Column("organization_id", ForeignKey(organizations.c.organization_id), nullable=False),
    Column("email_domain", Text, nullable=False),
    PrimaryKeyConstraint("organization_id", "email_domain"),
    Index(None, "email_domain"),
)
