"""Stream guard: ends a server stream when its caller loses the rights to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from google.protobuf.message import Message

from xaigh_server.rpc.call import Call

RECHECK_SECONDS = 1.0
"""Seconds after which an idle stream ends at the latest, once its caller has lost its rights."""


async def guard(
    replies: AsyncIterator[Message],
    call: Call,
    *,
    renew: Callable[[Call], Awaitable[None]],
    may_see: Callable[[Any, Call], bool] | None,
) -> AsyncIterator[Message]:
    """Passes replies on while the call is authorized, and ends with the refusal when it isn't.

    `renew` authorizes the call again where anything has changed; it runs before each reply and
    every second without one. `may_see(reply, call)` drops replies that were made under wider
    rights. Nothing is awaited between the last check and the reply.
    """
    iterator = aiter(replies)
    pending = asyncio.ensure_future(anext(iterator, None))
    try:
        while True:
            await asyncio.wait({pending}, timeout=RECHECK_SECONDS)
            await renew(call)
            if not pending.done():
                continue
            reply = pending.result()
            if reply is None:
                return
            if may_see is None or may_see(reply, call):
                yield reply
            pending = asyncio.ensure_future(anext(iterator, None))
    finally:
        await _close(pending, iterator)


async def _close(pending: asyncio.Future[Any], iterator: AsyncIterator[Message]) -> None:
    """Lets the handler's stream end before its guard does."""
    pending.cancel()
    await asyncio.wait({pending})
    if not pending.cancelled():
        pending.exception()  # An error of an abandoned task must not be reported.
    close = getattr(iterator, "aclose", None)
    if close is not None:
        await close()
