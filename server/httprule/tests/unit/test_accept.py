"""`Accept` and `Accept-Encoding` headers, by tables."""

from __future__ import annotations

import pytest

from httprule.accept import parse_accept, prefers_problem, split_list, wants_gzip

OFFERS = ("application/x-ndjson", "application/json", "text/event-stream")


@pytest.mark.parametrize(
    ("header", "best"),
    [
        (None, "application/x-ndjson"),
        ("", "application/x-ndjson"),
        ("*/*", "application/x-ndjson"),
        ("nonsense", "application/x-ndjson"),
        ("text/event-stream", "text/event-stream"),
        ("TEXT/Event-Stream ; charset=utf-8", "text/event-stream"),
        ("application/*", "application/x-ndjson"),
        ("application/json, */*", "application/json"),
        ("*/*, application/json", "application/json"),
        ("application/json;q=0.2, text/*;q=0.3", "text/event-stream"),
        ("application/*;q=0.1, application/json;q=0", "application/x-ndjson"),
        ("text/event-stream, application/json", "text/event-stream"),
        ("application/json;q=0", None),
        ("image/png", None),
        ("*/*;q=0", None),
        ("application/json;q=abc, image/png", None),
        ('application/json;profile="a,b";q=0.5, text/event-stream;q=0.4', "application/json"),
    ],
)
def test_best(header: str | None, best: str | None) -> None:
    """The most welcome offer wins; on a tie the one named more exactly, then the first named."""
    assert parse_accept(header).best(OFFERS) == best


def test_a_very_long_header_counts_as_none() -> None:
    """A header that is no negotiation any more is not parsed."""
    assert parse_accept("a/b," * 5000).best(OFFERS) == OFFERS[0]


def test_names() -> None:
    """A type is named when it is spelled out and not refused."""
    accept = parse_accept("application/json, text/*, application/x-ndjson;q=0")
    assert accept.names("application/json")
    assert not accept.names("text/event-stream")
    assert not accept.names("application/x-ndjson")


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("", False),
        ("gzip", True),
        ("x-gzip", True),
        ("GZIP", True),
        ("gzip, deflate, br", True),
        ("br", False),
        ("*", True),
        ("*;q=0", False),
        ("gzip;q=0", False),
        ("gzip;q=0, *", False),
        ("gzip;q=0.5, identity", False),
        ("gzip;q=0.5, identity;q=0.1", True),
        ("identity;q=0, gzip", True),
        ("identity", False),
        ("gzip;q=1.0001", False),
    ],
)
def test_wants_gzip(header: str, wanted: bool) -> None:
    """gzip is used where it is allowed and not less welcome than none."""
    assert wants_gzip(header) is wanted


@pytest.mark.parametrize(
    ("header", "preferred"),
    [
        (None, False),
        ("*/*", False),
        ("application/json", False),
        ("application/problem+json", True),
        ("application/json, application/problem+json", True),
        ("application/json, application/problem+json;q=0.5", False),
        ("application/problem+json;q=0", False),
    ],
)
def test_prefers_problem(header: str | None, preferred: bool) -> None:
    """Problems are for those who name them."""
    assert prefers_problem(header) is preferred


def test_split_list() -> None:
    """Commas in quotes separate nothing, also after an escaped quote."""
    assert split_list('a, "b,\\",c" ,, d') == ["a", ' "b,\\",c" ', " d"]
