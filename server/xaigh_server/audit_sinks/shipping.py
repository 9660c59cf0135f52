"""Shipper of one audit sink: at least once, in order per chain, from its cursors on.

One process at a time ships to a sink. Should two do, the cursors move for one of them alone, and
the receiver gets some lines twice: it knows them by chain and sequence.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from standardwebhooks import Webhook

from xaigh_server.audit.anchor_repository import Anchors
from xaigh_server.audit.anchors import Anchor, AnchorHeader
from xaigh_server.audit.model import ChainId
from xaigh_server.audit.sink_settings import AuditSink
from xaigh_server.audit_sinks.batches import BatchReader, SinkBatch
from xaigh_server.audit_sinks.metrics import SinkMetrics
from xaigh_server.audit_sinks.repository import SinkCursors, SinkPosition
from xaigh_server.db.database import Database
from xaigh_server.db.partition import CONTROL, Partition
from xaigh_server.db.session import Session
from xaigh_server.log_events import LogEvent
from xaigh_server.net.http_reply import HttpOutcome, HttpReply
from xaigh_server.net.outbound import Outbound
from xaigh_server.net.url_guard import CallbackUrl

_ANCHORS = 50  # in one read
_FIRST_SECONDS, _LONGEST_SECONDS = 1.0, 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Backlog:
    """What a sink lacks: the next anchors, and the newest one."""

    position: SinkPosition
    newest: AnchorHeader | None
    anchors: Sequence[Anchor]

    def lag(self, now: datetime) -> float:
        """The age in seconds of the oldest anchor that the sink lacks."""
        if not self.anchors:
            return 0.0
        since = datetime.fromisoformat(self.anchors[0].header.time)
        return max(0.0, (now - since).total_seconds())


class SinkShipper:
    """Sends to one sink what it lacks."""

    def __init__(
        self,
        sink: AuditSink,
        url: CallbackUrl,
        *,
        control: Database,
        databases: Sequence[Database],
        outbound: Outbound,
        clock: Callable[[], datetime],
        random: Callable[[], float],
        metrics: SinkMetrics,
    ) -> None:
        self._sink = sink
        self._url = url
        self._control = control
        self._databases = {database.name: database for database in databases}
        self._outbound = outbound
        self._clock = clock
        self._random = random
        self._metrics = metrics
        self._webhook = Webhook(sink.secret) if sink.secret else None
        self._cursors: tuple[SinkPosition, dict[ChainId, int]] | None = None
        self._failures = 0
        self._not_before: datetime | None = None
        self._log = structlog.get_logger("xaigh.audit")

    async def ship(self) -> None:
        """Sends batches until the sink has everything or doesn't accept one.

        After a failure the sink has a rest, which grows up to five minutes.
        """
        while True:
            backlog = await self._control.read(self._backlog)
            self._metrics.set_lag(self._sink.name, backlog.lag(self._clock()))
            resting = self._not_before is not None and self._clock() < self._not_before
            if resting or not backlog.anchors or not await self._send(backlog):
                return

    async def stand_by(self) -> None:
        """Shows no lag, for a process that doesn't ship now: the one that does shows it."""
        self._metrics.set_lag(self._sink.name, 0.0)

    def _backlog(self, session: Session) -> _Backlog:
        position = SinkCursors(session, self._sink.name).position()
        anchors = Anchors(session)
        missing = anchors.after(position.anchor, limit=_ANCHORS)
        return _Backlog(
            position=position, newest=anchors.newest() if missing else None, anchors=missing
        )

    async def _send(self, backlog: _Backlog) -> bool:
        """Sends one batch. Returns whether the sink accepted it."""
        assert backlog.newest is not None
        cursors = await self._known(backlog.position)
        batch = SinkBatch(
            sink=self._sink.name, newest=backlog.newest, anchor=backlog.position.anchor
        )
        await BatchReader(databases=self._databases, cursors=cursors).fill(batch, backlog.anchors)
        reply = await self._post(batch.body())
        self._metrics.count(self._sink.name, reply.outcome.value)
        if reply.outcome is not HttpOutcome.ACCEPTED:
            self._rest(reply)
            return False
        self._failures, self._not_before = 0, None
        await self._accepted(backlog.position, batch, cursors)
        return True

    async def _post(self, body: bytes) -> HttpReply:
        return await self._outbound.post(self._url, body, self._headers(body))

    def _headers(self, body: bytes) -> Mapping[str, str]:
        headers = {"Content-Type": "application/x-ndjson"}
        if self._sink.bearer:
            headers["Authorization"] = f"Bearer {self._sink.bearer}"
        if self._webhook is not None:
            # By its content: a retry that holds more than the first try is another batch.
            batch_id, now = f"bat_{hashlib.sha256(body).hexdigest()[:32]}", self._clock()
            headers["webhook-id"] = batch_id
            headers["webhook-timestamp"] = str(int(now.timestamp()))
            headers["webhook-signature"] = self._webhook.sign(batch_id, now, body.decode())
        return headers

    async def _known(self, position: SinkPosition) -> dict[ChainId, int]:
        """The cursors by chain, read again where another process has moved them."""
        if self._cursors is None or self._cursors[0] != position:
            chains = await self._control.read(lambda s: SinkCursors(s, self._sink.name).chains())
            self._cursors = (position, chains)
        return self._cursors[1]

    async def _accepted(
        self, known: SinkPosition, batch: SinkBatch, cursors: dict[ChainId, int]
    ) -> None:
        self._cursors = None
        moved = await self._control.write(
            lambda s: SinkCursors(s, self._sink.name).move(known, batch.anchor, batch.chains),
            partition=Partition(CONTROL),
        )
        if moved:
            cursors.update(batch.chains)
            position = SinkPosition(anchor=batch.anchor, accepted=known.accepted + 1)
            self._cursors = (position, cursors)
        for chain, sequence in batch.missing.items():
            self._log.error(
                LogEvent.AUDIT_EVENTS_MISSING,
                sink=self._sink.name,
                chain=str(chain),
                sequence=sequence,
            )

    def _rest(self, reply: HttpReply) -> None:
        seconds = min(_LONGEST_SECONDS, _FIRST_SECONDS * 2.0 ** min(self._failures, 10))
        seconds = max(seconds * (0.5 + self._random() / 2), min(reply.retry_after or 0.0, 3600.0))
        self._failures += 1
        self._not_before = self._clock() + timedelta(seconds=seconds)
        self._log.warning(
            LogEvent.AUDIT_SINK_FAILED,
            sink=self._sink.name,
            outcome=reply.outcome.value,
            status=reply.status,
            failures=self._failures,
        )
