"""Who asked for access, what was decided, and what came of it: tickets, organizations, grants.

A ticket's form is kept once per revision; the ticket's row holds what lists and decisions need. A
grant is one row per revision, and its terms never change.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from xaigh_server.db.metadata import control_metadata
from xaigh_server.db.triggers import append_only, immutable, permanent

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

tickets = Table(
    "tickets",
    control_metadata,
    Column("ticket_id", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("version", Integer, nullable=False),  # counts every change; the etag's source
    Column("company_name", Text, nullable=False),
    Column("email_domain", Text, nullable=False),
    Column("environments", Text, nullable=False),  # comma-separated, sandbox first
    Column("assignee", Text, nullable=False),
    Column("organization_id", ForeignKey(organizations.c.organization_id)),
    Column("denial_reason", Text, nullable=False),
    Column("status_token_digest", LargeBinary, nullable=False),
    Column("submitted_time", BigInteger, nullable=False),
    Column("update_time", BigInteger, nullable=False),
    Column("expire_time", BigInteger),
    CheckConstraint(
        "state IN ('SUBMITTED', 'IN_REVIEW', 'NEEDS_INFO', 'APPROVED', 'DENIED', 'WITHDRAWN',"
        " 'EXPIRED')",
        name="state",
    ),
    Index(None, "state", "submitted_time", "ticket_id"),
    Index(None, "submitted_time", "ticket_id"),
    Index(None, "email_domain", "submitted_time"),
    Index(None, "expire_time"),
)
immutable(tickets, "ticket_id", "status_token_digest", "submitted_time")

ticket_revisions = Table(
    "ticket_revisions",
    control_metadata,
    Column("ticket_id", ForeignKey(tickets.c.ticket_id), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("form", Text, nullable=False),  # JSON object, members as in the API
    Column("time", BigInteger, nullable=False),
    PrimaryKeyConstraint("ticket_id", "revision"),
)
append_only(ticket_revisions)

ticket_environments = Table(
    "ticket_environments",
    control_metadata,
    Column("ticket_id", ForeignKey(tickets.c.ticket_id), nullable=False),
    Column("environment", Text, nullable=False),
    Column("decision", Text, nullable=False),
    Column("grant_id", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("decided_time", BigInteger),
    Column("proposal", Text),  # JSON object: terms, proposer, revision
    PrimaryKeyConstraint("ticket_id", "environment"),
    CheckConstraint("environment IN ('sandbox', 'production')", name="environment"),
    CheckConstraint("decision IN ('PENDING', 'PROPOSED', 'APPROVED', 'DENIED')", name="decision"),
    CheckConstraint("(decision = 'PROPOSED') = (proposal IS NOT NULL)", name="proposal"),
)

ticket_messages = Table(
    "ticket_messages",
    control_metadata,
    Column("ticket_id", ForeignKey(tickets.c.ticket_id), nullable=False),
    Column("position", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("operator", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("time", BigInteger, nullable=False),
    PrimaryKeyConstraint("ticket_id", "position"),
    CheckConstraint("kind IN ('APPLICANT', 'REVIEWER', 'INTERNAL')", name="kind"),
)
append_only(ticket_messages)

grants = Table(
    "grants",
    control_metadata,
    Column("grant_id", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("organization_id", ForeignKey(organizations.c.organization_id), nullable=False),
    Column("ticket_id", ForeignKey(tickets.c.ticket_id), nullable=False),
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
