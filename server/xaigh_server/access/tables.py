"""Tables of access requests: tickets, revisions of their forms, decisions, proposals, messages.

A ticket's form is stored once per revision; the ticket's row repeats the columns that lists and
decisions read. Revisions and messages never change; they are deleted with their ticket alone. The
traffic table, of the business databases, is the evidence for reviews.
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

from xaigh_server.db.metadata import business_metadata, control_metadata
from xaigh_server.db.triggers import immutable, permanent
from xaigh_server.organizations.tables import organizations

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
    Column("applicant_bytes", Integer, nullable=False),  # of all forms and texts sent
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
immutable(ticket_revisions, "ticket_id", "revision", "form", "time")

ticket_environments = Table(
    "ticket_environments",
    control_metadata,
    Column("ticket_id", ForeignKey(tickets.c.ticket_id), nullable=False),
    Column("environment", Text, nullable=False),
    Column("decision", Text, nullable=False),
    Column("grant_id", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("decided_time", BigInteger),
    PrimaryKeyConstraint("ticket_id", "environment"),
    CheckConstraint("environment IN ('sandbox', 'production')", name="environment"),
    CheckConstraint("decision IN ('PENDING', 'APPROVED', 'DENIED')", name="decision"),
)

_is_open = text("state = 'OPEN'")
proposals = Table(
    "proposals",
    control_metadata,
    Column("proposal_id", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("ticket_id", ForeignKey(tickets.c.ticket_id), nullable=False),
    Column("request_revision", Integer, nullable=False),
    Column("environment", Text, nullable=False),
    Column("organization_id", ForeignKey(organizations.c.organization_id)),
    Column("new_organization_name", Text, nullable=False),
    Column("terms", Text, nullable=False),  # JSON object
    Column("proposed_by", Text, nullable=False),
    Column("person", Text, nullable=False),  # who can't confirm it
    Column("create_time", BigInteger, nullable=False),
    Column("expire_time", BigInteger, nullable=False),
    Column("close_time", BigInteger),
    Column("closed_by", Text, nullable=False),
    Column("close_reason", Text, nullable=False),
    Column("grant_id", Text, nullable=False),
    CheckConstraint(
        "state IN ('OPEN', 'CONFIRMED', 'DISCARDED', 'OUTDATED', 'EXPIRED')", name="state"
    ),
    CheckConstraint("environment IN ('sandbox', 'production')", name="environment"),
    CheckConstraint("(organization_id IS NULL) = (new_organization_name <> '')", name="tenant"),
    CheckConstraint("(state = 'OPEN') = (close_time IS NULL)", name="closed"),
    CheckConstraint("(state = 'CONFIRMED') = (grant_id <> '')", name="confirmed"),
    # At most one is open for an environment of a ticket.
    Index(
        "uq_proposals_open",
        "ticket_id",
        "environment",
        unique=True,
        sqlite_where=_is_open,
        postgresql_where=_is_open,
    ),
    Index(None, "create_time", "proposal_id"),
    Index(None, "state", "expire_time"),
)
immutable(
    proposals,
    "proposal_id",
    "ticket_id",
    "request_revision",
    "environment",
    "organization_id",
    "new_organization_name",
    "terms",
    "proposed_by",
    "person",
    "create_time",
    "expire_time",
)
permanent(proposals, "close_time")

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
immutable(ticket_messages, "ticket_id", "position", "kind", "operator", "text", "time")

# The sealed value from which the secrets of a ticket's callback are derived.
callback_secrets = Table(
    "callback_secrets",
    control_metadata,
    Column("ticket_id", Text, primary_key=True),
    Column("secret", LargeBinary, nullable=False),
)


ownership_proofs = Table(
    "ownership_proofs",
    control_metadata,
    Column("ticket_id", ForeignKey(tickets.c.ticket_id), nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),  # a domain or a URL
    Column("method", Text, nullable=False),  # of the last successful check
    Column("prove_time", BigInteger, nullable=False),
    Column("check_time", BigInteger, nullable=False),
    Column("next_check_time", BigInteger, nullable=False),
    Column("lapse_time", BigInteger),
    Column("finding", Text, nullable=False),  # of the last check; empty: it held
    PrimaryKeyConstraint("ticket_id", "kind", "subject"),
    CheckConstraint("kind IN ('DOMAIN', 'CALLBACK')", name="kind"),
    CheckConstraint("method IN ('DNS_TXT', 'WELL_KNOWN_FILE', 'CHALLENGE')", name="method"),
    CheckConstraint("(lapse_time IS NULL) = (finding = '')", name="finding"),
    Index(None, "next_check_time"),
)

# The last simulation of each grant, as it was answered.
grant_simulations = Table(
    "grant_simulations",
    control_metadata,
    Column("grant_id", Text, primary_key=True),
    Column("organization_id", ForeignKey(organizations.c.organization_id), nullable=False),
    Column("simulate_time", BigInteger, nullable=False),
    Column("simulation", LargeBinary, nullable=False),  # a GrantSimulation of access/v1
    Index(None, "organization_id", "simulate_time"),
)
immutable(grant_simulations, "grant_id", "organization_id")

# What the server saw of each drill of the sandbox, the last time that it was passed.
passed_drills = Table(
    "passed_drills",
    control_metadata,
    Column("organization_id", ForeignKey(organizations.c.organization_id), nullable=False),
    Column("kind", Text, nullable=False),
    Column("pass_time", BigInteger, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("facts", Text, nullable=False),  # JSON array of [name, value]
    PrimaryKeyConstraint("organization_id", "kind"),
    CheckConstraint(
        "kind IN ('REPLAY', 'TIME_OUT', 'RECOVERY', 'HALF_FEED', 'HELD_CLOSE', 'ROTATION',"
        " 'ROLLBACK')",
        name="kind",
    ),
)

traffic = Table(
    "traffic",
    business_metadata,
    Column("organization_id", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("calls", BigInteger, nullable=False),
    Column("replays", BigInteger, nullable=False),
    Column("recovered", BigInteger, nullable=False),
    Column("first_time", BigInteger, nullable=False),
    Column("last_time", BigInteger, nullable=False),
    PrimaryKeyConstraint("organization_id", "method"),
    CheckConstraint("replays <= calls AND recovered <= calls", name="counts"),
)

# Refused calls that the organization has not recovered from: a few hundred of a method at most.
traffic_refusals = Table(
    "traffic_refusals",
    business_metadata,
    Column("organization_id", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("subject", Text, nullable=False),  # digest of the idempotency key or of the resource
    Column("time", BigInteger, nullable=False),
    PrimaryKeyConstraint("organization_id", "method", "subject"),
)
