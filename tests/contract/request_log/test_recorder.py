"""The recorder's rows on both engines: PostgreSQL takes no value of another type."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry
from tests.harness.call import NOW, call, principal

from xaigh_server.db.database import Database
from xaigh_server.db.times import to_micros
from xaigh_server.identity.environments import Environment
from xaigh_server.request_log.recorder import RequestRecorder
from xaigh_server.request_log.repository import RequestLogs


@pytest.mark.parametrize("replayed", [False, True])
async def test_a_recorded_call_is_in_the_log(business: Database, replayed: bool) -> None:
    """With what the recorder itself makes of a call, whether it was a replay or not."""
    recorder = RequestRecorder(
        {Environment.SANDBOX: business},
        CollectorRegistry(),
        clock=lambda: to_micros(NOW),
        left_out=frozenset(),
    )
    made = call("PostJob")
    made.request_id, made.principal, made.replayed = "req_1", principal(), replayed
    recorder.record(made, "ok", "", 0.25, None)
    await recorder.flush()
    found = await business.read(
        lambda session: RequestLogs(session).get("req_1", organization_id="org_1")
    )
    assert found is not None
    assert found.replayed is replayed
