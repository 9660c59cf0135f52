"""What integrations show in the sandbox, gathered in memory and kept in batches."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.harness.call import Directory

from xaigh_server.access.traffic import SandboxTraffic
from xaigh_server.db import schema
from xaigh_server.db.database import open_database
from xaigh_server.db.errors import DatabaseUnavailable
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.principal import KeyPrincipal
from xaigh_server.runtime.tables import business_metadata

POST, GET = "xaigh.jobs.v1.JobsService.PostJob", "xaigh.jobs.v1.JobsService.GetJob"


def caller(environment: Environment = Environment.SANDBOX) -> KeyPrincipal:
    directory = Directory()
    found = directory.principals[directory.add_key("jobs:write", environment=environment)]
    assert isinstance(found, KeyPrincipal)
    return found


class Clock:
    """A second passes with every look."""

    now = datetime(2026, 3, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
async def traffic(tmp_path: Path) -> AsyncIterator[SandboxTraffic]:
    database = open_database("sandbox", tmp_path / "sandbox.db", business_metadata)
    await database.start()
    await database.write(lambda session: schema.create(session, business_metadata))
    yield SandboxTraffic(database, clock=Clock())
    await database.close()


async def test_replays_and_recoveries_are_the_evidence(traffic: SandboxTraffic):
    """An error that a good call of the same method follows is recovered from; another isn't."""
    key = caller()
    traffic.used(key, POST, replayed=False)
    traffic.used(key, POST, replayed=True)
    traffic.failed(key, POST)
    traffic.failed(key, POST)
    traffic.used(key, POST, replayed=False)
    traffic.failed(key, GET)
    found = await traffic.evidence("org_1")
    assert (found.calls, found.idempotent_replays, found.recovered_errors) == (6, 1, 1)
    assert found.sufficient
    assert found.first_call_time == datetime(2026, 3, 1, 0, 0, 1, tzinfo=UTC)
    assert found.last_call_time == datetime(2026, 3, 1, 0, 0, 6, tzinfo=UTC)


async def test_an_error_may_be_recovered_from_in_a_later_batch(traffic: SandboxTraffic):
    """What is open when a batch is written stays open."""
    key = caller()
    traffic.failed(key, POST)
    assert (await traffic.evidence("org_1")).recovered_errors == 0
    traffic.used(key, POST, replayed=False)
    assert (await traffic.evidence("org_1")).recovered_errors == 1
    traffic.used(key, POST, replayed=False)
    assert (await traffic.evidence("org_1")).recovered_errors == 1


async def test_a_batch_that_begins_badly_recovers_nothing_from_before(traffic: SandboxTraffic):
    """Fail, fail again, then succeed: one recovery, not two."""
    key = caller()
    traffic.failed(key, POST)
    await traffic.flush()
    traffic.failed(key, POST)
    traffic.used(key, POST, replayed=False)
    assert (await traffic.evidence("org_1")).recovered_errors == 1


async def test_production_traffic_is_none_of_it(traffic: SandboxTraffic):
    """And another organization sees nothing of ours."""
    traffic.used(caller(Environment.PRODUCTION), POST, replayed=True)
    assert (await traffic.evidence("org_1")).calls == 0
    traffic.used(caller(), POST, replayed=True)
    assert (await traffic.evidence("org_2")).calls == 0


async def test_what_can_not_be_written_now_is_kept(traffic: SandboxTraffic, monkeypatch):
    """An outage delays the evidence and makes none up."""
    key = caller()
    traffic.used(key, POST, replayed=True)
    database = traffic._sandbox

    class Away:
        name = "sandbox"

        async def write(self, work, *, partition):
            raise DatabaseUnavailable("away")

    monkeypatch.setattr(traffic, "_sandbox", Away())
    await traffic.flush()
    monkeypatch.setattr(traffic, "_sandbox", database)
    assert (await traffic.evidence("org_1")).idempotent_replays == 1
