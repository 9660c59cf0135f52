"""Tables of jobs, of holds on them, of their links to an ATS, and of the log of changes.

The two halves of a job are two tables with one owner each. A sync writes `job_postings` and never
`job_operations`, whose row is inserted by the first write of its owner. A sync that finds no change
writes only `ats_mirrors`, whose rows are small.

`number` counts jobs in order of creation. It is the row's key on SQLite, so that the jobs created
by one sync are adjacent and a later sync of the same feed touches few pages.
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
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from xaigh_server.db.metadata import business_metadata
from xaigh_server.db.triggers import immutable, numbered_by_transaction, permanent

RowKey = BigInteger().with_variant(Integer, "sqlite")

job_postings = Table(
    "job_postings",
    business_metadata,
    Column("number", RowKey, primary_key=True, autoincrement=True),
    Column("job_id", Text, nullable=False),
    Column("organization_id", Text, nullable=False),
    Column("employer_user_id", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("posted_by", Text),  # the id of the key that posted it; a mirrored job has none
    Column("integration_id", Text),
    Column("title", Text, nullable=False),
    Column("slots", Integer, nullable=False),
    Column("external_reference", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("listed", SmallInteger, nullable=False),
    Column("prospect", SmallInteger, nullable=False),  # repeats the content: SQL filters by it
    Column("close_reason", Text),
    Column("close_note", Text, nullable=False),
    Column("closed_time", BigInteger),
    Column("reopened_time", BigInteger),
    Column("submitted_time", BigInteger),
    Column("return_reason", Text),
    Column("was_open", SmallInteger, nullable=False),
    Column("written_by", Text),  # ids of keys, separated by spaces
    Column("ends_time", BigInteger),  # repeats the content of direct jobs
    # Serialized messages, which SQL never reads.
    Column("content", LargeBinary, nullable=False),
    Column("pay", LargeBinary, nullable=False),
    Column("application", LargeBinary, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("created_time", BigInteger, nullable=False),
    Column("updated_time", BigInteger, nullable=False),
    UniqueConstraint("job_id"),
    CheckConstraint("source IN ('DIRECT', 'CLIENT_ATS')", name="source"),
    CheckConstraint("state IN ('OPEN', 'CLOSED', 'PENDING_APPROVAL', 'RETURNED')", name="state"),
    CheckConstraint("state IN ('OPEN', 'CLOSED') OR source = 'DIRECT'", name="unapproved"),
    CheckConstraint(
        "(state = 'PENDING_APPROVAL') = (submitted_time IS NOT NULL)", name="submitted_time"
    ),
    CheckConstraint("(state = 'RETURNED') = (return_reason IS NOT NULL)", name="return_reason"),
    CheckConstraint("was_open IN (0, 1)", name="was_open"),
    CheckConstraint("(state = 'CLOSED') = (close_reason IS NOT NULL)", name="close_reason"),
    CheckConstraint(
        "(source = 'CLIENT_ATS') = (integration_id IS NOT NULL)", name="integration_id"
    ),
    CheckConstraint("(source = 'DIRECT') = (posted_by IS NOT NULL)", name="posted_by"),
    CheckConstraint("listed IN (0, 1)", name="listed"),
    CheckConstraint("prospect IN (0, 1)", name="prospect"),
    CheckConstraint("slots >= 0", name="slots"),
    Index(None, "organization_id", "number"),
    Index(None, "organization_id", "employer_user_id", "number"),
    Index(None, "integration_id", "state"),  # for counts and closes without wide rows
    Index(
        None,
        "posted_by",
        "number",
        sqlite_where=text("posted_by IS NOT NULL"),
        postgresql_where=text("posted_by IS NOT NULL"),
    ),
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
    Column("document", LargeBinary, nullable=False),  # serialized message
    # Columns of the document that lists and sums read.
    Column("hold_reason", Text),
    Column("hold_time", BigInteger),
    Column("matching", SmallInteger, nullable=False),
    Column("slots_filled", Integer, nullable=False),
    Column("open_offers", Integer, nullable=False),
    Column("expected", Integer, nullable=False),
    Column("checked_in", Integer, nullable=False),
    Column("no_shows", Integer, nullable=False),
    Column("payroll", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("updated_time", BigInteger, nullable=False),
    CheckConstraint("matching IN (0, 1)", name="matching"),
    CheckConstraint("(hold_reason IS NULL) = (hold_time IS NULL)", name="hold_time"),
)

# Holds that operators order over many jobs at once: each rollback of a key is one order.
job_hold_orders = Table(
    "job_hold_orders",
    business_metadata,
    Column("hold_id", Text, primary_key=True),  # id of the rollback
    Column("organization_id", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("held_by", Text, nullable=False),  # the operator's name
    Column("hold_time", BigInteger, nullable=False),
    Column("release_time", BigInteger),  # from then on it holds nothing more
)
immutable(job_hold_orders, "hold_id", "organization_id", "reason", "held_by", "hold_time")
permanent(job_hold_orders, "release_time")

job_holds = Table(
    "job_holds",
    business_metadata,
    Column("number", RowKey, ForeignKey(job_postings.c.number), nullable=False),
    Column("hold_id", ForeignKey(job_hold_orders.c.hold_id), nullable=False),
    Column("released", SmallInteger, nullable=False),
    PrimaryKeyConstraint("number", "hold_id"),
    CheckConstraint("released IN (0, 1)", name="released"),
    Index(None, "hold_id", "number"),
)

job_changes = Table(
    "job_changes",
    business_metadata,
    # In the order of commits within an organization, whose writes are serial. A restore raises it
    # to the next multiple of 2^40: the bits above are the generation of the log.
    Column("sequence", RowKey, primary_key=True, autoincrement=True),
    # Over all organizations sequences of PostgreSQL don't follow the commits; a trigger sets this.
    Column("transaction_id", BigInteger, nullable=False, server_default="0"),
    Column("organization_id", Text, nullable=False),
    Column("employer_user_id", Text, nullable=False),
    Column("job_number", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("changed_time", BigInteger, nullable=False),
    CheckConstraint(
        "kind IN ('CREATED', 'UPDATED', 'CLOSED', 'REOPENED', 'OPERATIONS_UPDATED', 'PENDING',"
        " 'APPROVED', 'RETURNED')",
        name="kind",
    ),
    Index(None, "organization_id", "sequence"),
    Index(None, "transaction_id", "sequence", sqlite_where=text("transaction_id > 0")),
    sqlite_autoincrement=True,  # numbers of deleted rows aren't reused
)
numbered_by_transaction(job_changes, "transaction_id")


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
    Column("mapping", Text, nullable=False),  # version of the mapping rules
    Column("provider_updated_time", BigInteger),  # the provider's time
    Column("order_time", BigInteger, nullable=False),  # older records than this are skipped
    Column("first_seen_time", BigInteger, nullable=False),
    Column("last_seen_time", BigInteger, nullable=False),
    Column("last_run", BigInteger, nullable=False),  # last run with the record, partial or not
    Column("last_run_id", Text, nullable=False),  # id of last_run
    Column("seen_run", BigInteger),  # last full run with the record
    Column("missing_run", BigInteger),  # held run without the record
    Column("expires_time", BigInteger),  # when the posting expires by itself
    Column("warnings", Text),  # JSON array; NULL: none
    Column("alias_job_id", Text),  # id that another form of the record would make; NULL: none
    # Sets of fields, as bits (ats/drift.py).
    Column("valued", Integer, nullable=False),  # fields that the role has
    Column("valued_before", Integer, nullable=False),  # the same before valued_run
    Column("valued_run", BigInteger, nullable=False),  # last run that wrote valued
    Column("withheld", Integer, nullable=False),  # fields that the last record lacks
    Column("withheld_run", BigInteger, nullable=False),  # last run that withheld fields
    CheckConstraint(_PROVIDERS, name="provider"),
    Index(
        None,
        "alias_job_id",
        sqlite_where=text("alias_job_id IS NOT NULL"),
        postgresql_where=text("alias_job_id IS NOT NULL"),
    ),
)
