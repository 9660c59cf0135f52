"""Keys for products that live elsewhere, and a tier that is used up, over both transports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from tests.acceptance.conftest import ENVIRON
from tests.harness.access import approval, grant_access, job_form, ok, request_form
from tests.harness.api_client import ApiClient
from tests.harness.server import Running, operator, server

PAGE = "https://trails.example"
TRAILS, PARKS = "/v1/nature/trails", "/v1/nature/parks"
CALLS = 4
SETTINGS = f"""
[tiers.enterprise]
minute = {{calls = 100000, seconds = 60}}
[tiers.tiny]
hour = {{calls = {CALLS}, seconds = 3600}}
[families.nature.routes]
read = ["GET /v1/nature/*", {{route = "GET {TRAILS}", publishable = true}}]
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server one of whose product routes may be called from pages."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "settings.toml").write_text(SETTINGS)
    settings = {"XAIGH_SETTINGS": str(folder / "settings.toml")}
    with server(folder, **ENVIRON, **settings) as started:
        yield started


@pytest.fixture(scope="module")
def service(running: Running) -> str:
    """The credential of a product's server."""
    return operator(running.data_dir, "nature", "service", **running.environ)


def verdict(api: ApiClient, service: str, key: str, **asked: Any) -> Any:
    """What the product's server hears of a key that it was shown."""
    return ok(api.call("VerifyKey", {"presentedKey": key, **asked}, key=service))


def to_read(path: str) -> dict[str, str]:
    """A route that a caller wants to read."""
    return {"httpMethod": "GET", "path": path}


def test_a_page_reaches_what_a_product_publishes_alone(
    api: ApiClient, running: Running, service: str
) -> None:
    """A grant of product scopes needs no employer; the key's type decides by the route."""
    form = request_form(
        requestedScopes=["nature:read"], keyTypes=["sk", "pk"], environments=["sandbox"]
    )
    by_id = {"ticketId": ok(api.call("SubmitAccessRequest", form))["ticketId"]}
    etag = ok(api.call("StartReview", by_id, key=running.founder))["etag"]
    (scope,) = ok(api.call("GetDossier", by_id, key=running.founder))["scopes"]
    assert {each["route"] for each in scope["routes"]} >= {f"GET {TRAILS}"}
    assert all(each["risk"] for each in scope["routes"])
    wanted = {**approval(by_id["ticketId"], "sandbox", etag), "employerUserIds": []}
    grant = ok(api.call("ApproveAccessRequest", wanted, key=running.founder))["grant"]
    order = {"grantId": grant["grantId"], "name": "page", "keyType": "pk", "allowedOrigins": [PAGE]}
    key = ok(api.call("IssueKey", order, key=running.founder))["apiKey"]
    found = verdict(api, service, key, origin=PAGE, route=to_read(TRAILS))
    assert (found.get("allowed"), found["keyType"], found["scopes"]) == (
        True,
        "pk",
        ["nature:read"],
    )
    for asked in ({"route": to_read(PARKS)}, {"scope": "nature:read"}):
        refused = verdict(api, service, key, origin=PAGE, **asked)
        assert (refused.get("allowed"), refused["reason"]) == (None, "KEY_TYPE_NOT_ALLOWED")
    own = verdict(api, service, key, origin=PAGE, route=to_read("/v1/jobs"))
    assert own["reason"] in ("KEY_TYPE_NOT_ALLOWED", "SCOPE_NOT_GRANTED")


def test_scopes_of_our_own_need_an_employer(api: ApiClient, running: Running) -> None:
    """The refusal names the field."""
    form = request_form(requestedScopes=["nature:read", "jobs:read"], environments=["sandbox"])
    by_id = {"ticketId": ok(api.call("SubmitAccessRequest", form))["ticketId"]}
    etag = ok(api.call("StartReview", by_id, key=running.founder))["etag"]
    wanted = {**approval(by_id["ticketId"], "sandbox", etag), "employerUserIds": []}
    refused = api.call("ApproveAccessRequest", wanted, key=running.founder)
    assert (refused.code, refused.violations) == ("invalid_argument", ["employerUserIds"])


def test_a_refused_verification_is_in_the_audit_log(
    api: ApiClient, running: Running, service: str
) -> None:
    """With the key that was shown, and the service that asked; so is a peer that nobody named."""
    bound = grant_access(api, running.founder, key={"allowedCidrs": ["10.0.0.0/8"]})
    asked = {"scope": "jobs:read", "peerAddress": "10.1.1.1"}
    assert verdict(api, service, bound.key, **asked)["allowed"]
    assert verdict(api, service, bound.key, scope="jobs:read")["reason"] == "PEER_REQUIRED"
    wanted = {"target": bound.key_id, "action": "call.refused"}
    events = ok(api.call("ListAuditEvents", wanted, key=running.founder))["auditEvents"]
    assert [(each["outcome"], each["after"]["verifiedFor"]) for each in events] == [
        ("REFUSED", "nature")
    ]
    assert events[0]["after"]["reason"] == "PEER_REQUIRED"


def test_a_key_whose_tier_is_used_up_still_learns_what_it_used(
    api: ApiClient, running: Running
) -> None:
    """And it can end itself. A replay takes a unit like any call, and is counted once."""
    access = grant_access(api, running.founder, approval_terms={"tier": "tiny"})
    name = uuid4().hex
    for _ in range(CALLS):
        ok(api.call("PostJob", job_form(), key=access.key, idempotency_key=name))
    refused = api.call("PostJob", job_form(), key=access.key, idempotency_key=name)
    assert (refused.code, refused.reason) == ("rate_limited", "RATE_LIMITED")
    assert int(refused.headers["retry-after"]) > 0
    assert refused.headers["ratelimit-policy"] == f'"hour";q={CALLS};w=3600'
    shown = ok(api.call("WhoAmI", {}, key=access.key))["rateLimit"]
    assert int(shown.get("remaining", 0)) == 0
    rows = ok(api.call("GetUsage", {}, key=access.key))["rows"]
    assert [int(row["calls"]) for row in rows if row["method"].endswith("PostJob")] == [1]
    ok(api.call("RevokeSelf", {"reason": "done"}, key=access.key))
