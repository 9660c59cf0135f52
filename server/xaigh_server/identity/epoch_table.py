"""Table of the credential epoch: one row with a counter."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, SmallInteger, Table

from xaigh_server.db.metadata import control_metadata

credential_epoch = Table(
    "credential_epoch",
    control_metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("value", BigInteger, nullable=False),
    CheckConstraint("id = 1", name="single_row"),
)
