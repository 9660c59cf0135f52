"""Reading the server's address."""

import pytest

from xaigh_client.address import parse
from xaigh_client.errors import ConfigurationError


@pytest.mark.parametrize(
    ("text", "target", "tls", "loopback"),
    [
        ("api.example.com", "api.example.com:443", True, False),
        ("api.example.com:8443", "api.example.com:8443", True, False),
        ("https://api.example.com", "api.example.com:443", True, False),
        ("https://api.example.com/", "api.example.com:443", True, False),
        ("http://10.0.0.5:8080", "10.0.0.5:8080", False, False),
        ("10.0.0.5:8080", "10.0.0.5:8080", True, False),
        ("localhost:8081", "localhost:8081", False, True),
        ("gateway.localhost:8081", "gateway.localhost:8081", False, True),
        ("127.0.0.1:8081", "127.0.0.1:8081", False, True),
        ("127.8.8.8:8081", "127.8.8.8:8081", False, True),
        ("[::1]:8081", "[::1]:8081", False, True),
        ("https://localhost:8443", "localhost:8443", True, True),
        ("grpc://host:1", "host:1", False, False),
        ("  host:1\n", "host:1", True, False),
        ("unix:/run/xaigh.sock", "unix:/run/xaigh.sock", False, True),
    ],
)
def test_an_address_says_target_and_safety(
    text: str, target: str, tls: bool, loopback: bool
) -> None:
    """Without a scheme, only loopback is spoken to in clear text."""
    address = parse(text)
    assert (address.target, address.tls, address.loopback) == (target, tls, loopback)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "http://",
        "host:port",
        "host:99999",
        "ftp://host",
        "host/path",
        "https://me@host",
        "[::1",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    """A wrong address is told before anything is sent."""
    with pytest.raises(ConfigurationError):
        parse(text)


def test_a_name_that_begins_like_loopback_is_not() -> None:
    """`127.0.0.1.example.com` belongs to somebody else."""
    assert not parse("127.0.0.1.example.com:80").loopback
