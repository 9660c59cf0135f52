"""Request headers that the gateway reads: those it forwards, the deadline, the client's address.

A listed request header becomes metadata of the call, in order, repeated ones as often as they were
sent; all others are dropped. A header that the backend adds is sent if it is on the list for
replies.

The deadline of a call is the least of what the client asks for and what the server allows:

    grpc-timeout      = 1*8DIGIT ( "H" / "M" / "S" / "m" / "u" / "n" )
    X-Request-Timeout = seconds, with or without a fraction: "2", "0.25"

An empty grpc-timeout counts as absent.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any, Final, NamedTuple

from httprule import http_errors as http_errors

PASS_IN: Final = frozenset(
    {
        "authorization",
        "idempotency-key",
        "x-request-id",
        "origin",
        "sec-fetch-site",
        "if-match",
        "if-none-match",
        "traceparent",
    }
)
PASS_OUT: Final = frozenset(
    {
        "cache-control",
        "content-disposition",
        "deprecation",
        "etag",
        "link",
        "location",
        "ratelimit",
        "ratelimit-policy",
        "retry-after",
        "sunset",
        "traceparent",
        "vary",
        "www-authenticate",
        "x-request-id",
    }
)
# The gateway reads these itself.
_OWN: Final = frozenset(
    {
        "accept",
        "accept-encoding",
        "access-control-request-headers",
        "access-control-request-method",
        "content-encoding",
        "content-length",
        "content-type",
        "grpc-timeout",
        "if-match",
        "if-none-match",
        "origin",
        "transfer-encoding",
        "x-forwarded-for",
        "x-request-timeout",
    }
)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")

RawHeaders = Iterable[tuple[bytes, bytes]]


@dataclass(slots=True, kw_only=True)
class RequestHead:
    """The part of a request that is known before its body.

    `headers` holds the headers that the gateway reads or passes on, by lower-case name; the values
    of repeated ones are joined with ", ". `http_method`, `path` and `headers` are empty where the
    head could not be parsed. `path` is percent-encoded, without the query string. `context` belongs
    to the backend: what it stores there during a call is there in `render_error`.
    """

    http_method: str
    path: str
    peer: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    context: Any = None

    @property
    def accept(self) -> str:
        """The `Accept` header, or "*/*" where there is none."""
        return self.headers.get("accept", "*/*")


class ScannedHeaders(NamedTuple):
    """The headers of a request: `known` are those on a list, `metadata` those that pass."""

    known: dict[str, str]
    metadata: tuple[tuple[str, str | bytes], ...]


@dataclass(frozen=True)
class HeaderRules:
    """The two lists, in lower case.

    A header that starts with `metadata_prefix` passes as well, without the prefix. Where its name
    ends in "-bin", its value is base64 and becomes bytes.
    """

    pass_in: frozenset[str] = PASS_IN
    pass_out: frozenset[str] = PASS_OUT
    metadata_prefix: str = ""

    @cached_property
    def _known(self) -> dict[bytes, tuple[str, bool]]:
        return {
            name.encode("latin-1"): (name, name in self.pass_in) for name in self.pass_in | _OWN
        }

    @cached_property
    def _out(self) -> dict[str, bytes]:
        return {name: name.encode("latin-1") for name in self.pass_out}

    def scan(self, raw: RawHeaders) -> ScannedHeaders:
        """Reads the headers of a request. `raw` has lower-case names, as in ASGI."""
        found: dict[str, str] = {}
        metadata: list[tuple[str, str | bytes]] = []
        known = self._known
        prefix = self.metadata_prefix
        for raw_name, raw_value in raw:
            entry = known.get(raw_name)
            if entry is None:
                if prefix and raw_name.startswith(prefix.encode()):
                    metadata.append(_prefixed(raw_name[len(prefix) :], raw_value))
                continue
            name, passes = entry
            value = raw_value.decode("latin-1")
            found[name] = f"{found[name]}, {value}" if name in found else value
            if passes:
                metadata.append((name, value))
        return ScannedHeaders(found, tuple(metadata))

    def reply(self, pairs: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
        """The listed headers of a reply. Control characters become spaces, so none adds a line."""
        out = []
        for name, value in pairs:
            raw = self._out.get(name) or self._out.get(name.lower())
            if raw is not None:
                out.append((raw, encode_value(value)))
        return out


def encode_value(value: str) -> bytes:
    """A header value in ISO 8859-1, as HTTP has it, with "?" for other characters."""
    if not value.isprintable():
        value = _CONTROL.sub(" ", value)
    return value.encode("latin-1", "replace")


def _prefixed(raw_name: bytes, raw_value: bytes) -> tuple[str, str | bytes]:
    name = raw_name.decode("latin-1")
    if not name.endswith("-bin"):
        return name, raw_value.decode("latin-1")
    try:
        return name, b64decode(raw_value + b"=" * (-len(raw_value) % 4), validate=True)
    except binascii.Error:
        raise http_errors.malformed(f"The header {name} does not hold base64.") from None


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


_KEPT: Final = 4096


class Peers:
    """Reads `X-Forwarded-For` from the right, past every proxy in the trusted networks.

    Each proxy appends the address of its own client. So the first address that is not a trusted
    proxy's is the client's, and any client can have forged the ones on its left. Without trusted
    networks the header is ignored.
    """

    def __init__(self, trusted: tuple[str, ...] = ()) -> None:
        """`trusted` holds CIDR blocks. Raises `ValueError` for a malformed one."""
        self._networks: tuple[IPv4Network | IPv6Network, ...] = tuple(
            ip_network(block) for block in trusted
        )
        self.is_trusted = lru_cache(maxsize=_KEPT)(self._inside)

    def peer(self, socket_address: str, forwarded_for: str | None) -> str:
        """The client's address. The search ends before an entry that is no address."""
        if not self._networks or forwarded_for is None or not self.is_trusted(socket_address):
            return socket_address
        peer = socket_address
        for hop in reversed(forwarded_for.split(",")):
            address = _bare(hop)
            if address is None:
                return peer
            peer = address
            if not self.is_trusted(address):
                return peer
        return peer

    def _inside(self, text: str) -> bool:
        try:
            address = ip_address(text)
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None)
        if mapped is not None:
            address = mapped
        return any(
            address in network for network in self._networks if network.version == address.version
        )


def _bare(hop: str) -> str | None:
    """An address without its port and brackets; None for anything else."""
    text = hop.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(ip_address(text))
    except ValueError:
        return None
