"""Forwarding rules: whether a role takes applications, and what a target's answer means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

import orjson

from xaigh_server.applications.errors import ApplicationsNotAccepted
from xaigh_server.applications.messages import facts_of, remote_id_of
from xaigh_server.applications.model import Application, ApplicationState, Cause, Result
from xaigh_server.applications.repository import Applications, ForwardSecrets
from xaigh_server.ats.forward_targets import AGENT, ForwardTargets
from xaigh_server.ats.integrations import ApplyMode, Integration
from xaigh_server.ats.repository.integrations import Integrations
from xaigh_server.db.database import Database
from xaigh_server.db.outbox import Outbox, OutgoingEvent
from xaigh_server.db.session import Session
from xaigh_server.identity.environments import Environment
from xaigh_server.jobs.model import Job, Source
from xaigh_server.net.http_reply import HttpOutcome, SentOnce

_EVENTS: Mapping[ApplicationState, str] = {
    ApplicationState.FORWARDED: "application.forwarded",
    ApplicationState.REFUSED: "application.refused",
    ApplicationState.UNCERTAIN: "application.uncertain",
    ApplicationState.FAILED: "application.failed",
}


class TargetLookup(Protocol):
    """Look-up of targets to which no application of the sandbox goes."""

    async def include(self, target: str) -> bool:
        """Whether the target is one of them."""


class ProductionTargets:
    """The forward targets of production, to which no application of the sandbox goes."""

    def __init__(self, production: Database, targets: ForwardTargets) -> None:
        self._production = production
        self._targets = targets

    async def include(self, target: str) -> bool:
        """Whether an integration of production has the target, in whatever spelling."""
        known = await self._production.read(lambda session: Integrations(session).forward_targets())
        return self._address(target) in {self._address(each) for each in known}

    def _address(self, target: str) -> str:
        if target == AGENT or not self._targets.are_valid(target, Environment.SANDBOX):
            return target
        return str(self._targets.url_of(target, Environment.SANDBOX))


def check_accepts(
    job: Job, session: Session, targets: ForwardTargets, environment: str
) -> Integration:
    """Returns the integration that forwards a role's applications. ApplicationsNotAccepted."""
    if job.source is not Source.CLIENT_ATS or job.link is None:
        raise ApplicationsNotAccepted(job.job_id, "no ATS owns it, so workers apply in the app")
    if not job.publication.is_open:
        raise ApplicationsNotAccepted(job.job_id, "it isn't open")
    if job.posting.prospect:
        raise ApplicationsNotAccepted(job.job_id, "it is a talent pool and no role")
    integration = Integrations(session).find(job.link.integration_id)
    assert integration is not None  # integrations are never deleted
    problem = target_problem(integration, session, targets, environment)
    if problem:
        raise ApplicationsNotAccepted(job.job_id, problem)
    return integration


def target_problem(
    integration: Integration, session: Session, targets: ForwardTargets, environment: str
) -> str:
    """Says why no application may go to an integration's target; empty: they may."""
    if not integration.is_active:
        return "its integration isn't active"
    if integration.apply_mode is not ApplyMode.APPLICATION_FORWARD:
        return "its integration has another apply mode"
    target = integration.forward_target
    if not target:
        return "its integration has no forward target"
    if not targets.are_valid(target, environment):
        return "its forward target isn't one that is called"
    if target != AGENT and ForwardSecrets(session).find(integration.integration_id) is None:
        return "its forward target has no signing secret yet: make one with :rotateForwardSecret"
    return ""


def result_of_answer(sent: SentOnce) -> Result:
    """Says what a target's answer means. Without an answer to a request that began, nobody knows.

    Only what failed before the first byte leads back to RECEIVED.
    """
    reply = sent.reply
    if reply.outcome is HttpOutcome.ACCEPTED:
        return Result(
            state=ApplicationState.FORWARDED,
            status=reply.status,
            remote_id=remote_id_of(sent.body),
        )
    if reply.outcome is HttpOutcome.REDIRECTED:
        return Result(
            state=ApplicationState.REFUSED, cause=Cause.TARGET_REDIRECTED, status=reply.status
        )
    if reply.outcome is HttpOutcome.REFUSED:
        if reply.status < 500:
            return Result(
                state=ApplicationState.REFUSED, cause=Cause.TARGET_REFUSED, status=reply.status
            )
        return Result(
            state=ApplicationState.UNCERTAIN, cause=Cause.TARGET_FAILED, status=reply.status
        )
    if sent.begun:
        return Result(state=ApplicationState.UNCERTAIN, cause=Cause.NO_ANSWER)
    forbidden = reply.outcome is HttpOutcome.ADDRESS_FORBIDDEN
    cause = Cause.TARGET_INVALID if forbidden else Cause.TARGET_UNREACHABLE
    return Result(state=ApplicationState.RECEIVED, cause=cause)


def store_step(
    session: Session,
    before: Application,
    after: Application,
    *,
    environment: str,
    new_id: Callable[[str], str],
    now: datetime,
    request_id: str = "",
) -> None:
    """Stores a step, with the event that its state is told by."""
    Applications(session).store(after)
    event = _EVENTS.get(after.state)
    if event is None or after.state is before.state:
        return
    Outbox(session).append(
        [
            OutgoingEvent(
                event_id=new_id("evt"),
                event_type=event,
                organization_id=after.organization_id,
                environment=environment,
                payload=orjson.dumps(facts_of(after)).decode(),
                created_time=now,
                request_id=request_id,
            )
        ]
    )
