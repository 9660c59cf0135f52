"""Table of the request log, in each business database.

`sequence` is the order of writing, which is the order of ends within a second or so: retention
deletes from its front. A row is never updated. On PostgreSQL this table stays empty: its rows are
in tables that inherit from it, one for each day (`day_tables.py`).
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, SmallInteger, Table, Text

from xaigh_server.db.metadata import business_metadata

request_logs = Table(
    "request_logs",
    business_metadata,
    Column(
        "sequence",
        BigInteger().with_variant(Integer, "sqlite"),
        primary_key=True,
        autoincrement=True,
    ),
    Column("request_id", Text, nullable=False),
    Column("organization_id", Text, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("client_request_id", Text, nullable=False),
    Column("transport", Text, nullable=False),
    Column("method", Text, nullable=False),  # its full name
    Column("code", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("violations", Text, nullable=False),  # JSON array of [path, description], or empty
    Column("idempotency_key", Text, nullable=False),
    Column("replayed", SmallInteger, nullable=False),
    Column("employers", Text, nullable=False),  # JSON of `employers`, or empty
    Column("end_time", BigInteger, nullable=False),
    Column("duration", BigInteger, nullable=False),  # microseconds
    Index(None, "request_id"),
    Index(None, "organization_id", "end_time", "sequence"),
)
