"""Audit log of denied requests: ended or leaked credentials, calls beyond a caller's rights, tries.

The event is written before the denial is answered; a secret key from a browser is flagged, too.
Equal denials of one caller are written once a minute at most, with the number of denials in
between, so that denied calls can't fill the log. Tries without a known credential are written once
a minute for an address, whatever they tried, and beyond some addresses once for all others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from httprule.connections import subscriber
from xaigh_server.audit.model import ActorType, AuditEvent
from xaigh_server.audit.repository import AuditLog
from xaigh_server.db.database import Database
from xaigh_server.db.errors import StoreError
from xaigh_server.db.partition import CONTROL, Partition
from xaigh_server.db.session import Session
from xaigh_server.errors import DomainError
from xaigh_server.identity.errors import SecretKeyInBrowser, Unauthenticated
from xaigh_server.identity.principal import KeyPrincipal, OperatorPrincipal
from xaigh_server.keys.repository import Keys
from xaigh_server.log_events import LogEvent
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.unit_of_work import actor

INTERVAL = timedelta(minutes=1)
MAX_STRANGERS = 20
"""Most addresses whose tries are written by themselves in a minute."""
MAX_TRACKED = 10_000
"""Most denials tracked at once to detect repeats."""

# The credential is known, and has ended, is of the wrong kind or came from a forbidden place.
_ALWAYS = frozenset(
    {
        "ADDRESS_NOT_ALLOWED",
        "CREDENTIAL_KIND_REFUSED",
        "GRANT_REVOKED",
        "KEY_REVOKED",
        "KEY_ROTATED",
        "OPERATOR_EXPIRED",
        "OPERATOR_REVOKED",
        "SECRET_KEY_IN_BROWSER",
        "SUSPENDED",
    }
)
# The caller is known and exceeded its rights, or has expired, on an audited method.
_ON_AUDITED = frozenset(
    {
        "ALLOWANCE_SPENT",
        "GRANT_EXCEEDED",
        "GRANT_EXPIRED",
        "KEY_EXPIRED",
        "KEY_TYPE_NOT_ALLOWED",
        "ORIGIN_NOT_ALLOWED",
        "POSTING_SELF_APPROVAL",
        "PROPOSAL_CLOSED",
        "REQUEST_EXCEEDED",
        "REVIEW_INCOMPLETE",
        "SCOPE_NOT_GRANTED",
        "SCOPE_NOT_MINTABLE",
        "SECOND_OPERATOR_REQUIRED",
    }
)

_log = structlog.get_logger("xaigh.refusals")


class LastUsedTracker(Protocol):
    """Records in memory when keys were refused."""

    def refused(self, key_id: str) -> None:
        """Records that an existing key was refused."""
        ...


@dataclass(slots=True)
class _Recorded:
    since: datetime
    unwritten: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _DeniedCaller:
    """The denied caller, as far as it is authenticated."""

    actor_type: ActorType
    actor_id: str
    key_id: str
    credential_id: str
    """The key's id, or that of an operator's credential."""
    organization_id: str
    environment: str


class DenialAuditLog:
    """Writes denials to the control database's audit log."""

    def __init__(
        self, control: Database, *, last_used: LastUsedTracker, clock: Callable[[], datetime]
    ) -> None:
        self._control = control
        self._last_used = last_used
        self._clock = clock
        self._seen: dict[tuple[str, str, str], _Recorded] = {}
        self._strangers = 0
        self._strangers_since = clock()

    async def note(self, refusal: DomainError, call: Call) -> None:
        """Writes a denial if it is audited. Never raises: the caller gets the denial itself."""
        caller = _caller(refusal, call)
        if caller.key_id:
            self._last_used.refused(caller.key_id)
        if not _is_audited(refusal, call):
            return
        await self._note(refusal, call, caller)

    async def note_verification(
        self, refusal: DomainError, call: Call, principal: KeyPrincipal | None, target: str
    ) -> None:
        """Writes that a verification refused a known key, and for which service. Never raises.

        `target` is what the key was to do. A key that isn't known leaves nothing.
        """
        caller = _verified(refusal, principal)
        if not caller.key_id:
            return
        self._last_used.refused(caller.key_id)
        asker = actor(call)[1]
        await self._note(refusal, call, caller, target=target, verifiedFor=asker)

    async def _note(
        self, refusal: DomainError, call: Call, caller: _DeniedCaller, **facts: str
    ) -> None:
        unwritten = self._due(refusal, call, caller)
        if unwritten is None:
            return
        event = _event(refusal, call, caller, now=self._clock(), unwritten=unwritten, facts=facts)
        flagged = caller.key_id if isinstance(refusal, SecretKeyInBrowser) else ""

        def write(session: Session) -> None:
            if flagged:
                Keys(session).flag(flagged, event.time)
            AuditLog(session, CONTROL).append(event)

        try:
            await self._control.write(write, partition=Partition(CONTROL))
        except StoreError:
            _log.exception(LogEvent.AUDIT_DENIAL_NOT_RECORDED, request_id=call.request_id)

    def _due(self, refusal: DomainError, call: Call, caller: _DeniedCaller) -> int | None:
        """Returns how many equal denials the log left out since the last event; None: skip this."""
        now = self._clock()
        key = (
            (f"{caller.actor_type}:{caller.actor_id}", refusal.reason, call.method.path)
            if caller.actor_id
            else self._stranger(call.peer, now)
        )
        seen = self._seen.get(key)
        if seen is not None and now - seen.since < INTERVAL:
            seen.unwritten += 1
            return None
        if len(self._seen) >= MAX_TRACKED:
            self._seen = {k: s for k, s in self._seen.items() if now - s.since < INTERVAL}
        if len(self._seen) >= MAX_TRACKED:
            return None
        self._seen[key] = _Recorded(since=now, unwritten=0)
        self._strangers += not caller.actor_id
        return seen.unwritten if seen is not None else 0

    def _stranger(self, peer: str, now: datetime) -> tuple[str, str, str]:
        """Returns what tries of an address are counted by: the address, or all further ones."""
        if now - self._strangers_since >= INTERVAL:
            self._strangers, self._strangers_since = 0, now
        own = (f"peer:{subscriber(peer)}", "", "")
        # The first of the further ones gets an event of its own, too: it stands for all.
        return own if own in self._seen or self._strangers < MAX_STRANGERS else _OTHERS


_OTHERS = ("peer:others", "", "")


def _is_audited(refusal: DomainError, call: Call) -> bool:
    if refusal.reason in _ALWAYS:
        return True
    if not call.method.rule.audit:
        return False
    # Anybody may call public methods, so a refusal there is no try to get in.
    tried = isinstance(refusal, Unauthenticated) and call.method.rule.access != "public"
    return tried or refusal.reason in _ON_AUDITED


def _caller(refusal: DomainError, call: Call) -> _DeniedCaller:
    principal = call.principal
    kind, name = actor(call)
    if isinstance(principal, KeyPrincipal):
        return _DeniedCaller(
            actor_type=kind,
            actor_id=name,
            key_id=principal.key_id,
            credential_id=principal.key_id,
            organization_id=principal.organization_id,
            environment=principal.environment.value,
        )
    # The refusal names an ended key only to a caller that presented the whole key.
    key_id = refusal.metadata.get("keyId", "") if isinstance(refusal, Unauthenticated) else ""
    operators = principal.credential_id if isinstance(principal, OperatorPrincipal) else ""
    return _DeniedCaller(
        actor_type="key" if key_id else kind,
        actor_id=key_id or name,
        key_id=key_id,
        credential_id=operators or key_id,
        organization_id="",
        environment=call.environment,
    )


def _verified(refusal: DomainError, principal: KeyPrincipal | None) -> _DeniedCaller:
    """A key that a service presented, as far as it is known."""
    # A refused credential names its key only where the whole key was presented.
    ended = refusal.metadata.get("keyId", "") if isinstance(refusal, Unauthenticated) else ""
    key_id = ended if principal is None else principal.key_id
    return _DeniedCaller(
        actor_type="key",
        actor_id=key_id,
        key_id=key_id,
        credential_id=key_id,
        organization_id="" if principal is None else principal.organization_id,
        environment="" if principal is None else principal.environment.value,
    )


def _event(
    refusal: DomainError,
    call: Call,
    caller: _DeniedCaller,
    *,
    now: datetime,
    unwritten: int,
    facts: Mapping[str, str],
) -> AuditEvent:
    after: dict[str, object] = {"method": call.method.full_name, "reason": refusal.reason, **facts}
    if not caller.actor_id:
        after["tried"] = call.method.rule.audit
    if unwritten:
        after["alsoRefused"] = unwritten
    return AuditEvent(
        time=now,
        actor_type=caller.actor_type,
        actor_id=caller.actor_id,
        # A try without a known credential stands for tries of other methods as well.
        action=(call.method.rule.audit if caller.actor_id else "") or "call.refused",
        targets=(caller.credential_id,) if caller.credential_id else (),
        after=after,
        reason=refusal.message,
        request_id=call.request_id,
        client_request_id=call.client_request_id,
        peer=call.peer,
        environment=caller.environment,
        organization_id=caller.organization_id,
        outcome="REFUSED",
    )
