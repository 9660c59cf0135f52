"""DNS resolver off the event loop, where one slow name server doesn't block other look-ups."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Sequence
from contextlib import suppress

from xaigh_server.net.url_guard import NameUnresolved

_LOOK_UPS = 64
_SECONDS = 5.0

Answer = Sequence[str] | NameUnresolved


class SystemResolver:
    """Looks names up with the system's resolver. Results aren't cached: each connection asks anew.

    The C library can't be interrupted, so each look-up has a daemon thread of its own, and the
    program ends without it. Concurrent look-ups of one name share a thread.
    """

    def __init__(self, *, look_ups: int = _LOOK_UPS, seconds: float = _SECONDS) -> None:
        """At most `look_ups` at once; each caller waits for `seconds` at most."""
        self._places = asyncio.Semaphore(look_ups)
        self._seconds = seconds
        self._asking: dict[tuple[str, int], asyncio.Task[Answer]] = {}

    async def addresses(self, host: str, port: int) -> Sequence[str]:
        """Every address of the name. Raises `NameUnresolved`."""
        key = (host, port)
        asking = self._asking.get(key)
        if asking is None:
            asking = self._asking[key] = asyncio.create_task(self._ask(host, port))
            asking.add_done_callback(lambda _: self._asking.pop(key, None))
        try:
            async with asyncio.timeout(self._seconds):
                answer = await asyncio.shield(asking)
        except TimeoutError:
            raise NameUnresolved(f"no answer within {self._seconds:g} seconds.") from None
        if isinstance(answer, NameUnresolved):
            raise NameUnresolved(answer.why)
        return answer

    def close(self) -> None:
        """Cancels the running look-ups without waiting for their threads."""
        for asking in list(self._asking.values()):
            asking.cancel()

    async def _ask(self, host: str, port: int) -> Answer:
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[Answer] = loop.create_future()

        def settle(answer: Answer) -> None:
            if not answered.done():
                answered.set_result(answer)

        def work() -> None:
            answer = _look_up(host, port)
            with suppress(RuntimeError):  # the loop has closed: no caller waits
                loop.call_soon_threadsafe(settle, answer)

        async with self._places:
            threading.Thread(target=work, name=f"resolve-{host}", daemon=True).start()
            return await answered


def _look_up(host: str, port: int) -> Answer:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except socket.gaierror as error:
        return NameUnresolved(f"{error.strerror}.")
    except (OSError, UnicodeError):
        return NameUnresolved("the look-up failed.")
    return list(dict.fromkeys(str(address[0]) for _, _, _, _, address in found))
