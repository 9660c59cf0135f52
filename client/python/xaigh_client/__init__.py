"""Client of the XaiGH access gateway: typed, over gRPC, synchronous and asynchronous.

from xaigh_client import Client

with Client() as xaigh:  # XAIGH_API_KEY, XAIGH_ADDR
    for job in xaigh.jobs.list_jobs():
        print(job.job_id)
"""

import xaigh_client.core_log  # noqa: F401  # before gRPC
from xaigh_client.asynchronous import AsyncPager, AsyncStream
from xaigh_client.calls import Reply
from xaigh_client.client import AsyncClient, Client
from xaigh_client.errors import (
    ApiError,
    CancelledError,
    ConfigurationError,
    ConflictError,
    CredentialMissingError,
    DeadlineExceededError,
    FailedPreconditionError,
    IdempotencyKeyReusedError,
    InsufficientScopeError,
    InternalError,
    InvalidArgumentError,
    NotFoundError,
    OutOfRangeError,
    PermissionDeniedError,
    RateLimitedError,
    UnauthenticatedError,
    UnavailableError,
    UnimplementedError,
    Violation,
    WebhookError,
    XaighError,
)
from xaigh_client.retry import RetryPolicy
from xaigh_client.settings import Tls
from xaigh_client.synchronous import Pager, Stream
from xaigh_client.webhook_event import WebhookEvent
from xaigh_client.webhooks import callback_secret, verify_webhook

__all__ = [
    "ApiError",
    "AsyncClient",
    "AsyncPager",
    "AsyncStream",
    "CancelledError",
    "Client",
    "ConfigurationError",
    "ConflictError",
    "CredentialMissingError",
    "DeadlineExceededError",
    "FailedPreconditionError",
    "IdempotencyKeyReusedError",
    "InsufficientScopeError",
    "InternalError",
    "InvalidArgumentError",
    "NotFoundError",
    "OutOfRangeError",
    "Pager",
    "PermissionDeniedError",
    "RateLimitedError",
    "Reply",
    "RetryPolicy",
    "Stream",
    "Tls",
    "UnauthenticatedError",
    "UnavailableError",
    "UnimplementedError",
    "Violation",
    "WebhookError",
    "WebhookEvent",
    "XaighError",
    "callback_secret",
    "verify_webhook",
]
