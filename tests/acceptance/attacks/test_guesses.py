"""A flood of made-up credentials holds up no good one of its address."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from random import Random

import pytest
from tests.acceptance.conftest import ENVIRON
from tests.harness.access import EMPLOYER, Access, grant_access, ok
from tests.harness.api_client import ApiClient, GrpcClient, RestClient
from tests.harness.credentials import made_up
from tests.harness.server import Running, operator, server

from xaigh_server.identity import key_format as keys
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.key_format import KeyType

LIMIT = 5
_random = Random(4)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    few = {"XAIGH_BAD_CREDENTIAL_LIMIT_PER_MINUTE": str(LIMIT)}
    with server(tmp_path_factory.mktemp("data"), **{**ENVIRON, **few}) as started:
        yield started


@pytest.fixture(params=["rest", "grpc"])
def api(request: pytest.FixtureRequest, running: Running) -> Iterator[ApiClient]:
    made = RestClient(running.rest) if request.param == "rest" else GrpcClient(running.grpc)
    with closing(made):
        yield made


@pytest.fixture
def access(api: ApiClient, running: Running) -> Access:
    return grant_access(api, running.founder, approval_terms={"keyAllowance": 9})


def flood(api: ApiClient) -> None:
    """More guesses than an address has, each of another key; the last ones hear the limit."""
    for number in range(4 * LIMIT):
        guess = (
            keys.mint_operator(_random.randbytes, made_up).text
            if number % 2
            else keys.mint(Environment.SANDBOX, KeyType.SECRET, _random.randbytes, made_up).text
        )
        refused = api.call("WhoAmI", {}, key=guess)
        assert refused.code in {"unauthenticated", "rate_limited"}
    assert refused.reason == "PEER_RATE_LIMITED"


def new_key(api: ApiClient, founder: str, access: Access) -> str:
    """A key that no process has seen in a call."""
    order = {"grantId": access.grant_id, "name": "another"}
    return str(ok(api.call("IssueKey", order, key=founder))["apiKey"])


def jobs(api: ApiClient, key: str) -> str:
    """How a call of an integrator goes."""
    return api.call("ListJobs", {"employerUserId": EMPLOYER}, key=key).code


def test_a_key_that_was_never_seen_passes(api: ApiClient, running: Running, access: Access) -> None:
    """Also after a revocation of another key has emptied the cache."""
    late = new_key(api, running.founder, access)
    flood(api)
    assert jobs(api, access.key) == "ok"
    gone = new_key(api, running.founder, access)
    ok(api.call("RevokeKey", {"keyId": gone[8:18], "reason": "leaked"}, key=running.founder))
    flood(api)
    assert jobs(api, access.key) == "ok" and jobs(api, late) == "ok"
    for _ in range(LIMIT):
        assert api.call("ListJobs", {}, key=gone).reason == "KEY_REVOKED"
    assert api.call("ListJobs", {}, key=gone).reason == "PEER_RATE_LIMITED"
    assert jobs(api, late) == "ok"


def test_an_operator_that_was_never_seen_passes(api: ApiClient, running: Running) -> None:
    """Its credential has a tag like a key."""
    maya = operator(running.data_dir, f"maya-{api.name.lower()}", "auditor", **running.environ)
    flood(api)
    ok(api.call("ListAuditEvents", {}, key=maya))
