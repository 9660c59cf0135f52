"""Normalizer of Harvest jobs: a job is the requisition behind posts; its title is `name`."""

from __future__ import annotations

from collections.abc import Mapping

from xaigh_server.ats.providers.fields import Fields
from xaigh_server.ats.providers.greenhouse.shared import departments, office_places
from xaigh_server.ats.providers.pay.ranges import PayReader
from xaigh_server.ats.providers.places import places
from xaigh_server.ats.providers.posting import is_prospect_title
from xaigh_server.ats.providers.record import (
    Employment,
    NormalizedJob,
    OfferStatus,
    Pay,
    PaySource,
    Result,
    WarningCode,
)
from xaigh_server.ats.providers.text import times, vocabulary

_STATUS = {"open": OfferStatus.OPEN, "closed": OfferStatus.CLOSED, "draft": OfferStatus.DRAFT}
_NOT_CARRIED = ("description", "requirements", "apply_url", "canonical_url", "workplace_type")


def normalize(fields: Fields, identity: str) -> Result:
    """One job. A confidential one is offered to those who have the link."""
    payload, notes = fields.payload, fields.notes
    title = fields.required_title("name" if "title" not in payload else "title")
    status = _status(fields)
    department, team = departments(fields)
    where = office_places(fields)
    return notes.result(
        NormalizedJob(
            external_job_id=identity,
            title=title,
            employment_type=_employment(fields),
            locations=where,
            pay=_salary_range(fields, PayReader(notes, places.one_country(where))),
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
    status = _STATUS.get((fields.line("status", 40) or "").casefold(), OfferStatus.UNKNOWN)
    if status is OfferStatus.UNKNOWN:
        message = "This status is not known: the role keeps the one it has."
        fields.notes.warn(WarningCode.STATUS_UNKNOWN, "status", message)
    hidden = status is OfferStatus.OPEN and fields.flag("confidential") is True
    return OfferStatus.UNLISTED if hidden else status


def _custom(fields: Fields, key: str) -> object:
    """The value of a custom field: keyed {name, type, value}, keyed alone, or plain."""
    value = fields.child("keyed_custom_fields").payload.get(key)
    if isinstance(value, Mapping) and "value" in value:
        return value["value"]
    return value if value is not None else fields.child("custom_fields").payload.get(key)


def _employment(fields: Fields) -> Employment | None:
    value = _custom(fields, "employment_type")
    found = vocabulary.employment(value) if isinstance(value, str) else None
    if isinstance(value, str) and value.strip() and found is None:
        message = "The employment type is unknown or ambiguous."
        fields.notes.warn(WarningCode.EMPLOYMENT_TYPE_UNKNOWN, "custom_fields", message)
    return found


def _salary_range(fields: Fields, reader: PayReader) -> tuple[Pay, ...]:
    """The salary range, in major units and without a period."""
    value = _custom(fields, "salary_range")
    if not isinstance(value, Mapping):
        return ()
    unit = value.get("unit")
    pay = reader.range(
        value.get("min_value"),
        value.get("max_value"),
        field="keyed_custom_fields.salary_range",
        source=PaySource.FIELD,
        currency=unit if isinstance(unit, str) else None,
    )
    return (pay,) if pay else ()
