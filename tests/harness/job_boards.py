"""Job boards on this host: the public APIs of five providers, which may misbehave.

Shapes and rules are those of the vendors' documentation: where a list is paged, what counts, and
what a submission of an application needs.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

API_KEY = "gh-job-board-key"
Answer = tuple[int, str, bytes] | None
"""Status, content type and body; None hangs up."""
Misbehaviour = Callable[[str, str, Answer], Answer]
"""(method, path with query, the right answer) -> what is answered instead."""


@dataclass(slots=True)
class JobBoards:
    """What the boards hold, by provider, and what came."""

    port: int = 0
    jobs: list[dict[str, Any]] = field(default_factory=list)
    questions: list[dict[str, Any]] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    submitted: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Paths and forms of applications, whatever was answered."""
    misbehave: Misbehaviour | None = None

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def answer(self, method: str, target: str, body: bytes, headers: dict[str, str]) -> Answer:
        """The answer to one request, misbehaviour included."""
        self.asked.append((method, target))
        path, query = urlsplit(target).path, parse_qs(urlsplit(target).query)
        right = _route(self, method, path, query, body, headers)
        return self.misbehave(method, target, right) if self.misbehave else right


def as_json(document: Any, status: int = 200) -> Answer:
    return status, "application/json; charset=utf-8", json.dumps(document).encode()


@contextmanager
def job_boards() -> Iterator[JobBoards]:
    """Boards on a free port of this host."""
    boards = JobBoards()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["content-length"])))

        def _answer(self, body: bytes) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            found = boards.answer(self.command, self.path, body, headers)
            if found is None:
                self.close_connection = True
                return
            status, kind, content = found
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(content)))
            if 300 <= status < 400:
                self.send_header("location", "https://elsewhere.example/board")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        boards.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield boards
        finally:
            server.shutdown()
            thread.join()


def greenhouse_job(number: int, **members: Any) -> dict[str, Any]:
    """A job of a Greenhouse board."""
    return {
        "id": number,
        "internal_job_id": number + 1,
        "title": f"Picker {number}",
        "absolute_url": f"https://boards.greenhouse.io/acme/jobs/{number}",
        "location": {"name": "Reno, NV"},
        "updated_at": "2026-05-01T10:00:00-04:00",
        "content": "&lt;p&gt;Lift and carry.&lt;/p&gt;",
        **members,
    }


def lever_posting(number: int) -> dict[str, Any]:
    """A posting of Lever's."""
    identity = f"00000000-0000-4000-8000-{number:012d}"
    return {
        "id": identity,
        "text": f"Picker {number}",
        "hostedUrl": f"https://jobs.lever.co/acme/{identity}",
        "applyUrl": f"https://jobs.lever.co/acme/{identity}/apply",
        "categories": {"location": "Reno, NV", "allLocations": ["Reno, NV"]},
        "createdAt": 1_700_000_000_000,
        "description": "<p>Lift and carry.</p>",
    }


def ashby_job(number: int) -> dict[str, Any]:
    """A job of an Ashby board."""
    identity = f"10000000-0000-4000-8000-{number:012d}"
    return {
        "id": identity,
        "title": f"Picker {number}",
        "isListed": True,
        "location": "Reno",
        "descriptionHtml": "<p>Lift and carry.</p>",
        "publishedAt": "2026-05-01T10:00:00.000+00:00",
        "jobUrl": f"https://jobs.ashbyhq.com/acme/{identity}",
        "applyUrl": f"https://jobs.ashbyhq.com/acme/{identity}/application",
    }


def workday_row(number: int) -> dict[str, Any]:
    """A row of a Workday list; its detail follows from it."""
    return {
        "title": f"Picker {number}",
        "externalPath": f"/job/Reno/Picker_R{number}",
        "locationsText": "Reno, NV",
        "postedOn": "Posted Today",
        "bulletFields": [f"R{number}"],
    }


def icims_job(number: int) -> dict[str, Any]:
    """A job of an Attract site."""
    return {
        "data": {
            "slug": str(number),
            "req_id": str(number),
            "language": "en-us",
            "title": f"Picker {number}",
            "description": "<p>Lift and carry.</p>",
            "city": "Reno",
            "state": "Nevada",
            "country": "United States",
            "country_code": "US",
            "apply_url": f"https://careers.acme.example/jobs/{number}/login",
            "searchable": True,
            "applyable": True,
        }
    }


def _route(
    boards: JobBoards,
    method: str,
    path: str,
    query: dict[str, list[str]],
    body: bytes,
    headers: dict[str, str],
) -> Answer:
    if path == "/v1/boards/acme/jobs":
        return as_json({"jobs": boards.jobs, "meta": {"total": len(boards.jobs)}})
    if path.startswith("/v1/boards/acme/jobs/"):
        return _greenhouse_job(boards, method, path, body, headers)
    if path == "/v0/postings/acme":
        skip, limit = int(query["skip"][0]), int(query["limit"][0])
        return as_json(boards.jobs[skip : skip + limit])
    if path == "/posting-api/job-board/acme":
        return as_json({"apiVersion": "1", "jobs": boards.jobs})
    if path == "/wday/cxs/acme/External/jobs":
        asked = json.loads(body)
        offset = asked["offset"]
        rows = boards.jobs[offset : offset + asked["limit"]]
        total = len(boards.jobs) if offset == 0 else 0
        return as_json({"total": total, "jobPostings": rows, "userAuthenticated": False})
    if path.startswith("/wday/cxs/acme/External/job/"):
        return _workday_detail(path)
    if path == "/api/jobs":
        page, limit = int(query["page"][0]), int(query["limit"][0])
        shown = boards.jobs[(page - 1) * limit : page * limit]
        counted = {"totalCount": len(boards.jobs), "count": len(shown)}
        return as_json({"jobs": shown, **counted})
    return as_json({"status": 404, "error": "Not found"}, 404)


def _greenhouse_job(
    boards: JobBoards, method: str, path: str, body: bytes, headers: dict[str, str]
) -> Answer:
    number = path.rpartition("/")[2]
    found = [job for job in boards.jobs if str(job["id"]) == number]
    if method == "GET":
        if not found:
            return as_json({"status": 404, "error": "Job not found"}, 404)
        return as_json({**found[0], "questions": boards.questions})
    form = json.loads(body)
    boards.submitted.append((path, form))
    token = base64.b64encode(f"{API_KEY}:".encode()).decode()
    if headers.get("authorization") != f"Basic {token}":
        return as_json({"status": 401, "error": "Failed to save person."}, 401)
    missing = [name for name in ("first_name", "last_name", "email") if not form.get(name)]
    if not found or missing:
        return as_json({"status": 422, "error": f"Invalid attributes: {missing}"}, 422)
    return as_json({"success": "Candidate saved successfully"})


def _workday_detail(path: str) -> Answer:
    requisition = path.rpartition("_")[2]
    return as_json(
        {
            "jobPostingInfo": {
                "id": f"wid-{requisition}",
                "title": f"Picker {requisition[1:]}",
                "jobDescription": "<p>Lift and carry.</p>",
                "location": "Reno, NV",
                "timeType": "Full time",
                "jobReqId": requisition,
                "jobPostingId": path.rpartition("/")[2],
                "canApply": True,
                "posted": True,
                "externalUrl": f"https://acme.wd5.myworkdayjobs.com/External{path[23:]}",
                "country": {"descriptor": "United States of America"},
            },
            "hiringOrganization": {"name": "Acme"},
        }
    )
