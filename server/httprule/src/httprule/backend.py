"""Protocol of backends: two methods that answer a call, and one that renders an error.

The gateway hands an `Exchange` to the backend before it reads the body, so that the backend can
refuse a caller without receiving the body. Every error, of HTTP or of the call, comes
to `Backend.render_error`, which alone decides what an error looks like.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from typing import Protocol

from google.protobuf.message import Message

from httprule.exchange import Exchange
from httprule.failures import ErrorResponse, Failure
from httprule.headers import RequestHead


class Backend(Protocol):
    """Answers calls and renders errors.

    The gateway cancels a call when its deadline passes or its client hangs up. Errors other than
    `RpcFailure`, `HttpError` and the gateway's own are answered as UNKNOWN, without their text.
    """

    async def unary(self, exchange: Exchange) -> Message:
        """Answers a call with one reply. Raises `RpcFailure`."""

    def stream(self, exchange: Exchange) -> AsyncIterator[Message]:
        """Answers a call with any number of replies. The iterator raises `RpcFailure`."""

    def render_error(
        self, head: RequestHead, failure: Failure
    ) -> ErrorResponse | Awaitable[ErrorResponse]:
        """Renders an error, also of a request that never became a call. Must not raise."""
