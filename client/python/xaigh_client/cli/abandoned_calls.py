"""Calls that their client gives up: begun, and left before the answer.

The message of such a call is never sent: the server has begun it, knows its key, and did nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator

import grpc
from google.protobuf.message import Message

from xaigh_client import channels, failures
from xaigh_client.errors import ApiError, CancelledError, DeadlineExceededError
from xaigh_client.methods import Method
from xaigh_client.settings import Settings

SECONDS = 1.0


def give_up(settings: Settings, method: Method, *, idempotency_key: str) -> str:
    """Begins a unary call and gives up after a second. Returns how it ended, in words.

    Raises ApiError where the server refused the call before.
    """
    done = threading.Event()

    def withhold() -> Iterator[Message]:
        done.wait()
        yield from ()

    with _channel(settings) as channel:
        grpc.channel_ready_future(channel).result(timeout=settings.timeout)
        call = channel.stream_unary(
            method.path, lambda message: message.SerializeToString(), method.reply_type.FromString
        )
        metadata = (
            ("authorization", f"Bearer {settings.api_key}"),
            ("idempotency-key", idempotency_key),
        )
        try:
            call(withhold(), timeout=SECONDS, metadata=metadata)
        except grpc.RpcError as raised:
            return _ending(failures.of(raised, attempts=1))
        finally:
            done.set()
    return "answered"


def _ending(error: ApiError) -> str:
    if isinstance(error, CancelledError | DeadlineExceededError):
        return f"gave up after {SECONDS:.0f} s"
    raise error


def _channel(settings: Settings) -> grpc.Channel:
    options = channels.options(settings)
    credentials = channels.credentials(settings)
    if credentials is None:
        return grpc.insecure_channel(settings.address.target, options)
    return grpc.secure_channel(settings.address.target, credentials, options)
