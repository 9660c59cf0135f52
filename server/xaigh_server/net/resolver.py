"""DNS resolver on c-ares, with time-outs and fairness of its own.

The C library's resolver can't be interrupted and holds a thread for as long as a name server is
silent. c-ares asks over the event loop, so an unanswered look-up costs a socket and an entry.

Each account (an organization, or the peer address of an anonymous caller) has a few places. A
look-up above them waits for one, within the same limit of time, so an account whose names never
resolve delays nobody but itself. `look_ups_of` says whose look-ups a block makes.

The hosts file is read as well; search domains aren't used, since a callback is a full name. c-ares
keeps an answer for as long as its TTL says.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from xaigh_server.net.url_guard import NameUnresolved

if TYPE_CHECKING:
    import aiodns

T = TypeVar("T")

SECONDS = 1.5
"""How long a look-up takes at most, the wait for a place included."""
PLACES = 8
"""Look-ups that one account may have under way."""
_TRIES = 2  # of which the second takes twice as long as the first

_account: ContextVar[str] = ContextVar("account of look-ups", default="")


@contextmanager
def look_ups_of(account: str) -> Iterator[None]:
    """Counts the look-ups of a block, and of the tasks that it starts, for an account."""
    token = _account.set(account)
    try:
        yield
    finally:
        _account.reset(token)


@dataclass(slots=True)
class _Places:
    """Places of one account, and how many look-ups have or want one."""

    free: asyncio.Semaphore
    users: int = field(default=0)


class DnsResolver:
    """Looks names up. It never connects to what it found. Made on the loop that uses it."""

    def __init__(
        self, *, servers: Sequence[str] = (), places: int = PLACES, seconds: float = SECONDS
    ) -> None:
        """`servers` are `address` or `address:port`; empty: those of the system."""
        self._servers = servers
        self._limit = places
        self._seconds = seconds
        self._accounts: dict[str, _Places] = {}
        self._asker: aiodns.DNSResolver | None = None

    async def addresses(self, host: str, port: int) -> Sequence[str]:
        """Returns every address of the name. Raises `NameUnresolved`."""
        found = await self._ask(lambda asker: asker.getaddrinfo(host, port=port))
        texts = (node.addr[0] for node in found.nodes)
        return list(dict.fromkeys(text.decode("ascii", "replace") for text in texts))

    async def texts(self, name: str) -> Sequence[str]:
        """Returns the TXT records of the name, each joined to one text. Raises `NameUnresolved`."""
        found = await self._ask(lambda asker: asker.query_dns(name, "TXT"))
        records = (record.data for record in found.answer)
        return [each.data.decode("utf-8", "replace") for each in records if hasattr(each, "data")]

    async def close(self) -> None:
        """Ends the look-ups that are under way."""
        if self._asker is not None:
            await self._asker.close()

    async def _ask(self, start: Callable[[aiodns.DNSResolver], Awaitable[T]]) -> T:
        import aiodns  # with the first look-up

        try:
            async with asyncio.timeout(self._seconds), self._place():
                return await start(self._open())
        except TimeoutError:
            raise NameUnresolved(f"no answer within {self._seconds:g} seconds.") from None
        except aiodns.error.DNSError as error:
            raise NameUnresolved(f"{_why(error)}.") from None
        except UnicodeError:
            raise NameUnresolved("it isn't a name of the name system.") from None

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        account = _account.get()
        places = self._accounts.get(account)
        if places is None:
            places = self._accounts[account] = _Places(asyncio.Semaphore(self._limit))
        places.users += 1
        try:
            async with places.free:
                yield
        finally:
            places.users -= 1
            if not places.users:
                del self._accounts[account]

    def _open(self) -> aiodns.DNSResolver:
        if self._asker is None:
            import aiodns
            import pycares

            self._asker = aiodns.DNSResolver(
                self._servers or None,
                flags=pycares.ARES_FLAG_NOSEARCH,
                timeout=self._seconds / (2**_TRIES - 1),
                tries=_TRIES,
            )
        return self._asker


def _why(error: Exception) -> str:
    text = str(error.args[1]) if len(error.args) > 1 else "the look-up failed"
    return text[:1].lower() + text[1:]
