"""What the commands share: the event loop that the server runs on, and words for trouble."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


class Trouble(Exception):
    """Something that whoever started the program can put right. The text is the whole message."""


def run_loop(work: Awaitable[T]) -> T:
    """Runs a command on the event loop that the server runs on."""
    try:
        import uvloop

        factory: Callable[[], asyncio.AbstractEventLoop] | None = uvloop.new_event_loop
    except ImportError:  # a platform that has none
        factory = None

    async def main() -> T:
        return await work

    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(main())
