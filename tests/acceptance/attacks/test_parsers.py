"""Texts and records that are made to keep a parser busy: refused, and nobody else notices."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from tests.acceptance.test_syncs import integrated, posting
from tests.harness.access import EMPLOYER, Access, grant_access, job_form, ok
from tests.harness.api_client import ApiClient, Reply, RestClient
from tests.harness.server import Running

MOST_SECONDS = 3.0
"""A call beside an attack takes milliseconds; machines that run tests are busy with others, too.
What was attacked stood still for five seconds to a minute."""


def bomb(size: int) -> str:
    """HTML that reopens 480 formatting elements in each of its paragraphs."""
    opened = "".join(f"<b a={number}>" for number in range(480))
    head = f"<p>{opened}</p>"
    return head + "<p>x</p>" * ((size - len(head)) // len("<p>x</p>"))


TEXTS = {
    "reopened-elements": bomb(399_000),
    "few-reopened-elements": bomb(18_000),
    "nested-blocks": "<div>" * 80_000,
    "nested-blocks-that-seem-closed": "<div></q>" * 50_000,
    "before-a-table": "<table>" + "<br>" * 250_000,
    "different-elements": "".join(f"<font a={number}>" for number in range(25_000)),
}


class Watch(threading.Thread):
    """Asks for something small again and again, and remembers the longest time it took."""

    def __init__(self, running: Running, key: str) -> None:
        super().__init__()
        self._face = RestClient(running.rest)
        self._key = key
        self._done = threading.Event()
        self.asked = threading.Event()
        self.codes: set[str] = set()
        self.longest = 0.0

    def run(self) -> None:
        while not self._done.wait(0.01) or not self.asked.is_set():
            began = time.monotonic()
            self.codes.add(self._face.call("WhoAmI", {}, key=self._key).code)
            self.longest = max(self.longest, time.monotonic() - began)
            self.asked.set()

    def stop(self) -> None:
        self._done.set()
        self.join()
        self._face.close()


@contextmanager
def undisturbed(running: Running, key: str) -> Iterator[None]:
    """Whoever calls meanwhile is answered, and soon; the server is the one it was."""
    watch = Watch(running, key)
    watch.start()
    watch.asked.wait(MOST_SECONDS)
    try:
        yield
    finally:
        watch.stop()
    assert watch.codes == {"ok"}
    assert watch.longest < MOST_SECONDS
    assert running.process.poll() is None


@pytest.fixture(scope="module")
def key(running: Running) -> str:
    """A key with an active integration."""
    with closing(RestClient(running.rest)) as api:
        return integrated(running, api)


@pytest.fixture(scope="module")
def writer(running: Running) -> Access:
    """A key of an employer whose jobs are posted."""
    with closing(RestClient(running.rest)) as api:
        return grant_access(api, running.founder)


def sync(api: ApiClient, key: str, jobs: list[dict[str, Any]], name: str) -> Reply:
    said = {"provider": "GREENHOUSE", "employerUserId": EMPLOYER, "jobs": jobs}
    return api.call("SyncJobs", said, key=key, idempotency_key=f"{api.name}-{name}")


@pytest.mark.parametrize("name", TEXTS)
def test_a_posted_description_out_of_proportion_is_refused(
    running: Running, api: ApiClient, writer: Access, name: str
) -> None:
    """At its field; and the next one is posted."""
    with undisturbed(running, writer.key):
        form = job_form(description=TEXTS[name])
        refused = api.call("PostJob", form, key=writer.key, idempotency_key=name)
    assert refused.code == "invalid_argument"
    assert refused.body["message"].startswith("description: The markup nests too deep")
    good = job_form(description="<p>Lift.</p><script>x</script>" * 2_000)
    posted = api.call("PostJob", good, key=writer.key, idempotency_key=f"{api.name}-{name}")
    assert ok(posted)["jobContent"]["descriptionText"].startswith("Lift.\nLift.")


def test_a_changed_description_out_of_proportion_is_refused(
    running: Running, api: ApiClient, writer: Access
) -> None:
    """As a posted one is; the job stays as it was."""
    posted = ok(api.call("PostJob", job_form(), key=writer.key, idempotency_key=f"{api.name}-u"))
    changed = {
        "job": {"jobId": posted["jobId"], "jobContent": {"descriptionHtml": bomb(399_000)}},
        "updateMask": "jobContent.descriptionHtml",
    }
    with undisturbed(running, writer.key):
        refused = api.call("UpdateJob", changed, key=writer.key, idempotency_key=f"{api.name}-v")
    assert refused.code == "invalid_argument"
    assert refused.body["message"].startswith("jobContent.descriptionHtml: The markup nests")


def test_records_out_of_proportion_are_rejected(running: Running, api: ApiClient, key: str) -> None:
    """Each at its field; those beside them are taken."""
    jobs = [posting(number, content=text) for number, text in enumerate(TEXTS.values(), 1)]
    with undisturbed(running, key):
        reply = ok(sync(api, key, [*jobs, posting(90)], "bombs"))
    *refused, taken = reply["outcomes"]
    assert [note["code"] for one in refused for note in one["rejections"]] == [
        "MARKUP_TOO_COMPLEX"
    ] * len(TEXTS)
    assert {note["field"] for one in refused for note in one["rejections"]} == {"content"}
    assert taken["outcome"] in ("CREATED", "UNCHANGED")


def large_records() -> list[dict[str, Any]]:
    """Nineteen of a megabyte each."""
    text = "<p>We keep every order moving &amp; more.</p>" * 22_000
    return [posting(number, content=text) for number in range(200, 219)]


def many_values() -> list[dict[str, Any]]:
    """A record with a member of three hundred thousand zeros."""
    return [posting(300, metadata=[{"value": [0] * 300_000}])]


def nested() -> list[dict[str, Any]]:
    """A record of 250 kB of nested HTML, below what is refused."""
    return [posting(301, content="<p>x</p>" + ("<div>" * 60 + "x" + "</div>" * 60) * 375)]


def spaces() -> list[dict[str, Any]]:
    """Records with labels that patterns could lose themselves in."""
    label = {"id": 1, "name": "Employment Type", "value": "a" + " " * 200_000 + "x"}
    return [posting(number, metadata=[label]) for number in range(310, 320)]


def items() -> list[dict[str, Any]]:
    """A requirement of four hundred thousand characters in lines."""
    text = "<h2>Requirements</h2><ul><li>x" + "<br>x" * 80_000 + "</ul>"
    return [posting(330, content=text)]


@pytest.mark.parametrize("made", [large_records, many_values, nested, spaces, items])
def test_a_large_batch_keeps_nobody_waiting(
    running: Running, api: ApiClient, key: str, made: Callable[[], list[dict[str, Any]]]
) -> None:
    """Few records of many bytes are read outside of the server process; a repeat is replayed."""
    jobs = made()
    with undisturbed(running, key):
        first = ok(sync(api, key, jobs, made.__name__))
        again = ok(sync(api, key, jobs, made.__name__))
    assert all(one["outcome"] != "REJECTED" for one in first["outcomes"])
    assert again == first
