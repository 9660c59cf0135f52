"""Webhooks from outside: endpoints over both transports, signatures, the log, killed servers."""

from __future__ import annotations

import base64
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format
from tests.acceptance.conftest import ENVIRON, both_engines
from tests.harness.access import EMPLOYER, Access, grant_access, job_form, ok
from tests.harness.api_client import ApiClient, Reply, RestClient
from tests.harness.open_calls import GrpcOpenCall, RestOpenCall
from tests.harness.server import Running, program, server
from tests.harness.threaded_receiver import (
    Post,
    ThreadedReceiver,
    receiving,
    verified_by_javascript,
)
from tests.harness.waiting import until

from xaigh.webhooks.v1 import event_pb2
from xaigh_server.identity import webhook_secrets

databases = both_engines

SCOPES = ["jobs:read", "jobs:write", "webhooks:read", "webhooks:write"]
LOCAL = {**ENVIRON, "XAIGH_ALLOW_LOOPBACK_CALLBACKS": "true"}


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory, databases: dict[str, str]
) -> Iterator[Running]:
    """A server that may call this host."""
    with server(tmp_path_factory.mktemp("data"), **LOCAL, **databases) as started:
        yield started


@pytest.fixture(scope="module")
def hooks(running: Running) -> Iterator[ThreadedReceiver]:
    """A receiver that answers 204, for one server."""
    with receiving() as started:
        yield started


@pytest.fixture(scope="module")
def access(api: ApiClient, running: Running, hooks: ThreadedReceiver) -> Access:
    """A key that may do everything with webhooks; its grant's callback is the receiver."""
    return grant_access(
        api, running.founder, requestedScopes=SCOPES, callbackUrl=hooks.url(f"/{api.name}")
    )


@pytest.fixture
def call(api: ApiClient, access: Access) -> Callable[..., Reply]:
    """Calls with the key."""

    def call(method: str, body: dict[str, Any] | None = None, **headers: str) -> Reply:
        return api.call(method, body or {}, **{"key": access.key, **headers})

    return call


def only_type(event_type: str, path: str) -> Callable[[Post], bool]:
    return lambda post: post.event["type"] == event_type and post.path == path


def until_ended(call: Callable[..., Reply], delivery_id: str) -> dict[str, Any]:
    """The delivery once it isn't pending."""

    def delivery() -> dict[str, Any]:
        found = ok(call("ListDeliveries", {"pageSize": 200}))["deliveries"]
        one: dict[str, Any]
        (one,) = [each for each in found if each["deliveryId"] == delivery_id]
        return one

    until(lambda: delivery()["state"] != "PENDING", f"{delivery_id} has ended")
    return delivery()


def test_the_life_of_an_endpoint(call, hooks):
    """Made, read, listed, changed, disabled, enabled, deleted."""
    made = ok(
        call(
            "CreateEndpoint",
            {"url": hooks.url("/life"), "description": "life", "eventTypes": ["job.closed"]},
        )
    )
    assert made["secret"].startswith("whsec_")
    assert made["state"] == "ENABLED"
    endpoint_id = made["endpointId"]
    read = ok(call("GetEndpoint", {"endpointId": endpoint_id}))
    assert "secret" not in read
    assert {**made, "secret": ""} == {**read, "secret": ""}
    assert endpoint_id in [
        each["endpointId"] for each in ok(call("ListEndpoints", {}))["endpoints"]
    ]
    changed = ok(
        call(
            "UpdateEndpoint",
            {"endpoint": {"endpointId": endpoint_id, "description": "new", "etag": made["etag"]}},
        )
    )
    assert (changed["description"], changed["eventTypes"]) == ("new", ["job.closed"])
    stale = call(
        "UpdateEndpoint",
        {"endpoint": {"endpointId": endpoint_id, "description": "x", "etag": made["etag"]}},
    )
    assert stale.body["reason"] == "ETAG_MISMATCH"
    off = ok(call("UpdateEndpoint", {"endpoint": {"endpointId": endpoint_id, "state": "DISABLED"}}))
    assert (off["state"], off["disableReason"]) == ("DISABLED", "REQUESTED")
    refused = call("SendTest", {"endpointId": endpoint_id})
    assert refused.body["reason"] == "ENDPOINT_DISABLED"
    on = ok(call("UpdateEndpoint", {"endpoint": {"endpointId": endpoint_id, "state": "ENABLED"}}))
    assert "disableReason" not in on or on["disableReason"] == "DISABLE_REASON_UNSPECIFIED"
    ok(call("DeleteEndpoint", {"endpointId": endpoint_id}))
    assert call("GetEndpoint", {"endpointId": endpoint_id}).code == "not_found"


def test_a_test_event_arrives_and_verifies_in_javascript(call, hooks, api):
    """Another implementation verifies the raw bytes; the log shows the end of it."""
    path = f"/test-{api.name}"
    made = ok(call("CreateEndpoint", {"url": hooks.url(path), "eventTypes": ["job.closed"]}))
    delivery = ok(call("SendTest", {"endpointId": made["endpointId"]}))
    assert delivery["state"] == "PENDING"
    posts = hooks.wait_type("webhook.test", path)
    assert verified_by_javascript(posts, made["secret"]) == ["ok"]
    bent = Post(path=path, headers=posts[0].headers, body=posts[0].body + b" ")
    assert verified_by_javascript([bent], made["secret"]) == ["No matching signature found"]
    ended = until_ended(call, delivery["deliveryId"])
    assert ended["state"] == "SUCCEEDED"
    assert [(each["outcome"], each["statusCode"]) for each in ended["attempts"]] == [
        ("ACCEPTED", 204)
    ]
    assert "body" not in str(ended)


def test_both_secrets_verify_during_an_overlap(call, hooks, api):
    """After a rotation each receiver, updated or not, goes on; without overlap, only the new."""
    path = f"/rotate-{api.name}"
    made = ok(call("CreateEndpoint", {"url": hooks.url(path)}))
    endpoint_id = made["endpointId"]
    second = ok(call("RotateSecret", {"endpointId": endpoint_id}))
    assert second["previousSecretExpireTime"]
    ok(call("SendTest", {"endpointId": endpoint_id}))
    posts = hooks.wait_type("webhook.test", path)
    for secret in (made["secret"], second["secret"]):
        assert verified_by_javascript(posts, secret) == ["ok"]
    third = ok(call("RotateSecret", {"endpointId": endpoint_id, "overlapSeconds": 0}))
    ok(call("SendTest", {"endpointId": endpoint_id}))
    posts = hooks.wait_type("webhook.test", path, count=2)[1:]
    assert verified_by_javascript(posts, second["secret"]) == ["No matching signature found"]
    assert verified_by_javascript(posts, third["secret"]) == ["ok"]


def test_the_grants_callback_is_the_first_endpoint(access, call, hooks, api):
    """It heard of the approval and of the key, signed with what the status token tells."""
    path = f"/{api.name}"
    issued = hooks.wait_type("key.issued", path)
    assert issued[0].event["data"]["keyId"] == access.key_id
    approved = hooks.wait_type("ticket.approved", path)
    assert approved[0].event["data"]["grantId"] == access.grant_id
    callback = webhook_secrets.callback_secret(access.status_token)
    secret = webhook_secrets.to_text(webhook_secrets.derive(callback, "sandbox"))
    assert verified_by_javascript(issued + approved, secret) == ["ok", "ok"]
    (first,) = [
        each
        for each in ok(call("ListEndpoints", {"pageSize": 200}))["endpoints"]
        if each.get("grantId") == access.grant_id
    ]
    assert first["url"] == hooks.url(path)


def test_a_posted_job_is_told_and_can_be_told_again(call, hooks, api):
    """The event is thin; a redelivery carries the same event id and a fresh signature."""
    path = f"/job-{api.name}"
    made = ok(call("CreateEndpoint", {"url": hooks.url(path), "eventTypes": ["job.created"]}))
    job = ok(call("PostJob", job_form(), idempotency_key=f"wh-{api.name}"))
    (post,) = hooks.wait_type("job.created", path)
    assert post.event["data"] == {
        "jobId": job["jobId"],
        "employerUserId": EMPLOYER,
        "source": "DIRECT",
    }
    assert post.event["environment"] == "sandbox"
    (delivery,) = ok(call("ListDeliveries", {"endpointId": made["endpointId"]}))["deliveries"]
    until_ended(call, delivery["deliveryId"])
    again = ok(call("Redeliver", {"deliveryId": delivery["deliveryId"]}))
    assert again["state"] == "PENDING"
    first, second = hooks.wait_type("job.created", path, count=2)
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == delivery["eventId"]
    assert verified_by_javascript([first, second], made["secret"]) == ["ok", "ok"]


FORBIDDEN = [
    "https://10.0.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://[::ffff:127.0.0.1]/",
    "https://0x7f000001/",
    "https://127.1/",
    "https://metadata.google.internal/",
    "https://user:pass@hooks.example.com/",
    "https://hooks.\uff45xample.com/",
    "https://hooks.exa\u200bmple.com/",
    "https://hooks.p\u0430ypal.com/",
    "ftp://hooks.example.com/",
    "not a url",
]


@pytest.mark.parametrize("url", FORBIDDEN)
def test_a_forbidden_url_is_refused_by_name(call, url):
    """On create and on update, with the field's path."""
    refused = call("CreateEndpoint", {"url": url})
    assert (refused.code, refused.body["reason"]) == ("invalid_argument", "CALLBACK_FORBIDDEN")
    assert fields(refused) == ["url"]


def test_an_update_checks_its_url_too(call, hooks):
    """And leaves the endpoint as it was."""
    made = ok(call("CreateEndpoint", {"url": hooks.url("/update")}))
    refused = call(
        "UpdateEndpoint",
        {"endpoint": {"endpointId": made["endpointId"], "url": "https://10.0.0.1/"}},
    )
    assert (refused.body["reason"], fields(refused)) == ("CALLBACK_FORBIDDEN", ["endpoint.url"])
    kept = ok(call("GetEndpoint", {"endpointId": made["endpointId"]}))
    assert kept["url"] == made["url"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"url": "https://hooks.example.com/", "eventTypes": ["job.deleted"]}, "FIELD_INVALID"),
        ({"url": "https://hooks.example.com/", "eventTypes": ["webhook.test"]}, "FIELD_INVALID"),
        ({"url": "https://hooks.example.com/", "eventTypes": ["ats.stale"]}, "SCOPE_NOT_GRANTED"),
        ({"url": ""}, "FIELD_INVALID"),
    ],
)
def test_what_a_key_cant_read_it_cant_subscribe_to(call, body, reason):
    """Unknown types and missing scopes are told apart."""
    assert call("CreateEndpoint", body).body["reason"] == reason


def test_a_replay_doesnt_show_the_secret_again(call, hooks):
    """The endpoint is the same; its secret was shown once."""
    body = {"url": hooks.url("/replay")}
    first = ok(call("CreateEndpoint", body, idempotency_key=f"r-{time.monotonic_ns()}"))
    key = f"r2-{time.monotonic_ns()}"
    first = ok(call("CreateEndpoint", body, idempotency_key=key))
    replay = call("CreateEndpoint", body, idempotency_key=key)
    assert ok(replay)["endpointId"] == first["endpointId"]
    assert "secret" not in replay.body
    assert replay.headers["idempotent-replayed"] == "true"


def test_another_organizations_endpoints_dont_exist(api, running, call, hooks):
    """Every method answers as for an id that was never given."""
    other = grant_access(
        api,
        running.founder,
        requestedScopes=SCOPES,
        companyName="Other",
        contactEmail="o@other-company.example",
    )
    made = ok(call("CreateEndpoint", {"url": hooks.url("/mine")}))
    delivery = ok(call("SendTest", {"endpointId": made["endpointId"]}))
    endpoint = {"endpointId": made["endpointId"]}
    for method, body in (
        ("GetEndpoint", endpoint),
        ("DeleteEndpoint", endpoint),
        ("RotateSecret", endpoint),
        ("SendTest", endpoint),
        ("UpdateEndpoint", {"endpoint": {**endpoint, "description": "x"}}),
        ("Redeliver", {"deliveryId": delivery["deliveryId"]}),
    ):
        assert api.call(method, body, key=other.key).code == "not_found", method
    listed = ok(api.call("ListEndpoints", {}, key=other.key)).get("endpoints", [])
    assert made["endpointId"] not in [each["endpointId"] for each in listed]
    found = ok(api.call("ListDeliveries", endpoint, key=other.key))
    assert found.get("deliveries", []) == []


def test_reading_doesnt_allow_writing(api, running, access, hooks):
    """Scopes imply nothing."""
    order = {"grantId": access.grant_id, "name": "reader", "scopes": ["webhooks:read"]}
    reader = ok(api.call("IssueKey", order, key=running.founder))["apiKey"]
    ok(api.call("ListEndpoints", {}, key=reader))
    refused = api.call("CreateEndpoint", {"url": hooks.url()}, key=reader)
    assert refused.body["reason"] == "SCOPE_NOT_GRANTED"


def test_pages_of_deliveries_have_no_gaps(call, hooks):
    """Newest first, each once; a token belongs to its filters."""
    made = ok(call("CreateEndpoint", {"url": hooks.url("/pages"), "eventTypes": ["job.closed"]}))
    sent = [
        ok(call("SendTest", {"endpointId": made["endpointId"]}))["deliveryId"] for _ in range(5)
    ]
    seen, token = [], ""
    while True:
        asked = {"endpointId": made["endpointId"], "pageSize": 2}
        page = ok(call("ListDeliveries", {**asked, **({"pageToken": token} if token else {})}))
        seen += [each["deliveryId"] for each in page["deliveries"]]
        token = page.get("nextPageToken", "")
        if not token:
            break
        bent = call("ListDeliveries", {"pageSize": 2, "pageToken": token})
        assert bent.body["reason"] == "PAGE_TOKEN_INVALID"
    assert seen == sent[::-1]


def test_a_killed_server_forgets_no_event(tmp_path: Path):
    """Committed, killed before anything was sent: another process delivers it."""
    with receiving() as hooks:
        with server(tmp_path, **LOCAL, XAIGH_DELIVER_WEBHOOKS="false") as running:
            api = RestClient(running.rest)
            access = grant_access(
                api, running.founder, requestedScopes=SCOPES, callbackUrl=hooks.url()
            )
            job = ok(api.call("PostJob", job_form(), key=access.key, idempotency_key="k"))
            api.close()
            running.process.kill()
            running.process.wait()
        assert hooks.posts == []
        deliver = subprocess.Popen(
            [sys.executable, "-m", "xaigh_server", "deliver", "--data-dir", str(tmp_path)],
            env={**os.environ, **LOCAL},
            stderr=subprocess.PIPE,
        )
        try:
            (created,) = hooks.wait_type("job.created")
            assert created.event["data"]["jobId"] == job["jobId"]
            hooks.wait_type("key.issued")
        finally:
            deliver.terminate()
            _, said = deliver.communicate(timeout=20)
        assert deliver.returncode == 0
        assert b"loopback" in said


def test_without_the_setting_this_host_is_never_called(tmp_path: Path):
    """A server as it comes refuses loopback, and says nothing about it at its start."""
    environ = {**ENVIRON, "XAIGH_ALLOW_LOOPBACK_CALLBACKS": "false"}
    with server(tmp_path, **environ) as running:
        api = RestClient(running.rest)
        access = grant_access(api, running.founder, requestedScopes=SCOPES)
        refused = api.call("CreateEndpoint", {"url": "http://localhost:9/"}, key=access.key)
        assert refused.body["reason"] == "CALLBACK_FORBIDDEN"
        api.close()
    assert "loopback" not in (tmp_path / "server.log").read_text()


def test_secrets_are_nowhere_in_the_databases(running: Running, call, hooks):
    """Neither as text nor as bytes, in any file of the data folder."""
    made = ok(call("CreateEndpoint", {"url": hooks.url("/secret")}))
    secret = base64.b64decode(made["secret"].removeprefix("whsec_"))
    for path in running.data_dir.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert secret not in content, path
            assert made["secret"].encode() not in content, path
    made_here = running.data_dir / "webhook-key"  # on PostgreSQL the secrets are given
    if made_here.exists():
        assert made_here.stat().st_mode & 0o777 == 0o600


def test_a_webhook_key_is_replaced_and_receivers_notice_nothing(tmp_path: Path):
    """A new key in front, `reseal` while the server runs, and the old key can go."""
    key_file = tmp_path / "webhook-key"
    with receiving() as hooks:
        with server(tmp_path, **LOCAL) as running, closing(RestClient(running.rest)) as api:
            access = grant_access(
                api, running.founder, requestedScopes=SCOPES, callbackUrl=hooks.url()
            )
            made = ok(api.call("CreateEndpoint", {"url": hooks.url("/own")}, key=access.key))
            hooks.wait_type("key.issued")  # so the grant has its endpoint
        old, new = key_file.read_text(), secrets.token_hex(32) + "\n"
        key_file.write_text(new)
        unready = reseal(tmp_path)
        assert unready.returncode == 2, "the old key is still needed, and the command says so"
        assert "webhook_key" in unready.stderr
        key_file.write_text(new + old)
        with server(tmp_path, **LOCAL):
            done = reseal(tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        # What the ticket's callback follows from; the grant's endpoint, and the one made here.
        assert "control: 1 sealed anew" in done.stdout
        assert "sandbox: 2 sealed anew" in done.stdout
        assert done.stdout.endswith("Nothing needs an older key any more.\n")
        key_file.write_text(new)
        with server(tmp_path, **LOCAL) as running, closing(RestClient(running.rest)) as api:
            ok(api.call("SendTest", {"endpointId": made["endpointId"]}, key=access.key))
            posts = hooks.wait_type("webhook.test", "/own")
            assert verified_by_javascript(posts, made["secret"]) == ["ok"]
            assert "2 current before" in reseal(tmp_path).stdout


def reseal(data_dir: Path) -> subprocess.CompletedProcess[str]:
    """Runs `xaigh-server reseal`."""
    return program("reseal", "--data-dir", str(data_dir))


def test_every_event_is_of_the_form_that_its_type_declares(access, call, hooks, api):
    """Whatever was told in this file reads as the message of the protos, strictly."""
    path = f"/forms/{api.name}"
    made = ok(call("CreateEndpoint", {"url": hooks.url(path)}))
    ok(call("SendTest", {"endpointId": made["endpointId"]}))
    ok(call("PostJob", job_form(), idempotency_key=path))
    for event_type in ("webhook.test", "job.created"):
        hooks.wait_type(event_type, path)
    for event_type in ("ticket.approved", "key.issued"):
        hooks.wait_type(event_type, f"/{api.name}")
    specs = [
        value.GetOptions().Extensions[event_pb2.event_spec]
        for value in event_pb2.EventType.DESCRIPTOR.values
    ]
    messages = {spec.name: getattr(event_pb2, spec.data) for spec in specs if spec.name}
    for post in hooks.posts:
        json_format.Parse(post.body, event_pb2.Event())
        json_format.ParseDict(post.event["data"], messages[post.event["type"]]())


def test_events_are_watched_as_they_happen(access, call, api, running):
    """From the first bookmark on, and after a reconnect from the last cursor."""

    def watch(**request: Any) -> Any:
        if api.name == "REST":
            return RestOpenCall(running.rest, "WatchEvents", access.key, **request)
        return GrpcOpenCall(running.grpc, "WatchEvents", access.key, **request)

    def jobs(opened: Any) -> list[str]:
        return [each["event"]["data"]["jobId"] for each in opened.replies if "event" in each]

    wanted = {"eventTypes": ["job.created"]}
    with closing(watch(**wanted)) as first:
        until(lambda: bool(first.replies), "the watch has begun")
        begun = first.replies[0]
        job = ok(call("PostJob", job_form(), idempotency_key=f"watch-{api.name}"))["jobId"]
        until(lambda: jobs(first) == [job], "the event came")
    with closing(watch(**wanted, cursor=begun["cursor"])) as second:
        until(lambda: jobs(second) == [job], "the event came again")


def test_events_are_read_and_what_an_endpoint_missed_is_sent(access, call, hooks, api):
    """The job's event, before any endpoint hears of it, is listed, read, and recovered."""
    path = f"/recover-{api.name}"
    made = ok(call("CreateEndpoint", {"url": hooks.url(path), "eventTypes": ["job.closed"]}))
    job = ok(call("PostJob", job_form(), idempotency_key=path))

    def shown() -> list[dict[str, Any]]:
        listed = ok(call("ListEvents", {"eventType": "job.created"})).get("events", [])
        return [each for each in listed if each["data"]["jobId"] == job["jobId"]]

    until(lambda: len(shown()) == 1, "the event is in the log")
    (event,) = shown()
    assert ok(call("GetEvent", {"eventId": event["id"]})) == event
    assert call("GetEvent", {"eventId": "evt_none"}).code == "not_found"
    ok(
        call(
            "UpdateEndpoint",
            {
                "endpoint": {"endpointId": made["endpointId"], "eventTypes": ["job.created"]},
                "updateMask": "eventTypes",
            },
        )
    )
    wanted = {"endpointId": made["endpointId"], "since": made["createTime"]}
    rehearsed = ok(call("RecoverEndpoint", {**wanted, "validateOnly": True}))
    recovered = ok(call("RecoverEndpoint", wanted))
    assert rehearsed["queuedCount"] == recovered["queuedCount"] >= 1
    assert event["id"] in [post.event["id"] for post in hooks.wait_type("job.created", path)]
    early = call("RecoverEndpoint", {**wanted, "since": "2020-01-01T00:00:00Z"})
    assert (early.code, early.body["reason"]) == ("out_of_range", "VALUE_OUT_OF_RANGE")
    assert "earliestTime" in str(early.body)


def fields(reply: Reply) -> list[str]:
    """The fields that an error names."""
    return [
        violation["field"]
        for detail in reply.body["details"]
        for violation in detail.get("fieldViolations", ())
    ]
