"""Normalizer of Harvest jobs: a job is the requisition behind posts; its title is `name`."""

from __future__ import annotations

from xaigh_server.ats.providers.fields import Fields
from xaigh_server.ats.providers.greenhouse import custom_fields
from xaigh_server.ats.providers.greenhouse.shared import departments, office_places
from xaigh_server.ats.providers.pay.ranges import PayReader
from xaigh_server.ats.providers.places import places
from xaigh_server.ats.providers.posting import is_prospect_title
from xaigh_server.ats.providers.record import (
    NormalizedJob,
    OfferStatus,
    Pay,
    PaySource,
    RejectionReason,
    Result,
    WarningCode,
)
from xaigh_server.ats.providers.text import times

STATUSES = {"open": OfferStatus.OPEN, "closed": OfferStatus.CLOSED, "draft": OfferStatus.DRAFT}
_NOT_CARRIED = ("description", "requirements", "apply_url", "canonical_url", "workplace_type")


def normalize(fields: Fields, identity: str) -> Result:
    """One job. A confidential one is offered to those who have the link."""
    payload, notes = fields.payload, fields.notes
    reject_template(fields)
    title = fields.required_title("name" if "title" not in payload else "title")
    status = _status(fields)
    department, team = departments(fields)
    where = office_places(fields)
    return notes.result(
        NormalizedJob(
            external_job_id=identity,
            title=title,
            employment_type=custom_fields.employment(fields),
            locations=where,
            pay=salary_range(fields, PayReader(notes, places.one_country(where))),
            status=status,
            listed=status is not OfferStatus.UNLISTED,
            requisition_id=fields.line("requisition_id", 255),
            department=department,
            team=team,
            published_at=times.moment(payload.get("opened_at"), "opened_at", notes),
            updated_at=times.instant(payload.get("updated_at"), "updated_at", notes),
            prospect=is_prospect_title(title, notes),
            omitted=_NOT_CARRIED,
        )
    )


def _status(fields: Fields) -> OfferStatus:
    status = STATUSES.get((fields.line("status", 40) or "").casefold(), OfferStatus.UNKNOWN)
    if status is OfferStatus.UNKNOWN:
        message = "This status is not known: the role keeps the one it has."
        fields.notes.warn(WarningCode.STATUS_UNKNOWN, "status", message)
    hidden = status is OfferStatus.OPEN and fields.flag("confidential") is True
    return OfferStatus.UNLISTED if hidden else status


def reject_template(job: Fields) -> None:
    """Rejects a template of jobs. Its id counts as seen."""
    if job.payload.get("is_template") is True:
        message = "A template of jobs is no role: leave it out."
        job.notes.reject(job.path("is_template"), RejectionReason.NOT_A_ROLE, message)


def salary_range(fields: Fields, reader: PayReader) -> tuple[Pay, ...]:
    """The salary range, in major units and without a period."""
    found = custom_fields.salary_range(fields)
    if found is None:
        return ()
    value, is_guessed = found
    unit = value.get("unit")
    pay = reader.range(
        value.get("min_value"),
        value.get("max_value"),
        field="custom_fields.salary_range",
        source=PaySource.FIELD,
        currency=unit if isinstance(unit, str) else None,
    )
    if pay and is_guessed:
        message = "A custom field with a name of pay was taken for it."
        fields.notes.warn(WarningCode.PAY_FIELDS_ASSUMED, "custom_fields", message)
    return (pay,) if pay else ()
