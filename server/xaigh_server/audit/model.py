"""Audit events, their canonical form, and their chain: each event holds the hash of the one before.

An event's canonical form is JSON in the form of RFC 8785 (JCS), of the members that `canonical`
lists: the event's own, its chain, its sequence, and `prevHash`. Its hash is the SHA-256 of that
form, in hex, so any JCS library can verify a chain. The first event of a chain follows `GENESIS`.

Numbers in `before` and `after` are whole and at most 2^53 - 1 away from zero: every JSON reader
holds those exactly, and a row that is read back gives the form that was hashed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias

import rfc8785

GENESIS = "0" * 64

ActorType = Literal["operator", "key", "applicant", "peer", "system"]
Outcome = Literal["DONE", "REFUSED"]
Members: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """One thing that happened, or was tried and refused. Nothing in it is secret.

    `targets` are ids. `before` and `after` are JSON objects: the target's state, None where it
    didn't exist or wasn't changed. `reason` is what was given, or why it was refused.
    """

    time: datetime
    actor_type: ActorType
    action: str
    actor_id: str = ""
    targets: tuple[str, ...] = ()
    before: Members | None = None
    after: Members | None = None
    reason: str = ""
    request_id: str = ""
    client_request_id: str = ""
    peer: str = ""
    environment: str = ""
    organization_id: str = ""
    outcome: Outcome = "DONE"

    @property
    def actor(self) -> str:
        """`operator:NAME`, `key:ID`, `applicant:TICKET`, `peer` or `system`."""
        return f"{self.actor_type}:{self.actor_id}" if self.actor_id else self.actor_type


@dataclass(frozen=True, slots=True, order=True)
class ChainId:
    """Identity of a chain: a database, and the organization whose events it holds.

    No organization: the database's own acts, which concern none.
    """

    database: str
    organization_id: str = ""

    def __str__(self) -> str:
        """The name that is hashed and shown: `control/-`, or `sandbox/org_…`."""
        return f"{self.database}/{self.organization_id or '-'}"

    @classmethod
    def parse(cls, name: str) -> ChainId:
        """The identity that a name denotes."""
        database, _, organization_id = name.partition("/")
        return cls(database, "" if organization_id == "-" else organization_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedEvent:
    """An event in its place: `sequence` counts from 1 without gaps, hashes are in hex."""

    chain: ChainId
    sequence: int
    prev_hash: str
    hash: str
    event: AuditEvent


def seal(event: AuditEvent, *, chain: ChainId, sequence: int, prev_hash: str) -> SealedEvent:
    """Puts an event into its place. TypeError: `before` or `after` isn't JSON as above."""
    form = canonical(event, chain=chain, sequence=sequence, prev_hash=prev_hash)
    return SealedEvent(
        chain=chain,
        sequence=sequence,
        prev_hash=prev_hash,
        hash=hashlib.sha256(form).hexdigest(),
        event=event,
    )


def canonical(event: AuditEvent, *, chain: ChainId, sequence: int, prev_hash: str) -> bytes:
    """The form that is hashed."""
    return canonical_json(members(event, chain=chain, sequence=sequence, prev_hash=prev_hash))


def members(
    event: AuditEvent, *, chain: ChainId, sequence: int, prev_hash: str
) -> dict[str, object]:
    """What is hashed, as a JSON object: also what an export shows, beside the hash."""
    return {
        "action": event.action,
        "actorId": event.actor_id,
        "actorType": event.actor_type,
        "after": event.after,
        "before": event.before,
        "chain": str(chain),
        "clientRequestId": event.client_request_id,
        "environment": event.environment,
        "organizationId": event.organization_id,
        "outcome": event.outcome,
        "peer": event.peer,
        "prevHash": prev_hash,
        "reason": event.reason,
        "requestId": event.request_id,
        "sequence": sequence,
        "targets": list(event.targets),
        "time": rfc3339(event.time),
    }


def canonical_json(value: object) -> bytes:
    """JSON in the form of RFC 8785. Times become RFC 3339 text, sets sorted lists.

    TypeError: a fraction, a number past 2^53 - 1, or what isn't JSON.
    """
    try:
        return rfc8785.dumps(_plain(value))
    except rfc8785.CanonicalizationError as error:
        raise TypeError(f"not canonical JSON: {error}") from None


def rfc3339(time: datetime) -> str:
    """UTC with microseconds: `2026-01-31T09:30:00.000000Z`."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _plain(value: object) -> Any:
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, Mapping):
        return {_name(key): _plain(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(member) for member in value]
    if isinstance(value, AbstractSet):
        return sorted(str(member) for member in value)
    if isinstance(value, datetime):
        return rfc3339(value)
    raise TypeError(f"not canonical JSON: {type(value).__name__}")


def _name(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"not canonical JSON: a member's name of type {type(key).__name__}")
    return key
