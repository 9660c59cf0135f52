"""Stored record of a key, without the key itself.

A revocation is final, and a key's lifetime never grows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from xaigh_server.audit.model import rfc3339
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.key_format import KeyType, prefix_of
from xaigh_server.rpc.etags import etag_of

KEY_LEAKED = "key.leaked"
"""Outbox row of a key that leaked, which no receiver hears: the fan-out disables its endpoints."""


class KeyState(StrEnum):
    """State of a key. Only REVOKED is stored; the others follow from the clock."""

    ACTIVE = "ACTIVE"
    GRACE = "GRACE"
    ROTATED = "ROTATED"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"

    @property
    def live(self) -> bool:
        """Whether a key in this state works, its grant aside."""
        return self in (KeyState.ACTIVE, KeyState.GRACE)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRecord:
    """Record of one key. `expire_time` is the key's own end; its grant may end earlier.

    `organization_name` is the name of its organization, for readers.

    `replaces` and `replaced_by` link the keys of a rotation. After `replace_time`, `expire_time` is
    the end of the grace period.
    """

    key_id: str
    environment: Environment
    key_type: KeyType
    organization_id: str
    grant_id: str
    name: str
    last_four: str
    scopes: tuple[str, ...]
    create_time: datetime
    created_by: str
    organization_name: str = ""
    allowed_origins: tuple[str, ...] = ()
    allowed_cidrs: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    expire_time: datetime | None = None
    replaces: str = ""
    replaced_by: str = ""
    replace_time: datetime | None = None
    revoke_time: datetime | None = None
    revoke_reason: str = ""
    revoked_by: str = ""
    flag_time: datetime | None = None
    last_used_time: datetime | None = None
    last_refused_time: datetime | None = None

    @property
    def prefix(self) -> str:
        """Prefix of the key, such as `live_sk_`."""
        return prefix_of(self.environment, self.key_type)

    @property
    def etag(self) -> str:
        """Changes with every edit; use doesn't change it."""
        times = (self.expire_time, self.replace_time, self.revoke_time)
        return etag_of(self.key_id, *(time.isoformat() if time else None for time in times))

    def state_at(self, now: datetime) -> KeyState:
        """Returns the state at a time, grant and organization aside."""
        if self.revoke_time is not None:
            return KeyState.REVOKED
        ended = self.expire_time is not None and self.expire_time <= now
        if self.replace_time is not None:
            return KeyState.ROTATED if ended else KeyState.GRACE
        return KeyState.EXPIRED if ended else KeyState.ACTIVE


def key_facts(key: KeyRecord, ends: datetime | None = None) -> dict[str, Any]:
    """Returns the payload of `key.` events, without secrets.

    `ends` is when the key stops working, where its grant ends first.
    """
    facts = {
        "keyId": key.key_id,
        "grantId": key.grant_id,
        "keyType": key.key_type.value,
        "name": key.name,
    }
    if key.replaced_by:
        facts["successorKeyId"] = key.replaced_by
    ends = ends or key.expire_time
    if ends is not None:
        facts["expireTime"] = rfc3339(ends)
    return facts


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedKey:
    """A key encrypted to its applicant, as an armored age file."""

    key_id: str
    ticket_id: str
    environment: Environment
    text: str
    create_time: datetime
