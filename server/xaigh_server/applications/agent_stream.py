"""Stream of applications to the agent at the client's side, which puts them into the ATS.

An application is SENDING before it leaves the server. Where the agent doesn't report within ten
minutes, or the stream breaks while it is on its way, it is UNCERTAIN.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial

import structlog

from xaigh.applications.v1 import application_pb2
from xaigh.applications.v1 import applications_service_pb2 as api
from xaigh_server.applications.messages import application_to_pb, facts_of
from xaigh_server.applications.model import Application
from xaigh_server.applications.repository import Applications
from xaigh_server.ats.engine import own_integration, own_integrations
from xaigh_server.ats.forward_targets import AGENT
from xaigh_server.ats.integrations import ApplyMode, Integration, IntegrationState
from xaigh_server.ats.repository.integrations import IntegrationFilter, Integrations
from xaigh_server.identity.webhook_secrets import SecretBox, SecretUnreadable
from xaigh_server.jobs.employer_access import employers
from xaigh_server.log_events import LogEvent
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.timestamps import set_time
from xaigh_server.rpc.unit_of_work import UnitOfWork
from xaigh_server.rpc.unit_of_work_factory import UnitOfWorkFactory

REPORT_WITHIN = timedelta(minutes=10)
INTERVAL = timedelta(milliseconds=500)
_SIGN_OF_LIFE = timedelta(seconds=15)
_AT_ONCE = 20


class AgentStream:
    """Gives applications to agents, each to one of them."""

    def __init__(
        self, *, units: UnitOfWorkFactory, box: SecretBox, interval: timedelta = INTERVAL
    ) -> None:
        """`interval` is the pause between two looks at what waits."""
        self._units = units
        self._box = box
        self._interval = interval.total_seconds()
        self._log = structlog.get_logger("xaigh.applications")

    async def run(
        self, request: api.ReceiveApplicationsRequest, call: Call
    ) -> AsyncIterator[api.ReceivedApplication]:
        """Applications and signs of life, until the caller goes."""
        await self._units.read(call, partial(_forwarding, request.integration_id))
        yield api.ReceivedApplication()
        quiet = 0.0
        while True:
            found = await self._units.poll(call, partial(_waiting, request.integration_id))
            for each in found:
                message = await self._units.write(call, partial(self._claim, each.number))
                if message is not None:
                    quiet = 0.0
                    yield message
            if quiet >= _SIGN_OF_LIFE.total_seconds():
                quiet = 0.0
                yield api.ReceivedApplication()
            if not found:
                quiet += self._interval
                await asyncio.sleep(self._interval)

    def _claim(self, number: int, unit: UnitOfWork) -> api.ReceivedApplication | None:
        """Stores SENDING. None: another agent was first, or it isn't the caller's any more."""
        applications = Applications(unit.session)
        before = applications.get(number)
        if before is None or before.due_time is None or before.due_time > unit.now:
            return None
        integration = Integrations(unit.session).find(before.integration_id)
        if integration is None or not _is_for_agent(integration):
            return None
        if before.employer_user_id not in employers(unit):
            return None
        content = self._content(applications.content(number), before)
        if content is None:
            return None
        until = unit.now + REPORT_WITHIN
        after = before.sending(unit.now, until)
        applications.store(after)
        unit.audit(
            after.application_id,
            after.job_id,
            action="application.handed_out",
            after={**facts_of(after), "attempt": after.attempts},
        )
        message = api.ReceivedApplication(
            application=application_to_pb(after),
            attempt=after.attempts,
            board=integration.board,
            content=content,
        )
        set_time(message.report_by_time, until)
        return message

    def _content(
        self, sealed: bytes | None, application: Application
    ) -> application_pb2.ApplicationContent | None:
        """The personal data; None where no key at hand decrypts it."""
        assert sealed is not None  # one that waits isn't erased
        try:
            opened = self._box.open(sealed, application.application_id)
        except SecretUnreadable as error:
            self._log.error(
                LogEvent.APPLICATION_UNREADABLE,
                application=application.application_id,
                error=str(error),
            )
            return None
        return application_pb2.ApplicationContent.FromString(opened)


def _waiting(integration_id: str, unit: UnitOfWork) -> list[Application]:
    """The applications that wait for an agent of the caller's."""
    ids = [each.integration_id for each in _forwarding(integration_id, unit)]
    if not ids:
        return []
    return Applications(unit.session).due_at(ids, employers(unit), unit.now, limit=_AT_ONCE)


def _forwarding(integration_id: str, unit: UnitOfWork) -> list[Integration]:
    """The caller's integrations whose target is the agent. NotFound: the named one isn't his."""
    wanted = IntegrationFilter(state=IntegrationState.ACTIVE.value)
    if integration_id:
        own = [own_integration(unit, integration_id)]
    else:
        own = own_integrations(unit, wanted)
    return [each for each in own if _is_for_agent(each)]


def _is_for_agent(integration: Integration) -> bool:
    return (
        integration.is_active
        and integration.apply_mode is ApplyMode.APPLICATION_FORWARD
        and integration.forward_target == AGENT
    )
