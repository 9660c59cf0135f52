"""Conversion between applications and messages, and the body that a target gets."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

import orjson

from xaigh.applications.v1 import application_pb2
from xaigh.applications.v1 import applications_service_pb2 as api
from xaigh_server.applications.model import Application, ApplicationState, Cause, Result
from xaigh_server.audit.model import rfc3339
from xaigh_server.rpc.timestamps import get_time, set_time

_STATES = dict(application_pb2.Application.State.items())
_CAUSES = dict(application_pb2.Application.Cause.items())
_OUTCOMES = {
    api.ReportApplicationRequest.FORWARDED: ApplicationState.FORWARDED,
    api.ReportApplicationRequest.REFUSED: ApplicationState.REFUSED,
    api.ReportApplicationRequest.NOT_SENT: ApplicationState.RECEIVED,
    api.ReportApplicationRequest.UNCERTAIN: ApplicationState.UNCERTAIN,
}


def application_to_pb(application: Application) -> application_pb2.Application:
    """Converts an application; it holds no personal data."""
    message = application_pb2.Application(
        application_id=application.application_id,
        job_id=application.job_id,
        external_job_id=application.external_job_id,
        organization_id=application.organization_id,
        employer_user_id=application.employer_user_id,
        integration_id=application.integration_id,
        state=_STATES[application.state],
        cause=_CAUSES[application.cause or "CAUSE_UNSPECIFIED"],
        target_status=application.status,
        remote_id=application.remote_id,
        note=application.note,
        attempt_count=application.attempts,
        etag=application.etag,
    )
    set_time(message.create_time, application.created_time)
    set_time(message.update_time, application.updated_time)
    set_time(message.final_time, application.final_time)
    set_time(message.erase_time, application.erased_time)
    return message


def state_of(number: int) -> ApplicationState:
    """Converts a state of the API. ValueError for none."""
    return ApplicationState(application_pb2.Application.State.Name(number))  # type: ignore[arg-type]


def body_of(
    application: Application, content: application_pb2.ApplicationContent, environment: str
) -> bytes:
    """The JSON that a target gets. It is the same on every attempt."""
    body: dict[str, Any] = {
        "applicationId": application.application_id,
        "environment": environment,
        "jobId": application.job_id,
        "externalJobId": application.external_job_id,
        "employerUserId": application.employer_user_id,
        "submitTime": rfc3339(application.created_time),
        "applicant": {
            "givenName": content.given_name,
            "familyName": content.family_name,
            "email": content.email,
            "phone": content.phone,
        },
        "answers": [{"question": each.question, "answer": each.answer} for each in content.answers],
        "consent": {
            "text": content.consent.text,
            "consentTime": rfc3339(_consent_time(content)),
        },
    }
    if content.HasField("resume"):
        body["resume"] = {
            "fileName": content.resume.file_name,
            "contentType": content.resume.content_type,
            "content": base64.b64encode(content.resume.content).decode(),
        }
    return orjson.dumps(body)


def remote_id_of(reply: bytes) -> str:
    """The `remoteId` of a target's JSON reply; empty where it has none that can be kept."""
    try:
        found = orjson.loads(reply)
    except orjson.JSONDecodeError:
        return ""
    value = found.get("remoteId") if isinstance(found, dict) else None
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.isprintable() or len(value) > 255:
        return ""
    return value


def facts_of(application: Application) -> dict[str, Any]:
    """What events and audit events say of an application: no personal data."""
    facts: dict[str, Any] = {
        "applicationId": application.application_id,
        "jobId": application.job_id,
        "employerUserId": application.employer_user_id,
        "state": application.state.value,
    }
    return facts if application.cause is None else {**facts, "cause": application.cause.value}


def result_of(report: api.ReportApplicationRequest) -> Result:
    """Converts an agent's report. RECEIVED: the agent sent nothing."""
    state = _OUTCOMES[report.outcome]
    cause = None if state is ApplicationState.FORWARDED else Cause.REPORTED_BY_AGENT
    return Result(state=state, cause=cause, status=report.target_status, remote_id=report.remote_id)


def _consent_time(content: application_pb2.ApplicationContent) -> datetime:
    time = get_time(content.consent, "consent_time")
    assert time is not None  # the message's rules ask for it
    return time
