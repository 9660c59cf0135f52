"""Addresses of servers: parses them, and decides on TLS.

    host  host:port  https://host  http://host:port  [::1]:8443  unix:/path

Without a scheme, loopback addresses and unix sockets are clear text and all others TLS.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from xaigh_client.errors import ConfigurationError

DEFAULT_ADDRESS = "api.xaigh.com"
_PORTS = {"https": 443, "grpcs": 443, "http": 80, "grpc": 80}
_SECURE = frozenset({"https", "grpcs"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A gRPC target, and whether the connection uses TLS."""

    target: str
    tls: bool
    loopback: bool

    def __str__(self) -> str:
        return self.target if self.target.startswith("unix:") else f"{self._scheme}://{self.target}"

    @property
    def _scheme(self) -> str:
        return "https" if self.tls else "http"


def parse(text: str) -> Address:
    """Parses an address. Raises ConfigurationError."""
    text = text.strip()
    if text.startswith("unix:"):
        return Address(target=text, tls=False, loopback=True)
    scheme, host, port = _split(text)
    loopback = _is_loopback(host)
    secure = scheme in _SECURE if scheme else not loopback
    number = port or (_PORTS[scheme] if scheme else 443)
    name = f"[{host}]" if ":" in host else host
    return Address(target=f"{name}:{number}", tls=secure, loopback=loopback)


def _split(text: str) -> tuple[str, str, int | None]:
    given = text if "://" in text else f"//{text}"
    try:
        parts = urlsplit(given)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
        parts = urlsplit("")
    if not host or parts.path not in ("", "/") or parts.query or parts.username is not None:
        raise ConfigurationError(
            f"can't read the address {text!r}: give host:port, or https://host:port"
        )
    if parts.scheme and parts.scheme not in _PORTS:
        raise ConfigurationError(f"the address {text!r} has a scheme other than https or http")
    return parts.scheme, host, port


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
