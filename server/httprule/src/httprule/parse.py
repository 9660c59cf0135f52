"""Parser of JSON text into plain values, stricter than usual: no duplicates, no NaN, bounded."""

from __future__ import annotations

from typing import Final

import jiter

from httprule.errors import MALFORMED_JSON, TOO_DEEP, TOO_LARGE, InvalidArgument
from httprule.strict_json import duplicate_members

MAX_DEPTH: Final = 100
MAX_VALUES: Final = 1_000_000


def parse_json(body: bytes, max_values: int = MAX_VALUES) -> object:
    """Parses one JSON document. Raises `InvalidArgument` for anything else.

    Refused: duplicate members, text after the document, NaN and Infinity, lone surrogates, invalid
    UTF-8, a byte order mark, more than `max_values` values, more than about 200 levels.
    """
    if _may_hold_over(max_values, body):
        raise InvalidArgument.of("", f"the document holds over {max_values} values", TOO_LARGE)
    try:
        return jiter.from_json(
            body, catch_duplicate_keys=True, allow_inf_nan=False, cache_mode="keys"
        )
    except ValueError as error:
        text = str(error)
    except RecursionError:
        raise too_deep() from None
    if text.startswith("recursion limit"):
        raise too_deep()
    if text.startswith("Detected duplicate key"):
        found = duplicate_members(body)
        if found:
            raise InvalidArgument(tuple(found))
    raise InvalidArgument.of("", f"the document is not JSON: {text}", MALFORMED_JSON)


def _may_hold_over(values: int, body: bytes) -> bool:
    """Whether a document may hold more than `values` values, by its length and punctuation."""
    # A value takes at least two bytes with its separator.
    if len(body) // 2 < values:
        return False
    return body.count(b",") + body.count(b"[") + body.count(b"{") > values


def too_deep() -> InvalidArgument:
    """The error of a document that nests too deep."""
    return InvalidArgument.of("", f"the document nests more than {MAX_DEPTH} levels", TOO_DEEP)
