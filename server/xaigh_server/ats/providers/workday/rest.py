"""Normalizer of postings of Workday's REST interface.

A value is an object with a `descriptor`, or sometimes the text itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from xaigh_server.ats.providers import boards
from xaigh_server.ats.providers.fields import Fields, Notes, Object
from xaigh_server.ats.providers.options import NormalizeOptions
from xaigh_server.ats.providers.pay.ranges import PayReader
from xaigh_server.ats.providers.places import places
from xaigh_server.ats.providers.posting import is_prospect_title, link, prose_pay
from xaigh_server.ats.providers.record import NormalizedJob, OfferStatus, Place, Result
from xaigh_server.ats.providers.text import times, urls
from xaigh_server.ats.providers.text.description import describe
from xaigh_server.ats.providers.workday.shared import (
    country_members,
    employment,
    requisition_of,
    workplace,
)


def normalize(payload: Object, notes: Notes, options: NormalizeOptions) -> Result:
    """One posting, by the id of the posting."""
    fields = Fields(payload, notes)
    identity = fields.identity("id")
    title = fields.required_title("title")
    where = _locations(fields)
    described = describe(fields.markup("jobDescription"), "jobDescription", notes)
    url = link(fields, "url")
    kinds = [_descriptor(fields, "timeType"), _descriptor(fields, "jobType")]
    reader = PayReader(notes, where[0].country if where else None)
    return notes.result(
        NormalizedJob(
            external_job_id=identity,
            title=title,
            description_html=described.html,
            description_text=described.text,
            requirements=described.requirements,
            employment_type=employment(kinds, "timeType", notes),
            workplace_type=workplace(fields, where, title, notes),
            locations=where,
            pay=prose_pay(described.text, "jobDescription", reader),
            apply_url=f"{url.rstrip('/')}/apply" if url and "?" not in url else url,
            canonical_url=urls.canonical(url) if url else None,
            status=OfferStatus.OPEN,
            requisition_id=_descriptor(fields, "jobRequisition"),
            published_at=times.moment(payload.get("startDate"), "startDate", notes),
            valid_through=times.moment(payload.get("endDate"), "endDate", notes),
            prospect=is_prospect_title(title, notes),
            boards=boards.of_workday(url),
            alias=requisition_of(url) if url else None,
        )
    )


def _descriptor(fields: Fields, key: str) -> str | None:
    """The text of a value, which is an object with a descriptor, or now and then the text."""
    value = fields.payload.get(key)
    if isinstance(value, Mapping):
        return fields.child(key).line("descriptor")
    return fields.line(key)


def _locations(fields: Fields) -> tuple[Place, ...]:
    found = []
    if fields.payload.get("primaryLocation"):
        found.append(_place(fields.child("primaryLocation")))
    if fields.payload.get("additionalLocations"):
        found += [_place(entry) for entry in fields.children("additionalLocations")]
    return places.merge(place for place in found if place)


def _place(location: Fields) -> Place | None:
    raw = location.line("descriptor")
    if not raw:
        return None
    has_country = bool(location.payload.get("country"))
    stated = country_members(location.child("country")) if has_country else []
    country = places.stated_country(stated, location.path("country"), location.notes)
    place = places.noted(raw, location.path("descriptor"), location.notes, country)
    if place.region is None and isinstance(location.payload.get("region"), Mapping):
        region = location.child("region")
        place = replace(place, region=region.line("code", 200) or region.line("descriptor", 200))
    return place
