"""Refusals about applications."""

from __future__ import annotations

from xaigh_server.errors import DomainError


class ApplicationsNotAccepted(DomainError):
    """The role takes no applications now. The message says why."""

    reason = "APPLICATIONS_NOT_ACCEPTED"

    def __init__(self, job_id: str, why: str) -> None:
        super().__init__(f"Job {job_id} takes no applications: {why}.", metadata={"jobId": job_id})


class ApplicationErased(DomainError):
    """The personal data is gone, so the application can't be sent."""

    reason = "APPLICATION_ERASED"

    def __init__(self, application_id: str) -> None:
        super().__init__(
            f"The personal data of application {application_id} was erased.",
            metadata={"applicationId": application_id},
        )


class AttemptSettled(DomainError):
    """A report came for an attempt that isn't the newest, or was settled otherwise."""

    reason = "ATTEMPT_SETTLED"

    def __init__(self, application_id: str, attempt: int) -> None:
        super().__init__(
            f"Attempt {attempt} of application {application_id} awaits no report.",
            metadata={"applicationId": application_id},
        )
