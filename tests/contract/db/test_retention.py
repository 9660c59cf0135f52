"""What has expired goes, in every database, and nothing else."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.contract.conftest import opened

from xaigh_server.db.database import Database
from xaigh_server.db.idempotency import IdempotencyRecord, IdempotencyRecords
from xaigh_server.db.metadata import business_metadata, control_metadata
from xaigh_server.db.retention import Retention
from xaigh_server.db.session import Session

NOW = datetime(2026, 1, 31, tzinfo=UTC)


async def test_expired_records_go(location: Path | str, tmp_path: Path) -> None:
    """More than a batch of them, from both databases; the standing ones stay."""
    async with (
        opened(location, control_metadata) as control,
        opened(tmp_path / "sandbox.db", business_metadata, name="sandbox") as sandbox,
    ):
        databases = [control, sandbox]
        for database in databases:
            await database.write(store_600)
        retention = Retention(databases, clock=lambda: NOW)
        assert await retention.sweep() == 2 * 597
        assert await retention.sweep() == 0
        assert [await standing(database) for database in databases] == [3, 3]


def store_600(session: Session) -> None:
    for number in range(600):
        store(session, number, expired=number >= 3)


def store(session: Session, number: int, *, expired: bool) -> None:
    IdempotencyRecords(session).store(
        IdempotencyRecord(
            scope="s",
            method="m",
            key=str(number),
            fingerprint=b"",
            reply=b"",
            created_time=NOW - timedelta(hours=48),
            expires_time=NOW if expired else NOW + timedelta(seconds=1),
        )
    )


async def standing(database: Database) -> int:
    def found(session: Session) -> int:
        records = IdempotencyRecords(session)
        keys = (str(number) for number in range(600))
        return sum(
            records.find(scope="s", method="m", key=key, now=NOW) is not None for key in keys
        )

    return await database.read(found)
