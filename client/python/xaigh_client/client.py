"""Clients of the API: `Client` blocks, `AsyncClient` is for asyncio."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message

from xaigh.sdk.services import AsyncServices, Services
from xaigh_client import methods, settings, values
from xaigh_client.asynchronous import AsyncCaller, AsyncStream
from xaigh_client.calls import Dependencies, OnReply, Options, Reply
from xaigh_client.retry import RetryPolicy
from xaigh_client.settings import Settings, Tls
from xaigh_client.synchronous import Caller, Stream

DEFAULT_TIMEOUT = 30.0


def _user_agent() -> str:
    try:
        return f"xaigh-python/{version('xaigh')}"
    except PackageNotFoundError:
        return "xaigh-python"


class Client(Services):
    """The API over gRPC, one attribute for each service. Thread-safe.

        with Client() as xaigh:
            job = xaigh.jobs.get_job(job_id="job_1")

    The key comes from `api_key` or XAIGH_API_KEY, the address from `address` or XAIGH_ADDR. TLS
    unless the address is on loopback or says `http://`, which a live key refuses elsewhere.
    `timeout` is in seconds, for a call with all its attempts. `retry` says how calls that are safe
    to repeat are retried.
    """

    def __init__(
        self,
        *,
        api_key: str | None = None,
        address: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        retry: RetryPolicy | None = None,
        tls: Tls | None = None,
        on_reply: OnReply | None = None,
        dependencies: Dependencies | None = None,
    ) -> None:
        self._settings = settings.resolve(
            api_key=api_key,
            address=address,
            timeout=timeout,
            retry=retry,
            tls=tls,
            user_agent=_user_agent(),
        )
        self._caller = Caller(
            self._settings, dependencies=dependencies or Dependencies(), on_reply=on_reply
        )
        super().__init__(self._caller)

    @property
    def settings(self) -> Settings:
        """The address, the key and the options that it uses."""
        return self._settings

    def call(
        self,
        method: MethodDescriptor,
        request: Message | Mapping[str, Any],
        *,
        idempotency_key: str | None = None,
        status_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Reply[Message]:
        """Calls any unary method by its descriptor. Returns the reply with its headers."""
        found = methods.of(method)
        options = Options(
            idempotency_key=idempotency_key,
            status_token=status_token,
            timeout=timeout,
            metadata=metadata,
        )
        return self._caller.send(found, _message(found.request_type, request), options)

    def call_stream(
        self, method: MethodDescriptor, request: Message | Mapping[str, Any], **options: Any
    ) -> Stream[Message]:
        """Calls any server-streaming method by its descriptor."""
        found = methods.of(method)
        return self._caller.open_stream(
            found, _message(found.request_type, request), Options(**options)
        )

    def call_feed(
        self,
        method: MethodDescriptor,
        requests: Iterable[Message | Mapping[str, Any]],
        **options: Any,
    ) -> Stream[Message]:
        """Calls any bidirectional method by its descriptor."""
        return self._caller.feed(method, Message, requests, **options)

    def close(self) -> None:
        """Closes the connection. Open calls end with CancelledError."""
        self._caller.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return _repr(self, self._settings)


class AsyncClient(AsyncServices):
    """The API over gRPC for asyncio, one attribute for each service. Takes the same arguments.

    async with AsyncClient() as xaigh:
        job = await xaigh.jobs.get_job(job_id="job_1")
    """

    def __init__(
        self,
        *,
        api_key: str | None = None,
        address: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        retry: RetryPolicy | None = None,
        tls: Tls | None = None,
        on_reply: OnReply | None = None,
        dependencies: Dependencies | None = None,
    ) -> None:
        self._settings = settings.resolve(
            api_key=api_key,
            address=address,
            timeout=timeout,
            retry=retry,
            tls=tls,
            user_agent=_user_agent(),
        )
        self._caller = AsyncCaller(
            self._settings, dependencies=dependencies or Dependencies(), on_reply=on_reply
        )
        super().__init__(self._caller)

    async def call(
        self,
        method: MethodDescriptor,
        request: Message | Mapping[str, Any],
        *,
        idempotency_key: str | None = None,
        status_token: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109  # The call's deadline, for the server too.
        metadata: Mapping[str, str] | None = None,
    ) -> Reply[Message]:
        """Calls any unary method by its descriptor. Returns the reply with its headers."""
        found = methods.of(method)
        options = Options(
            idempotency_key=idempotency_key,
            status_token=status_token,
            timeout=timeout,
            metadata=metadata,
        )
        return await self._caller.send(found, _message(found.request_type, request), options)

    def call_stream(
        self, method: MethodDescriptor, request: Message | Mapping[str, Any], **options: Any
    ) -> AsyncStream[Message]:
        """Calls any server-streaming method by its descriptor."""
        found = methods.of(method)
        return self._caller.open_stream(
            found, _message(found.request_type, request), Options(**options)
        )

    def call_feed(
        self,
        method: MethodDescriptor,
        requests: AsyncIterable[Message | Mapping[str, Any]],
        **options: Any,
    ) -> AsyncStream[Message]:
        """Calls any bidirectional method by its descriptor."""
        return self._caller.feed(method, Message, requests, **options)

    async def close(self) -> None:
        """Closes the connection. Open calls end with CancelledError."""
        await self._caller.close()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def __repr__(self) -> str:
        return _repr(self, self._settings)


def _message(kind: type[Message], request: Message | Mapping[str, Any]) -> Message:
    return request if isinstance(request, Message) else values.build(kind, request)


def _repr(client: object, chosen: settings.Settings) -> str:
    return f"{type(client).__name__}(address={str(chosen.address)!r}, key={chosen.key_hint!r})"
