"""A real board, three days apart: 15 jobs, then 14. One job is gone, nothing else changed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.harness.business_services import BusinessServices
from tests.harness.syncs import authoritative, history, integrate, open_ids, words
from tests.unit.ats.conftest import (  # noqa: F401  # fixtures, by name
    normalizers,
    reading,
    services,
)
from tests.vectors.conftest import SHARED_DATA

pytestmark = pytest.mark.parametrize("reading", ["here", "beside"], indirect=True)

SNAPSHOTS = SHARED_DATA / "ats" / "greenhouse" / "snapshots"
GONE = "4035993007"


def snapshot(day: str) -> list[dict[str, Any]]:
    jobs: list[dict[str, Any]] = json.loads((SNAPSHOTS / f"codepath_{day}.json").read_text())[
        "jobs"
    ]
    return jobs


@pytest.fixture
async def synced(services: BusinessServices) -> BusinessServices:  # noqa: F811  # the fixture imported above
    """An integration with the board."""
    await integrate(services, board="codepath")
    return services


async def test_forwards(synced: BusinessServices) -> None:
    """Fifteen are made; three days later exactly the missing one is closed."""
    first, later = snapshot("2024-08-05"), snapshot("2024-08-08")
    assert words(await authoritative(synced, first)) == ["CREATED"] * 15
    reply = await authoritative(synced, later)
    assert words(reply) == ["UNCHANGED"] * 14
    assert [role.external_job_id for role in reply.run.close.roles] == [GONE]
    assert await open_ids(synced) == {str(job["id"]) for job in later}


async def test_backwards(synced: BusinessServices) -> None:
    """Fourteen are made; then one more, and nothing is closed."""
    first, later = snapshot("2024-08-05"), snapshot("2024-08-08")
    await authoritative(synced, later)
    reply = await authoritative(synced, first)
    assert sorted(words(reply)) == ["CREATED"] + ["UNCHANGED"] * 14
    assert reply.run.close.count == 0


async def test_to_and_fro(synced: BusinessServices) -> None:
    """The missing one comes back under its own id, however often."""
    first, later = snapshot("2024-08-05"), snapshot("2024-08-08")
    for feed in (first, later, first, later, first):
        await authoritative(synced, feed)
    assert len(await open_ids(synced)) == 15
    told = await history(synced)
    assert [told.count(kind) for kind in ("CREATED", "CLOSED", "REOPENED")] == [15, 2, 2]
