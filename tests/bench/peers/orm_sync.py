"""The peer of SyncJobs: pydantic in front, SQLAlchemy's ORM behind, written as one would.

It does the visible part of the work: validates each record, unescapes and sanitizes its HTML,
hashes it, compares it with what is known, writes the role and an event, commits once a batch. It
has no keys, limits, runs, closes, guards, audit trail, outbox or idempotency, and knows one
provider.
"""

from __future__ import annotations

import hashlib
import html
import time
from datetime import UTC, datetime
from pathlib import Path

import nh3
from pydantic import BaseModel
from sqlalchemy import ForeignKey, create_engine, event, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Location(BaseModel):
    """Where the work is."""

    name: str


class Posting(BaseModel):
    """One job of a Greenhouse board."""

    id: int
    title: str
    absolute_url: str
    location: Location
    updated_at: datetime
    requisition_id: str | None = None
    content: str = ""


class Batch(BaseModel):
    """What is sent."""

    provider: str
    employerUserId: str
    jobs: list[Posting]


class Base(DeclarativeBase):
    """The tables."""


class Role(Base):
    """A mirrored role."""

    __tablename__ = "roles"
    id: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    url: Mapped[str]
    location: Mapped[str]
    description: Mapped[str]
    content_hash: Mapped[str]
    state: Mapped[str]
    updated_time: Mapped[datetime]
    seen_time: Mapped[datetime]


class Change(Base):
    """What happened to a role."""

    __tablename__ = "changes"
    number: Mapped[int] = mapped_column(primary_key=True)
    role_id: Mapped[str] = mapped_column(ForeignKey("roles.id"))
    kind: Mapped[str]
    time: Mapped[datetime]


class Peer:
    """Takes batches into a SQLite file."""

    def __init__(self, path: Path) -> None:
        self._engine = create_engine(f"sqlite:///{path}")
        event.listen(self._engine, "connect", _durable)
        Base.metadata.create_all(self._engine)

    def take(self, body: bytes) -> None:
        """One batch, from its bytes to its commit."""
        batch = Batch.model_validate_json(body)
        now = datetime.now(UTC)
        with Session(self._engine) as session, session.begin():
            ids = {str(posting.id): posting for posting in batch.jobs}
            found = session.scalars(select(Role).where(Role.id.in_(ids)))
            known = {role.id: role for role in found}
            for role_id, posting in ids.items():
                _merge(session, known.get(role_id), role_id, posting, now)

    def rate(self, bodies: list[bytes], records: int) -> float:
        """Records a second over these batches."""
        began = time.perf_counter()
        for body in bodies:
            self.take(body)
        return records / (time.perf_counter() - began)

    def close(self) -> None:
        self._engine.dispose()


def _merge(
    session: Session, role: Role | None, role_id: str, posting: Posting, now: datetime
) -> None:
    description = nh3.clean(html.unescape(posting.content))
    said = (posting.title, posting.absolute_url, posting.location.name, description)
    digest = hashlib.sha256("\x00".join(said).encode()).hexdigest()
    if role is None:
        role = Role(id=role_id, state="OPEN")
        session.add(role)
    elif role.content_hash == digest:
        role.seen_time = now
        return
    role.title, role.url, role.location, role.description = said
    role.content_hash = digest
    role.updated_time, role.seen_time = posting.updated_at, now
    session.add(Change(role_id=role_id, kind="UPDATED", time=now))


def _durable(connection: object, _: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]  # a sqlite3 connection
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()
