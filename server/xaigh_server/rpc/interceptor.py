"""The chain: every call on every transport goes through the same links, in one visible order."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Protocol, TypeAlias

from google.protobuf.message import Message

from xaigh_server.rpc.call import Call

Next: TypeAlias = Callable[[Any, Call], Awaitable[Any]]
"""(request, call) -> a message, or an async iterator of messages for a method that streams."""


class RequestSource(Protocol):
    """The request before anybody has read it. A transport makes one; `Decode` reads it."""

    async def message(self) -> Message:
        """Reads and decodes the one request. Raises `DomainError`."""

    def messages(self) -> AsyncIterator[Message]:
        """Decodes the requests of a stream as they come. Raises `DomainError`."""


class Interceptor(Protocol):
    """One link: one class, one verb.

    A link that has nothing to do once the rest has answered is a plain function that returns what
    `call_next` returned: it costs no coroutine of its own.

    Before `Decode` the request is a `RequestSource`, after it a message (or an async iterator of
    messages). A link answers with what the rest of the chain answers, or raises `DomainError`.
    """

    def __call__(self, call_next: Next, request: Any, call: Call) -> Awaitable[Any]: ...


def chain(links: Sequence[Interceptor], last: Next) -> Next:
    """One function out of the links in their order and what answers at the end."""
    step = last
    for link in reversed(links):
        step = partial(link.__call__, step)
    return step
