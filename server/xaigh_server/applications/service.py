"""Service of applications: submitting, reading, erasing, settling, and the agent's side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from xaigh.applications.v1 import application_pb2
from xaigh.applications.v1 import applications_service_pb2 as api
from xaigh_server.applications.agent_stream import AgentStream
from xaigh_server.applications.errors import ApplicationsNotAccepted
from xaigh_server.applications.forwarding import TargetLookup, check_accepts, store_step
from xaigh_server.applications.listing import page_of_applications
from xaigh_server.applications.messages import application_to_pb, facts_of, result_of, state_of
from xaigh_server.applications.model import Application, ApplicationState, ForwardSecret
from xaigh_server.applications.repository import ApplicationFilter, Applications, ForwardSecrets
from xaigh_server.ats.engine import own_integration
from xaigh_server.ats.forward_targets import ForwardTargets
from xaigh_server.ats.repository.integrations import Integrations
from xaigh_server.errors import FieldInvalid, NotFound
from xaigh_server.identity.base62 import RandomBytes
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.principal import KeyPrincipal
from xaigh_server.identity.webhook_secrets import SecretBox, new_secret, to_text
from xaigh_server.jobs.employer_access import granted_employers, needs_employers, own_job
from xaigh_server.jobs.listing import enum_name
from xaigh_server.jobs.model import Job
from xaigh_server.jobs.repository import Jobs
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.etags import check_etag
from xaigh_server.rpc.handlers import Handler, Read, Stream, Write
from xaigh_server.rpc.paging import Paging
from xaigh_server.rpc.timestamps import get_time, set_time
from xaigh_server.rpc.unit_of_work import UnitOfWork
from xaigh_server.rpc.unit_of_work_factory import UnitOfWorkFactory

SECRET_OVERLAP = timedelta(days=1)
"""How long the secret before signs beside a new one."""
_CLOCK_SKEW = timedelta(minutes=5)


class ApplicationsService:
    """Answers xaigh.applications.v1.ApplicationsService."""

    name = "xaigh.applications.v1.ApplicationsService"

    def __init__(
        self,
        *,
        units: UnitOfWorkFactory,
        paging: Paging,
        targets: ForwardTargets,
        production: TargetLookup,
        box: SecretBox,
        random_bytes: RandomBytes,
        random: Callable[[], float],
        stream: AgentStream,
    ) -> None:
        """`box` encrypts personal data and the secrets of targets."""
        self._units = units
        self._paging = paging
        self._targets = targets
        self._production = production
        self._box = box
        self._random_bytes = random_bytes
        self._random = random
        self._stream = stream

    def handlers(self) -> Mapping[str, Handler]:
        """Returns the handlers by method name."""
        return {
            "SubmitApplication": Write(
                self.submit, prepare=self.prepare_submission, owner=_owner_of_job
            ),
            "GetApplication": Read(self.get, point=True),
            "ListApplications": Read(self.list),
            "EraseApplication": Write(self.erase, owner=_owner),
            "ResendApplication": Write(self.resend, owner=_owner),
            "SettleApplication": Write(self.settle, owner=_owner),
            "RotateForwardSecret": Write(
                self.rotate_secret, redact=_hide_secret, prove=_prove_integration
            ),
            "ReceiveApplications": Stream(self._stream.run, may_see=_may_receive),
            "ReportApplication": Write(self.report, prove=_prove_application),
        }

    async def prepare_submission(self, request: api.SubmitApplicationRequest, call: Call) -> bool:
        """Finds out whether a submission of the sandbox would go to a target of production."""
        if call.environment != Environment.SANDBOX:
            return False

        def target_of(unit: UnitOfWork) -> str:
            job = Jobs(unit.session).find(request.job_id)
            if job is None or job.link is None:
                return ""
            integration = Integrations(unit.session).find(job.link.integration_id)
            return "" if integration is None else integration.forward_target

        target = await self._units.point(call, target_of)
        return bool(target) and await self._production.include(target)

    def submit(
        self, request: api.SubmitApplicationRequest, unit: UnitOfWork
    ) -> application_pb2.Application:
        """Stores an application, encrypted. It is sent once this is committed."""
        job = _job(unit, request.job_id)
        integration = check_accepts(job, unit.session, self._targets, unit.call.environment)
        if unit.prepared:
            raise ApplicationsNotAccepted(
                job.job_id, "its forward target is one of production, and this is the sandbox"
            )
        _check_consent(request.content, unit.now)
        assert job.link is not None  # the check says so
        repository = Applications(unit.session)
        application = Application(
            number=repository.new_number(),
            application_id=unit.new_id("app"),
            organization_id=job.organization_id,
            employer_user_id=job.employer_user_id,
            job_id=job.job_id,
            external_job_id=job.link.external_job_id,
            integration_id=integration.integration_id,
            due_time=unit.now,
            queued_time=unit.now,
            created_time=unit.now,
            updated_time=unit.now,
        )
        sealed = self._box.seal(request.content.SerializeToString(), application.application_id)
        repository.add(application, sealed)
        _audit(unit, application, after=facts_of(application))
        return application_to_pb(application)

    def get(
        self, request: api.GetApplicationRequest, unit: UnitOfWork
    ) -> application_pb2.Application:
        return application_to_pb(_visible(unit, request.application_id))

    def list(
        self, request: api.ListApplicationsRequest, unit: UnitOfWork
    ) -> api.ListApplicationsResponse:
        is_key = isinstance(unit.call.principal, KeyPrincipal)
        job = own_job(unit, request.job_id) if is_key else _job(unit, request.job_id)
        wanted = ApplicationFilter(
            job_id=job.job_id, state=enum_name(application_pb2.Application.State, request.state)
        )
        found, token = page_of_applications(self._paging, wanted, request, unit)
        return api.ListApplicationsResponse(applications=found, next_page_token=token)

    def erase(
        self, request: api.EraseApplicationRequest, unit: UnitOfWork
    ) -> application_pb2.Application:
        """Deletes the personal data, whatever the state. Once it is gone nothing changes more."""
        before = _found(unit, request.application_id)
        after = before.erased(unit.now)
        if after is before:
            unit.forget()
            return application_to_pb(before)
        Applications(unit.session).erase_content(before.number)
        return _step(unit, before, after, reason=request.reason)

    def resend(
        self, request: api.ResendApplicationRequest, unit: UnitOfWork
    ) -> application_pb2.Application:
        before = _found(unit, request.application_id)
        check_etag(request.etag, before.etag)
        after = before.resent(unit.now, request.reason)
        return _step(unit, before, after, reason=request.reason)

    def settle(
        self, request: api.SettleApplicationRequest, unit: UnitOfWork
    ) -> application_pb2.Application:
        before = _found(unit, request.application_id)
        check_etag(request.etag, before.etag)
        state = state_of(request.state)
        _check_remote_id(request.remote_id, state)
        after = before.settled(state, unit.now, note=request.reason, remote_id=request.remote_id)
        return _step(unit, before, after, reason=request.reason)

    def rotate_secret(
        self, request: api.RotateForwardSecretRequest, unit: UnitOfWork
    ) -> api.RotateForwardSecretResponse:
        """Makes a new signing secret; the one before signs beside it for a day."""
        integration = own_integration(unit, request.integration_id)
        secrets = ForwardSecrets(unit.session)
        former = secrets.find(integration.integration_id)
        until = None if former is None else unit.now + SECRET_OVERLAP
        secret = new_secret(self._random_bytes)
        secrets.store(
            ForwardSecret(
                integration_id=integration.integration_id,
                organization_id=integration.organization_id,
                sealed=self._box.seal(secret, integration.integration_id),
                previous=None if former is None else former.sealed,
                previous_expire_time=until,
                created_time=unit.now,
            )
        )
        unit.audit(integration.integration_id)
        reply = api.RotateForwardSecretResponse(
            integration_id=integration.integration_id, secret=to_text(secret)
        )
        set_time(reply.previous_expire_time, until)
        return reply

    def report(
        self, request: api.ReportApplicationRequest, unit: UnitOfWork
    ) -> application_pb2.Application:
        """Takes an agent's word for what became of an attempt."""
        before = _visible(unit, request.application_id)
        result = result_of(request)
        _check_remote_id(request.remote_id, result.state)
        after = before.ended(request.attempt, result, unit.now, self._random)
        return _step(unit, before, after)


def _step(
    unit: UnitOfWork, before: Application, after: Application, *, reason: str = ""
) -> application_pb2.Application:
    store_step(
        unit.session,
        before,
        after,
        environment=unit.call.environment,
        new_id=unit.new_id,
        now=unit.now,
        request_id=unit.call.request_id,
    )
    _audit(unit, after, before={"state": before.state.value}, after=facts_of(after), reason=reason)
    return application_to_pb(after)


def _audit(unit: UnitOfWork, application: Application, **said: Any) -> None:
    targets = (application.application_id, application.job_id)
    unit.audit(*targets, organization_id=application.organization_id, **said)


def _job(unit: UnitOfWork, job_id: str) -> Job:
    job = Jobs(unit.session).find(job_id)
    if job is None:
        raise NotFound("job", job_id)
    return job


def _found(unit: UnitOfWork, application_id: str) -> Application:
    application = Applications(unit.session).find(application_id)
    if application is None:
        raise NotFound("application", application_id)
    return application


def _visible(unit: UnitOfWork, application_id: str) -> Application:
    """Returns an application that the caller may see. Raises NotFound."""
    application = _found(unit, application_id)
    if isinstance(unit.call.principal, KeyPrincipal) and (
        application.organization_id != unit.organization_id
        or not needs_employers(unit, (application.employer_user_id,))
    ):
        raise NotFound("application", application_id)
    return application


def _owner(
    request: api.EraseApplicationRequest
    | api.ResendApplicationRequest
    | api.SettleApplicationRequest,
    unit: UnitOfWork,
) -> str:
    """The organization of the application that the request names; empty where there is none."""
    found = Applications(unit.session).find(request.application_id)
    return "" if found is None else found.organization_id


def _owner_of_job(request: api.SubmitApplicationRequest, unit: UnitOfWork) -> str:
    """The organization of the job that the request names; empty where there is none."""
    found = Jobs(unit.session).find(request.job_id)
    return "" if found is None else found.organization_id


def _check_consent(content: application_pb2.ApplicationContent, now: datetime) -> None:
    """Raises FieldInvalid for a consent that nobody can have given yet."""
    given = get_time(content.consent, "consent_time")
    if given is not None and given > now + _CLOCK_SKEW:
        raise FieldInvalid.at("content.consent.consentTime", "It is in the future.")


def _check_remote_id(remote_id: str, state: ApplicationState) -> None:
    if remote_id and state is not ApplicationState.FORWARDED:
        raise FieldInvalid.at("remoteId", "Only an application that was forwarded has one.")


def _hide_secret(reply: api.RotateForwardSecretResponse) -> None:
    reply.ClearField("secret")


def _prove_integration(
    request: api.RotateForwardSecretRequest, _: api.RotateForwardSecretResponse, unit: UnitOfWork
) -> None:
    """Checks access to the integration of a replayed reply. Raises NotFound."""
    own_integration(unit, request.integration_id)


def _prove_application(
    request: api.ReportApplicationRequest, _: application_pb2.Application, unit: UnitOfWork
) -> None:
    """Checks access to the application of a replayed reply. Raises NotFound."""
    _visible(unit, request.application_id)


def _may_receive(message: api.ReceivedApplication, call: Call) -> bool:
    """Whether the employer of what was read is still on the calling key's grant."""
    if not message.HasField("application"):
        return True
    return message.application.employer_user_id in granted_employers(call)
