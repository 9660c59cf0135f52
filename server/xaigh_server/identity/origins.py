"""Web origins, as browsers write them: scheme, host, port, nothing else (RFC 6454)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from xaigh_server.errors import FieldInvalid, FieldViolation
from xaigh_server.identity.environments import Environment

MAX_ORIGINS = 50
_MAX_LENGTH = 300
_DEFAULT_PORTS = {"https": 443, "http": 80}
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*", re.ASCII)
_LOCAL = re.compile(r"http://(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?", re.ASCII)


def normalize(text: str) -> str | None:
    """The origin in the form that browsers send: lower case, punycode, no default port.

    None for anything that isn't exactly an origin: with a path, a query, a user, a wildcard, of
    another scheme, or `null`, which any page can send.
    """
    if len(text) > _MAX_LENGTH or text != text.strip() or any(c in text for c in "\\@?#*%"):
        return None
    try:
        parts = urlsplit(text)
        port = parts.port
        host = _host(parts.hostname or "")
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or host is None or parts.path or port == 0:
        return None
    if port is None or port == _DEFAULT_PORTS[parts.scheme]:
        return f"{parts.scheme}://{host}"
    return f"{parts.scheme}://{host}:{port}"


def parse_list(
    texts: Sequence[str], environment: Environment, *, path: str = "allowedOrigins"
) -> tuple[str, ...]:
    """The origins of a publishable key. Raises FieldInvalid, naming each that is wrong.

    Plain http is for a developer's own machine, in the sandbox.
    """
    violations: list[FieldViolation] = []
    origins: list[str] = []
    for index, text in enumerate(texts):
        origin = normalize(text)
        if origin is None:
            problem = "Not an origin: give scheme, host and port alone."
        elif origin.startswith("http://") and not _local(origin, environment):
            problem = "Must be https; http is for localhost in the sandbox."
        else:
            origins.append(origin)
            continue
        violations.append(FieldViolation(path=f"{path}[{index}]", description=problem))
    if len(texts) > MAX_ORIGINS:
        violations.append(FieldViolation(path=path, description=f"At most {MAX_ORIGINS} origins."))
    if violations:
        raise FieldInvalid(violations)
    return tuple(dict.fromkeys(origins))


def _local(origin: str, environment: Environment) -> bool:
    return environment is Environment.SANDBOX and _LOCAL.fullmatch(origin) is not None


def _host(hostname: str) -> str | None:
    """The host in canonical form, None if there is none; IPv6 in brackets."""
    if ":" in hostname:
        return f"[{ipaddress.IPv6Address(hostname).compressed}]"
    if not hostname.isascii():
        hostname = hostname.encode("idna").decode("ascii")
    return hostname if _HOST.fullmatch(hostname) else None
