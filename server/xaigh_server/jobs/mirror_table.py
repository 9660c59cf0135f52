"""Table of mirrors: what links a job to the record of a client's ATS.

A mirror's row is small and apart from its job's: a sync that finds nothing new writes only here.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Table,
    Text,
)

from xaigh_server.db.metadata import business_metadata
from xaigh_server.jobs.tables import RowKey, job_postings

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
