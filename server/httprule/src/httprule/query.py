"""Parser of query strings: name and value pairs in the order they were sent.

The form is that of browsers and HTTP clients: "&" separates pairs, the first "=" separates name and
value, a name without "=" has the empty value, and "+" is a space (an option). Escapes are strict
UTF-8, decoded once.
"""

from __future__ import annotations

from httprule.errors import MALFORMED_QUERY, InvalidArgument
from httprule.percent import decode


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
