"""Tables of every database beside its business rows: outbox, idempotency records, schema floor.

The control database and the business databases hold the same tables, so that a unit of work
writes its rows, its outgoing events and its idempotency record in one transaction.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from xaigh_server.db.metadata import business_metadata, control_metadata


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonTables:
    """The journal's tables of one schema."""

    outbox: Table
    idempotency_records: Table
    schema_floor: Table


def build(metadata: MetaData) -> CommonTables:
    """The journal on one schema. Names and columns are the same on both."""
    return CommonTables(
        outbox=_outbox(metadata),
        idempotency_records=_idempotency_records(metadata),
        schema_floor=_schema_floor(metadata),
    )


def _schema_floor(metadata: MetaData) -> Table:
    """One row: the oldest revision whose programs can use this schema. Migrations write it."""
    return Table("schema_floor", metadata, Column("revision", Text, primary_key=True))


def _outbox(metadata: MetaData) -> Table:
    """Events on their way out. Within a partition `sequence` is the order of commits."""
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
        Column("request_id", Text, nullable=False),  # empty: no call made it
        UniqueConstraint("event_id"),
        Index(None, "created_time"),
        Index(None, "organization_id", "sequence"),
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
        Column("reply", LargeBinary, nullable=False),
        Column("created_time", BigInteger, nullable=False),
        Column("expires_time", BigInteger, nullable=False),
        PrimaryKeyConstraint("scope", "method", "key"),
        Index(None, "expires_time"),
    )


control_journal = build(control_metadata)
business_journal = build(business_metadata)

# What writes by keys used. Writes are serial, so `sequence` is the order of commits.
usage_rows = Table(
    "usage_rows",
    business_metadata,
    Column(
        "sequence",
        BigInteger().with_variant(Integer, "sqlite"),
        primary_key=True,
        autoincrement=True,
    ),
    Column("organization_id", Text, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("tier", Text, nullable=False),
    Column("day", Text, nullable=False),  # YYYY-MM-DD, UTC
    sqlite_autoincrement=True,  # numbers of deleted rows never come again
)
