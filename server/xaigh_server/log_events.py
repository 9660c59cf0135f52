"""Catalogue of log events: the stable, dotted names that the server writes as `event`.

Alerts and dashboards select lines by these names, so a name never changes its meaning, and prose
never stands in its place. Each member also declares the level of its lines, the fields that a line
may have, and what an operator should know about it; `docs/reference/log-events.md` is generated
from here. The fields of `call.ended` depend on the caller; every other event writes all of its own.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, TypeAlias

Level: TypeAlias = Literal["info", "warning", "error", "varies"]


class LogEvent(StrEnum):
    """Name of a log event. As a string it is the name itself."""

    level: Level
    fields: tuple[str, ...]
    meaning: str

    def __new__(cls, name: str, level: Level, fields: str, meaning: str) -> LogEvent:
        """`fields` are names with a space between them; `meaning` is whole sentences."""
        event = str.__new__(cls, name)
        event._value_ = name
        event.level = level
        event.fields = tuple(fields.split())
        event.meaning = meaning
        return event

    APPLICATION_ATTEMPTED = (
        "application.attempted",
        "info",
        "database application organization state cause status",
        "An attempt to forward an application ended. `state` is what it led to: RECEIVED is tried "
        "again, UNCERTAIN waits for an operator.",
    )
    APPLICATION_SETTLED_MEANWHILE = (
        "application.settled_meanwhile",
        "warning",
        "database application",
        "The result of an attempt came after its lease, and an operator had settled it or sent the "
        "application again. The result was dropped: compare with the client.",
    )
    APPLICATION_UNCERTAIN = (
        "application.uncertain",
        "warning",
        "database application",
        "The process or the agent that was sending the application ended without a result. Nobody "
        "can tell whether the client has it: ask there, then settle it or send it again.",
    )
    APPLICATION_UNREADABLE = (
        "application.unreadable",
        "error",
        "application error",
        "No application key at hand decrypts the application or the secret that signs it. It "
        "waits for a day. Give the older key behind the current one in `application_key`.",
    )
    APPLICATION_UNRECORDED = (
        "application.unrecorded",
        "warning",
        "database application error",
        "The database was not available before or after an attempt. What had begun is UNCERTAIN "
        "once its lease has run out; what had not is tried again.",
    )
    AUDIT_ANCHORED = (
        "audit.anchored",
        "info",
        "number chains moved root digest",
        "The server signed the heads of all audit chains as one anchor. Ship these lines to "
        "another machine: with `digest` and `root` nobody can replace the anchor unseen.",
    )
    AUDIT_ANCHORS_CUT = (
        "audit.anchors_cut",
        "error",
        "number",
        "The anchor file of this machine is gone, new, or lacks anchors behind `number`. The "
        "server writes them again from the control database. At the first start of a machine "
        "beside others this is as it should be; else somebody cut the file.",
    )
    AUDIT_ANCHORS_FORKED = (
        "audit.anchors_forked",
        "error",
        "fault",
        "The anchors of the control database and of this machine's file aren't one history, or "
        "anchors were altered. This server signs no anchor meanwhile. Run `xaigh-server audit "
        "verify`; after a restore, keep the file elsewhere as evidence and remove it here.",
    )
    AUDIT_DENIAL_NOT_RECORDED = (
        "audit.denial_not_recorded",
        "error",
        "request_id exception",
        "The server refused a call and could not write the audit event of the refusal, because "
        "the control database was not available. The call stays refused.",
    )
    AUDIT_EVENTS_MISSING = (
        "audit.events_missing",
        "error",
        "sink chain sequence",
        "An audit chain lacks events that an anchor stands for, from `sequence` on. The sink got "
        "the anchor without them; run `xaigh-server audit verify`.",
    )
    AUDIT_NOT_ANCHORED = (
        "audit.not_anchored",
        "error",
        "chain fault",
        "An audit chain does not match its last anchor, or can't be read. The line appears once "
        "per fault, not once per attempt; run `xaigh-server audit verify`.",
    )
    AUDIT_SINK_FAILED = (
        "audit.sink_failed",
        "warning",
        "sink outcome status failures",
        "An audit sink did not accept a batch. The server sends it again after a rest, which grows "
        "up to five minutes; `failures` counts the tries since it accepted one.",
    )
    CALL_ENDED = (
        "call.ended",
        "info",
        "request_id method transport code ms reason client_request_id replayed "
        "key_id organization_id environment operator peer",
        "One call ended, whatever its outcome. `reason` is there for a refused call, `replayed` "
        "for one that an idempotency record answered. A caller with a key has `key_id`, "
        "`organization_id` and `environment`; an operator `operator` and `environment`; a caller "
        "without a credential `peer`.",
    )
    CALL_UNTYPED_ERROR = (
        "call.untyped_error",
        "error",
        "request_id exception",
        "A call raised an exception that is not one of the documented errors. The caller got "
        "`INTERNAL` without its text. It is a bug of the server: report it with the traceback.",
    )
    DATABASE_UNAVAILABLE = (
        "database.unavailable",
        "warning",
        "request_id cause",
        "A call could not use a database: it is locked, unreachable, full or gone. The caller got "
        "`UNAVAILABLE`, and nothing of the call was committed.",
    )
    GRPC_SHARE_EXCEEDED = (
        "grpc.share_exceeded",
        "warning",
        "peer number",
        "An address has more gRPC connections than `connections_per_address`, and the server "
        "closes the newest. The line appears when the address goes beyond it, with the number "
        "closed then.",
    )
    LEADER_LOST = (
        "leader.lost",
        "warning",
        "tasks cause",
        "This process no longer leads background tasks, because it couldn't renew its leases in "
        "time. Another process takes them once they have run out.",
    )
    LEADER_STOPPED = (
        "leader.stopped",
        "warning",
        "task",
        "A background task was stopped in the middle, because this process no longer leads it. The "
        "next leader begins it again.",
    )
    LEADER_TAKEN = (
        "leader.taken",
        "info",
        "tasks holder",
        "This process leads background tasks from now on, alone in the whole fleet. `holder` is "
        "its name in `xaigh-server doctor`: host, process, and a random part.",
    )
    LIBRARY_LOG = (
        "library.log",
        "varies",
        "logger message exception",
        "A library logged something, at this level. The message holds the template and the types "
        "of its values, never the values; the exception holds types and places, never texts.",
    )
    LIMITS_PER_MACHINE = (
        "limits.per_machine",
        "warning",
        "hint",
        "The databases are on PostgreSQL and `limits_url` names no Redis: if there is a second "
        "server, each one counts calls for itself, and together they let more through.",
    )
    LIMITS_STORE_AWAY = (
        "limits.store_away",
        "warning",
        "cause",
        "The Redis of `limits_url` failed or didn't answer in time. Until `limits.store_back` the "
        "setting `limits_when_unavailable` decides, and the server asks again every second.",
    )
    LIMITS_STORE_BACK = (
        "limits.store_back",
        "info",
        "seconds",
        "The Redis of `limits_url` answers again after so many seconds, and calls count there.",
    )
    LOOP_ERROR = (
        "loop.error",
        "error",
        "message exception",
        "A callback or a task of the event loop failed, and nothing waited for it. This is a "
        "fault of the server: report it.",
    )
    PROCESS_STDERR = (
        "process.stderr",
        "warning",
        "text",
        "Code other than the server's logging printed a line to stderr.",
    )
    PROCESS_UNCAUGHT = (
        "process.uncaught",
        "error",
        "thread exception",
        "An exception ended the process or one of its threads.",
    )
    PROCESS_UNRAISABLE = (
        "process.unraisable",
        "error",
        "exception",
        "Python could not raise an exception, for example one in a finalizer.",
    )
    PROCESS_WARNING = (
        "process.warning",
        "warning",
        "category text at",
        "Python or a library issued a warning.",
    )
    REQUEST_REFUSED = (
        "request.refused",
        "info",
        "request_id transport http_method path code reason peer",
        "A request was refused before it became a call: no route has its path (404, over gRPC "
        "UNIMPLEMENTED) or its HTTP method (405), or the bytes are not HTTP. `path` is cut at 200 "
        "characters and has no query.",
    )
    TASK_FAILED = (
        "task.failed",
        "error",
        "task exception",
        "A periodic task (flush, expiry, retention, anchoring) raised an exception. The scheduler "
        "runs it again after its usual interval.",
    )
    WEBHOOK_DISABLED = (
        "webhook.disabled",
        "warning",
        "reason database endpoint organization delivery attempt outcome status",
        "The server disabled an endpoint, because it answered 410 or failed for days. An audit "
        "event says so, too; the integrator enables it again with `UpdateEndpoint`.",
    )
    WEBHOOK_FAILED = (
        "webhook.failed",
        "info",
        "database endpoint organization delivery attempt outcome status",
        "One attempt to deliver a webhook was not accepted. The server tries again after the next "
        "pause of its back-off, unless the delivery log says that it was the last attempt.",
    )
    WEBHOOK_LEASE_LOST = (
        "webhook.lease_lost",
        "warning",
        "database endpoint error",
        "The server sent a webhook and could not record the result, because the database was not "
        "available. Its lease runs out, then the server sends the same webhook once more.",
    )
    WEBHOOK_LOOPBACK_ALLOWED = (
        "webhook.loopback_allowed",
        "warning",
        "hint",
        "The setting `allow_loopback_callbacks` is on: callbacks may reach this host. Only for "
        "development.",
    )
    WEBHOOK_PURGE_FAILED = (
        "webhook.purge_failed",
        "warning",
        "error",
        "The server could not delete old deliveries. It tries again after ten minutes.",
    )
    WEBHOOK_PURGED = (
        "webhook.purged",
        "info",
        "rows",
        "The server deleted deliveries that ended and events older than `delivery_days`.",
    )
    WEBHOOK_QUEUE_FAILED = (
        "webhook.queue_failed",
        "error",
        "database exception",
        "Queueing or delivering webhooks of one database raised an unexpected exception. It is a "
        "bug of the server; delivery of the other events goes on a second later.",
    )
    WEBHOOK_QUEUE_UNAVAILABLE = (
        "webhook.queue_unavailable",
        "warning",
        "database error",
        "The delivery worker could not use a database and looks again a second later.",
    )
    WEBHOOK_TICKET_UNSIGNABLE = (
        "webhook.ticket_unsignable",
        "error",
        "ticket error",
        "No configured webhook key opens the callback secret of a ticket. The server made a new "
        "secret; the receiver can't verify signatures until the secret is rotated.",
    )
    WEBHOOK_UNSIGNABLE = (
        "webhook.unsignable",
        "error",
        "database endpoint error",
        "No configured webhook key opens the secret of an endpoint, so nothing is sent there for "
        "now. Give the older key behind the current one in `webhook_key`, or rotate the secret.",
    )
    WEBHOOK_WRITE_RETRIED = (
        "webhook.write_retried",
        "warning",
        "database error waited",
        "The result of a delivery could not be recorded at once; the server tries again. `waited` "
        "is in seconds.",
    )
    WORKER_FAILED = (
        "worker.failed",
        "warning",
        "task cause",
        "A worker process that parses ATS records or descriptions died, hung or could not start. "
        "The server repeats each input alone in a fresh worker and refuses what breaks that one.",
    )
    WORKER_NO_ANSWER = (
        "worker.no_answer",
        "warning",
        "worker asked cause",
        "A worker process did not answer another one, because it is starting or gone. Usage, "
        "evidence or metrics of that process are missing from this one answer.",
    )
