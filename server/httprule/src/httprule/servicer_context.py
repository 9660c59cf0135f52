"""The `grpc.aio.ServicerContext` of a call that came over HTTP.

Metadata that the servicer sends become reply headers, as far as `HeaderRules.pass_out` lists them.
HTTP/1.1 clients read no trailers: trailing metadata leave with the head of the reply, so a stream
sends only what was set before its first message. An entry `grpc-status-details-bin` holds the
details of the status.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from ipaddress import ip_address
from typing import Any, Final, NamedTuple, NoReturn

import grpc
import grpc.aio
from google.protobuf.message import DecodeError, Message
from google.rpc.status_pb2 import Status

from httprule.exchange import Exchange
from httprule.failures import HeaderPairs, RpcFailure

Metadata = Iterable[tuple[str, str | bytes]]

STATUS_DETAILS: Final = "grpc-status-details-bin"
_OK: Final = 0
_EOF: Final[Any] = grpc.aio.EOF  # type: ignore[attr-defined]  # its stubs lack it
_CODES: Final = {code.value[0]: code for code in grpc.StatusCode}


class Metadatum(NamedTuple):
    """One entry of the metadata; the value is bytes where the key ends in "-bin"."""

    key: str
    value: str | bytes


class HttpServicerContext:
    """One call, as a servicer sees it. `requests` are the messages that `read` takes.

    `writes` takes the messages of a servicer that calls `write`; while it is None, none may.
    """

    def __init__(self, exchange: Exchange, requests: AsyncIterator[Message]) -> None:
        self._exchange = exchange
        self._requests = requests
        self.writes: asyncio.Queue[Any] | None = None
        self._code: int = _OK
        self._details = ""
        self._trailing: tuple[tuple[str, str | bytes], ...] = ()
        self._callbacks: list[Callable[[Any], None]] = []
        self._is_done = False
        self._is_cancelled = False
        seconds = exchange.deadline
        self._due = None if seconds is None else exchange.loop.time() + seconds

    # -- messages ------------------------------------------------------------------------------

    async def read(self) -> Any:
        """The next request message, `grpc.aio.EOF` after the last one."""
        return await anext(self._requests, _EOF)

    async def write(self, message: Any) -> None:
        """Send one reply message. Returns when the gateway has taken it."""
        if self.writes is None:
            raise grpc.aio.UsageError("write() is for methods that stream and yield no messages")
        self.writes.put_nowait(message)
        await self.writes.join()

    # -- metadata ------------------------------------------------------------------------------

    def invocation_metadata(self) -> tuple[Metadatum, ...]:
        """The request headers that `HeaderRules.pass_in` lists."""
        return tuple(Metadatum(key, value) for key, value in self._exchange.metadata)

    async def send_initial_metadata(self, initial_metadata: Metadata) -> None:
        """Adds reply headers. They leave with the first message, not before."""
        self._exchange.reply_headers.extend(_headers(initial_metadata))

    def set_trailing_metadata(self, trailing_metadata: Metadata) -> None:
        """Replaces the metadata that leave with the end of the call."""
        self._trailing = tuple(trailing_metadata)

    def trailing_metadata(self) -> tuple[tuple[str, str | bytes], ...]:
        return self._trailing

    # -- status --------------------------------------------------------------------------------

    async def abort(
        self,
        code: grpc.StatusCode | int,
        details: str = "",
        trailing_metadata: Metadata = (),
    ) -> NoReturn:
        """Ends the call with a status. Raises `grpc.aio.AbortError`; ValueError for OK."""
        number = _number(code)
        if number == _OK:
            raise ValueError("abort() needs a code other than OK")
        self._code, self._details = number, details
        self._trailing = (*self._trailing, *trailing_metadata)
        raise grpc.aio.AbortError("the servicer aborted the call")

    async def abort_with_status(self, status: grpc.Status) -> NoReturn:
        """The same with code, details and trailing metadata in one value."""
        await self.abort(status.code, status.details or "", status.trailing_metadata or ())

    def set_code(self, code: grpc.StatusCode | int) -> None:
        self._code = _number(code)

    def set_details(self, details: str) -> None:
        self._details = details

    def code(self) -> grpc.StatusCode:
        return _CODES.get(self._code, grpc.StatusCode.UNKNOWN)

    def details(self) -> str:
        return self._details

    # -- the call ------------------------------------------------------------------------------

    def peer(self) -> str:
        """The client's address in gRPC's form: `ipv4:192.0.2.1`, `ipv6:[2001:db8::1]`."""
        try:
            address = ip_address(self._exchange.peer)
        except ValueError:
            return self._exchange.peer
        return f"ipv4:{address}" if address.version == 4 else f"ipv6:[{address}]"

    def peer_identities(self) -> Iterable[bytes] | None:
        """None: HTTP clients are not authenticated by certificate."""
        return None

    def peer_identity_key(self) -> str | None:
        return None

    def auth_context(self) -> Mapping[str, Iterable[bytes]]:
        return {}

    def time_remaining(self) -> float | None:
        """Seconds until the deadline, never negative; None without a deadline."""
        return None if self._due is None else max(self._due - self._exchange.loop.time(), 0.0)

    def set_compression(self, compression: grpc.Compression) -> None:
        """Does nothing: HTTP negotiates compression."""

    def disable_next_message_compression(self) -> None:
        """Does nothing: HTTP negotiates compression."""

    def add_done_callback(self, callback: Callable[[Any], None]) -> None:
        """Has `callback` called with this context when the call ends."""
        self._callbacks.append(callback)

    def done(self) -> bool:
        return self._is_done

    def cancelled(self) -> bool:
        return self._is_cancelled

    # -- for the backend -----------------------------------------------------------------------

    def finish(self, *, is_cancelled: bool) -> None:
        """Marks the end of the call and calls the callbacks, once."""
        if not self._is_done:
            self._is_done, self._is_cancelled = True, is_cancelled
            for callback in self._callbacks:
                callback(self)

    def trailing_headers(self) -> HeaderPairs:
        """The trailing metadata as reply headers."""
        return tuple(_headers(self._trailing))

    def failure(self) -> RpcFailure | None:
        """The failure that the servicer's status means; None while the code is OK."""
        return None if self._code == _OK else RpcFailure(self._status())

    def _status(self) -> Status:
        """The rich status of the trailing metadata where it has this code, else a plain one."""
        for key, value in self._trailing:
            if key == STATUS_DETAILS and isinstance(value, bytes):
                try:
                    rich = Status.FromString(value)
                except DecodeError:
                    continue
                if rich.code == self._code:
                    return rich
        return Status(code=self._code, message=self._details)


# Not a base class: an abstract method that a later grpcio adds would break every call.
grpc.aio.ServicerContext.register(HttpServicerContext)  # type: ignore[attr-defined]  # as above


def _number(code: grpc.StatusCode | int) -> int:
    return code if isinstance(code, int) else int(code.value[0])


def _headers(metadata: Metadata) -> list[tuple[str, str]]:
    """Metadata as headers, without the status; bytes in base64, as gRPC sends them."""
    return [
        (key, b64encode(value).decode() if isinstance(value, bytes) else value)
        for key, value in metadata
        if key != STATUS_DETAILS
    ]
