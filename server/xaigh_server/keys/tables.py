"""Keys, the operators that issue them, and the marks that calls leave on both.

A row holds a digest under a pepper that isn't in any database. What a revoked or rotated key was
is kept for good: guards, not code, keep it.

On SQLite, `INSERT OR REPLACE` removes the row that it meets in any unique index without firing a
trigger of that row, and the common guards see primary keys alone. So nothing else is unique here,
but for the names of operators, which have a guard of their own.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)

from xaigh_server.access.tables import organizations, tickets
from xaigh_server.db.metadata import control_metadata
from xaigh_server.db.triggers import UNIQUE, Guard, immutable, permanent, refuse_update, register

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
# Every key has a creation time, so no row of a key ever goes.
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


def _kept(table: Table) -> Guard:
    """TRUNCATE fires no row triggers on PostgreSQL. Name: `<table>_no_truncate`."""
    name = f"{table.name}_no_truncate"
    return register(
        table,
        Guard(
            name=name,
            table=table.name,
            sqlite=(),
            postgresql=(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $guard$\n"
                f"BEGIN\n"
                f"  RAISE EXCEPTION '{name}'\n"
                f"    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = '{name}';\n"
                f"END $guard$",
                f"CREATE TRIGGER {name} BEFORE TRUNCATE ON {table.name}\n"
                f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()",
            ),
        ),
    )


_kept(keys)

# Apart from `keys`, so that marking a use touches no guarded row. Times only ever move forward.
key_marks = Table(
    "key_marks",
    control_metadata,
    Column("key_id", ForeignKey(keys.c.key_id), primary_key=True),
    Column("last_used_time", BigInteger),
    Column("last_refused_time", BigInteger),
    Column("flag_time", BigInteger),  # first seen in a browser although it is secret
    Column("notice_time", BigInteger),  # when its holder was told that it expires soon
)

sealed_keys = Table(
    "sealed_keys",
    control_metadata,
    Column("key_id", ForeignKey(keys.c.key_id), primary_key=True),
    Column("ticket_id", ForeignKey(tickets.c.ticket_id), nullable=False),
    Column("text", Text, nullable=False),  # an age file in ASCII armor
    Column("create_time", BigInteger, nullable=False),
    Index(None, "ticket_id", "create_time"),
)
immutable(sealed_keys, "key_id", "ticket_id", "text", "create_time")

operators = Table(
    "operators",
    control_metadata,
    Column("operator_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("create_time", BigInteger, nullable=False),
    Column("revoke_time", BigInteger),
    Column("revoke_reason", Text),
    CheckConstraint("role IN ('founder', 'api_ops', 'auditor', 'service')", name="role"),
    CheckConstraint("(revoke_time IS NULL) = (revoke_reason IS NULL)", name="revoked"),
    UniqueConstraint("name"),
)
register(
    operators,
    Guard(
        name="operators_name_taken",
        table="operators",
        # Before the unique index sees the row, so that a REPLACE removes nobody of that name.
        sqlite=(
            "CREATE TRIGGER operators_name_taken BEFORE INSERT ON operators\n"
            "WHEN EXISTS (SELECT 1 FROM operators WHERE name = NEW.name)\n"
            f"BEGIN SELECT RAISE(ABORT, '{UNIQUE}uq_operators_name'); END",
        ),
        postgresql=(),
    ),
)
immutable(operators, "operator_id", "name", "role")
permanent(operators, "create_time", name="operators_kept")
permanent(operators, "revoke_time")
permanent(operators, "revoke_reason")
_kept(operators)

operator_credentials = Table(
    "operator_credentials",
    control_metadata,
    Column("credential_id", Text, primary_key=True),
    Column("operator_id", ForeignKey(operators.c.operator_id), nullable=False),
    Column("pepper_id", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),  # HMAC-SHA-256 of the whole credential
    Column("last_four", Text, nullable=False),
    Column("create_time", BigInteger, nullable=False),
    Column("expire_time", BigInteger),
    Column("replaced_by", Text),
    Column("replace_time", BigInteger),
    CheckConstraint("length(credential_id) = 10", name="credential_id"),
    CheckConstraint("length(digest) = 32", name="digest"),
    CheckConstraint("(replaced_by IS NULL) = (replace_time IS NULL)", name="replaced"),
    CheckConstraint("replace_time IS NULL OR expire_time IS NOT NULL", name="grace"),
    Index(None, "operator_id", "create_time"),
)
immutable(operator_credentials, "credential_id", "operator_id", "pepper_id", "digest", "last_four")
permanent(operator_credentials, "create_time", name="operator_credentials_kept")
permanent(operator_credentials, "replaced_by")
permanent(operator_credentials, "replace_time")
refuse_update(
    operator_credentials,
    "operator_credentials_shorten_only",
    when="OLD.expire_time IS NOT NULL"
    " AND (NEW.expire_time IS NULL OR NEW.expire_time > OLD.expire_time)",
)
_kept(operator_credentials)
