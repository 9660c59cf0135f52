"""Normalizer of a public site's details: `{jobPostingInfo, hiringOrganization, similarJobs}`.

`startDate` is the day of posting. No member is the time of the last change; pay is in the prose.
"""

from __future__ import annotations

from xaigh_server.ats.mirror_ids import external_id
from xaigh_server.ats.providers import boards
from xaigh_server.ats.providers.fields import Fields, Notes, Object
from xaigh_server.ats.providers.options import NormalizeOptions
from xaigh_server.ats.providers.pay.ranges import PayReader
from xaigh_server.ats.providers.places import places
from xaigh_server.ats.providers.posting import is_prospect_title, link, prose_pay
from xaigh_server.ats.providers.record import (
    NormalizedJob,
    OfferStatus,
    Place,
    Result,
    WorkdayIdentity,
)
from xaigh_server.ats.providers.text import times, urls
from xaigh_server.ats.providers.text.description import describe
from xaigh_server.ats.providers.workday.shared import (
    country_members,
    employment,
    pay_country,
    requisition_of,
    workplace,
)


def normalize(payload: Object, notes: Notes, options: NormalizeOptions) -> Result:
    """A detail, or only what is inside its `jobPostingInfo`."""
    fields = Fields(payload, notes)
    if "jobPostingInfo" in payload:
        fields = fields.child("jobPostingInfo")
    inside = fields.payload
    by_posting = options.workday_identity is WorkdayIdentity.POSTING or "jobReqId" not in inside
    identity = fields.identity("id" if by_posting else "jobReqId")
    title = fields.required_title("title")
    country = _country(fields)
    where = _locations(fields, country)
    field = fields.path("jobDescription")
    described = describe(fields.markup("jobDescription"), field, notes)
    url = link(fields, "externalUrl")
    reader = PayReader(notes, pay_country(country, where))
    return notes.result(
        NormalizedJob(
            external_job_id=identity,
            title=title,
            description_html=described.html,
            description_text=described.text,
            requirements=described.requirements,
            employment_type=employment(
                [fields.line("timeType"), fields.line("jobType")], fields.path("timeType"), notes
            ),
            workplace_type=workplace(fields, where, title, notes),
            locations=where,
            pay=prose_pay(described.text, field, reader),
            apply_url=f"{url.rstrip('/')}/apply" if url and "?" not in url else url,
            canonical_url=urls.canonical(url) if url else None,
            status=_status(fields),
            requisition_id=fields.line("jobReqId", 255),
            published_at=times.moment(inside.get("startDate"), fields.path("startDate"), notes),
            valid_through=times.moment(inside.get("endDate"), fields.path("endDate"), notes),
            prospect=is_prospect_title(title, notes),
            boards=boards.of_workday(url),
            alias=_alias(inside, url, by_posting=by_posting),
        )
    )


def _alias(inside: Object, url: str | None, *, by_posting: bool) -> str | None:
    """The posting's id beside a requisition, the requisition beside a posting's id."""
    if not by_posting:
        return external_id(inside.get("id"))
    return external_id(inside.get("jobReqId")) or (requisition_of(url) if url else None)


def _status(fields: Fields) -> OfferStatus:
    """Closed only where it says so: absent members are no denial."""
    withdrawn = fields.flag("posted") is False or fields.flag("canApply") is False
    return OfferStatus.CLOSED if withdrawn else OfferStatus.OPEN


def _country(fields: Fields) -> places.Stated:
    """The country of the posting, which its requisition's location states by code."""
    holders = fields.child("jobRequisitionLocation").child("country"), fields.child("country")
    return places.stated_country(
        [value for holder in holders for value in country_members(holder)],
        fields.path("country"),
        fields.notes,
    )


def _locations(fields: Fields, country: places.Stated) -> tuple[Place, ...]:
    """The location, in the country that the record names, then the additional ones."""
    notes, field = fields.notes, fields.path("location")
    primary = fields.line("location")
    found = places.several(primary, field, notes, country) if primary else []
    for index, other in enumerate(fields.items("additionalLocations")):
        key = f"additionalLocations[{index}]"
        if not isinstance(other, str):
            fields.wrong(key, "a string", other)
            continue
        clean = fields.clean_line(other, key)
        if clean:
            field = fields.path("additionalLocations")
            found += places.further(clean, field, notes, country)
    return places.merge(found)
