"""Helpers of all commands: the event loop, and one-line errors instead of tracebacks."""

from __future__ import annotations

import asyncio
import getpass
import os
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

from xaigh_server.db.errors import StoreError
from xaigh_server.errors import DomainError
from xaigh_server.identity.pepper_file import PepperError
from xaigh_server.logs.foreign import handle_loop_error
from xaigh_server.settings import SettingsError

T = TypeVar("T")


class CommandError(Exception):
    """Error that the user of the command can fix. Its text is the whole message."""


def explained(work: Callable[[], int | None]) -> int:
    """Runs `work`. Returns its exit code, or 2 after printing one line for an error to be fixed."""
    try:
        return work() or 0
    except (CommandError, SettingsError, PepperError, DomainError) as error:
        text = error.message if isinstance(error, DomainError) else str(error)
        print(f"xaigh-server: {text}", file=sys.stderr)
    except StoreError as error:
        print(f"xaigh-server: database: {error}", file=sys.stderr)
    except OSError as error:
        print(f"xaigh-server: {error}", file=sys.stderr)
    return 2


def run_loop(work: Awaitable[T]) -> T:
    """Runs a command on the event loop that the server runs on."""
    try:
        import uvloop

        factory: Callable[[], asyncio.AbstractEventLoop] | None = uvloop.new_event_loop
    except ImportError:  # a platform that has none
        factory = None

    async def main() -> T:
        asyncio.get_running_loop().set_exception_handler(handle_loop_error)
        return await work

    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(main())


def account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no such account, as in some containers
        return str(os.getuid())
