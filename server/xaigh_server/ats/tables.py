"""Tables of syncs: integrations, mirrors, runs and their batches, and events.

A mirror's row is small and separate from its job's: a sync without changes writes only mirrors.
Runs and jobs refer to each other by number, in the order of their creation.
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
)

from xaigh_server.db.metadata import business_metadata
from xaigh_server.jobs.tables import RowKey

_PROVIDERS = "provider IN ('WORKDAY', 'GREENHOUSE', 'LEVER', 'ASHBY', 'ICIMS', 'CUSTOM')"

ats_integrations = Table(
    "ats_integrations",
    business_metadata,
    Column("number", RowKey, primary_key=True, autoincrement=True),
    Column("integration_id", Text, nullable=False),
    Column("organization_id", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("board", Text, nullable=False),
    Column("display_name", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("apply_mode", Text, nullable=False),
    Column("forward_target", Text, nullable=False),
    Column("stale_after", BigInteger, nullable=False),  # microseconds
    Column("guard_min_roles", Integer, nullable=False),
    Column("guard_percent", Integer, nullable=False),
    Column("field_map", Text, nullable=False),  # JSON object
    Column("status_map", Text, nullable=False),  # JSON object
    Column("workday_identity", Text, nullable=False),
    Column("mapping_revision", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("created_time", BigInteger, nullable=False),
    Column("updated_time", BigInteger, nullable=False),
    Column("activated_time", BigInteger),
    Column("pending_change", Text),  # JSON array: time and reviewed terms
    # State of its syncs. Runs are identified by their numbers.
    Column("last_run", BigInteger),
    Column("open_run", BigInteger),
    Column("held_run", BigInteger),
    Column("drift_run", BigInteger),
    Column("last_completed_time", BigInteger),
    Column("last_completed_order", BigInteger),
    Column("stale_told_time", BigInteger),
    UniqueConstraint("integration_id"),
    UniqueConstraint("organization_id", "provider", "board"),
    CheckConstraint(_PROVIDERS, name="provider"),
    CheckConstraint("state IN ('PENDING', 'ACTIVE', 'INACTIVE')", name="state"),
    CheckConstraint("pending_change IS NULL OR state = 'ACTIVE'", name="pending_change"),
    CheckConstraint("apply_mode IN ('ATS_REDIRECT', 'APPLICATION_FORWARD')", name="apply_mode"),
    CheckConstraint("workday_identity IN ('REQUISITION', 'POSTING')", name="workday_identity"),
)

ats_integration_employers = Table(
    "ats_integration_employers",
    business_metadata,
    Column("number", BigInteger, ForeignKey(ats_integrations.c.number), nullable=False),
    Column("organization_id", Text, nullable=False),
    Column("employer_user_id", Text, nullable=False),
    PrimaryKeyConstraint("number", "employer_user_id"),
    Index(None, "organization_id", "employer_user_id"),
)

ats_runs = Table(
    "ats_runs",
    business_metadata,
    Column("number", RowKey, primary_key=True, autoincrement=True),
    Column("sync_run_id", Text, nullable=False),
    Column("organization_id", Text, nullable=False),
    Column("integration_id", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("employer_ids", Text, nullable=False),  # JSON array
    Column("begin_time", BigInteger, nullable=False),
    Column("last_batch_time", BigInteger, nullable=False),
    Column("end_time", BigInteger),
    Column("lease_expire_time", BigInteger),
    Column("generated_time", BigInteger),
    Column("order_time", BigInteger, nullable=False),
    Column("expected_total", Integer),
    Column("whole_said", SmallInteger, nullable=False),
    Column("close_missing", SmallInteger, nullable=False),
    Column("seen_total", Integer, nullable=False),
    Column("unreadable_total", Integer, nullable=False),
    Column("batch_total", Integer, nullable=False),
    Column("created", Integer, nullable=False),
    Column("updated", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    Column("reopened", Integer, nullable=False),
    Column("closed", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("stale_skipped", Integer, nullable=False),
    Column("close_state", Text, nullable=False),
    Column("close_reason", Text),
    Column("close_count", Integer, nullable=False),
    Column("close_open_count", Integer, nullable=False),
    Column("close_roles", Text, nullable=False),  # JSON array of [job id, external id, title]
    Column("confirm_by_time", BigInteger),
    Column("close_time", BigInteger),
    Column("withheld_total", Integer, nullable=False),  # records that lacked a field of their role
    Column("drift", Text),  # JSON: the held fields; NULL: none
    UniqueConstraint("organization_id", "sync_run_id"),
    CheckConstraint(
        "state IN ('OPEN', 'COMPLETED', 'INCOMPLETE', 'PARTIAL', 'SUPERSEDED', 'EXPIRED')",
        name="state",
    ),
    CheckConstraint("(state = 'OPEN') = (lease_expire_time IS NOT NULL)", name="lease"),
    CheckConstraint("(close_state = 'HELD') = (confirm_by_time IS NOT NULL)", name="held"),
    Index(None, "integration_id", "number"),
)

# The ids of a run that no mirror of its integration keeps: those of rejected records.
ats_run_ids = Table(
    "ats_run_ids",
    business_metadata,
    Column("run", BigInteger, ForeignKey(ats_runs.c.number), nullable=False),
    Column("external_job_id", Text, nullable=False),
    PrimaryKeyConstraint("run", "external_job_id"),
)

ats_batches = Table(
    "ats_batches",
    business_metadata,
    Column("run", BigInteger, ForeignKey(ats_runs.c.number), nullable=False),
    Column("batch_index", Integer, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),  # SHA-256 over its records and flags
    Column("reply", LargeBinary, nullable=False),  # the answer, compressed
    PrimaryKeyConstraint("run", "batch_index"),
)

ats_sync_events = Table(
    "ats_sync_events",
    business_metadata,
    Column("number", RowKey, primary_key=True, autoincrement=True),
    Column("event_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("job_number", BigInteger, nullable=False),
    Column("employer_user_id", Text, nullable=False),
    Column("integration_id", Text, nullable=False),
    Column("run", BigInteger, nullable=False),  # 0: no run, an operator did it
    Column("raw_hash_before", Text, nullable=False),
    Column("raw_hash_after", Text, nullable=False),
    Column("state_before", Text, nullable=False),
    Column("state_after", Text, nullable=False),
    Column("changed_fields", Text, nullable=False),  # separated by spaces
    Column("close_reason", Text),
    Column("close_policy", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("client_request_id", Text, nullable=False),
    Column("event_time", BigInteger, nullable=False),
    CheckConstraint(
        "type IN ('CREATED', 'UPDATED', 'REOPENED', 'CLOSED', 'MISSING_FROM_ATS')", name="type"
    ),
    Index(None, "integration_id", "number"),
    Index(None, "job_number", "number"),
    Index(None, "run", "number"),
    Index(None, "request_id"),
    sqlite_autoincrement=True,
)
