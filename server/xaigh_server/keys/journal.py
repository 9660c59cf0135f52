"""Journal of keys: what each change of a key leaves in the audit log and for webhooks."""

from __future__ import annotations

from xaigh_server.keys.issuing import NewKey
from xaigh_server.keys.messages import key_for_audit
from xaigh_server.keys.model import KEY_LEAKED, KeyRecord, key_facts
from xaigh_server.rpc.unit_of_work import UnitOfWork, actor


def audit_and_publish(
    event: str,
    key: KeyRecord,
    unit: UnitOfWork,
    *,
    before: KeyRecord | None = None,
    new: NewKey | None = None,
    reason: str = "",
    action: str = "",
    leaked: bool = False,
) -> None:
    """Adds the audit event and the event for webhooks of one change of a key.

    `action` is that of the audit event, where it isn't the one of the method's rule. `leaked` says
    that somebody else may have the key, so that the endpoints are disabled that it made.
    """
    after = key_for_audit(key, unit.now)
    if leaked:
        after["leaked"] = True
        _disable_endpoints(key, unit, reason)
    targets = [key.key_id]
    if new is not None:
        # A key that was shown although it could have been sealed is audited with the reason.
        after["disclosure"] = "SHOWN" if new.sealed is None else "SEALED"
        targets += [new.record.key_id] if new.record.key_id != key.key_id else []
    unit.audit(
        *targets,
        before=None if before is None else key_for_audit(before, unit.now),
        after=after,
        reason=reason,
        action=action,
        organization_id=key.organization_id,
        environment=key.environment.value,
    )
    unit.emit(
        event,
        key_facts(key),
        organization_id=key.organization_id,
        environment=key.environment.value,
    )


def audit_leak(key: KeyRecord, unit: UnitOfWork, *, reason: str) -> None:
    """Adds the audit event of a revoked key that leaked, as is known by now."""
    _disable_endpoints(key, unit, reason)
    unit.audit(
        key.key_id,
        after=key_for_audit(key, unit.now) | {"leaked": True},
        reason=reason,
        organization_id=key.organization_id,
        environment=key.environment.value,
    )


def _disable_endpoints(key: KeyRecord, unit: UnitOfWork, reason: str) -> None:
    """Leaves a row for the fan-out: endpoints are in another database, and a crash loses no row."""
    kind, name = actor(unit.call)
    unit.emit(
        KEY_LEAKED,
        {"keyId": key.key_id, "actorType": kind, "actorId": name, "reason": reason},
        organization_id=key.organization_id,
        environment=key.environment.value,
    )
