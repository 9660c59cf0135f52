"""Tables of webhook endpoints, their queues, events with their log, deliveries and attempts.

Both schemas have the same tables: in the business databases endpoints belong to organizations, in
the control database they are the callbacks of tickets, which have no organization yet.

A queue is separate from its endpoint because attempts change it and calls don't. `next_time` is
when a delivery is due; NULL where none waits. Only the holder of the lease may send.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
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
    text,
)

from xaigh_server.db.metadata import business_metadata, control_metadata


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookTables:
    """The tables of one schema."""

    endpoints: Table
    queues: Table
    events: Table
    log: Table
    deliveries: Table
    attempts: Table


def build(metadata: MetaData) -> WebhookTables:
    """Builds the tables of one schema. Names and columns are the same on both."""
    return WebhookTables(
        endpoints=_endpoints(metadata),
        queues=_queues(metadata),
        events=_events(metadata),
        log=_log(metadata),
        deliveries=_deliveries(metadata),
        attempts=_attempts(metadata),
    )


def _endpoints(metadata: MetaData) -> Table:
    return Table(
        "webhook_endpoints",
        metadata,
        Column("endpoint_id", Text, primary_key=True),
        Column("organization_id", Text, nullable=False),  # empty for a ticket's callback
        Column("url", Text, nullable=False),
        Column("description", Text, nullable=False),
        Column("event_types", Text, nullable=False),  # JSON array; empty: all
        Column("scopes", Text, nullable=False),  # JSON array
        Column("grant_id", Text, nullable=False),
        Column("origin", Text, nullable=False),  # the grant or ticket that made it, or empty
        Column("secret", LargeBinary, nullable=False),  # sealed
        Column("previous_secret", LargeBinary),  # sealed
        Column("previous_expires_time", BigInteger),
        Column("created_time", BigInteger, nullable=False),
        Column("updated_time", BigInteger, nullable=False),
        Column("disabled_time", BigInteger),
        Column("disable_reason", Text, nullable=False),
        Column("disabled_by", Text, nullable=False),  # the operator's name, or empty
        Column("disable_note", Text, nullable=False),
        Column("revision", Integer, nullable=False),
        Column("key_id", Text, nullable=False),  # made it or last set its URL; empty: a callback
        CheckConstraint(
            "disable_reason IN ('', 'REQUESTED', 'GONE', 'FAILING', 'KEY_LEAKED', 'OPERATOR')",
            name="disable_reason",
        ),
        CheckConstraint("(disable_reason = 'OPERATOR') = (disabled_by != '')", name="disabled_by"),
        CheckConstraint("(disabled_time IS NULL) = (disable_reason = '')", name="disabled"),
        CheckConstraint(
            "(previous_secret IS NULL) = (previous_expires_time IS NULL)", name="previous"
        ),
        Index(None, "organization_id", "created_time", "endpoint_id"),
        Index(None, "key_id"),
    )


def _queues(metadata: MetaData) -> Table:
    table = Table(
        "webhook_queues",
        metadata,
        Column("endpoint_id", Text, primary_key=True),
        Column("next_time", BigInteger),
        Column("pause_until", BigInteger, nullable=False),
        Column("lease_holder", Text, nullable=False),
        Column("lease_until", BigInteger, nullable=False),
        Column("failure_count", Integer, nullable=False),
        Column("failing_since", BigInteger),
        Column("last_success_time", BigInteger),
        Column("last_failure_time", BigInteger),
    )
    waiting = text("next_time IS NOT NULL")
    Index(
        "ix_webhook_queues_next_time",
        table.c.next_time,
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    return table


def _events(metadata: MetaData) -> Table:
    """Events, and batches of them: what deliveries reference and the log lists.

    A delivery's body is built from its event. Of a batch, the events that were sent alone have
    rows of their own beside it.
    """
    return Table(
        "webhook_events",
        metadata,
        Column("event_id", Text, primary_key=True),
        Column("event_type", Text, nullable=False),
        Column("environment", Text, nullable=False),
        Column("organization_id", Text, nullable=False),
        Column("data", Text, nullable=False),  # JSON object
        Column("event_time", BigInteger, nullable=False),
        Column("created_time", BigInteger, nullable=False),
        Column("request_id", Text, nullable=False),  # empty: no call made it
        Index(None, "created_time"),
        Index(None, "request_id"),
    )


def _log(metadata: MetaData) -> Table:
    """The log of events in the order in which each organization's were committed.

    It lists every row as it was published, a batch as a whole, with or without deliveries. Test
    events, which are one endpoint's, aren't in it, nor is anything of the control database.
    """
    return Table(
        "webhook_event_log",
        metadata,
        Column(
            "sequence",
            BigInteger().with_variant(Integer, "sqlite"),
            primary_key=True,
            autoincrement=True,
        ),
        Column("event_id", Text, nullable=False),
        Column("organization_id", Text, nullable=False),
        Column("event_type", Text, nullable=False),
        Column("event_time", BigInteger, nullable=False),
        UniqueConstraint("event_id"),
        Index(None, "organization_id", "sequence"),
        sqlite_autoincrement=True,
    )


def _deliveries(metadata: MetaData) -> Table:
    """Deliveries; an endpoint's go out in order of `sequence`.

    A row is one delivery, or a batch of `event_count` pending ones that starts at the event number
    `first_place` and whose last `sequence` is the row's. Writers assign the sequences, since a row
    may need several.
    """
    table = Table(
        "webhook_deliveries",
        metadata,
        Column(
            "sequence",
            BigInteger().with_variant(Integer, "sqlite"),
            primary_key=True,
            autoincrement=True,
        ),
        Column("delivery_id", Text, nullable=False),
        Column("endpoint_id", Text, nullable=False),
        Column("organization_id", Text, nullable=False),
        Column("event_id", Text, nullable=False),
        Column("event_type", Text, nullable=False),
        Column("state", Text, nullable=False),
        Column("attempt_count", Integer, nullable=False),
        Column("step", SmallInteger, nullable=False),
        Column("next_time", BigInteger),
        Column("event_time", BigInteger, nullable=False),
        Column("created_time", BigInteger, nullable=False),
        Column("ended_time", BigInteger),
        Column("event_count", SmallInteger, nullable=False, server_default="1"),
        Column("first_place", SmallInteger, nullable=False, server_default="0"),
        CheckConstraint("state IN ('PENDING', 'SUCCEEDED', 'FAILED', 'CANCELLED')", name="state"),
        CheckConstraint("(state = 'PENDING') = (next_time IS NOT NULL)", name="pending"),
        CheckConstraint("(state = 'PENDING') = (ended_time IS NULL)", name="ended"),
        UniqueConstraint("delivery_id"),
        UniqueConstraint("endpoint_id", "event_id"),
        Index(None, "organization_id", "sequence"),
        Index(None, "event_id"),
        sqlite_autoincrement=True,
    )
    pending = text("state = 'PENDING'")
    Index(
        "ix_webhook_deliveries_pending",
        table.c.endpoint_id,
        table.c.sequence,
        table.c.next_time,
        sqlite_where=pending,
        postgresql_where=pending,
    )
    Index(
        "ix_webhook_deliveries_ended",
        table.c.ended_time,
        sqlite_where=text("state <> 'PENDING'"),
        postgresql_where=text("state <> 'PENDING'"),
    )
    return table


def _attempts(metadata: MetaData) -> Table:
    return Table(
        "webhook_attempts",
        metadata,
        Column("delivery_id", Text, nullable=False),
        Column("number", Integer, nullable=False),
        Column("started_time", BigInteger, nullable=False),
        Column("duration", BigInteger, nullable=False),  # microseconds
        Column("outcome", Text, nullable=False),
        Column("status", SmallInteger, nullable=False),  # 0 without a reply
        PrimaryKeyConstraint("delivery_id", "number"),
        CheckConstraint("number > 0", name="number"),
    )


control_webhooks = build(control_metadata)
business_webhooks = build(business_metadata)
