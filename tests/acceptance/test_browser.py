"""A real browser, and a page on another origin: what it may call, and what it never sends."""

from __future__ import annotations

import json
import queue
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.harness.access import grant_access, ok
from tests.harness.api_client import RestClient
from tests.harness.server import Running

BROWSER = shutil.which("chromium") or "chromium"
ANSWER_SECONDS = 60
SHOP = "https://shop.northline.example"

# Everything is tried in order; what a script may not see shows as the error of its fetch.
PAGE = """\
<!doctype html><meta charset="utf-8"><title>another origin</title>
<script>
async function ask(request) {
  try {
    const {url, ...rest} = request;
    const reply = await fetch(url, rest);
    const text = await reply.text();
    return {status: reply.status, requestId: reply.headers.get("x-request-id"), text};
  } catch (error) {
    return {error: error.name};
  }
}
(async () => {
  const answers = {};
  for (const [name, request] of Object.entries(REQUESTS)) answers[name] = await ask(request);
  await fetch("/answers", {method: "POST", body: JSON.stringify(answers)});
})();
</script>
"""


@contextmanager
def page() -> Iterator[tuple[str, dict[str, Any], queue.Queue[dict[str, Any]]]]:
    """Serves the page on an origin of its own: the origin, its requests, and what comes back."""
    requests: dict[str, Any] = {}
    answers: queue.Queue[dict[str, Any]] = queue.Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(PAGE.replace("REQUESTS", json.dumps(requests)).encode())

        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            answers.put(json.loads(self.rfile.read(length)))
            self._send(b"thanks")

        def _send(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", requests, answers
        finally:
            server.shutdown()
            thread.join()


def command(profile: Path, *arguments: str) -> list[str]:
    """A browser without a window, that reaches this machine and nothing else."""
    return [
        BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        f"--user-data-dir={profile / 'profile'}", *arguments,
    ]  # fmt: skip


@contextmanager
def browsing(url: str, profile: Path) -> Iterator[None]:
    """A browser on a page, for as long as it takes."""
    with (profile / "browser.log").open("w") as log:
        process = subprocess.Popen(
            command(profile, "--remote-debugging-port=0", url), stdout=log, stderr=log
        )
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture(scope="module")
def answers(
    running: Running, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, Any]]:
    """What a page on an origin that one publishable key lists gets to see."""
    base = f"http://{running.rest}"
    with page() as (origin, requests, found), closing(RestClient(running.rest)) as api:
        access = grant_access(
            api, running.founder, approval_terms={"keyAllowance": 9}, keyTypes=["sk", "pk"]
        )

        def issued(*origins: str) -> str:
            order = {"grantId": access.grant_id, "name": "page", "keyType": "pk"}
            wanted = {**order, "allowedOrigins": origins}
            return str(ok(api.call("IssueKey", wanted, key=running.founder))["apiKey"])

        def bearer(key: str) -> dict[str, str]:
            return {"Authorization": f"Bearer {key}"}

        listed = issued(origin)
        published = f"{base}/v1/published-jobs"
        requests.update(
            {
                "listed": {"url": published, "headers": bearer(listed)},
                "elsewhere": {"url": published, "headers": bearer(issued(SHOP))},
                "secret on publishable": {"url": published, "headers": bearer(access.key)},
                "secret": {"url": f"{base}/v1/jobs", "headers": bearer(access.key)},
                "publishable on secret": {"url": f"{base}/v1/jobs", "headers": bearer(listed)},
                "no key": {"url": f"{base}/v1/jobs"},
                "write": {
                    "url": f"{base}/v1/jobs/post",
                    "method": "POST",
                    "headers": {**bearer(access.key), "Content-Type": "application/json"},
                    "body": "{}",
                },
                "document": {"url": f"{base}/openapi.json"},
            }
        )
        with browsing(origin, tmp_path_factory.mktemp("browser")):
            return found.get(timeout=ANSWER_SECONDS)


def test_a_publishable_key_reads_from_its_origin(answers: dict[str, dict[str, Any]]) -> None:
    """The script sees the reply and the headers that we expose."""
    answer = answers["listed"]
    assert answer["status"] == 200 and answer["requestId"].startswith("req_")


@pytest.mark.parametrize(
    ("name", "reason"),
    [("elsewhere", "ORIGIN_NOT_ALLOWED"), ("secret on publishable", "SECRET_KEY_IN_BROWSER")],
)
def test_a_refusal_can_be_read_by_the_page(
    answers: dict[str, dict[str, Any]], name: str, reason: str
) -> None:
    """Whoever writes the page finds out why, instead of a bare network error."""
    assert answers[name]["status"] == 403
    assert json.loads(answers[name]["text"])["error"]["reason"] == reason


@pytest.mark.parametrize("name", ["secret", "publishable on secret", "no key", "write"])
def test_methods_for_servers_are_closed_to_pages(
    answers: dict[str, dict[str, Any]], name: str
) -> None:
    """The preflight doesn't allow them, so that the browser never sends the key."""
    assert answers[name] == {"error": "TypeError"}


def test_the_document_is_open_to_pages(answers: dict[str, dict[str, Any]]) -> None:
    """Tools in browsers read it."""
    assert answers["document"]["status"] == 200


@pytest.mark.parametrize(
    ("path", "shown"),
    [("/docs", "/v1/developer/api-access/request"), ("/docs/errors", "SECRET_KEY_IN_BROWSER")],
)
def test_the_documentation_needs_no_other_host(
    running: Running, tmp_path: Path, path: str, shown: str
) -> None:
    """It is whole where no name resolves, and nothing on it breaks its own policy."""
    done = subprocess.run(
        command(
            tmp_path, "--enable-logging=stderr", "--virtual-time-budget=20000",
            "--window-size=1280,900", "--dump-dom", f"http://{running.rest}{path}",
        ),
        capture_output=True,
        text=True,
        check=True,
        timeout=ANSWER_SECONDS,
    )  # fmt: skip
    text = re.sub(r"<[^>]+>|\u200b", "", done.stdout)
    assert shown in text
    assert "CONSOLE" not in done.stderr, done.stderr
