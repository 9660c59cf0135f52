"""Tables of operators and of their credentials.

A row holds an HMAC under a pepper that is in no database. Triggers refuse every change of a revoked
or rotated credential.
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

from xaigh_server.db.metadata import control_metadata
from xaigh_server.db.triggers import (
    UNIQUE,
    TriggerRule,
    immutable,
    no_truncate,
    permanent,
    refuse_update,
    register,
)

operators = Table(
    "operators",
    control_metadata,
    Column("operator_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("person", Text, nullable=False),  # the same for all operators of one person
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
    TriggerRule(
        name="operators_name_taken",
        table="operators",
        # Before the unique index sees the row, so that a REPLACE removes no operator of that name.
        sqlite=(
            "CREATE TRIGGER operators_name_taken BEFORE INSERT ON operators\n"
            "WHEN EXISTS (SELECT 1 FROM operators WHERE name = NEW.name)\n"
            f"BEGIN SELECT RAISE(ABORT, '{UNIQUE}uq_operators_name'); END",
        ),
        postgresql=(),
    ),
)
immutable(operators, "operator_id", "name", "person", "role")
permanent(operators, "create_time", name="operators_kept")
permanent(operators, "revoke_time")
permanent(operators, "revoke_reason")
no_truncate(operators)

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
no_truncate(operator_credentials)
