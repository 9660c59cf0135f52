"""State of one call over all its attempts: metadata, deadline, decision to retry.

It has no channel, so the blocking and the asyncio caller share it.
"""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from google.protobuf.message import Message

from xaigh_client.errors import ApiError, ConfigurationError, CredentialMissingError
from xaigh_client.methods import Method
from xaigh_client.settings import Settings

R = TypeVar("R", bound=Message)
R_co = TypeVar("R_co", bound=Message, covariant=True)

# The client sets these from arguments of their own.
_RESERVED = frozenset({"authorization", "idempotency-key", "x-status-token"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply(Generic[R_co]):
    """A reply message with its headers."""

    message: R_co
    request_id: str
    replayed: bool
    """True where the server answered from an earlier call with the same idempotency key."""
    attempts: int
    metadata: Mapping[str, str]
    """The reply's headers: rate limits, deprecation of a key in its grace, and so on."""


OnReply = Callable[[str, Reply[Message]], None]
"""Called with the method's path and each reply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """The clock, the random numbers and the new idempotency keys of a client.

    Tests inject their own.
    """

    clock: Callable[[], float] = time.monotonic
    random: Callable[[], float] = random.random
    new_key: Callable[[], str] = lambda: str(uuid.uuid4())


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Options of one call."""

    idempotency_key: str | None = None
    status_token: str | None = None
    timeout: float | None = None
    metadata: Mapping[str, str] | None = None


class Call:
    """One call. All its attempts carry the same metadata, and so the same idempotency key."""

    def __init__(
        self, method: Method, options: Options, settings: Settings, dependencies: Dependencies
    ) -> None:
        if not method.public and not settings.api_key:
            raise CredentialMissingError(
                f"{method.path} needs a key: give api_key, or set XAIGH_API_KEY"
            )
        self._policy = settings.retry
        self._dependencies = dependencies
        key = options.idempotency_key or (dependencies.new_key() if method.keyed else None)
        self._safe = method.repeatable or (method.keyed and key is not None)
        self.metadata = tuple(_metadata(settings.api_key, key, options))
        streaming = method.client_streaming or method.server_streaming
        default = None if streaming else settings.timeout
        limit = options.timeout if options.timeout is not None else default
        self._ends = None if limit is None else dependencies.clock() + limit
        self.attempt = 1

    def time_left(self) -> float | None:
        """Seconds for the next attempt; None where there is no limit."""
        return None if self._ends is None else max(0.0, self._ends - self._dependencies.clock())

    def pause_after(self, error: ApiError) -> float | None:
        """Counts a failed attempt. Returns the seconds before the next; None: raise the error."""
        if not self._safe:
            return None
        pause = self._policy.delay(error, attempt=self.attempt, random=self._dependencies.random)
        left = self.time_left()
        if pause is None or (left is not None and pause >= left):
            return None
        self.attempt += 1
        return pause

    def reset_attempts(self) -> None:
        """Counts attempts from 1 again, after a stream received a message."""
        self.attempt = 1


def make_reply(message: R, metadata: Any, attempts: int) -> Reply[R]:
    """Makes a reply with its headers, without binary ones."""
    headers = {key: value for key, value in metadata or () if isinstance(value, str)}
    return Reply(
        message=message,
        request_id=headers.get("x-request-id", ""),
        replayed=headers.get("idempotent-replayed", "") == "true",
        attempts=attempts,
        metadata=headers,
    )


def resume_request(method: Method, request: Message, cursor: str) -> Any:
    """Returns the request that continues after `cursor`; the same request without a cursor."""
    if not cursor:
        return request
    following: Any = method.request_type()
    following.CopyFrom(request)
    following.cursor = cursor
    if "include_existing" in following.DESCRIPTOR.fields_by_name:
        following.include_existing = False
    return following


def _metadata(api_key: str, key: str | None, options: Options) -> list[tuple[str, str]]:
    metadata: list[tuple[str, str]] = []
    if api_key:
        metadata.append(("authorization", f"Bearer {api_key}"))
    if key is not None:
        metadata.append(("idempotency-key", key))
    if options.status_token is not None:
        metadata.append(("x-status-token", options.status_token))
    for name, value in (options.metadata or {}).items():
        if name.lower() in _RESERVED:
            raise ConfigurationError(f"{name} isn't set by metadata: there is an argument for it")
        metadata.append((name.lower(), value))
    return metadata
