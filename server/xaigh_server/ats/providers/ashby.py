"""Normalizer of Ashby: the public job board, the partner feed, and postings of the client API.

A posting of `jobPosting.list` names its places and carries no description; one of `jobPosting.info`
carries more. A job of `job.list` is no posting and is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from xaigh_server.ats.providers import boards
from xaigh_server.ats.providers.fields import Fields, Notes, Object
from xaigh_server.ats.providers.options import NormalizeOptions
from xaigh_server.ats.providers.pay import periods, prose
from xaigh_server.ats.providers.pay.ranges import PayReader
from xaigh_server.ats.providers.places import places
from xaigh_server.ats.providers.posting import (
    all_remote,
    is_prospect_title,
    link,
    links_another_job,
    prose_pay,
)
from xaigh_server.ats.providers.record import (
    Employment,
    NormalizedJob,
    OfferStatus,
    Pay,
    PaySource,
    Place,
    RejectionReason,
    Result,
    WarningCode,
    Workplace,
)
from xaigh_server.ats.providers.text import times, urls, vocabulary
from xaigh_server.ats.providers.text.description import Description, describe
from xaigh_server.ats.providers.text.vocabulary import words
from xaigh_server.text.sanitize import escaped_lines

SIGNATURE = words(
    "jobUrl isListed descriptionHtml secondaryLocations compensation compensationTiers"
    " shouldDisplayCompensationOnJobPostings externalLink departmentName teamName isRemote"
    " locationIds applyLink publishedDate jobPostingIds"
)
_CLIENT_API = words("locationIds applyLink publishedDate locationName jobPostingIds")
_OF_A_JOB = words("jobPostingIds defaultInterviewPlanId interviewPlanIds customRequisitionId")
_TEXTS = words("descriptionHtml descriptionPlain")
_PAYS = words("compensation compensationTiers")
_LINKS = words("externalLink jobUrl applyUrl applyLink")
_PLACES = words("location locationName locations address secondaryLocations")
_KINDS = words("employmentType")
_EXTRA = re.compile(r"%|\b(?:bonus|equity|commission|stock|options)\b", re.IGNORECASE)
_STATES = {
    "open": OfferStatus.OPEN,
    "published": OfferStatus.OPEN,
    "closed": OfferStatus.CLOSED,
    "archived": OfferStatus.CLOSED,
    "draft": OfferStatus.DRAFT,
}


def normalize(payload: Object, notes: Notes, options: NormalizeOptions) -> Result:
    """One job of a board or of the partner feed, or one posting of the client API."""
    fields = Fields(payload, notes)
    identity = fields.identity("id")
    if not _OF_A_JOB.isdisjoint(payload):
        message = "A job of Ashby's `job.list` is no posting: send those of `jobPosting.list`."
        notes.reject("", RejectionReason.UNKNOWN_FORM, message)
        return notes.rejected()
    title = fields.required_title("title")
    is_client_api = not _CLIENT_API.isdisjoint(payload)
    url = link(fields, "jobUrl" if "jobUrl" in payload else "externalLink")
    if url and "jobUrl" in payload and links_another_job(url, identity):
        notes.warn(WarningCode.URL_NAMES_ANOTHER_JOB, "jobUrl", "The link does not name this job.")
    where = _locations(fields)
    described = _described(fields)
    status = _status(fields, options)
    pay = _pay(fields, described.text, where)
    published = "publishedAt" if "publishedAt" in payload else "publishedDate"
    deadline = payload.get("applicationDeadline")
    return notes.result(
        NormalizedJob(
            external_job_id=identity,
            title=title,
            description_html=described.html,
            description_text=described.text,
            requirements=described.requirements,
            employment_type=_employment(fields),
            workplace_type=_workplace(fields, where),
            locations=where,
            pay=pay,
            apply_url=_apply_url(fields, url),
            canonical_url=urls.canonical(url) if url else None,
            status=status,
            listed=status is not OfferStatus.UNLISTED,
            requisition_id=fields.line("requisitionId", 255),
            department=_named(fields, "department"),
            team=_named(fields, "team"),
            language=fields.line("language", 35),
            published_at=times.moment(payload.get(published), published, notes),
            updated_at=times.instant(payload.get("updatedAt"), "updatedAt", notes),
            valid_through=times.moment(deadline, "applicationDeadline", notes),
            prospect=is_prospect_title(title, notes),
            omitted=_omitted(fields, has_pay=bool(pay), is_client_api=is_client_api),
            boards=_boards(fields, url),
        )
    )


def _described(fields: Fields) -> Description:
    """The HTML, else the plain text, of which each line is a paragraph."""
    if fields.payload.get("descriptionHtml"):
        return describe(fields.markup("descriptionHtml"), "descriptionHtml", fields.notes)
    plain = escaped_lines(fields.markup("descriptionPlain"))
    return describe(plain, "descriptionPlain", fields.notes)


def _omitted(fields: Fields, *, has_pay: bool, is_client_api: bool) -> tuple[str, ...]:
    """Pay that was not asked for, and texts and links that the form leaves out.

    The client API's list says much of a posting: each member that it should have besides gets a
    warning.
    """
    payload = fields.payload
    absent: list[tuple[frozenset[str], tuple[str, ...]]] = [
        (_TEXTS, ("description", "requirements")),
        (_PAYS, () if has_pay else ("pay",)),
    ]
    if is_client_api:
        absent += [
            (_LINKS, ("apply_url", "canonical_url")),
            (_PLACES, ("locations",)),
            (_KINDS, ("employment_type",)),
        ]
    omitted: list[str] = []
    for members, carried in absent:
        if members.isdisjoint(payload):
            omitted += carried
            if is_client_api:
                member = min(members)
                message = f"The posting has no `{member}`: what it would say stays as it is."
                fields.notes.warn(WarningCode.NOT_CARRIED, member, message)
    return tuple(omitted)


def _apply_url(fields: Fields, url: str | None) -> str | None:
    """The application's own link; where the form has no member for one, the posting's."""
    for key in ("applyUrl", "applyLink"):
        if key in fields.payload:
            return link(fields, key)
    return url


def _named(fields: Fields, key: str) -> str | None:
    """A department or a team: a text, an object with a name, or the text of `…Name`."""
    if key not in fields.payload:
        return fields.line(f"{key}Name", 255)
    if isinstance(fields.payload[key], Mapping):
        return fields.child(key).line("name", 255)
    return fields.line(key, 255)


def _boards(fields: Fields, url: str | None) -> tuple[str, ...]:
    organization = fields.line("organizationId", 255), fields.line("organizationName", 255)
    return boards.distinct([*boards.of_ashby(url), *organization])


def _status(fields: Fields, options: NormalizeOptions) -> OfferStatus:
    """Unlisted means a direct link only; the client API states more."""
    if fields.flag("isListed") is False:
        return OfferStatus.UNLISTED
    stated = fields.line("status", 40)
    if stated is None:
        return OfferStatus.OPEN
    found = options.statuses.get(stated.casefold()) or _STATES.get(stated.casefold())
    if found is None:
        fields.notes.warn(WarningCode.STATUS_UNKNOWN, "status", "This status is not known.")
    return found or OfferStatus.UNKNOWN


def _employment(fields: Fields) -> Employment | None:
    stated = fields.line("employmentType", 100)
    found = vocabulary.employment(stated) if stated else None
    if stated and found is None:
        message = "The employment type is unknown or ambiguous."
        fields.notes.warn(WarningCode.EMPLOYMENT_TYPE_UNKNOWN, "employmentType", message)
    return found


def _workplace(fields: Fields, where: Sequence[Place]) -> Workplace | None:
    """The workplace type wins; `isRemote` fills only an empty one, and only when true.

    The partner feed has `isRemote` for each place: the role is remote where all of them are.
    """
    stated = fields.line("workplaceType", 60)
    remote = fields.flag("isRemote")
    if stated is None and remote is None and fields.payload.get("locations"):
        flags = [entry.flag("isRemote") is True for entry in fields.children("locations")]
        return all_remote(where, "locations", fields.notes) if any(flags) else None
    if stated is None:
        if remote and any(place.remote for place in where):
            return all_remote(where, "location", fields.notes)
        return Workplace.REMOTE if remote else None
    found = vocabulary.workplace(stated)
    if found is None:
        message = "The workplace type is unknown."
        fields.notes.warn(WarningCode.WORKPLACE_TYPE_UNKNOWN, "workplaceType", message)
    return found


def _locations(fields: Fields) -> tuple[Place, ...]:
    """The public form's primary and secondary places, or the partner form's list."""
    found = []
    if fields.payload.get("locations"):
        entries = fields.children("locations")
        entries.sort(key=lambda entry: entry.flag("isPrimaryLocation") is not True)
        found = [place for entry in entries for place in _partner_places(entry)]
    elif isinstance(fields.payload.get("location"), Mapping):
        found = _partner_places(fields.child("location"))
    elif "location" in fields.payload or fields.payload.get("address"):
        key = "location" if "location" in fields.payload else "locationName"
        found = _places(fields, key)
    elif fields.payload.get("locationName"):
        found = _places(fields, "locationName")
        _note_other_places(fields)
    if fields.payload.get("secondaryLocations"):
        for entry in fields.children("secondaryLocations"):
            found += _places(entry, "location")
    return places.merge(found)


def _partner_places(entry: Fields) -> list[Place]:
    """A place of the partner feed: `locationName` with an address, and whether it is remote."""
    found = _places(entry, "locationName" if "locationName" in entry.payload else "name")
    remote = entry.flag("isRemote") is True
    return [replace(place, remote=True) for place in found] if remote else found


def _note_other_places(fields: Fields) -> None:
    """Warns where a posting of the client API has other places, which it gives by id alone."""
    others = fields.child("locationIds").payload.get("secondaryLocationIds")
    if others and not fields.payload.get("secondaryLocations"):
        message = "The other places are ids: send the posting of the job board to carry them."
        fields.notes.warn(WarningCode.LOCATION_INCOMPLETE, "locationIds", message)


def _places(fields: Fields, key: str) -> list[Place]:
    """A named place with its address, which the live form nests and the documented one has flat.

    A name of somewhere else, or of anywhere, shows the address to be a placeholder: then the name
    alone counts. Without a city or region in the address the name may be of several places.
    """
    name = fields.line(key) or ""
    address = _address(fields)
    city = address.line("addressLocality", 200)
    region = address.line("addressRegion", 200)
    named = address.line("addressCountry")
    known = places.stated_country([named], address.path("addressCountry"), fields.notes)
    if not name and not (city or region or known.country):
        return []
    raw = name or ", ".join(part for part in (city, region, named) if part)
    stated = Place(
        raw=raw,
        city=city,
        region=region,
        country=known.country,
        postal=address.line("postalCode", 32),
        remote=places.workplace_word(raw) is Workplace.REMOTE,
    )
    if city and region:
        country = places.country_of_parts(city, region, address.at, fields.notes, known)
        stated = replace(stated, country=country)
    if not name:
        return [stated]
    if not (city or region) and not places.is_area(name):
        return places.several(name, fields.path(key), fields.notes, known)
    located = city or region or known.country
    return [_at_address(stated, fields, key) if located else stated]


def _at_address(stated: Place, fields: Fields, key: str) -> Place:
    """The stated place if its name fits it; else the name's, in no country but the stated one."""
    name, country = stated.raw, stated.country
    named = places.parse(name)
    if places.agree(named, stated, name):
        if places.read(name, country).doubt is places.Doubt.CONTRADICTED:
            places.note_doubt(places.Doubt.CONTRADICTED, fields.path(key), fields.notes)
        return stated
    message = "The address is not at the place named: left out."
    fields.notes.warn(WarningCode.LOCATION_CONFLICT, fields.path(key), message)
    return named if country in (None, named.country) else replace(named, country=None)


def _address(fields: Fields) -> Fields:
    address = fields.child("address")
    if isinstance(address.payload.get("postalAddress"), Mapping):
        return address.child("postalAddress")
    return address if address.payload else fields


def _pay(fields: Fields, text: str, where: Sequence[Place]) -> tuple[Pay, ...]:
    """One range a tier: its salary component, labelled with the tier's title."""
    reader = PayReader(fields.notes, places.one_country(where))
    holder = fields.child("compensation") if "compensation" in fields.payload else fields
    tiers = holder.children("compensationTiers") if holder.payload.get("compensationTiers") else []
    found = [pay for tier in tiers for pay in _tier(tier, reader)]
    if not tiers and holder.payload.get("summaryComponents"):
        found = [
            p for c in holder.children("summaryComponents") for p in _component(c, None, reader)
        ]
    return (
        tuple(found) or _summary_pay(fields, reader) or prose_pay(text, "descriptionHtml", reader)
    )


def _summary_pay(fields: Fields, reader: PayReader) -> tuple[Pay, ...]:
    """The salary in the client API's summary, "$81K - $87K • 0.5% - 1.75% • Offers Bonus"."""
    summary = fields.line("compensationTierSummary", 500)
    if not summary or not _PAYS.isdisjoint(fields.payload):
        return ()
    parts = [part for part in summary.split("\u2022") if not _EXTRA.search(part)]
    read = [figure for part in parts if (figure := prose.one_figure(part))]
    if len(read) != 1:
        return ()
    figure = read[0]
    pay = reader.range(
        figure.low,
        figure.high,
        field="compensationTierSummary",
        source=PaySource.TAG,
        currency=figure.currency,
        period=figure.period,
        kind=figure.kind,
    )
    if pay:
        message = "Pay was read from a summary: the form carries no tiers."
        fields.notes.warn(WarningCode.PAY_FROM_TEXT, "compensationTierSummary", message)
    return (pay,) if pay else ()


def _tier(tier: Fields, reader: PayReader) -> list[Pay]:
    label = tier.line("title")
    components = tier.children("components") if tier.payload.get("components") else []
    return [pay for component in components for pay in _component(component, label, reader)]


def _component(component: Fields, label: str | None, reader: PayReader) -> list[Pay]:
    kind = component.line("compensationType", 60) or ""
    if kind.casefold() != "salary":
        return []
    pay = reader.range(
        component.payload.get("minValue"),
        component.payload.get("maxValue"),
        field=component.at,
        source=PaySource.FIELD,
        currency=component.line("currencyCode", 10),
        period=periods.of_field(component.line("interval", 40) or ""),
        label=label,
    )
    return [pay] if pay else []
