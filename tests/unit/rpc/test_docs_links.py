"""Links of errors lead to the server itself, unless a setting says otherwise."""

from pathlib import Path
from typing import Any

import pytest

from xaigh_server.rpc.docs_links import DocsLinks, docs_base
from xaigh_server.settings import Settings

PEM = Path("server.pem")


@pytest.mark.parametrize(
    ("settings", "host", "base"),
    [
        ({}, "127.0.0.1", "http://127.0.0.1:8080/docs"),
        ({}, "::1", "http://[::1]:8080/docs"),
        ({}, "0.0.0.0", "http://localhost:8080/docs"),
        ({}, "::", "http://localhost:8080/docs"),
        ({"tls_cert": PEM, "tls_key": PEM}, "10.0.0.1", "https://10.0.0.1:8080/docs"),
        ({"public_names": ("*.a.example", "api.a.example")}, "::", "https://api.a.example/docs"),
        ({"public_names": ("2001:db8::1",)}, "::", "https://[2001:db8::1]/docs"),
        ({"public_names": ("*.a.example",)}, "127.0.0.1", "http://127.0.0.1:8080/docs"),
        ({"docs_url": "https://d.example/x/", "public_names": ("a",)}, "::", "https://d.example/x"),
    ],
)
def test_the_address_of_the_pages(settings: dict[str, Any], host: str, base: str) -> None:
    """By the setting, the public name, or the address that REST has."""
    assert docs_base(Settings(**settings), (host, 8080)) == base


def test_a_reason_has_an_anchor() -> None:
    """Its name in lower case, as the page has it."""
    links = DocsLinks("https://d.example")
    assert links.of_reason("NOT_FOUND") == "https://d.example/errors#not_found"
