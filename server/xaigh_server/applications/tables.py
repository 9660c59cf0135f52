"""Tables of applications, of their sealed personal data, and of the secrets of their targets.

The personal data has a table of its own, so that lists and the queue never read it, and erasing it
is one DELETE.
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
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from xaigh_server.db.metadata import business_metadata
from xaigh_server.db.triggers import immutable

_RowKey = BigInteger().with_variant(Integer, "sqlite")
_WAITS = text("due_time IS NOT NULL")
_SENT = text("lease_time IS NOT NULL")
_KEPT = text("final_time IS NOT NULL AND erased_time IS NULL")

applications = Table(
    "applications",
    business_metadata,
    Column("number", _RowKey, primary_key=True, autoincrement=True),
    Column("application_id", Text, nullable=False),
    Column("organization_id", Text, nullable=False),
    Column("employer_user_id", Text, nullable=False),
    Column("job_id", Text, nullable=False),
    Column("external_job_id", Text, nullable=False),
    Column("integration_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("cause", Text),
    Column("status", SmallInteger, nullable=False),
    Column("remote_id", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("due_time", BigInteger),
    Column("lease_time", BigInteger),
    Column("queued_time", BigInteger, nullable=False),
    Column("created_time", BigInteger, nullable=False),
    Column("updated_time", BigInteger, nullable=False),
    Column("final_time", BigInteger),
    Column("erased_time", BigInteger),
    Column("revision", Integer, nullable=False),
    UniqueConstraint("application_id"),
    CheckConstraint(
        "state IN ('RECEIVED', 'SENDING', 'FORWARDED', 'REFUSED', 'UNCERTAIN', 'FAILED')",
        name="state",
    ),
    CheckConstraint("(state = 'RECEIVED') = (due_time IS NOT NULL)", name="due_time"),
    CheckConstraint("(state = 'SENDING') = (lease_time IS NOT NULL)", name="lease_time"),
    CheckConstraint(
        "(state IN ('FORWARDED', 'REFUSED', 'FAILED')) = (final_time IS NOT NULL)",
        name="final_time",
    ),
    Index(None, "job_id", "number"),
    Index(None, "organization_id", "number"),
    Index(None, "due_time", sqlite_where=_WAITS, postgresql_where=_WAITS),
    Index(None, "lease_time", sqlite_where=_SENT, postgresql_where=_SENT),
    Index(None, "final_time", sqlite_where=_KEPT, postgresql_where=_KEPT),
)
immutable(applications, "application_id", "organization_id", "job_id", "integration_id")

application_contents = Table(
    "application_contents",
    business_metadata,
    Column(
        "number", _RowKey, ForeignKey(applications.c.number), primary_key=True, autoincrement=False
    ),
    Column("sealed", LargeBinary, nullable=False),  # a serialized message, encrypted
)

forward_secrets = Table(
    "forward_secrets",
    business_metadata,
    Column("integration_id", Text, primary_key=True),
    Column("organization_id", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("previous", LargeBinary),
    Column("previous_expire_time", BigInteger),
    Column("created_time", BigInteger, nullable=False),
    CheckConstraint(
        "(previous IS NULL) = (previous_expire_time IS NULL)", name="previous_expire_time"
    ),
)
