"""Traces which files of the server one warm call runs through: `python tools/trace_call.py`.

Three calls over REST, each against a server in this process: `POST /v1/jobs/post`, a GET of that
job, and `POST /v1/jobs/ats/sync` with 60 changed records. A profile hook notes every Python call
of server/xaigh_server and of httprule, in the event loop, in every other thread, and in every
process that the server starts. The figures are a measure of layout, not of speed: fewer files and
fewer moves between them are easier to follow.

A *move* is a call, or a coroutine that goes on, in another file than the one noted before it.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, redirect_stderr
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import Any

import uvloop

ROOT = Path(__file__).resolve().parent.parent
SERVER = ROOT / "server" / "xaigh_server"
HTTPRULE = ROOT / "server" / "httprule" / "src" / "httprule"
TARGETS = {"POST /v1/jobs/post": 45, "GET /v1/jobs/{jobId}": 40, "SyncJobs of 60": 60}
RECORDS, WARM = 60, 3
EMPLOYER, BOARD = "employer_1", "depot"
SCOPES = ["jobs:read", "jobs:write", "ats:read", "ats:sync"]
ASPECTS = (
    "DATA_CLASS", "EMPLOYER_AUTHORITY", "REQUESTED_SCOPES", "ROUTE_RISK", "INTEGRATION_READINESS",
)  # fmt: skip

_CHILD = """
import os, sys, threading
_flag, _out, _roots = {flag!r}, {out!r} + str(os.getpid()), {roots!r}
def _hook(frame, event, arg):
    code = frame.f_code
    if event == "call" and code.co_filename.startswith(_roots) and os.path.exists(_flag):
        with open(_out, "a") as lines:
            lines.write(code.co_filename + "\\t" + code.co_qualname + "\\n")
sys.setprofile(_hook)
threading.setprofile(_hook)
"""


@dataclass(slots=True)
class Recorder:
    """Profile hook. Notes (file, function) of each Python call while `on` is set."""

    roots: tuple[str, ...]
    on: bool = False
    calls: list[tuple[str, str]] = field(default_factory=list)

    def hook(self, frame: FrameType, event: str, _: object) -> None:
        """Notes a call. Modules that are being imported don't count: the call is warm."""
        code = frame.f_code
        if (
            self.on
            and event == "call"
            and code.co_name != "<module>"
            and code.co_filename.startswith(self.roots)
        ):
            self.calls.append((code.co_filename, code.co_qualname))


@dataclass(frozen=True)
class Trace:
    """Calls of one request in order: in this process, then those of each other process."""

    name: str
    own: list[tuple[str, str]]
    others: list[list[tuple[str, str]]]

    @cached_property
    def everything(self) -> list[tuple[str, str]]:
        """All calls of all processes."""
        return [call for calls in (self.own, *self.others) for call in calls]

    @cached_property
    def files(self) -> set[str]:
        """Distinct files."""
        return {file for file, _ in self.everything}

    @cached_property
    def moves(self) -> Counter[tuple[str, str]]:
        """How often the trace went from one file to another."""
        pairs: Counter[tuple[str, str]] = Counter()
        for calls in (self.own, *self.others):
            steps = pairwise(file for file, _ in calls)
            pairs.update(step for step in steps if step[0] != step[1])
        return pairs


class Caller:
    """One connection to the server, for JSON calls. Runs in a thread that isn't traced."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._connection = http.client.HTTPConnection(*address, timeout=60)

    def call(self, verb: str, path: str, key: str, body: Any = None, **headers: str) -> Any:
        """The reply. RuntimeError, with the body, for anything but 200."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if key:
            given["Authorization"] = f"Bearer {key}"
        content = None
        if body is not None:
            content, given["Content-Type"] = json.dumps(body), "application/json"
        self._connection.request(verb, path, content, given)
        reply = self._connection.getresponse()
        text = reply.read()
        if reply.status != 200:
            raise RuntimeError(f"{verb} {path}: {reply.status} {text.decode()}")
        return json.loads(text)


def main() -> int:
    """Returns the exit code: 1 with `--check` where a call touches more files than its target."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--files", action="store_true", help="also list the files of each call")
    parser.add_argument("--check", action="store_true", help="fail where a target is missed")
    parser.add_argument("--small", type=int, default=40, help="lines of a file to be merged (40)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="xaigh-trace-") as folder:
        traces = run(Path(folder))
    for trace in traces:
        print(report(trace))
        if options.files:
            print(listing(trace))
    print(merges(traces, options.small))
    missed = [trace.name for trace in traces if len(trace.files) > TARGETS[trace.name]]
    return 1 if options.check and missed else 0


def run(folder: Path) -> list[Trace]:
    """Starts a server in this process and traces the three calls."""
    founder = _founder(folder / "data")
    flag, out = folder / "recording", folder / "calls."
    _trace_children(folder / "site", flag, out)
    recorder = Recorder((str(SERVER), str(HTTPRULE)))
    threading.setprofile(recorder.hook)
    sys.setprofile(recorder.hook)
    try:
        with (folder / "server.log").open("w") as log, redirect_stderr(log):
            return uvloop.run(_serve(folder / "data", founder, Recording(recorder, flag, out)))
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


@dataclass(frozen=True, slots=True)
class Recording:
    """Turns recording on and off in all processes."""

    recorder: Recorder
    flag: Path
    out: Path

    def trace(self, name: str, work: Callable[[], object]) -> Trace:
        """Runs one warm call and returns what it ran through."""
        self.recorder.calls.clear()
        self.flag.touch()
        self.recorder.on = True
        try:
            work()
        finally:
            self.recorder.on = False
            self.flag.unlink()
        return Trace(name, list(self.recorder.calls), list(self._of_children()))

    def _of_children(self) -> Iterator[list[tuple[str, str]]]:
        for file in sorted(self.out.parent.glob(f"{self.out.name}*")):
            lines = [line.split("\t") for line in file.read_text().splitlines()]
            yield [(path, name) for path, name in lines if name != "<module>"]
            file.unlink()


async def _serve(data: Path, founder: str, recording: Recording) -> list[Trace]:
    from xaigh_server.app import open_app
    from xaigh_server.settings import Settings

    settings = Settings(
        data_dir=data, rest_address="127.0.0.1:0", deliver_webhooks=False, log_format="json"
    )
    async with AsyncExitStack() as stack:
        app = await open_app(settings, stack)
        await app.rest.start()  # and nothing that runs by itself
        try:
            return await asyncio.to_thread(_play, Caller(app.rest.address), founder, recording)
        finally:
            await app.rest.stop(1.0)


def _play(caller: Caller, founder: str, recording: Recording) -> list[Trace]:
    sys.setprofile(None)  # this thread is the client's
    key = _issue_key(caller, founder)

    def post(number: int) -> Any:
        form = {
            "employerUserId": EMPLOYER,
            "title": f"Depot crew {number}",
            "slots": 3,
            "startsAt": "2031-06-18T08:00:00Z",
        }
        return caller.call("POST", "/v1/jobs/post", key, form, Idempotency_Key=f"post-{number}")

    def sync(revision: int) -> None:
        jobs = [_posting(number, revision) for number in range(RECORDS)]
        form = {"provider": "GREENHOUSE", "employerUserId": EMPLOYER, "jobs": jobs}
        path, headers = "/v1/jobs/ats/sync", {"Idempotency_Key": f"sync-{revision}"}
        caller.call("POST", path, key, form, **headers)

    def get() -> None:
        caller.call("GET", f"/v1/jobs/{job_id}", key)

    for number in range(WARM):
        job_id = post(number)["jobId"]
        get()
    names = iter(TARGETS)
    traces = [recording.trace(next(names), lambda: post(WARM)), recording.trace(next(names), get)]
    _integrate(caller, key)
    for revision in range(WARM):
        sync(revision)
    return [*traces, recording.trace(next(names), lambda: sync(WARM))]


def _issue_key(caller: Caller, founder: str) -> str:
    """The way from an access request to a sandbox key."""
    form = {
        "companyName": "Depot",
        "contactName": "Maya Patel",
        "contactEmail": "maya@depot.example",
        "useCase": "Post shifts.",
        "requestedScopes": SCOPES,
        "monthlyVolumeEstimate": 1000,
        "callbackUrl": "https://hooks.depot.example/xaigh",
        "environments": ["sandbox"],
    }
    ticket = caller.call("POST", "/v1/developer/api-access/request", "", form)["ticketId"]
    path = f"/v1/admin/access-requests/{ticket}"
    etag = caller.call("POST", f"{path}:startReview", founder, {})["etag"]
    approval = {
        "environment": "sandbox",
        "etag": etag,
        "employerUserIds": [EMPLOYER],
        "findings": [{"aspect": each, "finding": "fine", "note": "seen"} for each in ASPECTS],
    }
    grant = caller.call("POST", f"{path}:approve", founder, approval)["grant"]["grantId"]
    issued = caller.call("POST", "/v1/admin/keys", founder, {"grantId": grant, "name": "trace"})
    return str(issued["apiKey"])


def _integrate(caller: Caller, key: str) -> None:
    form = {"provider": "GREENHOUSE", "board": BOARD, "employerUserIds": [EMPLOYER]}
    caller.call("POST", "/v1/jobs/ats/integrations", key, form)


def _posting(number: int, revision: int) -> dict[str, Any]:
    """A job of a Greenhouse board, of about a kilobyte."""
    return {
        "id": 1000 + number,
        "title": f"Depot planner {number}, revision {revision}",
        "absolute_url": f"https://boards.greenhouse.io/{BOARD}/jobs/{1000 + number}",
        "location": {"name": "Columbus, OH"},
        "updated_at": f"2026-05-04T09:{revision:02d}:00-04:00",
        "departments": [{"id": 7, "name": "Planning", "child_ids": [], "parent_id": None}],
        "offices": [{"id": 9, "name": "Columbus", "location": "Columbus, Ohio, United States"}],
        "content": "&lt;p&gt;We move pallets, and keep the dock safe.&lt;/p&gt;" * 12,
    }


def _founder(data: Path) -> str:
    """Makes the databases and their first operator. Returns the operator's credential."""
    data.mkdir()
    command = ("operator", "add", "tracer", "--role", "founder", "--data-dir", str(data))
    made = subprocess.run(
        [sys.executable, "-m", "xaigh_server", *command], check=True, capture_output=True, text=True
    )
    return made.stdout.split()[-1]


def _trace_children(site: Path, flag: Path, out: Path) -> None:
    """Has every Python process that this one starts note its calls while the flag file exists."""
    site.mkdir()
    hook = _CHILD.format(flag=str(flag), out=str(out), roots=(str(SERVER), str(HTTPRULE)))
    (site / "sitecustomize.py").write_text(hook)
    paths = [str(site), *filter(None, [os.environ.get("PYTHONPATH")])]
    os.environ["PYTHONPATH"] = os.pathsep.join(paths)


def report(trace: Trace) -> str:
    """The figures of one call."""
    folders = Counter(_folder(file) for file in trace.files)
    between = sum(
        count for (a, b), count in trace.moves.items() if _folder(a) != _folder(b)
    )  # fmt: skip
    lines = sum(_lines(file) for file in trace.files)
    others = {file for calls in trace.others for file, _ in calls} - {f for f, _ in trace.own}
    return "\n".join(
        (
            f"\n{trace.name}",
            f"  files       {len(trace.files):6}   target {TARGETS[trace.name]}"
            + (f", {len(others)} of them only in another process" if others else ""),
            f"  lines       {lines:6,}   of those files",
            f"  functions   {len(set(trace.everything)):6}   {len(trace.everything):,} calls",
            f"  moves       {sum(trace.moves.values()):6}   {between} between top-level folders",
            "  folders     "
            + ", ".join(f"{name} {count}" for name, count in folders.most_common()),
        )
    )


def listing(trace: Trace) -> str:
    """The files in the order in which the call reached them, with their lines and calls."""
    calls = Counter(file for file, _ in trace.everything)
    rows = (
        f"{_lines(file):4} lines {count:5} calls  {_name(file)}" for file, count in calls.items()
    )
    return "\n".join(f"    {row}" for row in rows)


def merges(traces: list[Trace], limit: int) -> str:
    """Files under `limit` lines that no traced call touches without one of the same folder."""
    moves: Counter[tuple[str, str]] = Counter()
    for trace in traces:
        moves.update(trace.moves)
    found = []
    for small in sorted({file for trace in traces for file in trace.files}):
        if _lines(small) < limit and (near := _neighbour(small, traces, moves)):
            found.append(f"  {_name(small)} ({_lines(small)}) -> {_name(near)} ({_lines(near)})")
    head = f"\nunder {limit} lines, and always touched together with a neighbour:"
    return "\n".join((head, *found))


def _neighbour(small: str, traces: list[Trace], moves: Counter[tuple[str, str]]) -> str:
    """The file of the same folder that is in every trace of `small`, the one with most moves."""
    common = set.intersection(*(trace.files for trace in traces if small in trace.files))
    near = [f for f in common if f != small and Path(f).parent == Path(small).parent]
    return max(near, key=lambda f: moves[f, small] + moves[small, f], default="")


def _name(file: str) -> str:
    return file.removeprefix(f"{SERVER}/").removeprefix(f"{HTTPRULE.parent}/")


def _folder(file: str) -> str:
    return _name(file).partition("/")[0]


def _lines(file: str) -> int:
    return Path(file).read_text().count("\n")


if __name__ == "__main__":
    sys.exit(main())
