"""Table of the fleet's secrets: a keyed fingerprint of each, never a secret."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Table, Text

from xaigh_server.db.metadata import control_metadata

fleet_secrets = Table(
    "fleet_secrets",
    control_metadata,
    Column("name", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    # The one that it replaced, empty before the first rotation: tells a server that is behind in a
    # rotation from one that is ahead.
    Column("previous_fingerprint", Text, nullable=False),
    Column("register_time", BigInteger, nullable=False),
    CheckConstraint(
        "name IN ('pepper', 'webhook_key', 'audit_key', 'application_key')", name="name"
    ),
    CheckConstraint("length(fingerprint) = 32", name="fingerprint"),
    CheckConstraint("length(previous_fingerprint) IN (0, 32)", name="previous_fingerprint"),
)
