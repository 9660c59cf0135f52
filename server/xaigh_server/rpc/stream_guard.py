"""Keeps a stream of replies within the rights that its caller has now."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from google.protobuf.message import Message

from xaigh_server.rpc.call import Call

RECHECK_SECONDS = 1.0
"""How long an idle stream may outlive the rights of its caller."""


async def guard(
    replies: AsyncIterator[Message],
    call: Call,
    *,
    renew: Callable[[Call], Awaitable[None]],
    may_see: Callable[[Any, Call], bool] | None,
) -> AsyncIterator[Message]:
    """Passes replies on while the call is authorized, and ends with the refusal when it isn't.

    `renew` authorizes the call again where anything has changed; it is asked before each reply and
    while none comes. `may_see(reply, call)` drops replies that were made under rights which have
    been narrowed since. Nothing is awaited between the last question and the reply.
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
        pending.exception()  # An error that nobody waits for any more must not be reported.
    close = getattr(iterator, "aclose", None)
    if close is not None:
        await close()
