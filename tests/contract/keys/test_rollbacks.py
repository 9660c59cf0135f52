"""Rollbacks as recorded: what a call goes on with while the jobs' database is away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.harness.control_rows import NOW
from tests.harness.control_services import ControlServices, NoJobs

from xaigh.keys.v1 import key_admin_service_pb2 as api
from xaigh.keys.v1 import rollback_pb2 as pb
from xaigh_server.errors import Unavailable
from xaigh_server.keys.rollback_service import RollbackHandlers
from xaigh_server.keys.rollbacks import Rollback, RollbackReleasing


class Away(NoJobs):
    """Jobs whose database doesn't answer until it is back."""

    def __init__(self) -> None:
        self.back = False

    async def place(self, rollback: Rollback) -> None:
        if not self.back:
            raise Unavailable

    async def release(self, rollback: Rollback) -> None:
        await self.place(rollback)


@pytest.fixture
def away(services: ControlServices, monkeypatch: pytest.MonkeyPatch) -> Away:
    """The services' jobs are away."""
    jobs = Away()
    handlers: Any = services.handlers["/xaigh.keys.v1.KeyAdminService/RollbackKey"]
    monkeypatch.setattr(handlers.finish.__self__, "_jobs", jobs)
    return jobs


async def issue(services: ControlServices) -> str:
    issued = await services.do("IssueKey", grant_id="grt_1", name="till")
    return str(issued.key.key_id)


def order(key_id: str) -> dict[str, Any]:
    return {"key_id": key_id, "since": NOW - timedelta(hours=2), "reason": "stolen"}


async def test_nothing_is_held_while_holds_are_released(
    services: ControlServices, away: Away
) -> None:
    """The record refuses a new rollback until the release is complete."""
    key_id = await issue(services)
    with pytest.raises(Unavailable):
        await services.do("RollbackKey", **order(key_id))
    with pytest.raises(Unavailable):
        await services.do("ReleaseHolds", key_id=key_id, reason="checked")
    with pytest.raises(RollbackReleasing) as refused:
        await services.do("RollbackKey", **order(key_id))
    assert refused.value.metadata["rollbackId"].startswith("rbk_")
    away.back = True
    released = await services.do("ReleaseHolds", key_id=key_id, reason="again")
    assert released.state == pb.Rollback.RELEASED
    again = await services.do("RollbackKey", **order(key_id))
    assert (again.state, again.rollback_id) != (released.state, released.rollback_id)


async def test_what_broke_off_is_resumed(services: ControlServices, away: Away) -> None:
    """Once, and nothing is left then."""
    key_id = await issue(services)
    with pytest.raises(Unavailable):
        await services.do("RollbackKey", **order(key_id))
    assert (await services.do("GetKey", key_id=key_id)).revoke_reason == "Rolled back: stolen"
    away.back = True
    task = RollbackHandlers(services.control, away, clock=services.clock)
    assert (await task.resume(), await task.resume()) == (1, 0)
    request = api.RollbackKeyRequest(**order(key_id))
    assert (await services.call("RollbackKey", request)).state == pb.Rollback.HELD
