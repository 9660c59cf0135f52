"""Cross-origin resource sharing, by the Fetch standard.

A method is open to browsers where `GatewayOptions.cors` has a `CorsRule` for it. The reply to a
preflight of any other method has no header that allows the call, so the browser refuses it. No rule
allows cookies.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

RawHeader = tuple[bytes, bytes]

EXPOSED: Final = (
    "Deprecation",
    "ETag",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "Sunset",
    "WWW-Authenticate",
    "X-Request-Id",
)
VARY_ORIGIN: Final = (b"vary", b"Origin")


@dataclass(frozen=True, slots=True, kw_only=True)
class CorsRule:
    """What browsers may do with a method.

    `origins` None means every origin: the backend then checks the `Origin` of a call. `headers` are
    the request headers that a script may set beyond the safelisted ones, `exposed` are the reply
    headers that it may read. `max_age` is in seconds.
    """

    origins: frozenset[str] | None = None
    headers: tuple[str, ...] = ("Content-Type", "X-Request-Id")
    exposed: tuple[str, ...] = EXPOSED
    max_age: int = 7200

    def admits(self, origin: str) -> bool:
        return self.origins is None or origin in self.origins


def preflight(rule: CorsRule | None, origin: str, method: str) -> list[RawHeader]:
    """The headers of the reply to a preflight for one HTTP method."""
    vary = (b"vary", b"Origin, Access-Control-Request-Method, Access-Control-Request-Headers")
    if rule is None or not rule.admits(origin):
        return [vary]
    return [
        (b"access-control-allow-origin", origin.encode("latin-1", "replace")),
        (b"access-control-allow-methods", method.encode("latin-1", "replace")),
        (b"access-control-allow-headers", ", ".join(rule.headers).encode("latin-1")),
        (b"access-control-max-age", str(rule.max_age).encode()),
        vary,
    ]


def actual(rule: CorsRule, origin: str | None) -> list[RawHeader]:
    """The headers of a reply or an error of a method that has a rule."""
    if origin is None or not rule.admits(origin):
        return [VARY_ORIGIN]
    return [
        (b"access-control-allow-origin", origin.encode("latin-1", "replace")),
        (b"access-control-expose-headers", ", ".join(rule.exposed).encode("latin-1")),
        VARY_ORIGIN,
    ]
