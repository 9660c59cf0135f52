"""Integrations: an ATS, the employers that it covers, its settings, and the state of its syncs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from xaigh_server.ats.errors import IntegrationInactive
from xaigh_server.ats.providers.record import WorkdayIdentity
from xaigh_server.errors import IllegalTransition
from xaigh_server.rpc.etags import etag_of

STALE_AFTER = timedelta(days=1)


class IntegrationState(StrEnum):
    """PENDING allows only dry runs, ACTIVE syncs, INACTIVE was stopped by an operator."""

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"


class ApplyMode(StrEnum):
    """How workers apply to a mirrored role."""

    ATS_REDIRECT = "ATS_REDIRECT"
    APPLICATION_FORWARD = "APPLICATION_FORWARD"


@dataclass(frozen=True, slots=True, kw_only=True)
class MassCloseGuard:
    """Holds a close that exceeds both limits. `percent` is of the open roles."""

    min_roles: int = 10
    percent: int = 20

    def holds(self, closing: int, open_count: int) -> bool:
        """Whether closing so many of the open roles must wait for a person."""
        return closing > self.min_roles and closing * 100 > self.percent * open_count

    def __str__(self) -> str:
        return f"guard {self.min_roles} roles and {self.percent} %"


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncState:
    """State of an integration's syncs. Runs are identified by their numbers.

    `held_run` is the run whose close waits, `drift_run` the one whose fields do.
    `last_completed_order` is when the feed of the last completed run was read.
    """

    last_run: int | None = None
    open_run: int | None = None
    held_run: int | None = None
    drift_run: int | None = None
    last_completed_time: datetime | None = None
    last_completed_order: datetime | None = None
    stale_told_time: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewedTerms:
    """The terms of an integration that an operator reviews before they hold."""

    board: str
    employer_ids: tuple[str, ...]
    guard: MassCloseGuard
    apply_mode: ApplyMode
    forward_target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingChange:
    """Reviewed terms that an integrator asked for and no operator has applied."""

    terms: ReviewedTerms
    proposed_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Integration:
    """An organization's integration with one board or tenant of a provider.

    `mapping_revision` grows with whatever changes what a record is made into.
    """

    number: int
    integration_id: str
    organization_id: str
    provider: str
    board: str = ""
    employer_ids: tuple[str, ...]
    display_name: str = ""
    state: IntegrationState = IntegrationState.PENDING
    apply_mode: ApplyMode = ApplyMode.ATS_REDIRECT
    forward_target: str = ""
    stale_after: timedelta = STALE_AFTER
    guard: MassCloseGuard = MassCloseGuard()
    field_map: Mapping[str, str] = field(default_factory=dict)
    status_map: Mapping[str, str] = field(default_factory=dict)
    workday_identity: WorkdayIdentity = WorkdayIdentity.REQUISITION
    mapping_revision: int = 1
    revision: int = 1
    created_time: datetime
    updated_time: datetime
    activated_time: datetime | None = None
    pending: PendingChange | None = None
    sync_state: SyncState = SyncState()

    @property
    def etag(self) -> str:
        return etag_of(self.integration_id, self.revision)

    @property
    def is_active(self) -> bool:
        return self.state is IntegrationState.ACTIVE

    def check_syncs(self, *, dry_run: bool) -> None:
        """Raises IntegrationInactive; before its activation an integration takes dry runs."""
        if self.is_active or (dry_run and self.state is IntegrationState.PENDING):
            return
        raise IntegrationInactive(self.integration_id, self.state)

    def activated(self, now: datetime) -> Integration:
        """The integration, syncing. An active one is left as it is."""
        if self.is_active:
            return self
        return self._stepped(IntegrationState.ACTIVE, now, activated_time=now)

    def deactivated(self, now: datetime) -> Integration:
        """The integration, stopped and without a pending change.

        One that never synced can't be stopped.
        """
        if self.state is IntegrationState.INACTIVE:
            return self
        if self.state is IntegrationState.PENDING:
            raise IllegalTransition(
                "The integration", state=self.state, step="deactivate", allowed=["activate"]
            )
        return replace(self._stepped(IntegrationState.INACTIVE, now), pending=None)

    @property
    def terms(self) -> ReviewedTerms:
        """The reviewed terms in force."""
        return ReviewedTerms(
            board=self.board,
            employer_ids=self.employer_ids,
            guard=self.guard,
            apply_mode=self.apply_mode,
            forward_target=self.forward_target,
        )

    @property
    def wanted(self) -> Integration:
        """The integration as it would be with its pending change applied."""
        return self if self.pending is None else self._under(self.pending.terms)

    def revised(self, wanted: Integration, now: datetime, *, reviewed: bool) -> Integration:
        """This integration with the settings of `wanted`.

        The reviewed terms of an active one become its pending change, unless the change is
        `reviewed` already or leaves them as they are.
        """
        waits = self.is_active and not reviewed and wanted.terms != self.terms
        pending = PendingChange(terms=wanted.terms, proposed_time=now) if waits else None
        if pending is not None and self.pending is not None and pending.terms == self.pending.terms:
            pending = self.pending
        return self._revised(wanted._under(self.terms) if waits else wanted, pending, now)

    def changed(self, now: datetime) -> Integration:
        """The integration under the terms of its pending change. Raises IllegalTransition."""
        self._check_pending("applyChange")
        return self._revised(self.wanted, None, now)

    def unchanged(self, now: datetime) -> Integration:
        """The integration without its pending change. Raises IllegalTransition."""
        self._check_pending("discardChange")
        return self._revised(self, None, now)

    def _check_pending(self, step: str) -> None:
        if self.pending is None:
            allowed = ["deactivate"] if self.is_active else ["activate"]
            raise IllegalTransition(
                "The integration has no pending change and",
                state=self.state,
                step=step,
                allowed=allowed,
            )

    def _under(self, terms: ReviewedTerms) -> Integration:
        return replace(
            self,
            board=terms.board,
            employer_ids=terms.employer_ids,
            guard=terms.guard,
            apply_mode=terms.apply_mode,
            forward_target=terms.forward_target,
        )

    def _revised(
        self, after: Integration, pending: PendingChange | None, now: datetime
    ) -> Integration:
        mapped = _mapping(after) != _mapping(self)
        return replace(
            after,
            pending=pending,
            mapping_revision=self.mapping_revision + int(mapped),
            revision=self.revision + 1,
            updated_time=now,
        )

    def _stepped(
        self,
        state: IntegrationState,
        now: datetime,
        *,
        activated_time: datetime | None = None,
    ) -> Integration:
        return replace(
            self,
            state=state,
            revision=self.revision + 1,
            updated_time=now,
            activated_time=activated_time or self.activated_time,
        )


def stale_since(integration: Integration) -> datetime | None:
    """When the integration went, or will go, stale: a completed run moves it on, nothing else.

    Counted from the activation where no run has completed since; None for one that doesn't sync.
    """
    if not integration.is_active or integration.activated_time is None:
        return None
    completed = integration.sync_state.last_completed_time
    since = max(completed or integration.activated_time, integration.activated_time)
    return since + integration.stale_after


def is_stale(integration: Integration, now: datetime) -> bool:
    """Whether the time is up: at exactly the limit it is."""
    since = stale_since(integration)
    return since is not None and now >= since


def _mapping(integration: Integration) -> tuple[object, ...]:
    return (
        integration.board,
        integration.apply_mode,
        integration.forward_target,
        dict(integration.field_map),
        dict(integration.status_map),
        integration.workday_identity,
    )
