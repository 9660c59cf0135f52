"""Deliveries that wait together share a row."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Changes the tables."""
    op.add_column(
        "webhook_deliveries",
        sa.Column("event_count", sa.SmallInteger(), server_default="1", nullable=False),
    )
    op.add_column(
        "webhook_deliveries",
        sa.Column("first_place", sa.SmallInteger(), server_default="0", nullable=False),
    )
