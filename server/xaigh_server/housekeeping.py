"""What one process does for all that serve beside it: expires, sweeps, tells, and anchors."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from xaigh_server.databases import Databases
from xaigh_server.settings import Settings
from xaigh_server.store import audit_keys
from xaigh_server.store.anchors import AnchorFile
from xaigh_server.workers.audit_anchor import AuditAnchor
from xaigh_server.workers.batch_retention import BatchRetention
from xaigh_server.workers.expiry import ExpiryNotices
from xaigh_server.workers.retention import Retention
from xaigh_server.workers.rounds import Rounds
from xaigh_server.workers.stale_notices import StaleNotices
from xaigh_server.workers.ticket_expiry import TicketExpiry

EXPIRY_SECONDS = 600.0
RETENTION_SECONDS = 600.0
ANCHOR_SECONDS = 10.0


def add_housekeeping(
    rounds: Rounds,
    settings: Settings,
    databases: Databases,
    *,
    clock: Callable[[], datetime],
    new_id: Callable[[str], str],
) -> None:
    """Adds the pieces of work to the rounds of the process that is to do them."""
    control, business = databases.control, list(databases.business.values())
    anchor = AuditAnchor(
        databases.all,
        AnchorFile(settings.anchor_file),
        audit_keys.load_or_create(settings.audit_dir),
        clock=clock,
    )
    rounds.every(EXPIRY_SECONDS, ExpiryNotices(control, clock=clock, new_id=new_id).tell)
    rounds.every(EXPIRY_SECONDS, TicketExpiry(control, clock=clock).expire)
    rounds.every(EXPIRY_SECONDS, StaleNotices(business, clock=clock, new_id=new_id).tell)
    rounds.every(RETENTION_SECONDS, Retention(databases.all, clock=clock).sweep)
    rounds.every(RETENTION_SECONDS, BatchRetention(business, clock=clock).sweep)
    rounds.every(ANCHOR_SECONDS, anchor.anchor, at_end=True)
