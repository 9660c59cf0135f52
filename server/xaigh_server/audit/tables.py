"""Tables of audit events, one in each database, and of anchors, in the control database.

Events stand in each database, so the transaction that changes a row also writes the event that
records the change. The table of anchors is the one order of the anchors of all servers.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from xaigh_server.db.metadata import business_metadata, control_metadata
from xaigh_server.db.triggers import (
    append_only,
)


def _audit_events(metadata: MetaData) -> Table:
    """The audit chains of one schema, one for each organization and one for what concerns none.

    Each row holds the hash of the row before it in its chain.
    """
    table = Table(
        "audit_events",
        metadata,
        Column("sequence", BigInteger, nullable=False),
        Column("time", BigInteger, nullable=False),
        Column("actor_type", Text, nullable=False),
        Column("actor_id", Text, nullable=False),
        Column("action", Text, nullable=False),
        Column("targets", Text, nullable=False),  # JSON array of "type:id"
        Column("before", Text),  # canonical JSON object
        Column("after", Text),  # canonical JSON object
        Column("reason", Text, nullable=False),
        Column("request_id", Text, nullable=False),
        Column("client_request_id", Text, nullable=False),
        Column("peer", Text, nullable=False),
        Column("environment", Text, nullable=False),
        Column("outcome", Text, nullable=False),
        Column("organization_id", Text, nullable=False),
        Column("prev_hash", Text, nullable=False),  # hex SHA-256
        Column("hash", Text, nullable=False),  # hex SHA-256
        PrimaryKeyConstraint("organization_id", "sequence"),
        CheckConstraint("sequence > 0", name="sequence"),
        Index(None, "time", "organization_id", "sequence"),
        Index(None, "organization_id", "time", "sequence"),
        Index(None, "actor_id", "time", "sequence"),
    )
    append_only(table)
    return table


def _audit_heads(metadata: MetaData) -> Table:
    """The end of each chain, so that neither an append nor an anchor searches the events for it."""
    return Table(
        "audit_heads",
        metadata,
        Column("organization_id", Text, primary_key=True),
        Column("sequence", BigInteger, nullable=False),
        Column("hash", Text, nullable=False),  # hex SHA-256
    )


control_audit_events = _audit_events(control_metadata)
business_audit_events = _audit_events(business_metadata)
control_audit_heads = _audit_heads(control_metadata)
business_audit_heads = _audit_heads(business_metadata)

audit_anchors = Table(
    "audit_anchors",
    control_metadata,
    Column("number", BigInteger, nullable=False),
    Column("digest", Text, nullable=False),  # hex SHA-256
    Column("key", Text, nullable=False),  # public key that signed it, hex
    Column("line", Text, nullable=False),  # canonical JSON
    PrimaryKeyConstraint("number"),
    CheckConstraint("number > 0", name="number"),
)
append_only(audit_anchors)

# The heads that the newest anchor states. Its signed root proves that these rows are whole.
audit_anchored_heads = Table(
    "audit_anchored_heads",
    control_metadata,
    Column("chain", Text, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),  # hex SHA-256
)

# How far each sink has everything: anchors, and events by chain.
audit_sinks = Table(
    "audit_sinks",
    control_metadata,
    Column("name", Text, primary_key=True),
    Column("anchor", BigInteger, nullable=False),
    Column("accepted", BigInteger, nullable=False),  # batches
)
audit_sink_cursors = Table(
    "audit_sink_cursors",
    control_metadata,
    Column("sink", Text, nullable=False),
    Column("chain", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    PrimaryKeyConstraint("sink", "chain"),
)
