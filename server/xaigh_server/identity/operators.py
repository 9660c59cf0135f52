"""Operators: staff and internal services of XaiGH, and the credentials that they call with.

An operator has a name that is never used again, one role, one current credential, and the
credentials that rotations replaced.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from xaigh_server.errors import FieldInvalid
from xaigh_server.identity.scopes import Role

_NAME = re.compile(r"[a-z][a-z0-9._-]{0,62}", re.ASCII)


class OperatorState(StrEnum):
    """State of an operator or of a credential."""

    ACTIVE = "ACTIVE"
    ROTATED = "ROTATED"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """A member of staff or an internal service. Revoking one ends all of its credentials.

    A person may be several operators; `person` is the same for all of them.
    """

    operator_id: str
    name: str
    person: str
    role: Role
    create_time: datetime
    revoke_time: datetime | None = None
    revoke_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorCredential:
    """Stored record of one `xop_…` credential. A rotation sets `expire_time`."""

    credential_id: str
    operator_id: str
    last_four: str
    create_time: datetime
    expire_time: datetime | None = None
    replaced_by: str = ""
    replace_time: datetime | None = None
    last_used_time: datetime | None = None

    def state_at(self, now: datetime) -> OperatorState:
        """The state at a time, without regard to the operator's."""
        if self.expire_time is None or self.expire_time > now:
            return OperatorState.ACTIVE
        return OperatorState.ROTATED if self.replaced_by else OperatorState.EXPIRED


def check_name(name: str, *, path: str = "name") -> None:
    """Raises FieldInvalid. Names are in audit logs, so they are plain and short."""
    if _NAME.fullmatch(name) is None:
        raise FieldInvalid.at(path, "Lower-case letters, digits and ._- after a letter, 63 long.")


def replaced(
    old: OperatorCredential, *, by: str, ends: datetime, now: datetime
) -> OperatorCredential:
    """The credential after its rotation. A rotation never makes it expire later."""
    if old.expire_time is not None:
        ends = min(ends, old.expire_time)
    return replace(old, replaced_by=by, replace_time=now, expire_time=ends)
