"""Rules of issuing, rotating and revoking keys. A key is never wider than its grant.

The functions return values; the caller writes them in the same transaction. Writes of a database
are serial, so the answers of `KeyLookup` hold until the commit, and parallel issues never exceed an
allowance.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from xaigh_server.errors import FieldInvalid, FieldViolation, NotFound, PreconditionViolation
from xaigh_server.identity import key_format as keys
from xaigh_server.identity import origins
from xaigh_server.identity.base62 import RandomBytes
from xaigh_server.identity.key_format import KeyType, PresentedKey
from xaigh_server.identity.key_tags import KeyTags
from xaigh_server.identity.peppers import Digest, PepperRing
from xaigh_server.identity.principal import Cidrs
from xaigh_server.identity.scopes import Catalogue
from xaigh_server.identity.sealing import Sealer
from xaigh_server.keys.errors import (
    AllowanceSpent,
    GrantExceeded,
    KeyInactive,
    KeyRotationOpen,
    ReasonRequired,
)
from xaigh_server.keys.grants import Grant
from xaigh_server.keys.model import KeyRecord, KeyState, SealedKey
from xaigh_server.organizations.errors import OrganizationInactive
from xaigh_server.organizations.model import Organization, OrganizationState
from xaigh_server.rpc.etags import check_etag


class KeyLookup(Protocol):
    """Read access to keys in the running transaction."""

    def get(self, key_id: str) -> KeyRecord | None:
        """One key, or None."""
        ...

    def issued_from(self, grant_id: str) -> int:
        """Counts keys ever issued from a grant, revoked ones included, rotations not."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueOrder:
    """Parameters of a new key. Empty scopes mean all scopes of the grant that its type can hold."""

    name: str
    key_type: KeyType = KeyType.SECRET
    scopes: Sequence[str] = ()
    expire_time: datetime | None = None
    allowed_origins: Sequence[str] = ()
    allowed_cidrs: Sequence[str] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    clear_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A new key: the record to store and the secret to deliver.

    `clear` is the key itself, in the first reply only; it is empty where `sealed` is set.
    """

    record: KeyRecord
    digest: Digest
    clear: str = field(repr=False)
    sealed: SealedKey | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """Result of a rotation: the old key's changed record, and the new key."""

    old: KeyRecord
    new: NewKey


class Issuer:
    """Issues keys. `max_grace` is the longest time that a rotated key may keep working."""

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        peppers: PepperRing,
        sealer: Sealer,
        random: RandomBytes,
        max_grace: timedelta = timedelta(days=7),
    ) -> None:
        self._catalogue = catalogue
        self._peppers = peppers
        self._tags = KeyTags(peppers)
        self._sealer = sealer
        self._random = random
        self._max_grace = max_grace

    def issue(
        self,
        order: IssueOrder,
        grant: Grant,
        organization: Organization,
        lookup: KeyLookup,
        *,
        operator: str,
        now: datetime,
    ) -> NewKey:
        """Issues a key from a grant and uses one of its allowance.

        Raises GrantInactive, OrganizationInactive, FieldInvalid, ScopeUnknown, ScopeNotMintable,
        GrantExceeded, AllowanceSpent and ReasonRequired.
        """
        grant.require_active(now)
        _require_active(organization)
        scopes = self._scopes(order, grant)
        _check_bounds(order, scopes, grant, now)
        _check_origins(order)
        allowed_origins = origins.parse_list(order.allowed_origins, grant.environment)
        cidrs = Cidrs.parse(order.allowed_cidrs)
        if lookup.issued_from(grant.grant_id) >= grant.terms.key_allowance:
            raise AllowanceSpent(grant.grant_id, grant.terms.key_allowance)
        minted = self._mint(grant, order.key_type, lookup)
        record = KeyRecord(
            key_id=minted.id,
            environment=grant.environment,
            key_type=order.key_type,
            organization_id=grant.organization_id,
            organization_name=organization.display_name,
            grant_id=grant.grant_id,
            name=order.name,
            last_four=minted.last4,
            scopes=scopes,
            create_time=now,
            created_by=operator,
            allowed_origins=allowed_origins,
            allowed_cidrs=cidrs.texts(),
            labels=dict(order.labels),
            expire_time=order.expire_time,
        )
        return self._deliver(record, minted, grant, order.clear_reason)

    def rotate(
        self,
        old: KeyRecord,
        grant: Grant,
        organization: Organization,
        lookup: KeyLookup,
        *,
        grace: timedelta,
        clear_reason: str,
        etag: str,
        operator: str,
        now: datetime,
    ) -> Rotation:
        """Replaces a key with one of the same name and scopes. Uses no allowance.

        The new key lacks the scopes that the grant has lost since. Raises
        EtagMismatch, FieldInvalid, KeyInactive, KeyRotationOpen, GrantInactive, GrantExceeded,
        OrganizationInactive and ReasonRequired.
        """
        check_etag(etag, old.etag)
        if grace > self._max_grace:
            seconds = int(self._max_grace.total_seconds())
            raise FieldInvalid.at("grace", f"Must be {seconds} seconds at most.")
        _check_rotatable(old, lookup, now)
        grant.require_active(now)
        _require_active(organization)
        scopes = _still_held(old, grant)
        minted = self._mint(grant, old.key_type, lookup)
        record = replace(
            old,
            key_id=minted.id,
            last_four=minted.last4,
            scopes=scopes,
            create_time=now,
            created_by=operator,
            replaces=old.key_id,
            flag_time=None,
            last_used_time=None,
            last_refused_time=None,
        )
        ends = now + grace
        if old.expire_time is not None:
            ends = min(ends, old.expire_time)
        replaced = replace(old, replaced_by=minted.id, replace_time=now, expire_time=ends)
        return Rotation(old=replaced, new=self._deliver(record, minted, grant, clear_reason))

    def _scopes(self, order: IssueOrder, grant: Grant) -> tuple[str, ...]:
        held = grant.terms.scopes
        if not order.scopes:
            found = tuple(name for name in held if self._holds(order.key_type, name))
            if not found:
                description = f"The grant has no scope that a key of type {order.key_type} holds."
                raise FieldInvalid.at("scopes", description)
            return found
        self._catalogue.require_mintable(order.scopes)
        for index, name in enumerate(order.scopes):
            if name in held and not self._holds(order.key_type, name):
                description = "Guards no method that publishable keys may call."
                raise FieldInvalid.at(f"scopes[{index}]", description)
        return tuple(sorted(set(order.scopes)))

    def _holds(self, key_type: KeyType, name: str) -> bool:
        scope = self._catalogue.get(name)
        # A product may have been withdrawn since the grant was created.
        if scope is None or not scope.mintable:
            return False
        return key_type is KeyType.SECRET or scope.publishable

    def _mint(self, grant: Grant, key_type: KeyType, lookup: KeyLookup) -> PresentedKey:
        while True:
            minted = keys.mint(grant.environment, key_type, self._random, self._tags.make)
            if lookup.get(minted.id) is None:
                return minted

    def _deliver(
        self, record: KeyRecord, minted: PresentedKey, grant: Grant, clear_reason: str
    ) -> NewKey:
        digest = self._peppers.digest(minted.text)
        if not grant.seal_to or clear_reason:
            if clear_reason and not clear_reason.strip():
                raise ReasonRequired
            return NewKey(record=record, digest=digest, clear=minted.text)
        sealed = SealedKey(
            key_id=record.key_id,
            ticket_id=grant.ticket_id,
            environment=record.environment,
            text=self._sealer.seal(grant.seal_to, minted.text.encode()),
            create_time=record.create_time,
        )
        return NewKey(record=record, digest=digest, clear="", sealed=sealed)


def revoke(record: KeyRecord, *, reason: str, by: str, now: datetime) -> KeyRecord:
    """Returns the revoked record. A record that is revoked already is returned unchanged."""
    if record.revoke_time is not None:
        return record
    return replace(record, revoke_time=now, revoke_reason=reason, revoked_by=by)


def require_key(record: KeyRecord | None, key_id: str) -> KeyRecord:
    """Raises NotFound for a key that doesn't exist."""
    if record is None:
        raise NotFound("key", key_id)
    return record


def _require_active(organization: Organization) -> None:
    if organization.state is not OrganizationState.ACTIVE:
        raise OrganizationInactive(organization.organization_id)


def _check_rotatable(old: KeyRecord, lookup: KeyLookup, now: datetime) -> None:
    state = old.state_at(now)
    if state is KeyState.GRACE and old.expire_time is not None:
        raise KeyRotationOpen(old.key_id, old.expire_time)
    if state is not KeyState.ACTIVE:
        raise KeyInactive(old.key_id, state)
    before = lookup.get(old.replaces) if old.replaces else None
    if before is not None and before.expire_time is not None and before.state_at(now).live:
        raise KeyRotationOpen(before.key_id, before.expire_time)


def _still_held(old: KeyRecord, grant: Grant) -> tuple[str, ...]:
    scopes = tuple(name for name in old.scopes if name in grant.terms.scopes)
    if not scopes or old.key_type not in grant.terms.key_types:
        excess = _over("keyId", "The grant was narrowed and holds nothing of this key any more.")
        raise GrantExceeded(preconditions=[excess], metadata={"grantId": grant.grant_id})
    return scopes


def _check_bounds(order: IssueOrder, scopes: Sequence[str], grant: Grant, now: datetime) -> None:
    if not order.name.strip():
        raise FieldInvalid.at("name", "Must not be blank.")
    if order.expire_time is not None and order.expire_time <= now:
        raise FieldInvalid.at("expireTime", "Must lie ahead.")
    excess = list(_excess(order, scopes, grant))
    if excess:
        raise GrantExceeded(preconditions=excess, metadata={"grantId": grant.grant_id})


def _excess(
    order: IssueOrder, scopes: Sequence[str], grant: Grant
) -> Iterator[PreconditionViolation]:
    terms = grant.terms
    if order.key_type not in terms.key_types:
        yield _over("keyType", f"The grant isn't for keys of type {order.key_type}.")
    for name in scopes:
        if name not in terms.scopes:
            yield _over("scopes", f"The grant doesn't hold {name}.")
    ends = terms.expire_time
    if order.expire_time is not None and ends is not None and order.expire_time > ends:
        yield _over("expireTime", f"The grant ends at {ends.isoformat()}.")


def _over(subject: str, description: str) -> PreconditionViolation:
    return PreconditionViolation(type="GRANT", subject=subject, description=description)


def _check_origins(order: IssueOrder) -> None:
    publishable = order.key_type is KeyType.PUBLISHABLE
    if publishable and not order.allowed_origins:
        problem = "A publishable key needs at least one origin."
    elif not publishable and order.allowed_origins:
        problem = "A secret key has no origins: it never works from a browser."
    else:
        return
    raise FieldInvalid([FieldViolation(path="allowedOrigins", description=problem)])
