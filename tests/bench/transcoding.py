"""What transcoding costs, beside json_format and a Starlette route table. No handler, no network.

Every figure is the best of several rounds.
"""

from __future__ import annotations

import timeit
from collections.abc import Callable
from functools import partial
from typing import Any

from google.protobuf import json_format
from starlette.routing import Match as StarletteMatch
from starlette.routing import Route as StarletteRoute
from tests.bench.bars import Bar

from httprule.binding import Binding
from httprule.codec import Codec
from httprule.http_rules import Rule
from httprule.routes import Match, Router
from httprule.template import parse
from httprule_harness.protos import compile_pool, new_type

PROTO = """
syntax = "proto3";
package bench;
import "google/protobuf/timestamp.proto";
message Pay { int64 min_minor = 1; int64 max_minor = 2; string currency = 3; }
message Place { string city = 1; string region = 2; string country = 3; }
enum Status { STATUS_UNSPECIFIED = 0; OPEN = 1; CLOSED = 2; }
message Job {
  string job_id = 1; string title = 2; string description = 3; Status status = 4; Pay pay = 5;
  Place location = 6; repeated string requirements = 7; int32 slots = 8; bool remote = 9;
  google.protobuf.Timestamp start_time = 10; google.protobuf.Timestamp end_time = 11;
}
message Get { string job_id = 1; }
message List { string employer_id = 1; int32 page_size = 2; string page_token = 3;
  Status status = 4; }
message Update { Job job = 1; string note = 2; }
"""
JOB = {
    "jobId": "job_01J9",
    "title": "Forklift driver, night shift",
    "description": "Moves pallets between dock and racks. " * 6,
    "status": "OPEN",
    "pay": {"minMinor": "185000", "maxMinor": "210000", "currency": "EUR"},
    "location": {"city": "Rotterdam", "region": "Zuid-Holland", "country": "NL"},
    "requirements": ["Forklift licence", "Dutch or English", "Own transport"],
    "slots": 12,
    "remote": False,
    "startTime": "2026-02-01T18:00:00Z",
    "endTime": "2026-02-28T02:00:00Z",
}


class Bench:
    """A thousand routes of two hundred and fifty resources, compiled both ways."""

    def __init__(self) -> None:
        pool = compile_pool({"bench.proto": PROTO})
        self.types = {n: new_type(pool, f"bench.{n}") for n in ("Job", "Get", "List", "Update")}
        codec = Codec([kind.DESCRIPTOR for kind in self.types.values()])
        rules = [rule for number in range(250) for rule in self._rules(number)]
        self.bindings = {rule: Binding.compile(rule, codec) for rule in rules}
        self.router = Router.build(rules)
        self.table = [
            StarletteRoute(_starlette_path(rule), _nothing, methods=[rule.http_method])
            for rule in rules
        ]
        self.job = json_format.ParseDict(JOB, self.types["Job"]())
        self.body = json_format.MessageToJson(self.job, indent=None).encode()

    def _rules(self, number: int) -> list[Rule]:
        base = f"/v1/kind{number}"
        return [
            self._rule("Get", "GET", f"{base}/{{job_id}}"),
            self._rule("List", "GET", f"{base}/of/{{employer_id}}/jobs"),
            self._rule("Job", "POST", base, body="*"),
            self._rule("Update", "PATCH", f"{base}/{{job.job_id}}", body="job"),
        ]

    def _rule(self, request: str, method: str, template: str, body: str = "") -> Rule:
        return Rule(
            name=f"/bench.Jobs/{request}",
            http_method=method,
            template=parse(template),
            body=body,
            request=self.types[request].DESCRIPTOR,
            response=self.types["Job"].DESCRIPTOR,
        )

    def read(self, method: str, path: str, query: str = "", body: bytes = b"") -> Any:
        """The request message, by this gateway."""
        match = self.router.match(method, path)
        assert isinstance(match, Match)
        return self.bindings[match.route].request(match.values, query, body)

    def read_plainly(self, method: str, path: str, kind: str, body: bytes = b"") -> Any:
        """The request message, by a Starlette table and json_format."""
        scope = {"type": "http", "method": method, "path": path, "root_path": "", "headers": []}
        for route in self.table:
            found, child = route.matches(scope)
            if found is StarletteMatch.FULL:
                break
        message = self.types[kind]()
        if body:
            json_format.Parse(body, message)
        return json_format.ParseDict(
            {name: text for name, text in child["path_params"].items() if "_" in name}, message
        )

    def write(self) -> bytes:
        """A reply, by this gateway."""
        binding = next(iter(self.bindings.values()))
        return binding.response(self.job).body

    def write_plainly(self) -> bytes:
        """A reply, by json_format."""
        return json_format.MessageToJson(self.job, indent=None).encode()


def _starlette_path(rule: Rule) -> str:
    return str(rule.template).replace("job.job_id", "job_id")


async def _nothing(request: object) -> None:
    """An endpoint that is never called."""


def micros(action: Callable[[], object], count: int = 2_000) -> float:
    """The best mean time of an action over five rounds, in microseconds."""
    return min(timeit.repeat(action, number=count, repeat=5)) / count * 1e6


def measure() -> list[Bar]:
    """Finding a route among a thousand, and what it costs to read and to write beside others."""
    from tests.bench import lines  # it streams the messages of this file

    bench = Bench()
    return [_matching(bench), *_transcoding(bench), lines.bar()]


def _matching(bench: Bench) -> Bar:
    last = "/v1/kind249"
    asked = {
        "the first": ("GET", "/v1/kind0/x"),
        "the last": ("GET", f"{last}/job_01J9"),
        "without variables": ("POST", last),
        "an encoded value": ("GET", f"{last}/a%20b"),
        "none": ("GET", "/v1/nothing/here"),
    }
    took = {name: micros(partial(bench.router.match, *each)) for name, each in asked.items()}
    return Bar(
        name="a match among 1,000 templates, the slowest kind",
        value=max(took.values()),
        wanted=5,
        unit="µs",
        detail=", ".join(f"{name} {each:.1f}" for name, each in took.items()),
        higher=False,
    )


def _transcoding(bench: Bench) -> list[Bar]:
    """Beside a Starlette route table and json_format."""
    path, body = "/v1/kind9/job_01J9", bench.body
    pairs: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "a GET read": (
            lambda: bench.read("GET", path),
            lambda: bench.read_plainly("GET", path, "Get"),
        ),
        f"a POST of {len(body)} bytes read": (
            lambda: bench.read("POST", "/v1/kind9", "", body),
            lambda: bench.read_plainly("POST", "/v1/kind9", "Job", body),
        ),
        "a reply written": (bench.write, bench.write_plainly),
    }
    bars = []
    for name, (ours, theirs) in pairs.items():
        mine, plain = micros(ours), micros(theirs, 300)
        detail = f"{mine:.1f} µs; json_format and Starlette {plain:.1f} µs"
        bars.append(Bar(name=name, value=mine / plain, wanted=0.5, unit="×",
                        detail=detail, higher=False))  # fmt: skip
    return bars
