"""Model of webhook endpoints and deliveries, and the decision after each attempt.

An endpoint receives what the key that last wrote it could read, within the current rights of that
key's grant. Narrowing or revoking a grant narrows its endpoints, too.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from xaigh_server.net import retry_schedule as retries
from xaigh_server.net.http_reply import HttpOutcome
from xaigh_server.rpc.etags import etag_of
from xaigh_server.webhooks.errors import QuotaExceeded
from xaigh_server.webhooks.events import ABOUT_ENDPOINTS, Event

FAILING_AFTER = timedelta(days=3)
TOLD_AFTER = timedelta(hours=1)  # of failures without a success; told once until one succeeds
MAX_ENDPOINTS = 50  # per organization and environment


class DisableReason(StrEnum):
    """Why an endpoint is disabled."""

    NONE = ""
    REQUESTED = "REQUESTED"
    GONE = "GONE"
    FAILING = "FAILING"
    KEY_LEAKED = "KEY_LEAKED"
    OPERATOR = "OPERATOR"


class DeliveryState(StrEnum):
    """State of a delivery. Only a redelivery moves an ended one back to PENDING."""

    PENDING = "PENDING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


def check_quota(count: int) -> None:
    """Raises QuotaExceeded where `count` endpoints are the most allowed."""
    if count >= MAX_ENDPOINTS:
        raise QuotaExceeded(
            f"An organization has {MAX_ENDPOINTS} endpoints at most in an environment.",
            metadata={"limit": str(MAX_ENDPOINTS)},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """Current rights of a grant."""

    scopes: frozenset[str]
    employer_ids: frozenset[str]


NO_AUTHORITY = Authority(scopes=frozenset(), employer_ids=frozenset())


def may_hear(event: Event, scopes: Set[str], employer_ids: Set[str]) -> bool:
    """Whether these rights cover an event, or every event of a batch."""
    if not event.type.scope:
        return True
    return event.type.heard_with(scopes) and event.employers <= employer_ids


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedSecrets:
    """Encrypted secrets of an endpoint. The previous one signs, too, until it expires."""

    current: bytes = field(repr=False)
    previous: bytes | None = field(default=None, repr=False)
    previous_expires_at: datetime | None = None

    def signing(self, now: datetime) -> tuple[bytes, ...]:
        """Returns the secrets that sign at `now`, the current one first."""
        expires = self.previous_expires_at
        if self.previous is None or expires is None or expires <= now:
            return (self.current,)
        return (self.current, self.previous)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Receiver of events. Empty `event_types`: all types that it may receive.

    `disabled_by` and `disable_note` are set where an operator disabled it.

    `scopes` and `grant_id` are those of the key that last wrote it; a ticket's callback has
    neither. `origin` is the grant or ticket whose callback created the endpoint, or empty. `key_id`
    is the key that created it or last set its URL; empty for a callback.
    """

    id: str
    organization_id: str
    url: str
    description: str
    event_types: tuple[str, ...]
    scopes: frozenset[str]
    grant_id: str
    origin: str
    secrets: SealedSecrets
    created_at: datetime
    updated_at: datetime
    disabled_at: datetime | None = None
    disable_reason: DisableReason = DisableReason.NONE
    disabled_by: str = ""
    disable_note: str = ""
    revision: int = 1
    key_id: str = ""

    @property
    def enabled(self) -> bool:
        """Whether the endpoint receives events."""
        return self.disabled_at is None

    @property
    def held(self) -> bool:
        """Whether an operator disabled the endpoint."""
        return self.disable_reason is DisableReason.OPERATOR

    def leads_to(self, url: str) -> bool:
        """Whether the endpoint has that URL. A query is no other place."""
        return self.url.partition("?")[0] == url.partition("?")[0]

    def as_enabled(self) -> Endpoint:
        """The endpoint enabled, without any trace of why it was disabled."""
        return replace(
            self,
            disabled_at=None,
            disable_reason=DisableReason.NONE,
            disabled_by="",
            disable_note="",
        )

    @property
    def etag(self) -> str:
        """Changes with every change."""
        return etag_of(self.id, self.revision)

    def subscribes_to(self, event: Event) -> bool:
        """Whether the endpoint is enabled and subscribes to the event's type."""
        return self.enabled and (not self.event_types or event.type.name in self.event_types)

    def may_receive(self, event: Event, authority: Authority) -> bool:
        """Whether the endpoint's rights and its grant's current ones cover the event.

        An endpoint doesn't hear how it is doing itself.
        """
        if event.type.name in ABOUT_ENDPOINTS and event.facts.get("endpointId") == self.id:
            return False
        return may_hear(event, self.scopes & authority.scopes, authority.employer_ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointHealth:
    """Recent results of attempts at an endpoint."""

    failure_count: int = 0
    failing_since: datetime | None = None
    last_success_at: datetime | None = None
    last_failure_at: datetime | None = None

    def after_success(self, now: datetime) -> EndpointHealth:
        """Returns the health after a success: no failures."""
        return EndpointHealth(last_success_at=now, last_failure_at=self.last_failure_at)

    def after_failure(self, began: datetime, now: datetime) -> EndpointHealth:
        """Returns the health after one more failure, of an attempt started at `began`."""
        return replace(
            self,
            failure_count=self.failure_count + 1,
            failing_since=self.failing_since or began,
            last_failure_at=now,
        )

    def begins_to_be_told(self, now: datetime) -> bool:
        """Whether a failure at `now`, after this health, is the first one past TOLD_AFTER."""
        since, last = self.failing_since, self.last_failure_at
        if since is None or last is None:
            return False
        return last - since < TOLD_AFTER <= now - since


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryAttempt:
    """One attempt. `status` is the HTTP status, 0 without a reply."""

    number: int
    started_at: datetime
    duration: timedelta
    outcome: HttpOutcome
    status: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event for one endpoint. `step` counts the attempts of the current schedule."""

    id: str
    endpoint_id: str
    organization_id: str
    event_id: str
    event_type: str
    state: DeliveryState
    attempt_count: int
    step: int
    event_time: datetime
    created_at: datetime
    next_attempt_at: datetime | None = None
    ended_at: datetime | None = None
    attempts: tuple[DeliveryAttempt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryDecision:
    """Consequences of an attempt for the delivery and its endpoint.

    `pause_until` pauses the whole endpoint; `disable` disables it. `tell` is whether the
    organization's other endpoints hear now that it fails.
    """

    state: DeliveryState
    next_attempt_at: datetime | None
    pause_until: datetime | None
    health: EndpointHealth
    disable: DisableReason = DisableReason.NONE
    tell: bool = False


def decide(
    attempt: DeliveryAttempt,
    *,
    step: int,
    health: EndpointHealth,
    now: datetime,
    retry_after: float | None,
    random: Callable[[], float],
) -> DeliveryDecision:
    """Decides after attempt number `step` (from 1) of a schedule. `retry_after` is in seconds."""
    if attempt.outcome is HttpOutcome.ACCEPTED:
        return DeliveryDecision(
            state=DeliveryState.SUCCEEDED,
            next_attempt_at=None,
            pause_until=None,
            health=health.after_success(now),
        )
    failing = health.after_failure(attempt.started_at, now)
    disable = _disable(attempt, failing, now)
    delay = retries.delay(step, random)
    if disable or delay is None:
        state, next_attempt = DeliveryState.FAILED, None
    else:
        state = DeliveryState.PENDING
        next_attempt = now + timedelta(seconds=max(delay, retry_after or 0))
    pause = max(retries.pause(failing.failure_count, random), retry_after or 0)
    return DeliveryDecision(
        state=state,
        next_attempt_at=next_attempt,
        pause_until=now + timedelta(seconds=pause),
        health=failing,
        disable=disable,
        tell=not disable and health.begins_to_be_told(now),
    )


def _disable(attempt: DeliveryAttempt, health: EndpointHealth, now: datetime) -> DisableReason:
    if attempt.status == 410:
        return DisableReason.GONE
    if health.failing_since is not None and now - health.failing_since >= FAILING_AFTER:
        return DisableReason.FAILING
    return DisableReason.NONE
