"""What every database keeps beside its business rows: audit trail, outbox, idempotency records.

The control database and the business databases have the same journal, so that a unit of work
writes its rows, its audit event, its outgoing events and its idempotency record in one
transaction. Usage is counted in the control database alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

from xaigh_server.db.metadata import business_metadata, control_metadata
from xaigh_server.db.triggers import append_only


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """The journal's tables of one schema."""

    audit_events: Table
    outbox: Table
    idempotency_records: Table


def build(metadata: MetaData) -> Journal:
    """The journal on one schema. Names and columns are the same on both."""
    return Journal(
        audit_events=_audit_events(metadata),
        outbox=_outbox(metadata),
        idempotency_records=_idempotency_records(metadata),
    )


def _audit_events(metadata: MetaData) -> Table:
    """One chain: each row holds the hash of the row before it."""
    table = Table(
        "audit_events",
        metadata,
        Column("sequence", BigInteger, primary_key=True, autoincrement=False),
        Column("time", BigInteger, nullable=False),
        Column("actor_type", Text, nullable=False),
        Column("actor_id", Text, nullable=False),
        Column("action", Text, nullable=False),
        Column("targets", Text, nullable=False),  # JSON array of "type:id"
        Column("before", Text),  # canonical JSON object
        Column("after", Text),  # canonical JSON object
        Column("reason", Text, nullable=False),
        Column("request_id", Text, nullable=False),
        Column("peer", Text, nullable=False),
        Column("environment", Text, nullable=False),
        Column("outcome", Text, nullable=False),
        Column("organization_id", Text, nullable=False),
        Column("prev_hash", Text, nullable=False),  # hex SHA-256
        Column("hash", Text, nullable=False),  # hex SHA-256
        CheckConstraint("sequence > 0", name="sequence"),
        Index(None, "time", "sequence"),
        Index(None, "organization_id", "time", "sequence"),
        Index(None, "actor_id", "time", "sequence"),
    )
    append_only(table)
    return table


def _outbox(metadata: MetaData) -> Table:
    """Events on their way out. Writes are serial, so `sequence` is the order of commits."""
    return Table(
        "outbox",
        metadata,
        Column(
            "sequence",
            BigInteger().with_variant(Integer, "sqlite"),
            primary_key=True,
            autoincrement=True,
        ),
        Column("event_id", Text, nullable=False),
        Column("event_type", Text, nullable=False),
        Column("organization_id", Text, nullable=False),
        Column("environment", Text, nullable=False),
        Column("payload", Text, nullable=False),  # JSON object, or an array of some
        Column("created_time", BigInteger, nullable=False),
        UniqueConstraint("event_id"),
        Index(None, "created_time"),
        sqlite_autoincrement=True,  # numbers of deleted rows never come again
    )


def _idempotency_records(metadata: MetaData) -> Table:
    return Table(
        "idempotency_records",
        metadata,
        Column("scope", Text, nullable=False),
        Column("method", Text, nullable=False),
        Column("key", Text, nullable=False),
        Column("fingerprint", LargeBinary, nullable=False),
        Column("status", SmallInteger, nullable=False),
        Column("reply", LargeBinary, nullable=False),
        Column("reply_headers", Text, nullable=False),  # JSON object of strings
        Column("created_time", BigInteger, nullable=False),
        Column("expires_time", BigInteger, nullable=False),
        PrimaryKeyConstraint("scope", "method", "key"),
        Index(None, "expires_time"),
    )


control_journal = build(control_metadata)
business_journal = build(business_metadata)

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
