"""Normalizers of SmartRecruiters and Workable, whose postings are recognized by their members.

Each is a field map, and what a map can't say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeAlias

from xaigh_server.ats.providers import boards
from xaigh_server.ats.providers.custom import mapped
from xaigh_server.ats.providers.custom.fieldmap import FieldMap, parse_field_map
from xaigh_server.ats.providers.fields import Fields, Notes, Object
from xaigh_server.ats.providers.options import NormalizeOptions
from xaigh_server.ats.providers.pay import periods, prose
from xaigh_server.ats.providers.pay.periods import Period
from xaigh_server.ats.providers.pay.ranges import PayReader
from xaigh_server.ats.providers.record import (
    Normalized,
    OfferStatus,
    Pay,
    PaySource,
    Result,
    Workplace,
)
from xaigh_server.ats.providers.text import vocabulary, workplace_fields

Preset: TypeAlias = Callable[[Object, Notes, NormalizeOptions], Result]

_PAY_LABEL = re.compile(r"\b(?:salary|pay|wage|compensation)\b", re.IGNORECASE)
_NOT_BASE = re.compile(r"\b(?:bonus|commission|ote|equity|frequency|grade|band|group)\b", re.I)
_LOWEST = re.compile(r"\bmin", re.IGNORECASE)
_HIGHEST = re.compile(r"\bmax", re.IGNORECASE)


def _map(paths: dict[str, object]) -> FieldMap:
    found, faults = parse_field_map(paths)
    if found is None:
        raise ValueError(faults)
    return found


_SMARTRECRUITERS = _map(
    {
        "externalJobId": "id",
        "title": "name",
        "description": "jobAd.sections.companyDescription.text, jobAd.sections.jobDescription.text,"
        " jobAd.sections.qualifications.text, jobAd.sections.additionalInformation.text",
        "requirements": "jobAd.sections.qualifications.text",
        "locations.city": "location.city",
        "locations.region": "location.region",
        "locations.country": "location.country",
        "locations.postalCode": "location.postalCode",
        "locations.latitude": "location.latitude",
        "locations.longitude": "location.longitude",
        "employmentType": "typeOfEmployment.label",
        "requisitionId": "refNumber",
        "department": "department.label",
        "language": "language.code",
        "canonicalUrl": "postingUrl",
        "applyUrl": "applyUrl",
        "publishedAt": "releasedDate",
    }
)
_WORKABLE = _map(
    {
        "externalJobId": "shortcode",
        "title": "title",
        "description": "description",
        "locations.city": "locations[0].city, city",
        "locations.region": "locations[0].region, state",
        "locations.country": "locations[0].countryCode, locations[0].country, country",
        "employmentType": "employment_type",
        "requisitionId": "code",
        "department": "department",
        "canonicalUrl": "url",
        "applyUrl": "application_url",
        "publishedAt": "published_on",
    }
)


def recognized(payload: Object) -> Preset | None:
    """The reader of the product whose posting this is, if it is one's."""
    if isinstance(payload.get("jobAd"), Mapping) or {"refNumber", "releasedDate"} <= payload.keys():
        return _smartrecruiters
    if "shortcode" in payload and "telecommuting" in payload:
        return _workable
    return None


def _smartrecruiters(payload: Object, notes: Notes, options: NormalizeOptions) -> Result:
    result = mapped.normalize(payload, notes, replace(options, field_map=_SMARTRECRUITERS))
    if not isinstance(result, Normalized):
        return result
    fields = Fields(payload, notes)
    job = result.job
    shown = fields.line("visibility", 40) in (None, "PUBLIC")
    status = OfferStatus.UNLISTED if not shown else job.status
    if fields.flag("active") is False:
        status = OfferStatus.CLOSED
    remote = fields.child("location").flag("remote")
    company = fields.child("company").line("identifier", 255)
    country = job.locations[0].country if job.locations else None
    job = job._replace(
        status=status,
        listed=shown,
        workplace_type=_smart_workplace(fields, remote) or job.workplace_type,
        pay=_custom_pay(fields, PayReader(notes, country)) or job.pay,
        boards=boards.distinct([company]),
    )
    return notes.result(job)


def _smart_workplace(fields: Fields, remote: bool | None) -> Workplace | None:
    """The location's own flags, else a custom field with such a label."""
    if remote:
        return Workplace.REMOTE
    if fields.child("location").flag("hybrid"):
        return Workplace.HYBRID
    entries = fields.children("customField") if fields.payload.get("customField") else []
    named = ((e.line("fieldLabel") or "", e.line("valueLabel")) for e in entries)
    return workplace_fields.workplace(named, "customField", fields.notes)


def _custom_pay(fields: Fields, reader: PayReader) -> tuple[Pay, ...]:
    """Custom fields with a label about base pay and an amount as the value."""
    found = []
    entries = fields.children("customField") if fields.payload.get("customField") else []
    for entry in entries:
        label, value = entry.line("fieldLabel") or "", entry.line("valueLabel") or ""
        figure = prose.one_figure(value)
        if figure is None or not _PAY_LABEL.search(label) or _NOT_BASE.search(label):
            continue
        pay = reader.range(
            None if _HIGHEST.search(label) else figure.low,
            None if _LOWEST.search(label) else figure.high,
            field=entry.at,
            source=PaySource.FIELD,
            currency=figure.currency,
            period=figure.period
            if figure.period != periods.NONE
            else Period(vocabulary.interval(label)),
            kind=figure.kind,
            label=label,
        )
        found.append(pay)
    return tuple(pay for pay in found if pay)


def _workable(payload: Object, notes: Notes, options: NormalizeOptions) -> Result:
    result = mapped.normalize(payload, notes, replace(options, field_map=_WORKABLE))
    if not isinstance(result, Normalized):
        return result
    fields = Fields(payload, notes)
    key = "workplace_type" if "workplace_type" in payload else "workplace"
    stated = fields.line(key, 60)
    kind = vocabulary.workplace(stated) if stated else None
    if kind is None and fields.flag("telecommuting"):
        kind = Workplace.REMOTE
    return notes.result(result.job._replace(workplace_type=kind or result.job.workplace_type))
