"""Periodic tasks of which one process runs each: expiry, notices, retention and audit anchors."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry

from xaigh_server.access.tasks import TicketExpiry, TicketPurge
from xaigh_server.ats.retention import BatchRetention, History
from xaigh_server.ats.stale_notices import StaleNotices
from xaigh_server.audit.anchor_file import AnchorFile
from xaigh_server.audit.anchor_metrics import AnchorMetrics
from xaigh_server.audit.anchoring import AuditAnchor
from xaigh_server.audit.signing_key import AuditKeys
from xaigh_server.audit.sink_settings import AuditSink
from xaigh_server.audit_sinks.metrics import SinkMetrics
from xaigh_server.audit_sinks.shipping import SinkShipper
from xaigh_server.db.retention import Retention
from xaigh_server.identity.environments import Environment
from xaigh_server.keys.tasks import ExpiryNotices
from xaigh_server.net.outbound import Outbound
from xaigh_server.net.own_hosts import OwnHosts
from xaigh_server.net.url_guard import CallbackForbidden, CallbackUrl, check_url
from xaigh_server.request_log.retention import RequestLogRetention
from xaigh_server.runtime.databases import Databases
from xaigh_server.runtime.leadership import LedTasks
from xaigh_server.settings import Settings, SettingsError

EXPIRY_SECONDS = 600.0
RETENTION_SECONDS = 600.0
HISTORY_SECONDS = 6 * 3600.0
ANCHOR_SECONDS = 10.0
SINK_SECONDS = 2.0


def add_housekeeping(
    tasks: LedTasks,
    settings: Settings,
    databases: Databases,
    *,
    audit_keys: AuditKeys,
    clock: Callable[[], datetime],
    new_id: Callable[[str], str],
    registry: CollectorRegistry,
) -> None:
    """Adds every task, for the process that leads it."""
    control, business = databases.control, list(databases.business.values())
    anchor = AuditAnchor(
        control,
        databases.all,
        AnchorFile(settings.anchor_file),
        audit_keys,
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
    notices = ExpiryNotices(control, clock=clock, new_id=new_id)
    stale = StaleNotices(business, clock=clock, new_id=new_id)
    batches = BatchRetention(business, clock=clock)
    tasks.every("key_expiry", EXPIRY_SECONDS, notices.send)
    tasks.every("ticket_expiry", EXPIRY_SECONDS, TicketExpiry(control, clock=clock).expire)
    tasks.every("stale_marks", EXPIRY_SECONDS, stale.publish)
    tasks.every("retention", RETENTION_SECONDS, Retention(databases.all, clock=clock).sweep)
    tasks.every("request_purge", RETENTION_SECONDS, purge.sweep)
    tasks.every("request_log_retention", RETENTION_SECONDS, request_log.sweep)
    tasks.every("batch_retention", RETENTION_SECONDS, batches.sweep)
    tasks.every("history", HISTORY_SECONDS, history.sweep)
    tasks.every("anchors", ANCHOR_SECONDS, anchor.anchor, at_end=True, otherwise=anchor.follow)


def add_sinks(
    tasks: LedTasks,
    settings: Settings,
    databases: Databases,
    outbound: Outbound,
    *,
    own: OwnHosts,
    clock: Callable[[], datetime],
    registry: CollectorRegistry,
) -> None:
    """Adds the shipper of each audit sink: a slow one delays no other."""
    metrics = SinkMetrics(registry)
    for sink in settings.audit_sinks:
        shipper = SinkShipper(
            sink,
            sink_url(settings, sink, own),
            control=databases.control,
            databases=databases.all,
            outbound=outbound,
            clock=clock,
            random=random.random,
            metrics=metrics,
        )
        name = f"audit_sink_{sink.name}"
        tasks.every(name, SINK_SECONDS, shipper.ship, otherwise=shipper.stand_by)


def sink_url(settings: Settings, sink: AuditSink, own: OwnHosts) -> CallbackUrl:
    """Returns the checked URL of a sink. SettingsError: the guard refuses it."""
    try:
        return check_url(
            sink.url,
            environment=Environment.PRODUCTION,
            allow_loopback=settings.allow_loopback_callbacks,
            own=own,
            field=f"audit_sinks.{sink.name}.url",
        )
    except CallbackForbidden as error:
        raise SettingsError(str(error)) from error


def _days(days: int) -> timedelta | None:
    return timedelta(days=days) if days else None
