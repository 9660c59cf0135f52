"""Forwarder of one environment: sends applications that wait to their HTTPS targets, each once.

An attempt has three steps: a transaction that stores SENDING, the request, and a transaction that
stores the result. A process that dies in between leaves SENDING behind, which becomes UNCERTAIN
when the lease has run out. Any number of processes may forward on the same database.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

import structlog
from standardwebhooks import Webhook

from xaigh.applications.v1 import application_pb2
from xaigh_server.applications.errors import AttemptSettled
from xaigh_server.applications.forwarding import (
    TargetLookup,
    result_of_answer,
    store_step,
    target_problem,
)
from xaigh_server.applications.messages import body_of, facts_of
from xaigh_server.applications.model import (
    GIVE_UP_AFTER,
    Application,
    ApplicationState,
    Cause,
    Result,
)
from xaigh_server.applications.repository import Applications, ForwardSecrets
from xaigh_server.ats.forward_targets import ForwardTargets
from xaigh_server.ats.repository.integrations import Integrations
from xaigh_server.audit.model import AuditEvent
from xaigh_server.audit.repository import AuditLog
from xaigh_server.db.database import Database
from xaigh_server.db.errors import DatabaseUnavailable
from xaigh_server.db.partition import Partition
from xaigh_server.db.session import Session
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.webhook_secrets import SecretBox, SecretUnreadable, signed_headers
from xaigh_server.log_events import LogEvent
from xaigh_server.net.outbound import Outbound
from xaigh_server.net.resolver import look_ups_of
from xaigh_server.net.url_guard import CallbackUrl

T = TypeVar("T")

LEASE = timedelta(seconds=90)
"""How long an attempt may take from SENDING to its result."""
_SPARE = timedelta(seconds=15)  # of the lease, for storing the result
_SENDS = 16
_AT_ONCE = 50
_WRITE_PAUSES = (0.2, 1.0, 5.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedApplication:
    """An application that this process alone sends now."""

    application: Application
    target: str
    url: CallbackUrl
    sealed: bytes
    secrets: tuple[bytes, ...]


class Forwarder:
    """Forwards the applications of one database."""

    def __init__(
        self,
        database: Database,
        *,
        outbound: Outbound,
        box: SecretBox,
        targets: ForwardTargets,
        production: TargetLookup,
        clock: Callable[[], datetime],
        new_id: Callable[[str], str],
        random: Callable[[], float],
        lease: timedelta = LEASE,
    ) -> None:
        """`outbound` makes a connection for each request, and takes less time than a lease."""
        self._database = database
        self._environment = database.name
        self._outbound = outbound
        self._box = box
        self._targets = targets
        self._production = production
        self._clock = clock
        self._new_id = new_id
        self._random = random
        self._lease = lease
        self._sends: set[asyncio.Task[None]] = set()
        self._taken: set[int] = set()
        self._log = structlog.get_logger("xaigh.applications").bind(database=database.name)

    async def poll(self) -> None:
        """Ends what was lost or waited too long, and begins attempts that are due."""
        await self._end_overdue()
        free = _SENDS - len(self._sends)
        if free <= 0:
            return
        now = self._clock()
        found = await self._database.read(
            lambda session: Applications(session).due(now, limit=free + len(self._taken))
        )
        for each in [each for each in found if each.number not in self._taken][:free]:
            self._begin(each)

    async def stop(self, seconds: float) -> None:
        """Waits for running attempts. One that takes longer is UNCERTAIN once its lease is over."""
        tasks = set(self._sends)
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    def _begin(self, application: Application) -> None:
        task = asyncio.create_task(
            self._attempt(application), name=f"application-{application.application_id}"
        )
        self._sends.add(task)
        self._taken.add(application.number)

        def ended(task: asyncio.Task[None]) -> None:
            self._sends.discard(task)
            self._taken.discard(application.number)

        task.add_done_callback(ended)

    async def _attempt(self, application: Application) -> None:
        try:
            claim = await self._write(application, partial(self._claim, application))
            if claim is not None:
                result = await self._send(claim)
                await self._write(application, partial(self._record, claim, result))
        except DatabaseUnavailable as error:
            # Before the claim nothing has happened; behind it the lease ends in UNCERTAIN.
            self._log.warning(
                LogEvent.APPLICATION_UNRECORDED,
                application=application.application_id,
                error=str(error),
            )

    def _claim(self, seen: Application, session: Session) -> ClaimedApplication | None:
        """Stores SENDING. None: another process was first, or there is no valid target."""
        applications = Applications(session)
        now = self._clock()
        before = applications.get(seen.number)
        if before is None or before.due_time is None or before.due_time > now:
            return None
        integration = Integrations(session).find(before.integration_id)
        assert integration is not None  # integrations are never deleted
        if target_problem(integration, session, self._targets, self._environment):
            self._store(session, before, before.postponed(now, self._random), now)
            return None
        url = self._targets.url_of(integration.forward_target, self._environment)
        if url is None:
            return None  # meanwhile its agent is to fetch it
        secret = ForwardSecrets(session).find(integration.integration_id)
        sealed = applications.content(before.number)
        assert secret is not None and sealed is not None  # one that waits isn't erased
        after = before.sending(now, now + self._lease)
        applications.store(after)
        return ClaimedApplication(
            application=after,
            target=integration.forward_target,
            url=url,
            sealed=sealed,
            secrets=secret.signing(now),
        )

    async def _send(self, claim: ClaimedApplication) -> Result:
        """Sends it, unless nothing may go there. Until the request begins it may be put off."""
        application = claim.application
        sandbox = self._environment == Environment.SANDBOX
        if sandbox and await self._production.include(claim.target):
            return Result(state=ApplicationState.RECEIVED, cause=Cause.TARGET_INVALID)
        try:
            content = application_pb2.ApplicationContent.FromString(
                self._box.open(claim.sealed, application.application_id)
            )
            signers = [
                Webhook(self._box.open(sealed, application.integration_id))
                for sealed in claim.secrets
            ]
        except SecretUnreadable as error:
            self._log.error(
                LogEvent.APPLICATION_UNREADABLE,
                application=application.application_id,
                error=str(error),
            )
            return Result(state=ApplicationState.RECEIVED, cause=Cause.TARGET_INVALID)
        body = body_of(application, content, self._environment)
        now = self._clock()
        headers = signed_headers(signers, application.application_id, body.decode(), now)
        assert application.lease_time is not None  # it is being sent
        if application.lease_time - now < timedelta(seconds=self._outbound.seconds) + _SPARE:
            return Result(state=ApplicationState.RECEIVED, cause=application.cause)
        with look_ups_of(application.organization_id):
            return result_of_answer(await self._outbound.post_once(claim.url, body, headers))

    def _record(self, claim: ClaimedApplication, result: Result, session: Session) -> None:
        """Stores the result, unless the attempt was settled meanwhile."""
        now = self._clock()
        before = Applications(session).get(claim.application.number)
        assert before is not None  # applications are never deleted
        try:
            after = before.ended(claim.application.attempts, result, now, self._random)
        except AttemptSettled:
            self._log.warning(
                LogEvent.APPLICATION_SETTLED_MEANWHILE, application=before.application_id
            )
            return
        self._store(session, before, after, now)
        self._log.info(
            LogEvent.APPLICATION_ATTEMPTED,
            application=after.application_id,
            organization=after.organization_id,
            state=after.state.value,
            cause=after.cause.value if after.cause else "",
            status=after.status,
        )

    async def _end_overdue(self) -> None:
        """Marks as UNCERTAIN what a lost sender left, and as FAILED what waited for a day."""
        now = self._clock()

        def find(session: Session) -> tuple[list[Application], list[Application]]:
            applications = Applications(session)
            return (
                applications.lost(now, limit=_AT_ONCE),
                applications.overdue(now - GIVE_UP_AFTER, limit=_AT_ONCE),
            )

        lost, overdue = await self._database.read(find)
        for each in lost:
            await self._write(each, partial(self._abandon, each, now))
        for each in overdue:
            await self._write(each, partial(self._give_up, each, now))

    def _abandon(self, seen: Application, now: datetime, session: Session) -> None:
        before = Applications(session).get(seen.number)
        if before is None or before.lease_time is None or before.lease_time > now:
            return
        self._store(session, before, before.abandoned(now), now)
        self._log.warning(LogEvent.APPLICATION_UNCERTAIN, application=before.application_id)

    def _give_up(self, seen: Application, now: datetime, session: Session) -> None:
        before = Applications(session).get(seen.number)
        if before is None or before.due_time is None or now - before.queued_time < GIVE_UP_AFTER:
            return
        self._store(session, before, before.given_up(now), now)

    def _store(
        self, session: Session, before: Application, after: Application, now: datetime
    ) -> None:
        """Stores a step of the server's own, with event and audit event."""
        store_step(
            session, before, after, environment=self._environment, new_id=self._new_id, now=now
        )
        if after.state in (before.state, ApplicationState.RECEIVED):
            return
        AuditLog(session, self._environment).append(
            AuditEvent(
                time=now,
                actor_type="system",
                action=f"application.{after.state.lower()}",
                targets=(after.application_id,),
                before={"state": before.state.value},
                after=facts_of(after),
                environment=self._environment,
                organization_id=after.organization_id,
            )
        )

    async def _write(self, about: Application, fn: Callable[[Session], T]) -> T:
        """Writes, with repeats while the database is away: a lost result is an UNCERTAIN one."""
        partition = Partition.of(self._environment, about.organization_id)
        for pause in _WRITE_PAUSES:
            try:
                return await self._database.write(fn, partition=partition)
            except DatabaseUnavailable:
                await asyncio.sleep(pause)
        return await self._database.write(fn, partition=partition)
