"""Looking names up, off the event loop and without one dead name server holding up the rest."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from xaigh_server.domain.callbacks import NameUnresolved

_THREADS = 32
_SECONDS = 5.0


class SystemResolver:
    """Asks the system's resolver. Answers aren't kept: each connection asks anew.

    The C library can't be interrupted, so look-ups have threads of their own, and a name that is
    being looked up is never looked up twice at the same time.
    """

    def __init__(self, *, threads: int = _THREADS, seconds: float = _SECONDS) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="resolve")
        self._seconds = seconds
        self._asking: dict[tuple[str, int], asyncio.Future[Sequence[str]]] = {}

    async def addresses(self, host: str, port: int) -> Sequence[str]:
        """Every address of the name. Raises `NameUnresolved`."""
        key = (host, port)
        asking = self._asking.get(key)
        if asking is None:
            loop = asyncio.get_running_loop()
            asking = self._asking[key] = loop.run_in_executor(self._pool, _look_up, host, port)
            asking.add_done_callback(lambda done: self._answered(key, done))
        try:
            async with asyncio.timeout(self._seconds):
                return await asyncio.shield(asking)
        except TimeoutError:
            raise NameUnresolved(f"no answer within {self._seconds:g} seconds.") from None

    def close(self) -> None:
        """Starts no further look-up; doesn't wait for those under way."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _answered(self, key: tuple[str, int], done: asyncio.Future[Sequence[str]]) -> None:
        del self._asking[key]
        if not done.cancelled():
            done.exception()  # seen, also where nobody waits any more


def _look_up(host: str, port: int) -> Sequence[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except socket.gaierror as error:
        raise NameUnresolved(f"{error.strerror}.") from None
    except (OSError, UnicodeError):
        raise NameUnresolved("the look-up failed.") from None
    return list(dict.fromkeys(str(address[0]) for _, _, _, _, address in found))
