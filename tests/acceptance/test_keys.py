"""Keys in use: publishable ones and CORS, addresses, ends, rotations, products, usage."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from tests.acceptance.conftest import both_engines
from tests.harness.access import Access, grant_access, job_form, ok
from tests.harness.api_client import METHODS, ApiClient, RestClient, _route
from tests.harness.server import Running, operator, server
from tests.harness.waiting import until

from xaigh.options.v1 import options_pb2

databases = both_engines

SHOP = "https://shop.northline.example"
FORM: dict[str, Any] = {
    "requestedScopes": ["jobs:read", "jobs:write", "nature:read"],
    "keyTypes": ["sk", "pk"],
}


@pytest.fixture(scope="module")
def broad(api: ApiClient, running: Running) -> Access:
    """A grant for keys of both types, with room for many."""
    return grant_access(api, running.founder, approval_terms={"keyAllowance": 50}, **FORM)


def issued(api: ApiClient, running: Running, access: Access, **order: Any) -> str:
    """Another key of a grant."""
    wanted = {"grantId": access.grant_id, "name": "more", **order}
    key: str = ok(api.call("IssueKey", wanted, key=running.founder))["apiKey"]
    return key


# --- publishable keys and browsers ------------------------------------------------------------


@pytest.fixture(scope="module")
def publishable(api: ApiClient, running: Running, broad: Access) -> str:
    """A key that may be seen by anyone, for one shop."""
    return issued(api, running, broad, keyType="pk", allowedOrigins=[SHOP, "http://localhost:3000"])


def test_a_publishable_key_reads_what_is_published_from_its_origins(
    api: ApiClient, running: Running, broad: Access, publishable: str
):
    """From each origin on its list, and with nothing but what is published in the reply."""
    assert publishable.startswith("test_pk_")
    posted = ok(api.call("PostJob", job_form(), key=broad.key, idempotency_key=f"p-{api.name}"))
    for origin in (SHOP, "http://localhost:3000", "HTTPS://Shop.Northline.example:443"):
        listed = ok(api.call("ListPublishedJobs", {}, key=publishable, origin=origin))
        assert posted["jobId"] in [job["jobId"] for job in listed["jobs"]]
        assert not any("operations" in job for job in listed["jobs"])


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://shop.northline.example"},
        {"origin": f"{SHOP}.evil.example"},
        {"origin": f"{SHOP}:8443"},
        {"sec_fetch_site": "same-origin"},
    ],
)
def test_a_publishable_key_works_from_no_other_place(
    api: ApiClient, publishable: str, headers: dict[str, str]
):
    """Also not from a server, which has no origin to be held to."""
    refused = api.call("ListPublishedJobs", {}, key=publishable, **headers)
    assert (refused.code, refused.body["reason"]) == ("permission_denied", "ORIGIN_NOT_ALLOWED")


@pytest.mark.parametrize("method", ["ListJobs", "WhoAmI", "GetUsage", "SyncJobs", "ListEndpoints"])
def test_a_publishable_key_opens_no_other_method(api: ApiClient, publishable: str, method: str):
    """Whatever scopes its grant holds."""
    body = {"provider": "GREENHOUSE"} if method == "SyncJobs" else {}
    refused = api.call(method, body, key=publishable, origin=SHOP)
    assert refused.body["reason"] == "KEY_TYPE_NOT_ALLOWED"


@pytest.mark.parametrize(
    ("order", "path"),
    [
        ({"keyType": "pk"}, "allowedOrigins"),
        ({"keyType": "pk", "allowedOrigins": ["*"]}, "allowedOrigins[0]"),
        ({"keyType": "pk", "allowedOrigins": ["https://a.example/x"]}, "allowedOrigins[0]"),
        ({"keyType": "pk", "allowedOrigins": [SHOP], "scopes": ["jobs:write"]}, "scopes[0]"),
        ({"keyType": "sk", "allowedOrigins": [SHOP]}, "allowedOrigins"),
    ],
)
def test_origins_are_exact_and_for_publishable_keys_alone(
    api: ApiClient, running: Running, broad: Access, order: dict[str, Any], path: str
):
    """No wildcard, no path; a secret key has none, a publishable one must have some."""
    wanted = {"grantId": broad.grant_id, "name": "bad", **order}
    refused = api.call("IssueKey", wanted, key=running.founder)
    fields = [
        violation["field"]
        for detail in refused.body["details"]
        for violation in detail.get("fieldViolations", ())
    ]
    assert refused.code == "invalid_argument" and path in fields


def test_a_browser_may_ask_with_a_key_only_where_it_is_publishable(running: Running):
    """A preflight of every route: `Authorization` is allowed at one, and nothing at the others."""
    ids = dict.fromkeys(("ticketId", "grantId", "keyId", "jobId", "employerUserId"), "x")
    ids |= dict.fromkeys(("organizationId", "integrationId", "syncRunId", "endpointId"), "x")
    ids |= {"deliveryId": "x", "proposalId": "x", "eventId": "x", "requestId": "x"}
    ids |= {"applicationId": "x"}
    nested = {"job": dict(ids), "integration": dict(ids), "endpoint": dict(ids)}
    with httpx.Client(base_url=f"http://{running.rest}") as http:
        for name, method in METHODS.items():
            verb, path, _ = _route(method, {**ids, **nested, "operations": {}})
            asked = {
                "origin": SHOP,
                "access-control-request-method": verb,
                "access-control-request-headers": "authorization",
            }
            reply = http.options(path, headers=asked)
            rule = method.GetOptions().Extensions[options_pb2.rule]
            allowed = reply.headers.get("access-control-allow-headers", "").lower()
            assert ("authorization" in allowed) == rule.publishable, name
            assert ("access-control-allow-origin" in reply.headers) == rule.publishable, name
            assert "access-control-allow-credentials" not in reply.headers


def test_replies_to_browsers_say_who_may_read_them(
    running: Running, broad: Access, publishable: str
):
    """The origin itself, never a wildcard; a secret method's reply says nothing."""
    base = f"http://{running.rest}/v1"
    headers = {"authorization": f"Bearer {publishable}", "origin": SHOP}
    reply = httpx.get(f"{base}/published-jobs", headers=headers)
    assert reply.status_code == 200
    assert reply.headers["access-control-allow-origin"] == SHOP
    assert "origin" in reply.headers["vary"].lower()
    secret = httpx.get(
        f"{base}/jobs", headers={"authorization": f"Bearer {broad.key}", "origin": SHOP}
    )
    assert secret.status_code == 403
    assert "access-control-allow-origin" not in secret.headers


def test_public_methods_can_be_opened_to_ones_own_pages(running: Running):
    """By a setting, for those origins, and never with a key."""
    own = "https://apply.xaigh.example"
    with server(running.data_dir, **running.environ, XAIGH_CORS_ORIGINS=own) as second:
        url = f"http://{second.rest}/v1/developer/api-access/request"
        asked = {"origin": own, "access-control-request-method": "POST"}
        allowed = httpx.options(url, headers=asked)
        assert allowed.headers["access-control-allow-origin"] == own
        assert "authorization" not in allowed.headers["access-control-allow-headers"].lower()
        other = httpx.options(url, headers={**asked, "origin": SHOP})
        assert "access-control-allow-origin" not in other.headers


# --- addresses --------------------------------------------------------------------------------


def test_a_key_is_held_to_its_addresses_and_forwarded_ones_mean_nothing(
    api: ApiClient, running: Running, broad: Access
):
    """What a client writes into a header is no proof of where it is."""
    here = issued(api, running, broad, allowedCidrs=["127.0.0.0/8", "::1/128"])
    away = issued(api, running, broad, allowedCidrs=["10.0.0.0/8"])
    ok(api.call("WhoAmI", {}, key=here))
    for headers in ({}, {"x_forwarded_for": "10.0.0.1"}, {"forwarded": "for=10.0.0.1"}):
        refused = api.call("WhoAmI", {}, key=away, **headers)
        assert (refused.code, refused.body["reason"]) == (
            "permission_denied",
            "ADDRESS_NOT_ALLOWED",
        )
    bad = {"grantId": broad.grant_id, "name": "bad", "allowedCidrs": ["10.0.0.1/8"]}
    assert api.call("IssueKey", bad, key=running.founder).code == "invalid_argument"


def test_behind_a_trusted_proxy_the_clients_address_counts(
    running: Running, rest: RestClient, broad: Access
):
    """The nearest address that isn't a proxy's; what stands before it is the client's own word."""
    away = issued(rest, running, broad, allowedCidrs=["10.0.0.0/8"])
    with (
        server(running.data_dir, **running.environ, XAIGH_TRUSTED_PROXIES="127.0.0.0/8") as proxied,
        closing(RestClient(proxied.rest)) as api,
    ):
        ok(api.call("WhoAmI", {}, key=away, x_forwarded_for="10.0.0.1"))
        ok(api.call("WhoAmI", {}, key=away, x_forwarded_for="192.0.2.1, 10.0.0.1, 127.0.0.2"))
        for said in ("192.0.2.1", "10.0.0.1, 192.0.2.1", "nonsense"):
            refused = api.call("WhoAmI", {}, key=away, x_forwarded_for=said)
            assert refused.code == "permission_denied", said


@pytest.fixture(scope="module")
def rest(running: Running) -> Iterator[RestClient]:
    """REST alone, for what gRPC has no part in."""
    with closing(RestClient(running.rest)) as made:
        yield made


# --- ends -------------------------------------------------------------------------------------


def soon(seconds: float = 1.5) -> str:
    """A moment ahead."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


def test_a_key_ends_at_its_time_also_while_it_is_hot(
    api: ApiClient, running: Running, broad: Access
):
    """It is used up to its end, and refused after it."""
    key = issued(api, running, broad, expireTime=soon())
    assert api.call("WhoAmI", {}, key=key).code == "ok"
    until(lambda: api.call("WhoAmI", {}, key=key).code != "ok", "the key's end")
    ended = api.call("WhoAmI", {}, key=key)
    assert (ended.code, ended.body["reason"]) == ("unauthenticated", "KEY_EXPIRED")
    assert api.call("RotateKey", {"keyId": key[8:18]}, key=running.founder).code != "ok"


def test_a_grant_ends_with_all_its_keys(api: ApiClient, running: Running):
    """A grant's end is brought nearer by narrowing it; nothing is issued from it after."""
    access = grant_access(api, running.founder)
    narrowed = {"grantId": access.grant_id, "expireTime": soon(), "reason": "trial"}
    ok(api.call("NarrowGrant", narrowed, key=running.founder))
    late = {"grantId": access.grant_id, "name": "late", "expireTime": "2099-01-01T00:00:00Z"}
    assert api.call("IssueKey", late, key=running.founder).body["reason"] == "GRANT_EXCEEDED"
    until(lambda: api.call("WhoAmI", {}, key=access.key).code != "ok", "the grant's end")
    assert api.call("WhoAmI", {}, key=access.key).body["reason"] == "GRANT_EXPIRED"
    more = {"grantId": access.grant_id, "name": "more"}
    assert api.call("IssueKey", more, key=running.founder).body["reason"] == "GRANT_INACTIVE"


def test_a_rotation_with_grace_tells_the_old_key_its_end(
    api: ApiClient, running: Running, broad: Access
):
    """Both work meanwhile, the old one says so on every reply, and a third can't be made."""
    old = issued(api, running, broad)
    rotated = ok(api.call("RotateKey", {"keyId": old[8:18], "grace": "2s"}, key=running.founder))
    new = rotated["apiKey"]
    for name in ("WhoAmI", "ListJobs"):
        reply = api.call(name, {}, key=old)
        assert reply.code == "ok"
        assert reply.headers["deprecation"].startswith("@")
        assert reply.headers["sunset"].endswith("GMT")
        assert "deprecation" not in api.call(name, {}, key=new).headers
    for key in (old, new):
        again = api.call("RotateKey", {"keyId": key[8:18]}, key=running.founder)
        assert again.body["reason"] == "KEY_ROTATION_OPEN"
    until(lambda: api.call("WhoAmI", {}, key=old).code != "ok", "the end of the grace")
    assert api.call("WhoAmI", {}, key=old).body["reason"] == "KEY_ROTATED"
    ok(api.call("WhoAmI", {}, key=new))


def test_a_grace_has_its_limit_and_no_grace_ends_at_once(
    api: ApiClient, running: Running, broad: Access
):
    """Seven days at most; without any the old key is dead when the reply arrives."""
    old = issued(api, running, broad)
    long = {"keyId": old[8:18], "grace": f"{7 * 86400 + 1}s"}
    assert api.call("RotateKey", long, key=running.founder).code == "invalid_argument"
    negative = {"keyId": old[8:18], "grace": "-1s"}
    assert api.call("RotateKey", negative, key=running.founder).code == "invalid_argument"
    ok(api.call("RotateKey", {"keyId": old[8:18]}, key=running.founder))
    assert api.call("WhoAmI", {}, key=old).body["reason"] == "KEY_ROTATED"


def test_a_holder_can_end_the_own_key(api: ApiClient, running: Running, broad: Access):
    """Possession is authority enough, and it can't be undone."""
    key = issued(api, running, broad)
    ok(api.call("RevokeSelf", {"reason": "found in a log"}, key=key))
    assert api.call("WhoAmI", {}, key=key).body["reason"] == "KEY_REVOKED"


# --- products that live elsewhere -------------------------------------------------------------

ROUTES = [
    ("GET", "/v1/nature/trails", True, None),
    ("HEAD", "/v1/nature/trails/1", True, None),
    ("POST", "/v1/nature/trails", False, "SCOPE_NOT_GRANTED"),
    ("DELETE", "/v1/nature/trails/1", False, "SCOPE_NOT_GRANTED"),
    ("GET", "/v1/nature/../payroll/runs", False, "ROUTE_NOT_FOUND"),
    ("GET", "/v1/nature/%2e%2e/payroll", False, "ROUTE_NOT_FOUND"),
    ("GET", "/v1/nature//x", False, "ROUTE_NOT_FOUND"),
    ("GET", "/v1/natures", False, "ROUTE_NOT_FOUND"),
    ("GET", "/v1/payroll/runs", False, "SCOPE_NOT_GRANTED"),
    ("GET", "/v1/whoami", True, None),
    ("POST", "/v1/jobs/ats/runs/r:confirmClose", False, "SCOPE_NOT_GRANTED"),
    ("GET", "/v1/admin/keys", False, "CREDENTIAL_KIND_REFUSED"),
    ("GET", "/v1/nothing", False, "ROUTE_NOT_FOUND"),
]


@pytest.fixture(scope="module")
def service(running: Running) -> str:
    """An internal service's credential."""
    return operator(
        running.data_dir, f"nature-{running.rest.rpartition(':')[2]}", "service", **running.environ
    )


@pytest.mark.parametrize(("verb", "path", "allowed", "reason"), ROUTES)
def test_a_product_asks_whether_a_key_opens_its_route(
    rest: RestClient,
    broad: Access,
    service: str,
    verb: str,
    path: str,
    allowed: bool,
    reason: str | None,
):
    """By method and path; paths that could be read in two ways open nothing."""
    asked = {"presentedKey": broad.key, "route": {"httpMethod": verb, "path": path}}
    verdict = ok(rest.call("VerifyKey", asked, key=service))
    assert verdict.get("allowed", False) == allowed, verdict
    assert verdict.get("reason") == reason
    assert verdict["organizationId"] == broad.organization_id
    assert verdict["environment"] == "sandbox"


def test_verifying_takes_a_unit_and_peeking_none(rest: RestClient, broad: Access, service: str):
    """The same bucket as the key's own calls; only a real question costs."""

    def left(**asked: Any) -> int:
        body = {"presentedKey": broad.key, "scope": "nature:read", **asked}
        verdict = ok(rest.call("VerifyKey", body, key=service))
        return int(verdict["rateLimit"]["remaining"])

    first = left(peek=True)
    assert left(peek=True) == first
    assert left() == first - 1
    rest.call("WhoAmI", {}, key=broad.key)
    assert left(peek=True) == first - 2


@pytest.mark.parametrize(
    ("presented", "reason"),
    [
        ("", None),
        ("nonsense", "CREDENTIALS_MALFORMED"),
        ("test_sk_" + "0" * 48, "KEY_UNKNOWN"),
    ],
)
def test_a_wrong_key_is_an_answer_and_no_error(
    api: ApiClient, service: str, presented: str, reason: str | None
):
    """Only a wrong question is one."""
    reply = api.call("VerifyKey", {"presentedKey": presented, "scope": "jobs:read"}, key=service)
    if reason is None:
        assert reply.code == "invalid_argument"
        return
    assert not ok(reply).get("allowed", False) and reply.body["reason"] == reason


def test_a_service_may_verify_and_read_nothing(api: ApiClient, service: str, running: Running):
    """And nobody else may verify."""
    assert api.call("ListKeys", {}, key=service).code == "insufficient_scope"
    asked = {"presentedKey": "x", "scope": "jobs:read"}
    assert api.call("VerifyKey", asked, key=running.founder).code == "insufficient_scope"


# --- usage ------------------------------------------------------------------------------------


def test_a_replay_is_no_usage_and_neither_is_a_refusal(api: ApiClient, running: Running):
    """One job, one call, whatever was repeated; the sandbox bills nothing."""
    access = grant_access(api, running.founder, companyName=f"Metered by {api.name}")
    for _ in range(4):
        ok(api.call("PostJob", job_form(), key=access.key, idempotency_key="one"))
    api.call("PostJob", job_form(slots=0), key=access.key, idempotency_key="two")
    api.call("ListOrganizations", {}, key=access.key)
    report = ok(api.call("GetUsage", {}, key=access.key))
    rows = [row for row in report["rows"] if row["method"].endswith("PostJob")]
    assert [int(row["calls"]) for row in rows] == [1]
    assert int(report.get("billableCalls", 0)) == 0
    admin = {"organizationId": access.organization_id}
    seen = ok(api.call("ReportUsage", admin, key=running.founder))
    assert sum(int(r["calls"]) for r in seen["rows"] if r["method"].endswith("PostJob")) == 1
