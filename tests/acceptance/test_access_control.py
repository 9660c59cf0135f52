"""The gate from outside: credentials, browsers, environments, replays, limits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.acceptance.conftest import ENVIRON, both_engines
from tests.harness.access import (
    Access,
    approval,
    grant_access,
    job_form,
    ok,
    request_form,
)
from tests.harness.api_client import ApiClient, RestClient
from tests.harness.server import Running, operator, server

databases = both_engines

CREDENTIALS = [
    # Authorization headers, whether they are good
    (["Bearer {key}"], True),
    (["bearer {key}"], True),
    (["BEARER   {key}"], True),
    ([], False),
    ([""], False),
    (["{key}"], False),
    (["Basic {key}"], False),
    (["Bearer {key} {key}"], False),
    (["Bearer {key},{key}"], False),
    (["Bearer {key}", "Bearer {key}"], False),
    (["Bearer live_sk_{tail}"], False),
    (["Bearer test_pk_{tail}"], False),
    (["Bearer {key}x"], False),
    (["Bearer " + "a" * 5000], False),
    (["Bearer \xff\xfe"], False),
]


@pytest.mark.parametrize(("values", "good"), CREDENTIALS)
def test_only_one_well_formed_credential_gets_in(
    running: Running, access: Access, values: list[str], good: bool
):
    """Everything else is 401 with a challenge, never a 5xx."""
    headers = [
        (b"authorization", value.format(key=access.key, tail=access.key[8:]).encode("latin-1"))
        for value in values
    ]
    reply = httpx.get(f"http://{running.rest}/v1/whoami", headers=headers)
    assert reply.status_code == (200 if good else 401), reply.text
    if not good:
        challenge = reply.headers["www-authenticate"]
        assert challenge.startswith('Bearer realm="xaigh"')
        assert ("error=" in challenge) == bool(values)


@pytest.mark.parametrize(
    "where",
    [
        {"params": {"api_key": "{key}"}},
        {"headers": {"x-request-id": "{key}"}},
        {"params": {"pageToken": "{key}"}},
    ],
)
def test_a_key_anywhere_else_is_refused(
    running: Running, access: Access, where: dict[str, dict[str, str]]
):
    """A key in a query or another header has leaked already, so it opens nothing."""
    filled: dict[str, Any] = {
        kind: {name: value.format(key=access.key) for name, value in each.items()}
        for kind, each in where.items()
    }
    headers = {"authorization": f"Bearer {access.key}", **filled.pop("headers", {})}
    reply = httpx.get(f"http://{running.rest}/v1/jobs", headers=headers, **filled)
    assert reply.status_code == 401
    assert reply.json()["error"]["reason"] == "CREDENTIALS_AMBIGUOUS"
    assert access.key not in reply.text


def test_a_secret_key_from_a_browser_runs_nothing_and_is_flagged(
    api: ApiClient, running: Running, access: Access
):
    """403, no job, an audit event and a mark on the key."""
    reply = api.call(
        "PostJob", job_form(), key=access.key, idempotency_key="b1", origin="https://evil.example"
    )
    assert (reply.code, reply.body["reason"]) == ("permission_denied", "SECRET_KEY_IN_BROWSER")
    again = api.call("PostJob", job_form(), key=access.key, idempotency_key="b1")
    assert "idempotent-replayed" not in again.headers and again.code == "ok"
    record = ok(api.call("GetKey", {"keyId": access.key_id}, key=running.founder))
    assert "flaggedTime" in record
    events = ok(api.call("ListAuditEvents", {"target": access.key_id}, key=running.founder))
    assert any(each["outcome"] == "REFUSED" for each in events["auditEvents"])


def test_credentials_of_one_kind_never_open_methods_of_the_other(
    api: ApiClient, running: Running, access: Access
):
    """Keys on operators' methods and operators on integrators' are 403, and in the audit log."""
    who = ok(api.call("WhoAmI", {}, key=running.founder))["operator"]
    assert (who["name"], who["role"]) == ("founder", "founder")
    approve = {"ticketId": "req_1", "environment": "sandbox", "etag": "1"}
    for method, body, key, credential in (
        ("ListKeys", {}, access.key, access.key_id),
        ("ApproveAccessRequest", approve, access.key, access.key_id),
        ("RotateKey", {"keyId": access.key_id}, access.key, access.key_id),
        ("RevokeKey", {"keyId": access.key_id, "reason": "x"}, access.key, access.key_id),
        ("ListJobs", {}, running.founder, who["credentialId"]),
        ("RevokeSelf", {}, running.founder, who["credentialId"]),
    ):
        reply = api.call(method, body, key=key)
        assert (reply.code, reply.body["reason"]) == (
            "permission_denied",
            "CREDENTIAL_KIND_REFUSED",
        )
        events = ok(api.call("ListAuditEvents", {"target": credential}, key=running.founder))
        refused = [each for each in events["auditEvents"] if each["outcome"] == "REFUSED"]
        assert any(each["after"]["method"].endswith(f".{method}") for each in refused)
    ok(api.call("WhoAmI", {}, key=access.key))


def test_a_foreign_job_answers_as_a_missing_one(api: ApiClient, running: Running, access: Access):
    """Another organization's job, and another employer's, are not found; no difference shows."""
    job = ok(api.call("PostJob", job_form(), key=access.key, idempotency_key="own"))["jobId"]
    other = grant_access(api, running.founder, companyName="Rival Logistics")
    foreign = api.call("GetJob", {"jobId": job}, key=other.key)
    missing = api.call("GetJob", {"jobId": "job_nothing"}, key=other.key)
    assert foreign.code == missing.code == "not_found"
    assert foreign.body["message"] == missing.body["message"]
    elsewhere = job_form(employerUserId="employer_999")
    refused = api.call("PostJob", elsewhere, key=access.key, idempotency_key="e9")
    assert refused.code == "not_found"


def test_parallel_repeats_make_one_job(api: ApiClient, access: Access):
    """Of 16 identical calls at once every one answers the same job."""
    before = len(ok(api.call("ListJobs", {"pageSize": 200}, key=access.key))["jobs"])

    def post(_: int):
        return api.call("PostJob", job_form(), key=access.key, idempotency_key="parallel")

    with ThreadPoolExecutor(16) as pool:
        replies = list(pool.map(post, range(16)))
    assert {reply.code for reply in replies} == {"ok"}
    assert len({reply.body["jobId"] for reply in replies}) == 1
    after = len(ok(api.call("ListJobs", {"pageSize": 200}, key=access.key))["jobs"])
    assert after == before + 1


def test_the_order_of_members_and_the_transport_do_not_make_another_request(
    running: Running, access: Access
):
    """A repeat is known by what it says, not by its bytes; another content is 422."""
    url = f"http://{running.rest}/v1/jobs/post"
    headers = {"authorization": f"Bearer {access.key}", "idempotency-key": '"quoted"'}
    first = httpx.post(url, json=job_form(), headers=headers)
    turned = dict(reversed(job_form().items()))
    second = httpx.post(url, json=turned, headers={**headers, "idempotency-key": "quoted"})
    assert second.json() == first.json()
    assert second.headers["idempotent-replayed"] == "true"
    other = httpx.post(url, json=job_form(slots=1), headers=headers)
    assert other.status_code == 422
    assert other.json()["error"]["code"] == "idempotency_key_reused"


def test_an_idempotency_key_is_of_one_method(api: ApiClient, access: Access):
    """As the OpenAPI document says: another method under it is a call of its own."""
    name = f"one-{api.name}"
    job = ok(api.call("PostJob", job_form(), key=access.key, idempotency_key=name))
    other = job_form(title="Another")
    refused = api.call("PostJob", other, key=access.key, idempotency_key=name)
    assert refused.code == "idempotency_key_reused"
    step = {"jobId": job["jobId"]}
    closed = api.call("CloseJob", step, key=access.key, idempotency_key=name)
    assert ok(closed)["publicationStatus"]["state"] == "CLOSED"
    assert "idempotent-replayed" not in closed.headers


def test_a_key_is_never_in_a_replay(api: ApiClient, access: Access, running: Running):
    """The repeat of an issue gives the record and says that the key was withheld."""
    order = {"grantId": access.grant_id, "name": "second"}
    repeat = f"issue-2-{api.name}"
    first = ok(api.call("IssueKey", order, key=running.founder, idempotency_key=repeat))
    again = api.call("IssueKey", order, key=running.founder, idempotency_key=repeat)
    assert first["disclosure"] == "SHOWN" and first["apiKey"]
    assert again.body["disclosure"] == "WITHHELD" and "apiKey" not in again.body
    assert again.body["key"]["keyId"] == first["key"]["keyId"]
    spent = api.call("IssueKey", {**order, "name": "third"}, key=running.founder)
    assert spent.body["reason"] == "ALLOWANCE_SPENT"


def test_a_limit_is_told_kept_and_shared_by_the_keys_of_a_grant(data_dir: Path):
    """429 with Retry-After once the tier is used up; a rotation resets nothing."""
    settings = data_dir / "settings.toml"
    settings.write_text("[tiers.tiny]\nminute = {calls = 5, seconds = 60}\n")
    environ = {**ENVIRON, "XAIGH_SETTINGS": str(settings), "XAIGH_DEFAULT_TIER": "tiny"}
    with server(data_dir, **environ) as running:
        api = RestClient(running.rest)
        access = grant_access(api, running.founder)
        replies = [api.call("ListJobs", {}, key=access.key) for _ in range(6)]
        assert [reply.code for reply in replies] == ["ok"] * 5 + ["rate_limited"]
        assert replies[0].headers["ratelimit-policy"] == '"minute";q=5;w=60'
        assert replies[0].headers["ratelimit"].startswith('"minute";r=4;t=')
        assert int(replies[5].headers["retry-after"]) <= 60
        rotated = ok(api.call("RotateKey", {"keyId": access.key_id}, key=running.founder))
        assert api.call("ListJobs", {}, key=rotated["apiKey"]).code == "rate_limited"
        api.close()


def test_revocation_shows_in_every_process_at_once(data_dir: Path):
    """A key revoked through one server is dead in the other when the reply arrives."""
    with server(data_dir, **ENVIRON) as one, server(data_dir, **ENVIRON) as two:
        first, other = RestClient(one.rest), RestClient(two.rest)
        access = grant_access(first, one.founder)
        ok(other.call("WhoAmI", {}, key=access.key))
        revoke = {"keyId": access.key_id, "reason": "leaked"}
        ok(first.call("RevokeKey", revoke, key=one.founder))
        assert other.call("WhoAmI", {}, key=access.key).body["reason"] == "KEY_REVOKED"
        first.close()
        other.close()


def test_suspending_an_organization_stops_its_keys_and_resuming_brings_them_back(
    api: ApiClient, running: Running, access: Access
):
    """SUSPENDED meanwhile, 401; afterwards they work as before."""
    name = {"organizationId": access.organization_id}
    ok(api.call("SuspendOrganization", {**name, "reason": "unpaid"}, key=running.founder))
    assert api.call("WhoAmI", {}, key=access.key).body["reason"] == "SUSPENDED"
    ok(api.call("ResumeOrganization", name, key=running.founder))
    ok(api.call("WhoAmI", {}, key=access.key))


def test_narrowing_a_grant_binds_hot_keys_before_its_reply(
    api: ApiClient, running: Running, access: Access
):
    """A scope that was taken away is gone for a key that was used a moment ago."""
    ok(api.call("ListJobs", {}, key=access.key))
    narrowed = {"grantId": access.grant_id, "scopes": ["jobs:write"], "reason": "less"}
    ok(api.call("NarrowGrant", narrowed, key=running.founder))
    refused = api.call("ListJobs", {}, key=access.key)
    assert (refused.code, refused.body["reason"]) == ("insufficient_scope", "SCOPE_NOT_GRANTED")
    wider = {"grantId": access.grant_id, "scopes": ["jobs:read"], "reason": "more"}
    assert api.call("NarrowGrant", wider, key=running.founder).code == "invalid_argument"


def test_revoking_a_grant_revokes_its_keys(api: ApiClient, running: Running, access: Access):
    """The last of the file: the module's key ends here."""
    ended = {"grantId": access.grant_id, "reason": "over"}
    ok(api.call("RevokeGrant", ended, key=running.founder))
    reply = api.call("WhoAmI", {}, key=access.key)
    assert reply.body["reason"] in ("KEY_REVOKED", "GRANT_REVOKED")


def test_production_wants_two_operators_and_the_same_person_is_one(running: Running):
    """The proposer can't confirm; the second one makes the grant."""
    api = RestClient(running.rest)
    second = operator(running.data_dir, "second", "founder", **running.environ)
    live = grant_access(api, running.founder, second=second, environment="production")
    assert live.key.startswith("live_sk_")
    grant = ok(api.call("GetGrant", {"grantId": live.grant_id}, key=running.founder))
    assert grant["approvedBy"] == ["founder", "second"]
    api.close()


def test_a_rehearsed_approval_finds_what_the_real_one_would(api: ApiClient, running: Running):
    """The tenant it names is looked at, too; and neither rehearsal nor refusal decides anything."""
    asked = request_form(failureMode="we call the employer", environments=["sandbox"])
    ticket = ok(api.call("SubmitAccessRequest", asked))["ticketId"]
    etag = ok(api.call("StartReview", {"ticketId": ticket}, key=running.founder))["etag"]
    suspended = grant_access(api, running.founder, companyName="Suspended Inc").organization_id
    order = {"organizationId": suspended, "reason": "unpaid"}
    ok(api.call("SuspendOrganization", order, key=running.founder))
    for named, reason in (("org_nobody", "FIELD_INVALID"), (suspended, "ORGANIZATION_INACTIVE")):
        for rehearsal in (True, False):
            wanted = approval(ticket, "sandbox", etag, organizationId=named, validateOnly=rehearsal)
            refused = api.call("ApproveAccessRequest", wanted, key=running.founder)
            assert refused.body["reason"] == reason
    wanted = approval(ticket, "sandbox", etag, validateOnly=True)
    rehearsed = ok(api.call("ApproveAccessRequest", wanted, key=running.founder))
    assert rehearsed["outcome"] == "GRANTED" and "grantId" not in rehearsed["grant"]
    found = ok(api.call("GetAccessRequest", {"ticketId": ticket}, key=running.founder))
    assert (found["etag"], found["state"]) == (etag, "IN_REVIEW")
