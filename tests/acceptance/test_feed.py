"""A feed over REST: lines in; a summary out, or every message for who names a form of several."""

from __future__ import annotations

import json
from contextlib import closing
from typing import Any

import httpx
import pytest
from tests.acceptance.conftest import both_engines
from tests.harness.access import EMPLOYER, Access, grant_access, ok
from tests.harness.api_client import RestClient
from tests.harness.server import Running

databases = both_engines

NDJSON = "application/x-ndjson"


@pytest.fixture(scope="module")
def key(running: Running) -> Access:
    """A key that may sync, and an active integration for it."""
    with closing(RestClient(running.rest)) as api:
        scopes = ["ats:sync", "ats:read", "jobs:read"]
        access = grant_access(api, running.founder, requestedScopes=scopes)
        wanted = {"provider": "GREENHOUSE", "board": "northline", "employerUserIds": [EMPLOYER]}
        ok(api.call("CreateIntegration", {"integration": wanted}, key=access.key))
        return access


def record(number: int) -> dict[str, Any]:
    """One job of a Greenhouse board."""
    return {
        "id": number,
        "title": f"Picker {number}",
        "updated_at": "2026-06-01T08:00:00-04:00",
        "location": {"name": "Leeds, United Kingdom"},
        "absolute_url": f"https://boards.greenhouse.io/northline/jobs/{number}",
        "content": "&lt;p&gt;Pick and pack.&lt;/p&gt;",
    }


def feed(detail: str = "ALL", *, count: int = 3, complete: bool = True) -> list[dict[str, Any]]:
    """The messages of a feed."""
    opening = {"provider": "GREENHOUSE", "employerUserId": EMPLOYER, "detail": detail}
    messages = [{"open": opening}, *({"job": record(number)} for number in range(count))]
    return [*messages, {"complete": {"expectedTotal": count}}] if complete else messages


def send(
    running: Running, key: Access, messages: list[dict[str, Any]], accept: str = ""
) -> httpx.Response:
    """Posts a feed as lines."""
    headers = {"authorization": f"Bearer {key.key}", "content-type": NDJSON}
    body = "".join(json.dumps(message) + "\n" for message in messages)
    with httpx.Client() as http:
        del http.headers["accept"]
        extra = {"accept": accept} if accept else {}
        url = f"http://{running.rest}/v1/jobs/ats/feed"
        return http.post(url, content=body, headers={**headers, **extra})


@pytest.mark.parametrize("accept", ["", "*/*", "application/json", "application/*"])
def test_without_a_wish_a_feed_is_answered_by_its_summary(
    running: Running, key: Access, accept: str
) -> None:
    """One JSON document with a length, whatever detail was asked for, and the run is complete."""
    reply = send(running, key, feed(), accept)
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"] == "application/json"
    assert int(reply.headers["content-length"]) == len(reply.content)
    assert reply.json()["summary"]["state"] == "COMPLETED"


@pytest.mark.parametrize("accept", [NDJSON, f"application/json;q=0.5, {NDJSON}"])
def test_outcomes_come_as_lines_on_request(running: Running, key: Access, accept: str) -> None:
    """Three outcomes, one batch and the summary, each a line."""
    reply = send(running, key, feed(), accept)
    assert reply.headers["content-type"] == NDJSON
    lines = [json.loads(line) for line in reply.text.splitlines()]
    assert [next(iter(line)) for line in lines] == ["outcome"] * 3 + ["batch", "summary"]


def test_events_come_on_request(running: Running, key: Access) -> None:
    """Server-Sent Events hold several messages, too."""
    reply = send(running, key, feed("BATCHES"), "text/event-stream")
    assert reply.headers["content-type"] == "text/event-stream"
    assert reply.text.count("data: ") == 2


def test_a_feed_that_fails_late_has_a_status_of_its_own(running: Running, key: Access) -> None:
    """Nothing has been sent before the summary, so an error is no line among others."""
    reply = send(running, key, [*feed(), {"job": record(9)}])
    assert reply.status_code == 400
    assert reply.json()["error"]["reason"] == "FIELD_INVALID"


def test_a_feed_without_records_has_nothing_to_sum_up(running: Running, key: Access) -> None:
    """An opening alone makes no run: the answer is the empty message, not an error of ours."""
    reply = send(running, key, feed(count=0, complete=False))
    assert (reply.status_code, reply.json()) == (200, {})


def test_a_public_form_has_little_room(running: Running) -> None:
    """Whoever has no key yet can't make the server read megabytes."""
    url = f"http://{running.rest}/v1/developer/api-access/request"
    large = b'{"useCase":"' + b"x" * 300_000 + b'"}'
    reply = httpx.post(url, content=large, headers={"content-type": "application/json"})
    assert reply.status_code == 413
    assert reply.json()["error"]["reason"] == "PAYLOAD_TOO_LARGE"
