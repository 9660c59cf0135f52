"""Journal of keys: what each change of a key leaves in the audit log and for webhooks."""

from __future__ import annotations

from xaigh_server.keys.issuing import NewKey
from xaigh_server.keys.messages import key_for_audit
from xaigh_server.keys.model import KeyRecord, key_facts
from xaigh_server.rpc.unit_of_work import UnitOfWork


def audit_and_publish(
    event: str,
    key: KeyRecord,
    unit: UnitOfWork,
    *,
    before: KeyRecord | None = None,
    new: NewKey | None = None,
    reason: str = "",
    action: str = "",
) -> None:
    """Adds the audit event and the event for webhooks of one change of a key.

    `action` is that of the audit event, where it isn't the one of the method's rule.
    """
    after = key_for_audit(key, unit.now)
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
