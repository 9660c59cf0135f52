"""Addresses of the documentation pages that errors link to: by default this server's own."""

from __future__ import annotations

from xaigh_server.settings import Settings

_EVERY_ADDRESS = frozenset({"0.0.0.0", "::"})


class DocsLinks:
    """Makes links. `base` is the address of `/docs`; it changes once, when the port is known."""

    def __init__(self, base: str) -> None:
        self.base = base

    def of_reason(self, reason: str) -> str:
        """Returns the address of the text about an error's reason."""
        return f"{self.base}/errors#{reason.lower()}"


def docs_base(settings: Settings, address: tuple[str, int]) -> str:
    """Returns where `/docs` is: the setting, else the first public name, else where REST listens.

    A public name is taken to be served by TLS at the usual port. `address` is the REST listener's.
    """
    if settings.docs_url:
        return settings.docs_url.rstrip("/")
    names = [name for name in settings.public_names if not name.startswith("*")]
    if names:
        return f"https://{_bracketed(names[0].strip('[]'))}/docs"
    host, port = address
    scheme = "http" if settings.tls_cert is None else "https"
    name = "localhost" if host in _EVERY_ADDRESS else _bracketed(host)
    return f"{scheme}://{name}:{port}/docs"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
