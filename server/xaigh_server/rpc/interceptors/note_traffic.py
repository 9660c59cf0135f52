"""Interceptor that reports how calls of keys ended, for the evidence that production needs.

It stands before the rate limit, so that a client's recovery from 429 counts like any other.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal, Protocol

from xaigh_server.errors import DomainError
from xaigh_server.identity.principal import KeyPrincipal
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.idempotency import HEADER
from xaigh_server.rpc.interceptor import Next, Reply, RequestSource

Ending = Literal["answered", "refused", "ignored"]
"""Whether a call was answered, refused in a way to recover from, or refused in another one."""


class TrafficRecorder(Protocol):
    """Counts in memory and writes in batches. Never waits, never raises."""

    def ended(
        self, principal: KeyPrincipal, method: str, *, ending: Ending, subject: str, replayed: bool
    ) -> None:
        """Counts a call. `subject` is its idempotency key or resource, empty for neither."""


class NoteTraffic:
    """Reports the end of each call by a key.

    `recoverable` are the reasons of refusals from which a client can recover by calling again.
    An exception that nobody typed is one of them: callers see it as 500.
    """

    def __init__(self, recorder: TrafficRecorder, *, recoverable: Collection[str]) -> None:
        self._recorder = recorder
        self._recoverable = frozenset(recoverable)

    async def __call__(self, call_next: Next, request: RequestSource, call: Call) -> Reply:
        try:
            reply = await call_next(request, call)
        except Exception as error:
            reason = error.reason if isinstance(error, DomainError) else ""
            self._note(call, "refused" if self._counts(reason) else "ignored")
            raise
        self._note(call, "answered")
        return reply

    def _counts(self, reason: str) -> bool:
        return not reason or reason in self._recoverable

    def _note(self, call: Call, ending: Ending) -> None:
        principal = call.principal
        if isinstance(principal, KeyPrincipal):
            self._recorder.ended(
                principal,
                call.method.full_name,
                ending=ending,
                subject=_subject(call),
                replayed=call.replayed,
            )


def _subject(call: Call) -> str:
    """Returns what a repeat of the call has in common with it; quotes around a key are none."""
    key = call.header(HEADER).strip(' \t"')
    if key:
        return f"key:{key}"
    return f"resource:{call.resource}" if call.resource else ""
