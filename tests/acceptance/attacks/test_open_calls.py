"""Rights that are taken while a call is open: nothing that is sent afterwards takes effect."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.protobuf import json_format
from tests.acceptance.conftest import both_engines
from tests.harness.access import EMPLOYER, Access, grant_access, job_form, ok
from tests.harness.api_client import ApiClient, RestClient
from tests.harness.http2 import message, raw_client, reason
from tests.harness.open_calls import GrpcOpenCall, HeldBody, RestOpenCall
from tests.harness.server import Running, operator, program
from tests.harness.waiting import until

from xaigh.jobs.v1 import jobs_service_pb2

databases = both_engines

OTHER = "employer_456"
SCOPES = ["jobs:read", "jobs:write", "ats:read", "ats:sync"]
_numbers = iter(range(10_000))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """An organization with two grants: the calls are made with a key of the first one, and the
    second one's key looks at what became of them."""

    api: ApiClient
    founder: str
    access: Access
    witness: str

    def take(self, right: str) -> None:
        """Takes a right of the first grant, and returns with the reply."""
        grant, key = {"grantId": self.access.grant_id}, {"keyId": self.access.key_id}
        tenant = {"organizationId": self.access.organization_id}
        ways: dict[str, tuple[str, dict[str, Any]]] = {
            "revoked": ("RevokeKey", key),
            "grant revoked": ("RevokeGrant", grant),
            "suspended": ("SuspendOrganization", tenant),
            "scope": ("NarrowGrant", {**grant, "scopes": ["ats:read"]}),
            "employer": ("NarrowGrant", {**grant, "employerUserIds": [OTHER]}),
        }
        method, wanted = ways[right]
        ok(self.api.call(method, {**wanted, "reason": "taken"}, key=self.founder))

    def resume(self) -> None:
        """Lets the second grant's key look again."""
        found = {"organizationId": self.access.organization_id}
        self.api.call("ResumeOrganization", found, key=self.founder)

    def titles(self) -> set[str]:
        """The titles of all jobs of the organization."""
        self.resume()
        jobs: list[Any] = []
        token = ""
        while True:
            asked = {"pageSize": 200, "pageToken": token} if token else {"pageSize": 200}
            page = ok(self.api.call("ListJobs", asked, key=self.witness))
            jobs += page.get("jobs", ())
            token = page.get("nextPageToken", "")
            if not token:
                return {job["jobContent"]["title"] for job in jobs}


JOBS = "/xaigh.jobs.v1.JobsService"
REASONS = {
    "revoked": {"KEY_REVOKED"},
    "grant revoked": {"GRANT_REVOKED", "KEY_REVOKED"},
    "suspended": {"SUSPENDED"},
    "scope": {"SCOPE_NOT_GRANTED"},
    "employer": {"NOT_FOUND"},
}
RIGHTS = tuple(REASONS)


@pytest.fixture
def tenant(running: Running) -> Iterator[Tenant]:
    """A tenant of the test's own."""
    with closing(RestClient(running.rest)) as api:
        terms = {"employerUserIds": [EMPLOYER, OTHER], "keyAllowance": 2}
        form: dict[str, Any] = {"requestedScopes": SCOPES, "companyName": f"T{next(_numbers)}"}
        access = grant_access(api, running.founder, approval_terms=terms, **form)
        same = {**terms, "organizationId": access.organization_id}
        witness = grant_access(api, running.founder, approval_terms=same, **form).key
        yield Tenant(api=api, founder=running.founder, access=access, witness=witness)


# --- held bodies ------------------------------------------------------------------------------


@pytest.mark.parametrize("right", RIGHTS)
def test_a_held_body_is_worth_what_its_key_is_when_it_ends(
    running: Running, tenant: Tenant, right: str
) -> None:
    """All but the last byte came before the right was taken: nothing is written."""
    held = HeldBody(running.rest, "/v1/jobs/post", tenant.access.key, job_form(title="Held"))
    tenant.take(right)
    status, body = held.complete()
    assert body["error"]["reason"] in REASONS[right]
    assert status == {"scope": 403, "employer": 404}.get(right, 401)
    assert tenant.titles() == set()


@pytest.mark.parametrize("right", RIGHTS)
def test_a_held_message_is_worth_what_its_key_is_when_it_ends(
    running: Running, tenant: Tenant, right: str
) -> None:
    """The same over gRPC: the server judged the head before the right was taken."""
    form = json_format.ParseDict(job_form(title="Held"), jobs_service_pb2.PostJobRequest())
    wire = message(form.SerializeToString())
    bearer = (b"authorization", f"Bearer {tenant.access.key}".encode())
    with raw_client(running.grpc) as client:
        stream = client.open(f"{JOBS}/PostJob", [bearer, (b"idempotency-key", b"held")])
        client.send(stream, wire[:-1])
        # A later call of the same connection is answered, so the head of this one was judged.
        other = client.open(f"{JOBS}/GetJob", [bearer])
        client.send(other, message(b"\x0a\x05job_1"), end=True)
        client.wait(other)
        tenant.take(right)
        assert not stream.ended
        client.send(stream, wire[-1:], end=True)
        client.wait(stream)
        assert reason(stream) in REASONS[right]
    assert tenant.titles() == set()


def test_a_held_body_goes_through_what_does_not_concern_it(
    running: Running, tenant: Tenant
) -> None:
    """The grant lost another employer, and another key of the server ended."""
    form = job_form(title="Held", employerUserId=OTHER)
    held = HeldBody(running.rest, "/v1/jobs/post", tenant.access.key, form)
    tenant.take("employer")
    status, body = held.complete()
    assert (status, body.get("employerUserId")) == (200, OTHER)


def test_a_held_call_about_oneself_ends_with_its_key(running: Running, tenant: Tenant) -> None:
    """It needs no scope, and obeys the same rule."""
    held = HeldBody(running.rest, "/v1/whoami:revoke", tenant.access.key, {"reason": "leaked"})
    tenant.take("revoked")
    status, body = held.complete()
    assert (status, body["error"]["reason"]) == (401, "KEY_REVOKED")


def test_a_held_question_of_a_service_ends_with_its_credential(
    running: Running, tenant: Tenant
) -> None:
    """It is answered without a write, and the credential is revoked by another process."""
    name = f"service-{next(_numbers)}"
    service = operator(running.data_dir, name, "service", **running.environ)
    question = {"presentedKey": tenant.access.key, "scope": "jobs:read"}
    held = HeldBody(running.rest, "/v1/admin/keys:verify", service, question)
    step = ("operator", "revoke", name, "--data-dir", str(running.data_dir))
    program(*step, **running.environ).check_returncode()
    status, body = held.complete()
    assert (status, body["error"]["reason"]) == (401, "OPERATOR_REVOKED")


def test_a_held_body_ends_with_its_keys_expiry(running: Running, tenant: Tenant) -> None:
    """Nobody takes the right then: the clock is looked at."""
    ends = datetime.now(UTC) + timedelta(seconds=3)
    order = {"grantId": tenant.access.grant_id, "name": "brief", "expireTime": ends.isoformat()}
    brief = ok(tenant.api.call("IssueKey", order, key=tenant.founder))["apiKey"]
    held = HeldBody(running.rest, "/v1/jobs/post", brief, job_form(title="Held"))
    until(lambda: datetime.now(UTC) > ends, "the key has expired")
    status, body = held.complete()
    assert (status, body["error"]["reason"]) == (401, "KEY_EXPIRED")
    assert tenant.titles() == set()


# --- feeds ------------------------------------------------------------------------------------

Opened = GrpcOpenCall | RestOpenCall
Open = Callable[..., Opened]


@pytest.fixture(params=["rest", "grpc"])
def opened(request: pytest.FixtureRequest, running: Running) -> Iterator[Open]:
    """Opens calls over each transport in turn, and leaves them at the end."""
    calls: list[Opened] = []

    def make(method: str, key: str, **options: Any) -> Opened:
        if request.param == "rest":
            calls.append(RestOpenCall(running.rest, method, key, **options))
        else:
            calls.append(GrpcOpenCall(running.grpc, method, key))
        return calls[-1]

    yield make
    for call in calls:
        call.close()


def integrate(tenant: Tenant) -> None:
    """The first grant's employer gets an active integration."""
    wanted = {"provider": "CUSTOM", "board": "x", "employerUserIds": [EMPLOYER]}
    ok(tenant.api.call("CreateIntegration", {"integration": wanted}, key=tenant.access.key))


OPENING = {"open": {"provider": "CUSTOM", "employerUserId": EMPLOYER, "detail": "BATCHES"}}


def records(title: str, count: int) -> list[dict[str, Any]]:
    """Normalized records of a feed, all of one title."""
    return [
        {"normalizedJob": {"externalJobId": f"{title}{n}", "title": title, "status": "OPEN"}}
        for n in range(count)
    ]


@pytest.mark.parametrize("right", RIGHTS)
def test_a_feed_writes_nothing_that_came_after_its_rights_were_taken(
    tenant: Tenant, opened: Open, right: str
) -> None:
    """It ends with the refusal, not well; what it wrote before stays."""
    integrate(tenant)
    feed = opened("SyncFeed", tenant.access.key)
    feed.send(OPENING, *records("Early", 400))
    until(lambda: any("batch" in reply for reply in feed.replies), "the first batch is written")
    tenant.take(right)
    feed.send(*records("Late", 250), {"complete": {"expectedTotal": 650}})
    feed.finish()
    assert feed.wait() in REASONS[right]
    assert not any("summary" in reply for reply in feed.replies)
    assert tenant.titles() == {"Early"}


@pytest.mark.parametrize("right", ["revoked", "scope", "suspended"])
def test_an_idle_feed_ends_with_its_rights(tenant: Tenant, opened: Open, right: str) -> None:
    """Nothing has to be sent for the end to be noticed."""
    integrate(tenant)
    feed = opened("SyncFeed", tenant.access.key)
    feed.send(OPENING, *records("Early", 3))
    tenant.take(right)
    assert feed.wait() in REASONS[right]
    assert tenant.titles() == set()


def test_a_summed_up_feed_has_the_refusals_status(running: Running, tenant: Tenant) -> None:
    """Over REST nothing was sent before the end, so the status speaks for the whole."""
    integrate(tenant)
    feed = RestOpenCall(running.rest, "SyncFeed", tenant.access.key, accept="application/json")
    with closing(feed):
        feed.send(OPENING, *records("Early", 20))
        tenant.take("revoked")
        feed.send(*records("Late", 20), {"complete": {"expectedTotal": 40}})
        feed.finish()
        assert (feed.wait(), feed.status) == ("KEY_REVOKED", 401)
    assert tenant.titles() == set()


# --- watches ----------------------------------------------------------------------------------


def post(tenant: Tenant, title: str, employer: str) -> None:
    """Posts a job with the second grant's key."""
    form = job_form(title=title, employerUserId=employer)
    name = f"p-{next(_numbers)}"
    ok(tenant.api.call("PostJob", form, key=tenant.witness, idempotency_key=name))


def seen(watch: Opened) -> list[str]:
    """The titles that a watch has told of."""
    return [reply["job"]["jobContent"]["title"] for reply in watch.replies if "job" in reply]


def test_a_watch_tells_of_no_employer_that_was_taken(tenant: Tenant, opened: Open) -> None:
    """And goes on telling of the others."""
    watch = opened("WatchJobs", tenant.access.key)
    until(lambda: bool(watch.replies), "the watch has begun")
    post(tenant, "Before", EMPLOYER)
    until(lambda: seen(watch) == ["Before"], "the watch tells of both employers")
    tenant.take("employer")
    post(tenant, "Hidden", EMPLOYER)
    post(tenant, "Shown", OTHER)
    until(lambda: "Shown" in seen(watch), "the watch goes on")
    assert seen(watch) == ["Before", "Shown"]


@pytest.mark.parametrize("right", ["revoked", "grant revoked", "suspended", "scope"])
def test_a_watch_ends_with_its_rights(tenant: Tenant, opened: Open, right: str) -> None:
    """Before the next message, and while there is none."""
    watch = opened("WatchJobs", tenant.access.key)
    until(lambda: bool(watch.replies), "the watch has begun")
    tenant.take(right)
    assert watch.wait() in REASONS[right]


def test_server_sent_events_end_with_the_refusal(running: Running, tenant: Tenant) -> None:
    """As an event of their own."""
    key = tenant.access.key
    with closing(RestOpenCall(running.rest, "WatchJobs", key, accept="text/event-stream")) as watch:
        until(lambda: bool(watch.replies), "the watch has begun")
        tenant.take("scope")
        assert watch.wait() == "SCOPE_NOT_GRANTED"
