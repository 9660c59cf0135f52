"""JSON text as plain values: one document, nothing said twice, and nothing that JSON can't say."""

from __future__ import annotations

from typing import Final

import jiter

from httprule.errors import MALFORMED_JSON, TOO_DEEP, TOO_LARGE, InvalidArgument
from httprule.strict_json import duplicate_members

MAX_DEPTH: Final = 100
MAX_VALUES: Final = 1_000_000


def parse_json(body: bytes, max_values: int = MAX_VALUES) -> object:
    """A JSON document as plain values. Raises `InvalidArgument` unless it is exactly one document.

    Refused: duplicate members, text after the document, NaN and Infinity, lone surrogates, invalid
    UTF-8, a byte order mark, more than `max_values` values, more than about 200 levels.
    """
    if may_hold_over(max_values, body):
        raise InvalidArgument.of("", f"the document holds over {max_values} values", TOO_LARGE)
    try:
        return jiter.from_json(
            body, catch_duplicate_keys=True, allow_inf_nan=False, cache_mode="keys"
        )
    except ValueError as refusal:
        text = str(refusal)
    except RecursionError:
        raise too_deep() from None
    if text.startswith("recursion limit"):
        raise too_deep()
    if text.startswith("Detected duplicate key"):
        found = duplicate_members(body)
        if found:
            raise InvalidArgument(tuple(found))
    raise InvalidArgument.of("", f"the document is not JSON: {text}", MALFORMED_JSON)


def may_hold_over(values: int, body: bytes) -> bool:
    """Whether a document may hold more values than that, by its length and its punctuation."""
    # A value takes two bytes at least, the one that parts it from the next included.
    if len(body) // 2 < values:
        return False
    return body.count(b",") + body.count(b"[") + body.count(b"{") > values


def too_deep() -> InvalidArgument:
    """The refusal of a document that nests too deep, whoever finds it out."""
    return InvalidArgument.of("", f"the document nests more than {MAX_DEPTH} levels", TOO_DEEP)
