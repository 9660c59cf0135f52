# Generated from the protos by `make generate`. Don't edit.
"""Events of webhooks: the members of their `data`, and what `verify_webhook` returns.

A test of `event.type` tells a type checker what `event.data` holds. Members that are empty are left
out of `data`. New types of events may come: answer 2xx to one that you don't know.
"""

from __future__ import annotations

from typing import Literal, TypeAlias, TypedDict

from xaigh_client.webhook_event import WebhookEvent


class ChallengeEvent(TypedDict, total=False):
    """The `data` of `callback.challenge`, which proves that a callback is yours."""

    ticketId: str
    challenge: str


class TicketEvent(TypedDict, total=False):
    """The `data` of `ticket.approved`, `ticket.denied`, `ticket.needs_info`."""

    ticketId: str
    state: str
    environment: str
    grantId: str


class KeyEvent(TypedDict, total=False):
    """The `data` of `key.issued`, `key.rotated`, `key.revoked`, `key.expiring`."""

    keyId: str
    grantId: str
    keyType: str
    name: str
    successorKeyId: str
    expireTime: str


class JobEvent(TypedDict, total=False):
    """The `data` of `job.*`."""

    jobId: str
    employerUserId: str
    source: str
    changedFields: list[str]
    syncRunId: str
    closeReason: str


class AtsEvent(TypedDict, total=False):
    """The `data` of `ats.run.completed`, `ats.run.held`, `ats.run.drifted`, `ats.stale`."""

    integrationId: str
    provider: str
    syncRunId: str
    closedCount: int
    heldCloseCount: int
    lastCompletedTime: str
    employerUserIds: list[str]
    heldFields: list[str]


class EndpointEvent(TypedDict, total=False):
    """The `data` of `endpoint.failing`, `endpoint.disabled`."""

    endpointId: str
    disableReason: str
    failingSinceTime: str
    failureCount: int


class ApplicationEvent(TypedDict, total=False):
    """The `data` of `application.*`."""

    applicationId: str
    jobId: str
    employerUserId: str
    state: str
    cause: str


class TestEvent(TypedDict, total=False):
    """The `data` of `webhook.test`."""

    endpointId: str
    message: str


AnyWebhookEvent: TypeAlias = (
    WebhookEvent[Literal["ticket.approved"], TicketEvent]
    | WebhookEvent[Literal["ticket.denied"], TicketEvent]
    | WebhookEvent[Literal["ticket.needs_info"], TicketEvent]
    | WebhookEvent[Literal["key.issued"], KeyEvent]
    | WebhookEvent[Literal["key.rotated"], KeyEvent]
    | WebhookEvent[Literal["key.revoked"], KeyEvent]
    | WebhookEvent[Literal["key.expiring"], KeyEvent]
    | WebhookEvent[Literal["job.created"], JobEvent]
    | WebhookEvent[Literal["job.updated"], JobEvent]
    | WebhookEvent[Literal["job.closed"], JobEvent]
    | WebhookEvent[Literal["job.reopened"], JobEvent]
    | WebhookEvent[Literal["ats.run.completed"], AtsEvent]
    | WebhookEvent[Literal["ats.run.held"], AtsEvent]
    | WebhookEvent[Literal["ats.run.drifted"], AtsEvent]
    | WebhookEvent[Literal["ats.stale"], AtsEvent]
    | WebhookEvent[Literal["job.pending"], JobEvent]
    | WebhookEvent[Literal["job.approved"], JobEvent]
    | WebhookEvent[Literal["job.returned"], JobEvent]
    | WebhookEvent[Literal["endpoint.failing"], EndpointEvent]
    | WebhookEvent[Literal["endpoint.disabled"], EndpointEvent]
    | WebhookEvent[Literal["application.forwarded"], ApplicationEvent]
    | WebhookEvent[Literal["application.refused"], ApplicationEvent]
    | WebhookEvent[Literal["application.uncertain"], ApplicationEvent]
    | WebhookEvent[Literal["application.failed"], ApplicationEvent]
    | WebhookEvent[Literal["webhook.test"], TestEvent]
    | WebhookEvent[Literal["callback.challenge"], ChallengeEvent]
)
"""One of the events that there are today, told apart by `type`."""
