"""Parser of `Accept` and `Accept-Encoding` headers, by RFC 9110 section 12.

Clients send the same few headers again and again, so parsed headers are cached.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

JSON: Final = "application/json"
PROBLEM: Final = "application/problem+json"
NDJSON: Final = "application/x-ndjson"
SSE: Final = "text/event-stream"

# Media types of a stream. A client without a preference gets the first one.
OFFERED_TO_STREAMS: Final = (NDJSON, JSON, SSE)

_QVALUE: Final = re.compile(r"(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)")
_MAX_HEADER: Final = 4096


class MediaRange(NamedTuple):
    """One element of an Accept header. `type/*` and `*/*` keep their stars; `q` is 0 to 1."""

    kind: str
    subkind: str
    q: float
    place: int


class Accept:
    """A parsed `Accept` header."""

    __slots__ = ("_ranges",)

    def __init__(self, ranges: tuple[MediaRange, ...]) -> None:
        self._ranges = ranges

    def quality(self, media_type: str) -> float:
        """The quality of a media type; 0 means refused. The most specific range decides."""
        return self._match(media_type)[0]

    def best(self, offers: tuple[str, ...]) -> str | None:
        """The offer of the highest quality; None where the client refuses all of them.

        On a tie: the offer that the client names more exactly, then the one that it names first,
        then the first offer.
        """
        ranked = [
            (-q, -precision, place, index, offer)
            for index, offer in enumerate(offers)
            for q, precision, place in (self._match(offer),)
            if q > 0
        ]
        return min(ranked)[-1] if ranked else None

    def names(self, media_type: str) -> bool:
        """Whether the header names exactly this type, and does not refuse it."""
        q, precision, _ = self._match(media_type)
        return q > 0 and precision == 2

    def _match(self, media_type: str) -> tuple[float, int, int]:
        kind, _, subkind = media_type.partition("/")
        best = (0.0, -1, 0)
        for entry in self._ranges:
            if entry.kind == kind and entry.subkind == subkind:
                precision = 2
            elif entry.kind == kind and entry.subkind == "*":
                precision = 1
            elif entry.kind == "*" and entry.subkind == "*":
                precision = 0
            else:
                continue
            if precision > best[1]:
                best = (entry.q, precision, entry.place)
        return best


_ANYTHING: Final = Accept((MediaRange("*", "*", 1.0, 0),))


def parse_accept(header: str | None) -> Accept:
    """Parses a header. An absent, empty or unreadable one accepts everything."""
    if not header or header == "*/*" or len(header) > _MAX_HEADER:
        return _ANYTHING
    return _parse_accept(header)


@lru_cache(maxsize=512)
def _parse_accept(header: str) -> Accept:
    ranges = []
    for place, part in enumerate(split_list(header)):
        media, *parameters = part.split(";")
        kind, slash, subkind = media.strip().lower().partition("/")
        if not slash or not kind or not subkind or (kind == "*" and subkind != "*"):
            continue
        ranges.append(MediaRange(kind, subkind, _q(parameters), place))
    return Accept(tuple(ranges)) if ranges else _ANYTHING


@lru_cache(maxsize=512)
def wants_gzip(header: str) -> bool:
    """Whether the client accepts gzip, and at least as gladly as no compression."""
    named: dict[str, float] = {}
    for part in split_list(header[:_MAX_HEADER]):
        coding, *parameters = part.split(";")
        coding = coding.strip().lower()
        named.setdefault("gzip" if coding == "x-gzip" else coding, _q(parameters))
    gzip = named.get("gzip", named.get("*", 0.0))
    return gzip > 0 and gzip >= named.get("identity", 0.0)


def prefers_problem(accept: str | None) -> bool:
    """Whether the client wants errors as RFC 9457 problems.

    It does where it names that type with a quality not below that of plain JSON.
    """
    if not accept or "problem+json" not in accept:
        return False
    parsed = parse_accept(accept)
    return parsed.names(PROBLEM) and parsed.quality(PROBLEM) >= parsed.quality(JSON)


def split_list(header: str) -> list[str]:
    """The elements of a comma-separated header; commas inside quotes do not separate."""
    if '"' not in header:
        return [part for part in header.split(",") if part.strip()]
    parts, start, quoted, at = [], 0, False, 0
    while at < len(header):
        char = header[at]
        if quoted and char == "\\":
            at += 1
        elif char == '"':
            quoted = not quoted
        elif char == "," and not quoted:
            parts.append(header[start:at])
            start = at + 1
        at += 1
    parts.append(header[start:])
    return [part for part in parts if part.strip()]


def _q(parameters: list[str]) -> float:
    """The q parameter; 1 where there is none, 0 where it breaks the grammar."""
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            value = value.strip()
            return float(value) if _QVALUE.fullmatch(value) else 0.0
    return 1.0
