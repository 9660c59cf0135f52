"""Listed headers of requests and replies, deadlines, client addresses."""

from __future__ import annotations

import pytest

from httprule.failures import HttpError
from httprule.headers import PASS_IN, HeaderRules, Peers, encode_value, seconds_left


def test_every_listed_header_passes() -> None:
    """What is on the list for requests becomes metadata, in the order it was sent."""
    raw = [(name.encode(), b"v") for name in sorted(PASS_IN)]
    assert [name for name, _ in HeaderRules().scan(raw).metadata] == sorted(PASS_IN)


def test_repeated_headers() -> None:
    """Metadata keeps both, the gateway itself reads them as one list."""
    scanned = HeaderRules().scan([(b"authorization", b"a"), (b"authorization", b"b")])
    assert scanned.metadata == (("authorization", "a"), ("authorization", "b"))
    assert scanned.known == {"authorization": "a, b"}


@pytest.mark.parametrize("name", [b"cookie", b"x-forwarded-proto", b"grpc-metadata-foo", b"te"])
def test_other_headers_stay_outside(name: bytes) -> None:
    """A header that is not on a list does not exist."""
    scanned = HeaderRules().scan([(name, b"v")])
    assert (scanned.known, scanned.metadata) == ({}, ())


def test_prefix() -> None:
    """Behind the prefix, names pass, and "-bin" values arrive as bytes."""
    rules = HeaderRules(metadata_prefix="m-")
    assert rules.scan([(b"m-a", b"1"), (b"m-b-bin", b"AQ")]).metadata == (
        ("a", "1"),
        ("b-bin", b"\x01"),
    )
    with pytest.raises(HttpError) as refused:
        rules.scan([(b"m-b-bin", b"!!")])
    assert refused.value.status == 400


def test_reply_headers() -> None:
    """Listed names leave in lower case, others do not."""
    pairs = [("X-Request-Id", "1"), ("Set-Cookie", "a=b"), ("retry-after", "2")]
    assert HeaderRules().reply(pairs) == [(b"x-request-id", b"1"), (b"retry-after", b"2")]


@pytest.mark.parametrize(
    ("value", "raw"),
    [("a\r\nb", b"a  b"), ("é", b"\xe9"), ("日", b"?"), ("a\tb", b"a\tb"), ("\x00", b" ")],
)
def test_values_add_no_lines(value: str, raw: bytes) -> None:
    """Control characters become spaces, what ISO 8859-1 lacks becomes a question mark."""
    assert encode_value(value) == raw


@pytest.mark.parametrize(
    ("headers", "maximum", "seconds"),
    [
        ({}, None, None),
        ({}, 60.0, 60.0),
        ({"grpc-timeout": "17H"}, None, 61_200.0),
        ({"grpc-timeout": "2M"}, None, 120.0),
        ({"grpc-timeout": "99999999S"}, 60.0, 60.0),
        ({"grpc-timeout": "250m"}, 60.0, 0.25),
        ({"grpc-timeout": "1000003u"}, None, 1.000003),
        ({"grpc-timeout": "5n"}, None, 5e-9),
        ({"grpc-timeout": ""}, None, None),
        ({"grpc-timeout": "", "x-request-timeout": "2"}, 60.0, 2.0),
        ({"x-request-timeout": "2"}, 60.0, 2.0),
        ({"x-request-timeout": "0.25"}, 60.0, 0.25),
        ({"x-request-timeout": "2", "grpc-timeout": "1S"}, 60.0, 1.0),
        ({"x-request-timeout": "1", "grpc-timeout": "2S"}, 60.0, 1.0),
    ],
)
def test_seconds_left(
    headers: dict[str, str], maximum: float | None, seconds: float | None
) -> None:
    """The least of the server's maximum and the client's wishes."""
    assert seconds_left(headers, maximum) == (None if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize(
    "headers",
    [
        *({"grpc-timeout": text} for text in ("5", "17h", "S", " ", "123456789S", "-1S", "1S, 2S")),
        *({"x-request-timeout": text} for text in ("", "1s", "-1", "1e3", "inf", ".5", "1.")),
    ],
)
def test_unreadable_deadlines(headers: dict[str, str]) -> None:
    """A deadline that cannot be read is refused."""
    with pytest.raises(HttpError) as refused:
        seconds_left(headers, None)
    assert refused.value.status == 400


@pytest.mark.parametrize(
    ("socket", "forwarded", "peer"),
    [
        ("203.0.113.1", None, "203.0.113.1"),
        ("203.0.113.1", "6.6.6.6", "203.0.113.1"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "203.0.113.9, 10.0.0.7", "203.0.113.9"),
        ("10.0.0.1", "10.0.0.8, 10.0.0.7", "10.0.0.8"),
        ("10.0.0.1", "garbage", "10.0.0.1"),
        ("10.0.0.1", "6.6.6.6, garbage, 10.0.0.7", "10.0.0.7"),
        ("10.0.0.1", "203.0.113.9:4711", "203.0.113.9"),
        ("10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"),
        ("10.0.0.1", "2001:DB8::1", "2001:db8::1"),
        ("::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("fd00::1", "203.0.113.9", "203.0.113.9"),
        ("", "203.0.113.9", ""),
    ],
)
def test_peer(socket: str, forwarded: str | None, peer: str) -> None:
    """The header is read from the right, past trusted proxies only, and from none but them."""
    assert Peers(("10.0.0.0/8", "fd00::/8")).peer(socket, forwarded) == peer


def test_no_proxy_is_trusted_by_default() -> None:
    """Without networks the header means nothing."""
    assert Peers().peer("10.0.0.1", "203.0.113.9") == "10.0.0.1"


def test_networks_are_checked_at_the_start() -> None:
    """A block that is none stops the start."""
    with pytest.raises(ValueError, match=r"10\.0\.0\.1/8"):
        Peers(("10.0.0.1/8",))
