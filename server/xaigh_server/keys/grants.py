"""Grants: the rights that an approval creates in one environment.

A revision never changes, and a later revision is never wider."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from xaigh_server.errors import FieldInvalid, FieldViolation
from xaigh_server.identity.environments import Environment
from xaigh_server.keys.errors import GrantInactive
from xaigh_server.rpc.etags import etag_of


class GrantState(StrEnum):
    """State of a revision. EXPIRED follows from the clock and isn't stored."""

    ACTIVE = "ACTIVE"
    SUPERSEDED = "SUPERSEDED"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"


class Aspect(StrEnum):
    """Aspects on which every approval records a finding."""

    DATA_CLASS = "DATA_CLASS"
    EMPLOYER_AUTHORITY = "EMPLOYER_AUTHORITY"
    REQUESTED_SCOPES = "REQUESTED_SCOPES"
    ROUTE_RISK = "ROUTE_RISK"
    INTEGRATION_READINESS = "INTEGRATION_READINESS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A reviewer's finding on one aspect, with its evidence."""

    aspect: Aspect
    finding: str
    note: str
    reviewer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantTerms:
    """Terms of a grant. Sets are sorted tuples, so that equal terms compare equal."""

    scopes: tuple[str, ...]
    key_types: tuple[str, ...]
    tier: str
    employer_user_ids: tuple[str, ...]
    key_allowance: int
    callback_url: str
    expire_time: datetime | None = None
    conditions: tuple[str, ...] = ()
    rollback_plan: str = ""
    findings: tuple[Finding, ...] = ()
    evidence_waiver: str = ""
    domain_waiver: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One revision of a grant. `seal_to` is the ticket's age recipient, empty where it has none.

    `organization_name` is the name of its organization, for readers.
    """

    grant_id: str
    revision: int
    state: GrantState
    organization_id: str
    ticket_id: str
    request_revision: int
    environment: Environment
    terms: GrantTerms
    seal_to: str
    approved_by: tuple[str, ...]
    create_time: datetime
    organization_name: str = ""
    revoke_time: datetime | None = None
    reason: str = ""

    @property
    def etag(self) -> str:
        """Changes with every revision and every change of state."""
        return etag_of(self.grant_id, self.revision, self.state.value)

    def state_at(self, now: datetime) -> GrantState:
        """Returns the state at a time: an active revision past its end is EXPIRED."""
        ends = self.terms.expire_time
        if self.state is GrantState.ACTIVE and ends is not None and ends <= now:
            return GrantState.EXPIRED
        return self.state

    def require_active(self, now: datetime) -> None:
        """Raises `GrantInactive` unless keys may be issued from it now."""
        state = self.state_at(now)
        if state is not GrantState.ACTIVE:
            raise GrantInactive(self.grant_id, state.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """Changes that narrow a grant. Empty members keep their value."""

    scopes: Sequence[str] = ()
    key_types: Sequence[str] = ()
    employer_user_ids: Sequence[str] = ()
    key_allowance: int = 0
    expire_time: datetime | None = None
    tier: str = ""
    tier_order: tuple[str, ...] = field(default=())
    """Tiers of the deployment, the lowest limit first."""


def narrow(grant: Grant, to: Narrowing, *, reason: str, now: datetime) -> Grant:
    """Returns the narrower revision. Raises `FieldInvalid` for anything wider."""
    narrowed = narrowed_terms(grant, to, now=now)
    if narrowed == grant.terms:
        raise FieldInvalid.at("scopes", "Nothing of this narrows the grant.")
    return replace(
        grant, revision=grant.revision + 1, terms=narrowed, create_time=now, reason=reason
    )


def narrowed_terms(grant: Grant, to: Narrowing, *, now: datetime) -> GrantTerms:
    """Returns the terms after a narrowing, which may change nothing. Raises `FieldInvalid`."""
    grant.require_active(now)
    terms = grant.terms
    faults = [*_wider(terms, to), *_later(terms, to, now)]
    if to.tier and to.tier != terms.tier and not _lower(to.tier, terms.tier, to.tier_order):
        faults.append(FieldViolation(path="tier", description="Isn't a lower tier."))
    if faults:
        raise FieldInvalid(faults)
    return replace(
        terms,
        scopes=tuple(sorted(set(to.scopes))) or terms.scopes,
        key_types=tuple(sorted(set(to.key_types))) or terms.key_types,
        employer_user_ids=tuple(sorted(set(to.employer_user_ids))) or terms.employer_user_ids,
        key_allowance=to.key_allowance or terms.key_allowance,
        expire_time=to.expire_time or terms.expire_time,
        tier=to.tier or terms.tier,
    )


def _wider(terms: GrantTerms, to: Narrowing) -> list[FieldViolation]:
    faults: list[FieldViolation] = []
    for path, wanted, held in (
        ("scopes", to.scopes, terms.scopes),
        ("keyTypes", to.key_types, terms.key_types),
        ("employerUserIds", to.employer_user_ids, terms.employer_user_ids),
    ):
        for index, value in enumerate(wanted):
            if value not in held:
                text = f"{value!r} isn't in the grant; a grant can't widen."
                faults.append(FieldViolation(path=f"{path}[{index}]", description=text))
    if to.key_allowance > terms.key_allowance:
        text = f"Is more than the grant's {terms.key_allowance}."
        faults.append(FieldViolation(path="keyAllowance", description=text))
    return faults


def _later(terms: GrantTerms, to: Narrowing, now: datetime) -> list[FieldViolation]:
    if to.expire_time is None:
        return []
    if to.expire_time <= now:
        return [FieldViolation(path="expireTime", description="Is past; revoke the grant instead.")]
    if terms.expire_time is not None and to.expire_time > terms.expire_time:
        return [FieldViolation(path="expireTime", description="Is later than the grant's end.")]
    return []


def _lower(wanted: str, held: str, order: tuple[str, ...]) -> bool:
    return wanted in order and held in order and order.index(wanted) < order.index(held)
