"""Tables of keys, of the grants that they are issued from, and of their usage.

A key's row holds a digest under a pepper that isn't in any database. Triggers keep the rows of
revoked and rotated keys. A grant has one row per revision, whose terms never change; its foreign
key to tickets is by name, since tickets belong to the feature above.

On SQLite, `INSERT OR REPLACE` deletes a conflicting row of any unique index without firing that
row's triggers, and the triggers check primary keys alone. So no other column is unique here.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
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
from xaigh_server.db.triggers import (
    immutable,
    no_truncate,
    permanent,
    refuse_update,
)
from xaigh_server.organizations.tables import organizations

keys = Table(
    "keys",
    control_metadata,
    Column("key_id", Text, primary_key=True),
    Column("environment", Text, nullable=False),
    Column("key_type", Text, nullable=False),
    Column("organization_id", ForeignKey(organizations.c.organization_id), nullable=False),
    Column("grant_id", Text, nullable=False),
    Column("pepper_id", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),  # HMAC-SHA-256 of the whole key
    Column("last_four", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("scopes", Text, nullable=False),  # JSON array, sorted
    Column("allowed_origins", Text, nullable=False),  # JSON array
    Column("allowed_cidrs", Text, nullable=False),  # JSON array
    Column("labels", Text, nullable=False),  # JSON object
    Column("create_time", BigInteger, nullable=False),
    Column("created_by", Text, nullable=False),  # the operator's name
    Column("replaces", Text, nullable=False),  # the key before it in a rotation, or empty
    Column("expire_time", BigInteger),
    Column("replaced_by", Text),
    Column("replace_time", BigInteger),
    Column("revoke_time", BigInteger),
    Column("revoke_reason", Text),
    Column("revoked_by", Text),  # the name of an operator, or the id of the key itself
    CheckConstraint("length(key_id) = 10", name="key_id"),
    CheckConstraint("length(digest) = 32", name="digest"),
    CheckConstraint("length(last_four) = 4", name="last_four"),
    CheckConstraint("environment IN ('sandbox', 'production')", name="environment"),
    CheckConstraint("key_type IN ('sk', 'pk')", name="key_type"),
    CheckConstraint("(replaced_by IS NULL) = (replace_time IS NULL)", name="replaced"),
    CheckConstraint("replace_time IS NULL OR expire_time IS NOT NULL", name="grace"),
    CheckConstraint(
        "(revoke_time IS NULL) = (revoke_reason IS NULL)"
        " AND (revoke_time IS NULL) = (revoked_by IS NULL)",
        name="revoked",
    ),
    Index(None, "create_time", "key_id"),
    Index(None, "organization_id", "create_time"),
    Index(None, "grant_id"),
    Index(None, "expire_time"),
)
immutable(
    keys,
    "key_id",
    "environment",
    "key_type",
    "organization_id",
    "grant_id",
    "pepper_id",
    "digest",
    "last_four",
    "scopes",
    "allowed_origins",
    "allowed_cidrs",
    "created_by",
    "replaces",
)
# Every key has a creation time, so the trigger refuses every deletion.
permanent(keys, "create_time", name="keys_kept")
permanent(keys, "revoke_time")
permanent(keys, "revoke_reason")
permanent(keys, "revoked_by")
permanent(keys, "replaced_by")
permanent(keys, "replace_time")
refuse_update(
    keys,
    "keys_shorten_only",
    when="OLD.expire_time IS NOT NULL"
    " AND (NEW.expire_time IS NULL OR NEW.expire_time > OLD.expire_time)",
)


no_truncate(keys)

# Separate from `keys`, so that recording a use writes no guarded row. Times only grow.
key_marks = Table(
    "key_marks",
    control_metadata,
    Column("key_id", ForeignKey(keys.c.key_id), primary_key=True),
    Column("last_used_time", BigInteger),
    Column("last_refused_time", BigInteger),
    Column("flag_time", BigInteger),  # first seen in a browser although it is secret
    Column("notice_time", BigInteger),  # when its expiry was announced
)

key_rollbacks = Table(
    "key_rollbacks",
    control_metadata,
    Column("rollback_id", Text, primary_key=True),
    Column("key_id", ForeignKey(keys.c.key_id), nullable=False),
    Column("key_ids", Text, nullable=False),  # JSON array: the key and its predecessors
    Column("organization_id", ForeignKey(organizations.c.organization_id), nullable=False),
    Column("environment", Text, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("operator", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("create_time", BigInteger, nullable=False),
    Column("hold_time", BigInteger),  # when the last job was held
    Column("job_count", Integer, nullable=False),  # 0 until then
    Column("release_reason", Text, nullable=False),
    Column("released_by", Text, nullable=False),
    Column("release_time", BigInteger),  # when the last hold was released
    CheckConstraint("environment IN ('sandbox', 'production')", name="environment"),
    CheckConstraint("state IN ('HOLDING', 'HELD', 'RELEASING', 'RELEASED')", name="state"),
    CheckConstraint("(state = 'RELEASED') = (release_time IS NOT NULL)", name="release_time"),
    Index(None, "key_id", "create_time"),
    Index(None, "organization_id", "environment", "create_time"),
    Index(
        None,
        "state",
        sqlite_where=text("state IN ('HOLDING', 'RELEASING')"),
        postgresql_where=text("state IN ('HOLDING', 'RELEASING')"),
    ),
)
immutable(
    key_rollbacks,
    "rollback_id",
    "key_id",
    "key_ids",
    "organization_id",
    "environment",
    "reason",
    "operator",
    "create_time",
)
permanent(key_rollbacks, "create_time", name="key_rollbacks_kept")
permanent(key_rollbacks, "release_time")

sealed_keys = Table(
    "sealed_keys",
    control_metadata,
    Column("key_id", ForeignKey(keys.c.key_id), primary_key=True),
    Column("ticket_id", Text, ForeignKey("tickets.ticket_id"), nullable=False),
    Column("text", Text, nullable=False),  # an age file in ASCII armor
    Column("create_time", BigInteger, nullable=False),
    Index(None, "ticket_id", "create_time"),
)
immutable(sealed_keys, "key_id", "ticket_id", "text", "create_time")


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


# How far the usage rows of each business database are collected.
usage_positions = Table(
    "usage_positions",
    control_metadata,
    Column("database", Text, nullable=False),
    Column("organization_id", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    PrimaryKeyConstraint("database", "organization_id"),
)


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
    # At most one revision of a grant is in force.
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
