"""Applications against a real server: each method over both transports, targets that misbehave,
and SIGKILL at every step."""

from __future__ import annotations

import base64
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from tests.acceptance.conftest import ENVIRON, both_engines
from tests.acceptance.test_syncs import posting
from tests.harness.access import EMPLOYER, grant_access, ok
from tests.harness.api_client import ApiClient, RestClient
from tests.harness.application_target import ApplicationTarget, Behaviour, application_target
from tests.harness.open_calls import GrpcOpenCall, RestOpenCall
from tests.harness.server import Running, operator, server
from tests.harness.threaded_receiver import verified_by_javascript
from tests.harness.waiting import until

databases = both_engines

SCOPES = ["jobs:read", "ats:read", "ats:sync", "applications:forward"]
SANDBOX = {"environment": "sandbox"}
PERSON = ("Grace", "Hopper-Murray", "grace.hm@example.org", "+1 555 0100", "COBOL, since 1959")
_numbers = count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """An organization whose role forwards applications, and a service that submits them."""

    key: str
    service: str
    organization_id: str
    integration_id: str
    job_id: str
    secret: str


def scene(api: ApiClient, running: Running, target: str) -> Scene:
    """One with a board of its own."""
    access = grant_access(api, running.founder, requestedScopes=SCOPES)
    integration = {
        "provider": "GREENHOUSE",
        "board": "northline",
        "employerUserIds": [EMPLOYER],
        "applyMode": "APPLICATION_FORWARD",
        "forwardTarget": target,
    }
    made = ok(api.call("CreateIntegration", {"integration": integration}, key=access.key))
    named = {"integrationId": made["integrationId"]}
    secret = ok(api.call("RotateForwardSecret", named, key=access.key))["secret"]
    batch = {"provider": "GREENHOUSE", "employerUserId": EMPLOYER, "jobs": [posting(1)]}
    synced = ok(api.call("SyncJobs", batch, key=access.key, idempotency_key=uuid4().hex))
    name = f"workers-{next(_numbers)}"
    return Scene(
        key=access.key,
        service=operator(running.data_dir, name, "service", **running.environ),
        organization_id=access.organization_id,
        integration_id=made["integrationId"],
        job_id=synced["outcomes"][0]["jobId"],
        secret=secret,
    )


def form(job_id: str) -> dict[str, Any]:
    """A submission."""
    given, family, email, phone, answer = PERSON
    content = {
        "givenName": given,
        "familyName": family,
        "email": email,
        "phone": phone,
        "resume": {
            "fileName": "resume.txt",
            "contentType": "text/plain",
            "content": base64.b64encode(answer.encode()).decode(),
        },
        "answers": [{"question": "What do you know?", "answer": answer}],
        "consent": {"text": "Northline may have it.", "consentTime": "2026-01-01T00:00:00Z"},
    }
    return {"jobId": job_id, **SANDBOX, "content": content}


def submit(api: ApiClient, at: Scene) -> str:
    reply = api.call(
        "SubmitApplication", form(at.job_id), key=at.service, idempotency_key=uuid4().hex
    )
    return str(ok(reply)["applicationId"])


def read(api: ApiClient, at: Scene, application_id: str) -> dict[str, Any]:
    found: dict[str, Any] = ok(
        api.call("GetApplication", {"applicationId": application_id}, key=at.key)
    )
    return found


def settled_as(api: ApiClient, at: Scene, application_id: str, state: str) -> dict[str, Any]:
    """The application, once it is in a state."""
    until(
        lambda: read(api, at, application_id)["state"] == state,
        f"{application_id} is {state}",
    )
    return read(api, at, application_id)


@pytest.fixture(scope="module")
def target() -> Iterator[ApplicationTarget]:
    """The client's side for the tests of this file; each sets how it behaves."""
    with application_target() as made:
        yield made


@pytest.fixture(scope="module")
def at(api: ApiClient, running: Running, target: ApplicationTarget) -> Scene:
    """An organization of its own for each transport."""
    return scene(api, running, target.url)


def test_an_application_reaches_the_target_once(
    api: ApiClient, at: Scene, target: ApplicationTarget
) -> None:
    """Whole and signed; the worker's service and the employer's key see what became of it."""
    target.behaviour = 201
    made = submit(api, at)
    done = settled_as(api, at, made, "FORWARDED")
    (post,) = [post for post in target.posts if post.headers["webhook-id"] == made]
    assert verified_by_javascript([post], at.secret) == ["ok"]
    body = target.bodies()[target.posts.index(post)]
    assert body["applicant"]["email"] == PERSON[2]
    assert base64.b64decode(body["resume"]["content"]).decode() == PERSON[4]
    assert (done["remoteId"], done["targetStatus"]) == (f"ats-{len(target.posts)}", 201)
    as_service = ok(api.call("GetApplication", {"applicationId": made, **SANDBOX}, key=at.service))
    assert as_service == done
    listed = ok(api.call("ListApplications", {"jobId": at.job_id}, key=at.key))
    assert listed["applications"][0] == done
    assert not [each for each in PERSON if each in str(listed)]


@pytest.mark.parametrize(
    ("behaviour", "state", "cause"),
    [
        (422, "REFUSED", "TARGET_REFUSED"),
        (429, "REFUSED", "TARGET_REFUSED"),
        (500, "UNCERTAIN", "TARGET_FAILED"),
        ("hang up", "UNCERTAIN", "NO_ANSWER"),
    ],
)
def test_a_target_that_misbehaves_gets_it_once(
    api: ApiClient,
    running: Running,
    at: Scene,
    target: ApplicationTarget,
    behaviour: Behaviour,
    state: str,
    cause: str,
) -> None:
    """A later one comes through; the first is never sent again by itself."""
    target.behaviour = behaviour
    made = submit(api, at)
    found = settled_as(api, at, made, state)
    assert found["cause"] == cause
    target.behaviour = 201
    settled_as(api, at, submit(api, at), "FORWARDED")
    assert target.ids().count(made) == 1
    if state == "UNCERTAIN":
        wanted = {"organizationId": at.organization_id, **SANDBOX, "state": "UNCERTAIN"}
        page = ok(api.call("ListOrganizationApplications", wanted, key=running.founder))
        assert found in page["applications"]


def test_a_target_that_is_not_there_is_tried_again(
    api: ApiClient, running: Running, target: ApplicationTarget
) -> None:
    """No byte was sent, so it may be repeated; it arrives once the target is there."""
    with application_target() as gone:
        port = gone.port
    own = scene(api, running, f"http://localhost:{port}/applications")
    made = submit(api, own)
    until(
        lambda: read(api, own, made).get("cause") == "TARGET_UNREACHABLE",
        "the first attempt has failed",
    )
    assert read(api, own, made)["state"] == "RECEIVED"
    change = {
        "integration": {"integrationId": own.integration_id, "forwardTarget": target.url},
        "updateMask": "forwardTarget",
    }
    target.behaviour = 201
    ok(api.call("UpdateIntegration", change, key=own.key))
    settled_as(api, own, made, "FORWARDED")
    assert target.ids().count(made) == 1


def test_operators_send_again_settle_and_erase(
    api: ApiClient, running: Running, at: Scene, target: ApplicationTarget
) -> None:
    """An UNCERTAIN one is sent again or settled by a person; its data is erased on demand."""
    target.behaviour = "hang up"
    uncertain = [settled_as(api, at, submit(api, at), "UNCERTAIN") for _ in range(2)]
    target.behaviour = 201
    named = [
        {"applicationId": each["applicationId"], **SANDBOX, "reason": "Asked them."}
        for each in uncertain
    ]
    resend = {**named[0], "etag": uncertain[0]["etag"]}
    ok(api.call("ResendApplication", resend, key=running.founder))
    settled_as(api, at, uncertain[0]["applicationId"], "FORWARDED")
    settle = {**named[1], "etag": uncertain[1]["etag"], "state": "FORWARDED", "remoteId": "7"}
    settled = ok(api.call("SettleApplication", settle, key=running.founder))
    assert (settled["state"], settled["cause"], settled["remoteId"]) == (
        "FORWARDED",
        "SETTLED",
        "7",
    )
    erased = ok(api.call("EraseApplication", named[1], key=at.service))
    assert "eraseTime" in erased
    again = api.call("ResendApplication", {**named[1], "etag": erased["etag"]}, key=running.founder)
    assert again.reason == "ILLEGAL_TRANSITION"


def test_a_role_that_takes_none_says_why(api: ApiClient, running: Running, at: Scene) -> None:
    """A missing consent is told by its field, an unknown role as not found."""
    own = scene(api, running, "agent")
    change = {"integration": {"integrationId": own.integration_id, "applyMode": "ATS_REDIRECT"}}
    ok(api.call("UpdateIntegration", {**change, "updateMask": "applyMode"}, key=own.key))
    refused = api.call(
        "SubmitApplication", form(own.job_id), key=own.service, idempotency_key=uuid4().hex
    )
    assert (refused.code, refused.reason) == ("failed_precondition", "APPLICATIONS_NOT_ACCEPTED")
    bare = form(at.job_id)
    del bare["content"]["consent"]
    refused = api.call("SubmitApplication", bare, key=at.service, idempotency_key=uuid4().hex)
    assert (refused.code, refused.violations) == ("invalid_argument", ["content.consent"])
    refused = api.call(
        "SubmitApplication", form("ats_0"), key=at.service, idempotency_key=uuid4().hex
    )
    assert refused.code == "not_found"
    refused = api.call("SubmitApplication", form(at.job_id), key=at.service)
    assert refused.reason == "IDEMPOTENCY_KEY_MISSING"


def test_an_agent_receives_and_reports(api: ApiClient, running: Running) -> None:
    """Over a stream, with the person's data; the report is the end of it."""
    own = scene(api, running, "agent")
    made = submit(api, own)
    opened: Any = (
        RestOpenCall(running.rest, "ReceiveApplications", own.key)
        if api.name == "REST"
        else GrpcOpenCall(running.grpc, "ReceiveApplications", own.key)
    )
    with closing(opened) as stream:
        until(lambda: any("application" in each for each in stream.replies), "it is handed out")
        (got,) = [each for each in stream.replies if "application" in each]
    assert got["application"]["applicationId"] == made
    assert got["content"]["email"] == PERSON[2]
    report = {"applicationId": made, "attempt": got["attempt"], "outcome": "FORWARDED"}
    done = ok(api.call("ReportApplication", {**report, "remoteId": "gh-9"}, key=own.key))
    assert (done["state"], done["remoteId"]) == ("FORWARDED", "gh-9")
    late = api.call("ReportApplication", {**report, "outcome": "REFUSED"}, key=own.key)
    assert (late.code, late.reason) == ("conflict", "ATTEMPT_SETTLED")


def test_personal_data_is_found_nowhere_in_clear(
    api: ApiClient, running: Running, at: Scene, target: ApplicationTarget
) -> None:
    """Neither in the data folder, logs and anchors included, nor in the metrics."""
    target.behaviour = "hang up"
    settled_as(api, at, submit(api, at), "UNCERTAIN")
    metrics = httpx.get(f"http://{running.rest}/metrics", timeout=20).text
    files = [path for path in running.data_dir.rglob("*") if path.is_file()]
    assert any(path.name == "server.log" for path in files)
    for each in PERSON:
        assert each not in metrics
        assert not [path.name for path in files if each.encode() in path.read_bytes()]


def _kill(running: Running) -> None:
    running.process.send_signal(signal.SIGKILL)
    assert running.process.wait(timeout=20) == -signal.SIGKILL


def _pass_leases(data_dir: Path) -> None:
    """Lets the leases of lost senders run out."""
    with closing(sqlite3.connect(data_dir / "sandbox.db")) as database, database:
        database.execute("UPDATE applications SET lease_time = 0 WHERE state = 'SENDING'")


def _while_sending(api: RestClient, own: Scene, target: ApplicationTarget) -> str:
    target.behaviour = "hold"
    made = submit(api, own)
    target.wait_for(made)
    return made


def _after_it_was_taken(api: RestClient, own: Scene, target: ApplicationTarget) -> str:
    return submit(api, own)


def _after_the_answer(api: RestClient, own: Scene, target: ApplicationTarget) -> str:
    made = submit(api, own)
    target.wait_for(made)
    return made


def _is_decided(api: RestClient, own: Scene, application_id: str) -> bool:
    return read(api, own, application_id)["state"] in ("FORWARDED", "UNCERTAIN")


@pytest.mark.parametrize(
    "moment",
    [_after_it_was_taken, _while_sending, _after_the_answer],
    ids=lambda each: each.__name__,
)
def test_a_killed_server_never_sends_twice(
    data_dir: Path, moment: Callable[[RestClient, Scene, ApplicationTarget], str]
) -> None:
    """Killed and started four times: what the target may have is never sent again by itself."""
    made: list[str] = []
    own: Scene | None = None
    with application_target() as target:
        for _ in range(4):
            target.behaviour = 201
            with server(data_dir, **ENVIRON) as running, closing(RestClient(running.rest)) as api:
                own = own or scene(api, running, target.url)
                made.append(moment(api, own, target))
                _kill(running)
            target.let_go.set()
            target.let_go.clear()
        target.behaviour = 201
        with server(data_dir, **ENVIRON) as running, closing(RestClient(running.rest)) as api:
            assert own is not None
            _pass_leases(data_dir)
            for each in made:
                until(
                    partial(_is_decided, api, own, each), "it is forwarded, or waits for a person"
                )
                assert target.ids().count(each) <= 1
                if read(api, own, each)["state"] == "UNCERTAIN":
                    assert read(api, own, each)["cause"] == "SENDER_LOST"
                else:
                    assert target.ids().count(each) == 1
