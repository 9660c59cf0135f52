"""Jobs: what the client offers, how we run the work, and the log that watchers follow.

The two halves of a job are two tables with one owner each. A sync writes `job_postings`; nothing
of it ever writes `job_operations`, whose row is made by the first write of somebody who owns it.

`number` is a job's place in the order of making. It is also its row's key on SQLite, so that jobs
made by one sync lie side by side and a later sync of the same feed touches few pages.
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

RowKey = BigInteger().with_variant(Integer, "sqlite")

job_postings = Table(
    "job_postings",
    business_metadata,
    Column("number", RowKey, primary_key=True, autoincrement=False),
    Column("job_id", Text, nullable=False),
    Column("organization_id", Text, nullable=False),
    Column("employer_user_id", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("integration_id", Text),
    Column("title", Text, nullable=False),
    Column("slots", Integer, nullable=False),
    Column("external_reference", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("listed", SmallInteger, nullable=False),
    Column("close_reason", Text),
    Column("close_note", Text, nullable=False),
    Column("closed_time", BigInteger),
    Column("reopened_time", BigInteger),
    # The wire form of the members' messages: opaque to the store.
    Column("content", LargeBinary, nullable=False),
    Column("pay", LargeBinary, nullable=False),
    Column("application", LargeBinary, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("created_time", BigInteger, nullable=False),
    Column("updated_time", BigInteger, nullable=False),
    UniqueConstraint("job_id"),
    CheckConstraint("source IN ('DIRECT', 'CLIENT_ATS')", name="source"),
    CheckConstraint("state IN ('OPEN', 'CLOSED')", name="state"),
    CheckConstraint("(state = 'CLOSED') = (close_reason IS NOT NULL)", name="close_reason"),
    CheckConstraint(
        "(source = 'CLIENT_ATS') = (integration_id IS NOT NULL)", name="integration_id"
    ),
    CheckConstraint("listed IN (0, 1)", name="listed"),
    CheckConstraint("slots >= 0", name="slots"),
    Index(None, "organization_id", "number"),
    Index(None, "organization_id", "employer_user_id", "number"),
    Index(None, "integration_id", "state"),  # counts and closes read no wide row
    Index(
        None,
        "organization_id",
        "external_reference",
        sqlite_where=text("external_reference != ''"),
        postgresql_where=text("external_reference != ''"),
    ),
)

job_operations = Table(
    "job_operations",
    business_metadata,
    Column(
        "number",
        RowKey,
        ForeignKey(job_postings.c.number),
        primary_key=True,
        autoincrement=False,
    ),
    Column("document", LargeBinary, nullable=False),  # the wire form of the member's message
    # What lists and sums need of the document.
    Column("hold_reason", Text),
    Column("hold_time", BigInteger),
    Column("matching", SmallInteger, nullable=False),
    Column("slots_filled", Integer, nullable=False),
    Column("open_offers", Integer, nullable=False),
    Column("expected", Integer, nullable=False),
    Column("checked_in", Integer, nullable=False),
    Column("no_shows", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("updated_time", BigInteger, nullable=False),
    CheckConstraint("matching IN (0, 1)", name="matching"),
    CheckConstraint("(hold_reason IS NULL) = (hold_time IS NULL)", name="hold_time"),
)

job_changes = Table(
    "job_changes",
    business_metadata,
    # Writes are serial, so the sequence is the order of commits.
    Column("sequence", RowKey, primary_key=True, autoincrement=True),
    Column("organization_id", Text, nullable=False),
    Column("employer_user_id", Text, nullable=False),
    Column("job_number", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("changed_time", BigInteger, nullable=False),
    CheckConstraint(
        "kind IN ('CREATED', 'UPDATED', 'CLOSED', 'REOPENED', 'OPERATIONS_UPDATED')", name="kind"
    ),
    Index(None, "organization_id", "sequence"),
    sqlite_autoincrement=True,  # numbers of deleted rows never come again
)


_PROVIDERS = "provider IN ('WORKDAY', 'GREENHOUSE', 'LEVER', 'ASHBY', 'ICIMS', 'CUSTOM')"

ats_mirrors = Table(
    "ats_mirrors",
    business_metadata,
    Column(
        "number",
        RowKey,
        ForeignKey(job_postings.c.number),
        primary_key=True,
        autoincrement=False,
    ),
    Column("integration_id", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("external_job_id", Text, nullable=False),
    Column("raw_hash", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("mapping", Text, nullable=False),  # the rules that made the content of the record
    Column("provider_updated_time", BigInteger),  # as the provider says it
    Column("order_time", BigInteger, nullable=False),  # older records than this are skipped
    Column("first_seen_time", BigInteger, nullable=False),
    Column("last_seen_time", BigInteger, nullable=False),
    Column("last_run", BigInteger, nullable=False),  # the run, partial or not, that held it last
    Column("last_run_id", Text, nullable=False),  # its id
    Column("seen_run", BigInteger),  # the run, other than a partial one, that last held it
    Column("missing_run", BigInteger),  # the held run that found it gone
    Column("expires_time", BigInteger),  # when its content changes by itself
    Column("warnings", Text),  # JSON array; NULL: none
    CheckConstraint(_PROVIDERS, name="provider"),
)
