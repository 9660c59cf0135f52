"""Question to the gateway whether a request may pass, and a short memory of its answers.

The gateway answers with the reply for a refused client, or with the headers that say who calls: the
same reply that it gives to Envoy. So no table of reasons and statuses is kept here.

An answer is kept only for as long as it says. No key is revoked for its holder before that has
passed, so a kept answer never lets a key pass after the reply to its revocation.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from xaigh.errors.v1 import error_reason_pb2
from xaigh.gating.v1 import envoy_check_service_pb2 as api
from xaigh_client.client import AsyncClient
from xaigh_client.errors import XaighError

V = TypeVar("V")

CAPACITY = 1024
"""Answers that are kept at a time."""

_CHECK = api.DESCRIPTOR.services_by_name["EnvoyCheckService"].methods_by_name["Check"]
_MOST_OWED = 100_000
_KEY_MARKS = ("_sk_", "_pk_", "xop_")
_BROWSER = frozenset({"origin", "sec-fetch-site"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What the gateway judges of a request. `headers` have lower-case names."""

    method: str
    target: str
    """The path with its query, as it was received."""
    headers: tuple[tuple[str, str], ...]
    peer: str
    """The client's IP address; empty where it isn't known."""


def boot_time() -> float:
    """Returns seconds that never go back, those included in which the machine was suspended."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


class Gate:
    """Asks whether requests may pass. Used on one event loop."""

    def __init__(
        self,
        client: AsyncClient,
        *,
        timeout: float,
        capacity: int = CAPACITY,
        clock: Callable[[], float] = boot_time,
    ) -> None:
        self._client = client
        self._timeout = timeout
        self._capacity = capacity
        self._clock = clock
        self._salt = os.urandom(32)
        self._kept: dict[bytes, tuple[float, api.CheckResponse]] = {}
        self._owed: dict[bytes, int] = {}

    async def ask(self, head: Head) -> api.CheckResponse:
        """Returns the gateway's answer, a kept one where there is one. Raises XaighError."""
        key = _only_key(head.headers)
        if not key:
            return await self._send(head, 0)
        name = self._name(key, head.method, head.target, head.peer)
        holder = self._name(key)
        asked = self._clock()
        until, kept = self._kept.get(name, (0.0, None))
        if kept is not None and asked < until:
            self._put(self._owed, holder, min(_MOST_OWED, self._owed.get(holder, 0) + 1))
            return kept
        owed = self._owed.pop(holder, 0)
        try:
            answer = await self._send(head, owed)
        except XaighError:
            self._put(self._owed, holder, min(_MOST_OWED, owed + self._owed.get(holder, 0)))
            raise
        if answer.HasField("max_age"):
            ends = asked + answer.max_age.ToMicroseconds() / 1e6
            self._put(self._kept, name, (ends, answer))
        return answer

    async def close(self) -> None:
        """Closes the connection to the gateway."""
        await self._client.close()

    async def _send(self, head: Head, owed: int) -> api.CheckResponse:
        request = api.CheckRequest(kept_calls=owed)
        attributes = request.attributes
        attributes.source.address.socket_address.address = head.peer
        http = attributes.request.http
        http.method, http.path = head.method, head.target
        for name, value in head.headers:
            before = http.headers.get(name)
            http.headers[name] = value if before is None else f"{before},{value}"
        reply = await self._client.call(_CHECK, request, timeout=self._timeout)
        assert isinstance(reply.message, api.CheckResponse)
        return reply.message

    def _put(self, into: dict[bytes, V], name: bytes, value: V) -> None:
        """Adds an entry, and drops the oldest ones beyond the capacity."""
        into.pop(name, None)
        while len(into) >= self._capacity:
            del into[next(iter(into))]
        into[name] = value

    def _name(self, *parts: str) -> bytes:
        text = "\n".join(parts).encode("utf-8", "surrogateescape")
        return hashlib.blake2b(text, key=self._salt, digest_size=32).digest()


def unavailable() -> api.CheckResponse:
    """Returns the refusal for a request that nobody could judge."""
    name = "UNAVAILABLE"
    value = error_reason_pb2.ErrorReason.DESCRIPTOR.values_by_name[name]
    spec = value.GetOptions().Extensions[error_reason_pb2.reason_spec]
    body = {
        "code": spec.code,
        "status": name,
        "reason": name,
        "message": "The gateway can't say now whether this key is good; nothing was done.",
        "requestId": "",
        "details": [],
    }
    answer = api.CheckResponse()
    answer.denied_response.status.code = spec.http_status
    answer.denied_response.body = json.dumps({"error": body})
    for header, text in (("content-type", "application/json"), ("retry-after", "1")):
        answer.denied_response.headers.add().header.MergeFrom(
            api.CheckResponse.Header(key=header, value=text)
        )
    return answer


def _only_key(headers: Iterable[tuple[str, str]]) -> str:
    """The one Authorization header, if the answer to this request may be kept; else empty.

    Answers aren't kept where a browser or a second key may be behind the request: the gateway
    judges each of these.
    """
    found = ""
    for name, value in headers:
        if name == "authorization":
            if found:
                return ""
            found = value
        elif name in _BROWSER or any(mark in value for mark in _KEY_MARKS):
            return ""
    return found
