"""Strict percent-decoder of path segments and query text: UTF-8, decoded exactly once.

Values that span several segments have three modes, because the specification gives two answers (in
the comments on `HttpRule` and on `Http.fully_decode_reserved_expansion`):

* `ALL_EXCEPT_RESERVED` keeps the escapes of RFC 6570 reserved characters as they were written, so
  that a value can be put back into a URL without loss. The default, as in Envoy.
* `ALL_EXCEPT_SLASH` keeps only `%2F` and `%2f`.
* `ALL` keeps nothing.

A value of a single segment is always decoded in full.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Final
from urllib.parse import unquote_to_bytes

from httprule.errors import MALFORMED_ESCAPE, MALFORMED_QUERY, InvalidArgument


class Unescape(Enum):
    """How much of a multi-segment path value is decoded."""

    ALL_EXCEPT_RESERVED = "all_except_reserved"
    ALL_EXCEPT_SLASH = "all_except_slash"
    ALL = "all"


_MALFORMED: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ESCAPE: Final = re.compile(r"%[0-9A-Fa-f]{2}")
_RESERVED: Final = frozenset("!#$&'()*+,/:;=?@[]")

_KEPT: Final = {
    Unescape.ALL_EXCEPT_RESERVED: frozenset(ord(char) for char in _RESERVED),
    Unescape.ALL_EXCEPT_SLASH: frozenset({ord("/")}),
    Unescape.ALL: frozenset[int](),
}


def is_malformed(text: str) -> bool:
    """Whether some "%" is not followed by two hexadecimal digits."""
    return _MALFORMED.search(text) is not None


def decode(text: str, field: str = "", reason: str = MALFORMED_ESCAPE) -> str:
    """Decodes every escape. `field` names the part of the request in the error.

    Raises `InvalidArgument` on a bad escape or on bytes that are not UTF-8.
    """
    if "%" not in text:
        return text
    if is_malformed(text):
        raise InvalidArgument.of(field, "holds a malformed percent-escape", reason)
    return _utf8(unquote_to_bytes(text), field, reason)


def decode_multi(text: str, mode: Unescape, field: str = "") -> str:
    """Decodes a value of several segments, except for the escapes that `mode` keeps."""
    if "%" not in text:
        return text
    if is_malformed(text):
        raise InvalidArgument.of(field, "holds a malformed percent-escape", MALFORMED_ESCAPE)
    kept = _KEPT[mode]
    if not kept:
        return _utf8(unquote_to_bytes(text), field)
    # A kept escape has its "%" escaped once more, so that decoding restores it.
    escaped = _ESCAPE.sub(lambda m: _escape_again(m.group(), kept), text)
    return _utf8(unquote_to_bytes(escaped), field)


def _escape_again(escape: str, kept: frozenset[int]) -> str:
    return f"%25{escape[1:]}" if int(escape[1:], 16) in kept else escape


def _utf8(raw: bytes, field: str, reason: str = MALFORMED_ESCAPE) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise InvalidArgument.of(field, "is not UTF-8", reason) from None


def parse_query(query: str, *, plus_as_space: bool = True) -> list[tuple[str, str]]:
    """Parses a query string, without its "?".

    Raises `InvalidArgument` on a malformed escape, named by the parameter, and on anything that is
    not ASCII.
    """
    if not query.isascii():
        raise InvalidArgument.of("", "the query must be percent-encoded", MALFORMED_QUERY)
    pairs: list[tuple[str, str]] = []
    for piece in query.split("&"):
        if not piece:
            continue
        if plus_as_space and "+" in piece:
            piece = piece.replace("+", " ")
        name, _, value = piece.partition("=")
        if "%" in piece:
            name = decode(name, reason=MALFORMED_QUERY)
            value = decode(value, name, MALFORMED_QUERY)
        pairs.append((name, value))
    return pairs
