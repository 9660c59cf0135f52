"""What is found wrong with one record while it is read."""

from __future__ import annotations

from xaigh_server.ats.providers.record import (
    Normalized,
    NormalizedJob,
    Note,
    Rejected,
    RejectionReason,
    Result,
    WarningCode,
)

MAX_NOTES = 50
MAX_PAYS = 50
MAX_LOCATIONS = 200


class Notes:
    """Collects warnings and rejections, at most 50 of each, each once per field."""

    __slots__ = ("external_job_id", "rejections", "warnings")

    def __init__(self) -> None:
        self.warnings: list[Note] = []
        self.rejections: list[Note] = []
        self.external_job_id: str | None = None

    def warn(self, code: WarningCode, field: str, message: str) -> None:
        if len(self.warnings) < MAX_NOTES and not self._has_warned(code, field):
            self.warnings.append(Note(code, field, message))

    def _has_warned(self, code: WarningCode, field: str) -> bool:
        return any(known.code == code and known.field == field for known in self.warnings)

    def reject(self, field: str, reason: RejectionReason, message: str) -> None:
        rejection = Note(reason, field, message)
        if len(self.rejections) < MAX_NOTES and rejection not in self.rejections:
            self.rejections.append(rejection)

    def result(self, job: NormalizedJob) -> Result:
        """The job with its warnings, unless anything was rejected on the way."""
        if self.rejections:
            return self.rejected()
        if len(job.pay) > MAX_PAYS or len(job.locations) > MAX_LOCATIONS:
            job = self._shortened(job)
        return Normalized(job=job, warnings=tuple(self.warnings))

    def _shortened(self, job: NormalizedJob) -> NormalizedJob:
        message = f"At most {MAX_PAYS} ranges of pay and {MAX_LOCATIONS} places are kept."
        self.warn(WarningCode.TRUNCATED, "", message)
        return job._replace(pay=job.pay[:MAX_PAYS], locations=job.locations[:MAX_LOCATIONS])

    def rejected(self) -> Rejected:
        return Rejected(
            external_job_id=self.external_job_id,
            rejections=tuple(self.rejections),
            warnings=tuple(self.warnings),
        )
