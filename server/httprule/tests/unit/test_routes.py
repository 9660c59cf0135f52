"""The router: precedence, backtracking, verbs, methods, decoding, collisions, linear cost."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httprule.errors import MALFORMED_ESCAPE, MALFORMED_PATH, InvalidArgument, RouteCollision
from httprule.percent import Unescape
from httprule.routes import Match, MethodNotAllowed, NoRoute, Router
from httprule.template import DEEP, Template, parse


@dataclass(frozen=True)
class Route:
    name: str
    http_method: str
    template: Template


def build(*lines: str, **options) -> Router[Route]:
    """A router of lines such as `GET /v1/{id}`; a route is named by its line."""
    routes = []
    for line in lines:
        method, _, template = line.partition(" ")
        routes.append(Route(line, method, parse(template)))
    return Router.build(routes, **options)


SERVICE = (
    "GET /v1/jobs",
    "POST /v1/jobs/post",
    "GET /v1/jobs:watch",
    "GET /v1/jobs/{job_id}",
    "PATCH /v1/jobs/{job_id}",
    "POST /v1/jobs/{job_id}:close",
    "POST /v1/jobs/ats/sync",
    "POST /v1/jobs/ats/runs/{run}:confirm",
    "GET /v1/{name=shelves/*/books/*}",
    "GET /v1/files/{path=**}",
    "GET /v1/files/{path=**}/meta",
    "GET /",
    "* /any/{x}",
    "GET /any/{x}/y",
)
MATCHES = [
    ("GET", "/v1/jobs", "GET /v1/jobs", {}),
    ("GET", "/v1/jobs:watch", "GET /v1/jobs:watch", {}),
    ("POST", "/v1/jobs/post", "POST /v1/jobs/post", {}),
    ("GET", "/v1/jobs/post", "GET /v1/jobs/{job_id}", {"job_id": "post"}),
    ("POST", "/v1/jobs/post:close", "POST /v1/jobs/{job_id}:close", {"job_id": "post"}),
    ("POST", "/v1/jobs/ats:close", "POST /v1/jobs/{job_id}:close", {"job_id": "ats"}),
    ("GET", "/v1/jobs/a:b", "GET /v1/jobs/{job_id}", {"job_id": "a:b"}),
    ("GET", "/v1/jobs/a:close", "GET /v1/jobs/{job_id}", {"job_id": "a:close"}),
    ("POST", "/v1/jobs/a:b:close", "POST /v1/jobs/{job_id}:close", {"job_id": "a:b"}),
    ("GET", "/v1/jobs/a%3Aclose", "GET /v1/jobs/{job_id}", {"job_id": "a:close"}),
    ("GET", "/v1/jobs/a%2Fb", "GET /v1/jobs/{job_id}", {"job_id": "a/b"}),
    ("GET", "/v1/%6Aobs", "GET /v1/jobs", {}),
    ("GET", "/v1/jobs%3Awatch", None, {}),
    ("POST", "/v1/jobs/ats/runs/r:confirm", "POST /v1/jobs/ats/runs/{run}:confirm", {"run": "r"}),
    ("GET", "/v1/shelves/1/books/a%20b%2F", "GET /v1/{name=shelves/*/books/*}",
     {"name": "shelves/1/books/a b%2F"}),
    ("GET", "/v1/files", "GET /v1/files/{path=**}", {"path": ""}),
    ("GET", "/v1/files/", "GET /v1/files/{path=**}", {"path": ""}),
    ("GET", "/v1/files/a/b", "GET /v1/files/{path=**}", {"path": "a/b"}),
    ("GET", "/v1/files/a/b/meta", "GET /v1/files/{path=**}/meta", {"path": "a/b"}),
    ("GET", "/v1/files/meta", "GET /v1/files/{path=**}/meta", {"path": ""}),
    ("GET", "/", "GET /", {}),
    ("GET", "/v1/jobs/", None, {}),
    ("GET", "/v1/jobs//", None, {}),
    ("GET", "/v2/jobs", None, {}),
    ("GET", "//v1/jobs", None, {}),
    ("DELETE", "/any/1", "* /any/{x}", {"x": "1"}),
    ("HEAD", "/v1/jobs", "GET /v1/jobs", {}),
    ("HEAD", "/v1/jobs/1", "GET /v1/jobs/{job_id}", {"job_id": "1"}),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "line", "bindings"), MATCHES)
def test_match(method, path, line, bindings):
    """A path finds its most specific route and the decoded values."""
    found = build(*SERVICE).match(method, path)
    if line is None:
        assert isinstance(found, NoRoute)
        return
    assert isinstance(found, Match)
    assert found.route.name == line
    assert found.bindings() == bindings


@pytest.mark.parametrize(("method", "path", "line", "bindings"), MATCHES)
def test_order_of_registration_does_not_matter(method, path, line, bindings):
    """The same routes registered backwards answer alike."""
    found = build(*reversed(SERVICE)).match(method, path)
    assert (found.route.name if isinstance(found, Match) else None) == line


def test_other_methods_are_named():
    """A path that exists under other methods answers with all of them, sorted, HEAD with GET."""
    router = build(*SERVICE, "DELETE /v1/{x}/post")
    assert router.match("PUT", "/v1/jobs/post") == MethodNotAllowed(
        ("DELETE", "GET", "HEAD", "PATCH", "POST")
    )
    assert router.match("GET", "/v1/jobs/ats/sync") == MethodNotAllowed(("POST",))
    assert router.allow("/v1/jobs/x:close") == ("GET", "HEAD", "PATCH", "POST")
    assert router.allow("/nowhere") == ()


def test_a_literal_without_the_method_hides_nothing():
    """A wildcard branch answers where the literal one lacks the HTTP method."""
    router = build("POST /a/special", "GET /a/{id}")
    found = router.match("GET", "/a/special")
    assert isinstance(found, Match)
    assert found.bindings() == {"id": "special"}


def test_explicit_head_beats_get():
    """A route that says HEAD answers it, even a less specific one."""
    router = build("GET /a/b", "HEAD /a/{x}")
    found = router.match("HEAD", "/a/b")
    assert isinstance(found, Match)
    assert found.route.http_method == "HEAD"


def test_head_can_be_switched_off():
    """Without the option GET does not answer HEAD, and Allow does not claim it."""
    router = build("GET /a", head_from_get=False)
    assert router.match("HEAD", "/a") == MethodNotAllowed(("GET",))


def test_any_method_yields_to_a_named_one():
    """`custom: {kind: "*"}` answers what no named method does."""
    router = build("* /a", "PUT /a", "* /b/{x}", "PUT /b/{x}")
    for method, path, line in [
        ("PUT", "/a", "PUT /a"),
        ("GET", "/a", "* /a"),
        ("PUT", "/b/1", "PUT /b/{x}"),
        ("PURGE", "/b/1", "* /b/{x}"),
    ]:
        found = router.match(method, path)
        assert isinstance(found, Match)
        assert found.route.name == line


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("GET /a", "GET /a"),
        ("GET /a/{x}", "GET /a/{y}"),
        ("GET /a/*", "GET /{y=a/*}"),
        ("GET /a/{x=**}", "GET /a/**"),
        ("GET /a:go", "GET /a:go"),
        ("GET /%61", "GET /a"),
        ("* /a", "* /a"),
    ],
)
def test_collisions(first, second):
    """Two routes for the same requests stop the start, both named."""
    with pytest.raises(RouteCollision) as refused:
        build(first, "GET /unrelated", second)
    assert (refused.value.first, refused.value.second) == (first, second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("GET /a", "POST /a"),
        ("GET /a", "GET /a:go"),
        ("GET /a/*", "GET /a/b"),
        ("GET /a", "* /a"),
        ("GET /%2A", "GET /*"),
    ],
)
def test_no_collision(first, second):
    """Routes that differ in method, verb or precision live together."""
    build(first, second)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("", MALFORMED_PATH),
        ("v1/jobs", MALFORMED_PATH),
        ("*", MALFORMED_PATH),
        ("/v1/jöbs", MALFORMED_PATH),
        ("/v1/jobs/%zz", MALFORMED_ESCAPE),
        ("/nowhere/%2", MALFORMED_ESCAPE),
        ("/v1/jobs/%ff", MALFORMED_ESCAPE),
    ],
)
def test_malformed_paths(path, reason):
    """What is no path is refused, whether or not a route would answer."""
    with pytest.raises(InvalidArgument) as refused:
        build(*SERVICE).match("GET", path)
    assert refused.value.violations[0].reason == reason


def test_unescape_modes():
    """The mode says which escapes a multi-segment value keeps; single segments keep none."""
    values = {}
    for mode in Unescape:
        found = build("GET /{a}/{b=**}", unescape=mode).match("GET", "/x%2F%3B/x%2F%3B")
        assert isinstance(found, Match)
        values[mode] = found.values
    assert values == {
        Unescape.ALL_EXCEPT_RESERVED: ("x/;", "x%2F%3B"),
        Unescape.ALL_EXCEPT_SLASH: ("x/;", "x%2F;"),
        Unescape.ALL: ("x/;", "x/;"),
    }


def test_colon_always_verb():
    """With the option a colon in the last segment is never data."""
    router = build("GET /a/{x}", "GET /b:go", colon_always_verb=True)
    assert router.match("GET", "/a/b:c") == NoRoute()
    assert router.match("PUT", "/a/b:c") == NoRoute()
    assert isinstance(router.match("GET", "/b:go"), Match)


def test_a_long_path_stays_linear():
    """A path of many empty segments neither overflows the stack nor takes long."""
    router = build("GET /a/**/x", "GET /a/{y=**}")
    assert isinstance(router.match("GET", "/a" + "/" * 64_000 + "x"), Match)
    assert isinstance(router.match("GET", "/b" + "/" * 64_000 + "x"), NoRoute)


def test_a_thousand_overlapping_routes():
    """Routes that share every prefix still resolve to the most specific one."""
    lines = [
        "GET /" + "/".join("a" if choice >> bit & 1 else f"{{v{bit}}}" for bit in range(10))
        for choice in range(1024)
    ]
    router = build(*lines)
    found = router.match("GET", "/" + "/".join("aabbaabbaa"))
    assert isinstance(found, Match)
    assert found.route.template.source == "/a/a/{v2}/{v3}/a/a/{v6}/{v7}/a/a"


SEGMENTS = st.sampled_from(["a", "b", "c", "*", "**", "{x}", "{y=**}", "{z=a/*}"])


@st.composite
def templates(draw) -> str:
    """A valid template over a small alphabet."""
    parts = draw(st.lists(SEGMENTS, min_size=1, max_size=4, unique_by=lambda s: s.strip("{}")))
    source = "/" + "/".join(parts) + draw(st.sampled_from(["", "", ":v"]))
    try:
        parse(source)
    except ValueError:
        return draw(templates())
    return source


@given(
    sources=st.lists(templates(), max_size=6),
    path=st.lists(st.sampled_from(["a", "b", "c", "d", ""]), min_size=1, max_size=5),
    verb=st.sampled_from(["", ":v", ":w"]),
)
def test_agrees_with_a_plain_search(sources, path, verb):
    """The automaton finds what trying every template finds, literal before `*` before `**`."""
    chosen = {_outline(source): source for source in sources}
    router = build(*(f"GET {source}" for source in chosen.values()))
    target = "/" + "/".join(path) + verb
    found = router.match("GET", target)
    wanted = _search(list(chosen.values()), target)
    if wanted is None:
        assert isinstance(found, NoRoute)
    else:
        assert isinstance(found, Match)
        assert found.route.template.source == wanted


def _outline(source: str) -> tuple[object, ...]:
    template = parse(source)
    return (*template.segments, template.verb)


def _search(sources: list[str], path: str) -> str | None:
    head, colon, verb = path.rpartition(":")
    split_paths = [(head, verb), (path, None)] if colon else [(path, None)]
    for text, wanted in split_paths:
        parts = text[1:].split("/") if text != "/" else []
        fitting = [
            (_steps(template.segments, parts), source)
            for source in sources
            if (template := parse(source)).verb == wanted
            and _steps(template.segments, parts) is not None
        ]
        if fitting:
            return min(fitting)[1]
    return None


def _steps(segments: tuple[str, ...], parts: list[str]) -> list[int] | None:
    """The choices of a template along a path, or None where it does not fit."""
    if not segments:
        return None if parts else [0]
    if segments[0] == DEEP:
        tail = list(segments[1:])
        if len(parts) < len(tail) or (tail and parts[len(parts) - len(tail) :] != tail):
            return None
        return [2, *(0 for _ in tail), 9]
    if not parts or (segments[0] == "*" and not parts[0]):
        return None
    if segments[0] not in ("*", parts[0]):
        return None
    rest = _steps(segments[1:], parts[1:])
    return None if rest is None else [1 if segments[0] == "*" else 0, *rest]
