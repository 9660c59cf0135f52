"""Checks of requests that a gate asks about: what it may keep, and what that costs the key."""

from datetime import timedelta

import pytest
from tests.harness.control_rows import NOW, issue
from tests.harness.control_services import ControlServices

from xaigh.gating.v1 import envoy_check_service_pb2 as api
from xaigh_server.identity import leased_epoch
from xaigh_server.identity.leased_epoch import LeasedEpoch
from xaigh_server.keys.issuing import revoke
from xaigh_server.keys.repository import Keys


@pytest.fixture
def leases() -> None:
    """Readings hold for as long as they do in a server."""


async def _check(
    services: ControlServices, key: str, *, kept: int = 0, path: str = "/v1/whoami"
) -> api.CheckResponse:
    request = api.CheckRequest(kept_calls=kept)
    http = request.attributes.request.http
    http.method, http.path = "GET", path
    http.headers["authorization"] = f"Bearer {key}"
    answer: api.CheckResponse = await services.call("Check", request)
    return answer


async def test_an_answer_says_how_long_it_holds(services: ControlServices) -> None:
    """No longer than the server itself may use what it has read; a refusal holds for one call."""
    new = await issue(services.control)
    answer = await _check(services, new.clear)
    assert answer.HasField("ok_response")
    assert answer.HasField("max_age") == isinstance(services.epoch, LeasedEpoch)
    assert answer.max_age.ToTimedelta() <= timedelta(seconds=leased_epoch.LEASE_SECONDS)
    refused = await _check(services, new.clear, path="/v1/nothing")
    assert refused.HasField("denied_response") and not refused.HasField("max_age")


async def test_an_answer_ends_with_its_key(services: ControlServices) -> None:
    """A key that expires in a moment is good for that moment."""
    moment = timedelta(milliseconds=1)
    new = await issue(services.control, expire_time=NOW + moment)
    assert (await _check(services, new.clear)).max_age.ToTimedelta() <= moment


async def test_nothing_is_kept_of_rights_that_changed(services: ControlServices) -> None:
    """The reply to a revocation leaves when no kept answer is good any more."""
    new = await issue(services.control)
    await _check(services, new.clear)
    ended = revoke(new.record, reason="lost", by="maya", now=NOW)
    await services.control.write(lambda session: Keys(session).revoke(ended))
    await services.epoch.settle()
    refused = await _check(services, new.clear)
    assert refused.denied_response.body == "KEY_REVOKED"


async def test_kept_calls_count_against_the_limit(services: ControlServices) -> None:
    """A key that was let through from memory too often has nothing left."""
    new = await issue(services.control)  # 600 a minute
    assert (await _check(services, new.clear, kept=589)).HasField("ok_response")
    over = await _check(services, new.clear, kept=50)
    assert over.denied_response.body == "RATE_LIMITED"
    assert (await _check(services, new.clear)).denied_response.body == "RATE_LIMITED"
    services.clock.now = NOW + timedelta(minutes=1)
    assert (await _check(services, new.clear)).HasField("ok_response")
