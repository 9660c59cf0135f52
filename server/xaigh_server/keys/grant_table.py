"""Table of grants: one row per revision, whose terms never change.

The foreign key to tickets is by name: tickets belong to the feature above.
"""

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
    text,
)

from xaigh_server.db.metadata import control_metadata
from xaigh_server.db.triggers import (
    immutable,
    permanent,
)
from xaigh_server.organizations.tables import organizations

grants = Table(
    "grants",
    control_metadata,
    Column("grant_id", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("organization_id", ForeignKey(organizations.c.organization_id), nullable=False),
    Column("ticket_id", Text, ForeignKey("tickets.ticket_id"), nullable=False),
    Column("request_revision", Integer, nullable=False),
    Column("environment", Text, nullable=False),
    Column("scopes", Text, nullable=False),  # JSON array, sorted
    Column("key_types", Text, nullable=False),  # JSON array, sorted
    Column("tier", Text, nullable=False),
    Column("employer_user_ids", Text, nullable=False),  # JSON array, sorted
    Column("key_allowance", Integer, nullable=False),
    Column("callback_url", Text, nullable=False),
    Column("expire_time", BigInteger),
    Column("review", Text, nullable=False),  # JSON object: conditions, findings, plan, waiver
    Column("seal_to", Text, nullable=False),  # an age recipient, or empty
    Column("approved_by", Text, nullable=False),  # JSON array, the proposer first
    Column("create_time", BigInteger, nullable=False),
    Column("revoke_time", BigInteger),
    Column("reason", Text, nullable=False),
    PrimaryKeyConstraint("grant_id", "revision"),
    CheckConstraint("state IN ('ACTIVE', 'SUPERSEDED', 'REVOKED')", name="state"),
    CheckConstraint("environment IN ('sandbox', 'production')", name="environment"),
    CheckConstraint("key_allowance > 0", name="key_allowance"),
    CheckConstraint("(state = 'REVOKED') = (revoke_time IS NOT NULL)", name="revoke_time"),
    # Of all revisions of a grant exactly one can be in force.
    Index(
        "uq_grants_in_force",
        "grant_id",
        unique=True,
        sqlite_where=text("state = 'ACTIVE'"),
        postgresql_where=text("state = 'ACTIVE'"),
    ),
    Index(None, "create_time", "grant_id", "revision"),
    Index(None, "organization_id", "environment"),
    Index(None, "ticket_id"),
)
immutable(
    grants,
    "grant_id",
    "revision",
    "organization_id",
    "ticket_id",
    "request_revision",
    "environment",
    "scopes",
    "key_types",
    "tier",
    "employer_user_ids",
    "key_allowance",
    "callback_url",
    "expire_time",
    "review",
    "seal_to",
    "approved_by",
    "create_time",
)
permanent(grants, "revoke_time")
