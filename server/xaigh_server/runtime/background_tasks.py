"""Periodic tasks of the first worker process: expiry, notices, retention and audit anchors."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry

from xaigh_server.access.tasks import TicketExpiry, TicketPurge
from xaigh_server.ats.retention import BatchRetention, History
from xaigh_server.ats.stale_notices import StaleNotices
from xaigh_server.audit import signing_key as audit_keys
from xaigh_server.audit.anchor_file import AnchorFile
from xaigh_server.audit.anchor_metrics import AnchorMetrics
from xaigh_server.audit.anchoring import AuditAnchor
from xaigh_server.db.retention import Retention
from xaigh_server.keys.tasks import ExpiryNotices
from xaigh_server.request_log.retention import RequestLogRetention
from xaigh_server.runtime.databases import Databases
from xaigh_server.runtime.scheduler import Scheduler
from xaigh_server.settings import Settings

EXPIRY_SECONDS = 600.0
RETENTION_SECONDS = 600.0
HISTORY_SECONDS = 6 * 3600.0
ANCHOR_SECONDS = 10.0


def add_housekeeping(
    scheduler: Scheduler,
    settings: Settings,
    databases: Databases,
    *,
    clock: Callable[[], datetime],
    new_id: Callable[[str], str],
    registry: CollectorRegistry,
) -> None:
    """Adds every task to the scheduler of the process that shall run them."""
    control, business = databases.control, list(databases.business.values())
    anchor = AuditAnchor(
        control,
        databases.all,
        AnchorFile(settings.anchor_file),
        audit_keys.load_or_create(settings.audit_dir),
        clock=clock,
        metrics=AnchorMetrics(registry),
    )
    history = History(
        business,
        clock=clock,
        changes=_days(settings.change_days),
        sync_events=_days(settings.sync_event_days),
    )
    request_log = RequestLogRetention(
        business, clock=clock, keep=timedelta(days=settings.request_log_days)
    )
    purge = TicketPurge(control, clock=clock, keep=_days(settings.ended_request_days))
    scheduler.every(EXPIRY_SECONDS, ExpiryNotices(control, clock=clock, new_id=new_id).send)
    scheduler.every(EXPIRY_SECONDS, TicketExpiry(control, clock=clock).expire)
    scheduler.every(EXPIRY_SECONDS, StaleNotices(business, clock=clock, new_id=new_id).publish)
    scheduler.every(RETENTION_SECONDS, Retention(databases.all, clock=clock).sweep)
    scheduler.every(RETENTION_SECONDS, purge.sweep)
    scheduler.every(RETENTION_SECONDS, BatchRetention(business, clock=clock).sweep)
    scheduler.every(RETENTION_SECONDS, request_log.sweep)
    scheduler.every(HISTORY_SECONDS, history.sweep)
    scheduler.every(ANCHOR_SECONDS, anchor.anchor, at_end=True)


def _days(days: int) -> timedelta | None:
    return timedelta(days=days) if days else None
