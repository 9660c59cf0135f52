"""What integrations show in the sandbox, gathered in memory and kept in batches."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.harness.call import Directory

from xaigh_server.access.traffic import SandboxTraffic, recoverable
from xaigh_server.db import schema
from xaigh_server.db.database import open_database
from xaigh_server.db.errors import DatabaseUnavailable
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.principal import KeyPrincipal
from xaigh_server.rpc.error_reasons import read_reasons
from xaigh_server.rpc.interceptors.note_traffic import Ending
from xaigh_server.runtime.tables import business_metadata

POST, GET = "xaigh.jobs.v1.JobsService.PostJob", "xaigh.jobs.v1.JobsService.GetJob"


def caller(environment: Environment = Environment.SANDBOX) -> KeyPrincipal:
    directory = Directory()
    found = directory.principals[directory.add_key("jobs:write", environment=environment)]
    assert isinstance(found, KeyPrincipal)
    return found


def end(
    traffic: SandboxTraffic,
    key: KeyPrincipal,
    ending: Ending = "answered",
    *,
    method: str = POST,
    replayed: bool = False,
) -> None:
    """One call about the same thing as all others."""
    traffic.ended(key, method, ending=ending, subject="key:k", replayed=replayed)


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
    end(traffic, key)
    end(traffic, key, replayed=True)
    end(traffic, key, "refused")
    end(traffic, key, "refused")
    end(traffic, key)
    end(traffic, key, "refused", method=GET)
    found = await traffic.evidence("org_1")
    assert (found.calls, found.idempotent_replays, found.recovered_errors) == (6, 1, 1)
    assert found.sufficient
    assert found.first_call_time == datetime(2026, 3, 1, 0, 0, 1, tzinfo=UTC)
    assert found.last_call_time == datetime(2026, 3, 1, 0, 0, 6, tzinfo=UTC)


async def test_an_error_may_be_recovered_from_in_a_later_batch(traffic: SandboxTraffic):
    """What is open when a batch is written stays open."""
    key = caller()
    end(traffic, key, "refused")
    assert (await traffic.evidence("org_1")).recovered_errors == 0
    end(traffic, key)
    assert (await traffic.evidence("org_1")).recovered_errors == 1
    end(traffic, key)
    assert (await traffic.evidence("org_1")).recovered_errors == 1


async def test_a_batch_that_begins_badly_recovers_nothing_from_before(traffic: SandboxTraffic):
    """Fail, fail again, then succeed: one recovery, not two."""
    key = caller()
    end(traffic, key, "refused")
    await traffic.flush()
    end(traffic, key, "refused")
    end(traffic, key)
    assert (await traffic.evidence("org_1")).recovered_errors == 1


async def test_production_traffic_is_none_of_it(traffic: SandboxTraffic):
    """And another organization sees nothing of ours."""
    end(traffic, caller(Environment.PRODUCTION), replayed=True)
    assert (await traffic.evidence("org_1")).calls == 0
    end(traffic, caller(), replayed=True)
    assert (await traffic.evidence("org_2")).calls == 0


async def test_what_can_not_be_written_now_is_kept(traffic: SandboxTraffic, monkeypatch):
    """An outage delays the evidence and makes none up."""
    key = caller()
    end(traffic, key, replayed=True)
    database = traffic._sandbox

    class Away:
        name = "sandbox"

        async def write(self, work, *, partition):
            raise DatabaseUnavailable("away")

    monkeypatch.setattr(traffic, "_sandbox", Away())
    await traffic.flush()
    monkeypatch.setattr(traffic, "_sandbox", database)
    assert (await traffic.evidence("org_1")).idempotent_replays == 1


def test_what_can_be_recovered_from():
    """400, 409, 412, 422, 429 and 5xx; never 401, 403 or 404."""
    reasons = read_reasons()
    found = recoverable(reasons)
    assert {
        "FIELD_INVALID",
        "CONCURRENT_UPDATE",
        "IDEMPOTENCY_KEY_REUSED",
        "RATE_LIMITED",
        "INTERNAL",
        "UNAVAILABLE",
    } <= found
    assert {reasons[each].http_status for each in found} <= {
        *(400, 409, 412, 422, 429),
        *range(500, 600),
    }
    assert not found & {"NOT_FOUND", "KEY_REVOKED", "SCOPE_NOT_GRANTED"}
