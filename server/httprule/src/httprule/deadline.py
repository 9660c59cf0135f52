"""Deadline of a call: the least of what the client asks for and what the server allows.

grpc-timeout      = 1*8DIGIT ( "H" / "M" / "S" / "m" / "u" / "n" )
X-Request-Timeout = seconds, with or without a fraction: "2", "0.25"

An empty grpc-timeout counts as absent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from httprule import http_errors as http_errors

_GRPC: Final = re.compile(r"([0-9]{1,8})([HMSmun])")
_SECONDS: Final = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")
_UNIT: Final = {"H": 3600.0, "M": 60.0, "S": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9}


def seconds_left(headers: Mapping[str, str], maximum: float | None) -> float | None:
    """The seconds of a call, None for no limit. Raises a 400 error for an unreadable header."""
    left = maximum
    grpc_timeout = headers.get("grpc-timeout", "")
    if grpc_timeout:
        left = _least(left, parse_grpc_timeout(grpc_timeout))
    if "x-request-timeout" in headers:
        left = _least(left, _parse_seconds(headers["x-request-timeout"]))
    return left


def parse_grpc_timeout(text: str) -> float:
    """The seconds of a header value. Raises a 400 error."""
    found = _GRPC.fullmatch(text)
    if found is None:
        raise http_errors.malformed(
            "grpc-timeout holds up to 8 digits and one unit of H, M, S, m, u, n.", "INVALID_TIMEOUT"
        )
    return int(found[1]) * _UNIT[found[2]]


def _parse_seconds(text: str) -> float:
    if _SECONDS.fullmatch(text) is None:
        raise http_errors.malformed(
            'X-Request-Timeout holds seconds, such as "2" or "0.25".', "INVALID_TIMEOUT"
        )
    return float(text)


def _least(left: float | None, other: float) -> float:
    return other if left is None or other < left else left
