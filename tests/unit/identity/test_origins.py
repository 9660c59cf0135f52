"""Web origins."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xaigh_server.errors import FieldInvalid
from xaigh_server.identity import origins
from xaigh_server.identity.environments import Environment


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("https://example.com", "https://example.com"),
        ("HTTPS://Example.COM:443", "https://example.com"),
        ("http://example.com:80", "http://example.com"),
        ("https://example.com:8443", "https://example.com:8443"),
        ("https://b\N{LATIN SMALL LETTER U WITH DIAERESIS}cher.de", "https://xn--bcher-kva.de"),
        ("https://[2001:DB8::0001]:444", "https://[2001:db8::1]:444"),
    ],
)
def test_normal_forms(text: str, normal: str) -> None:
    """As browsers write them."""
    assert origins.normalize(text) == normal


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "*",
        "https://*.example.com",
        "https://example.com/",
        "https://example.com?x",
        "https://example.com#x",
        "https://user@example.com",
        "https://example.com:0",
        "https://example.com:99999",
        "https://example..com",
        "https://-",
        "https://",
        "//example.com",
        "example.com",
        "ftp://example.com",
        "file://",
        " https://example.com",
        "https://exa mple.com",
        "https://[::1",
        "https://example.com\\@evil",
        "https://" + "a" * 400,
    ],
)
def test_anything_else_is_none(text: str) -> None:
    """Paths, users, wildcards and other schemes are no origin."""
    assert origins.normalize(text) is None


@given(st.text())
def test_never_raises_and_is_idempotent(text: str) -> None:
    """A normal form is its own."""
    for each in (text, f"https://{text}"):
        normal = origins.normalize(each)
        if normal is not None:
            assert origins.normalize(normal) == normal


def test_lists_name_each_wrong_one() -> None:
    """Every fault at once, by its index."""
    with pytest.raises(FieldInvalid) as caught:
        origins.parse_list(["https://a.example", "x", "http://b.example"], Environment.SANDBOX)
    assert [v.path for v in caught.value.violations] == ["allowedOrigins[1]", "allowedOrigins[2]"]


def test_http_is_for_localhost_in_the_sandbox() -> None:
    """A developer's machine, never production."""
    local = ["http://localhost:3000", "http://127.0.0.1", "http://[::1]:8080"]
    assert origins.parse_list(local, Environment.SANDBOX) == tuple(local)
    with pytest.raises(FieldInvalid):
        origins.parse_list(local, Environment.PRODUCTION)


def test_lists_are_bounded_and_without_doubles() -> None:
    """Fifty at most; spellings of one origin count once."""
    same = ["https://a.example", "https://A.example:443"]
    assert origins.parse_list(same, Environment.PRODUCTION) == ("https://a.example",)
    with pytest.raises(FieldInvalid):
        origins.parse_list([f"https://a{n}.example" for n in range(51)], Environment.PRODUCTION)
