"""Normalizer of Ashby: the public job board and the partner feed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from xaigh_server.ats.providers import boards
from xaigh_server.ats.providers.fields import Fields, Notes, Object
from xaigh_server.ats.providers.options import NormalizeOptions
from xaigh_server.ats.providers.pay.ranges import PayReader
from xaigh_server.ats.providers.places import places
from xaigh_server.ats.providers.posting import is_prospect_title, link, links_another_job, prose_pay
from xaigh_server.ats.providers.record import (
    Employment,
    NormalizedJob,
    OfferStatus,
    Pay,
    PaySource,
    Place,
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
)
_STATES = {
    "open": OfferStatus.OPEN,
    "published": OfferStatus.OPEN,
    "closed": OfferStatus.CLOSED,
    "archived": OfferStatus.CLOSED,
    "draft": OfferStatus.DRAFT,
}


def normalize(payload: Object, notes: Notes, options: NormalizeOptions) -> Result:
    """One job of a board or of the partner feed."""
    fields = Fields(payload, notes)
    identity = fields.identity("id")
    title = fields.required_title("title")
    url = link(fields, "jobUrl" if "jobUrl" in payload else "externalLink")
    if url and "jobUrl" in payload and links_another_job(url, identity):
        notes.warn(WarningCode.URL_NAMES_ANOTHER_JOB, "jobUrl", "The link does not name this job.")
    where = _locations(fields)
    described = _described(fields)
    status = _status(fields, options)
    department = "department" if "department" in payload else "departmentName"
    return notes.result(
        NormalizedJob(
            external_job_id=identity,
            title=title,
            description_html=described.html,
            description_text=described.text,
            requirements=described.requirements,
            employment_type=_employment(fields),
            workplace_type=_workplace(fields),
            locations=where,
            pay=_pay(fields, described.text, where),
            apply_url=link(fields, "applyUrl") or (url if "applyUrl" not in payload else None),
            canonical_url=urls.canonical(url) if url else None,
            status=status,
            listed=status is not OfferStatus.UNLISTED,
            requisition_id=fields.line("requisitionId", 255),
            department=fields.line(department, 255),
            team=fields.line("team" if "team" in payload else "teamName", 255),
            language=fields.line("language", 35),
            published_at=times.moment(payload.get("publishedAt"), "publishedAt", notes),
            updated_at=times.instant(payload.get("updatedAt"), "updatedAt", notes),
            prospect=is_prospect_title(title, notes),
            omitted=_omitted(payload),
            boards=_boards(fields, url),
        )
    )


def _described(fields: Fields) -> Description:
    """The HTML, else the plain text, of which each line is a paragraph."""
    if fields.payload.get("descriptionHtml"):
        return describe(fields.markup("descriptionHtml"), "descriptionHtml", fields.notes)
    plain = escaped_lines(fields.markup("descriptionPlain"))
    return describe(plain, "descriptionPlain", fields.notes)


def _omitted(payload: Object) -> tuple[str, ...]:
    """Pay that was not asked for, and the description that a partner's feed leaves out."""
    paid = "compensation" in payload or "compensationTiers" in payload
    told = "descriptionHtml" in payload or "descriptionPlain" in payload
    return (() if paid else ("pay",)) + (() if told else ("description", "requirements"))


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


def _workplace(fields: Fields) -> Workplace | None:
    """The workplace type wins; `isRemote` fills only an empty one, and only when true."""
    stated = fields.line("workplaceType", 60)
    remote = fields.flag("isRemote")
    if stated is None:
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
        found = [_place(entry, "name") for entry in fields.children("locations")]
    elif "location" in fields.payload or fields.payload.get("address"):
        found = [_place(fields, "location")]
    if fields.payload.get("secondaryLocations"):
        found += [_place(entry, "location") for entry in fields.children("secondaryLocations")]
    return places.merge(place for place in found if place)


def _place(fields: Fields, key: str) -> Place | None:
    """A named place with its address, which the live form nests and the documented one has flat.

    A name that says another city, or an area wider than a country, shows the address to be a
    placeholder: then the name alone counts.
    """
    name = fields.line(key) or ""
    address = _address(fields)
    city = address.line("addressLocality", 200)
    region = address.line("addressRegion", 200)
    named = address.line("addressCountry")
    known = places.stated_country([named], address.path("addressCountry"), fields.notes)
    country = known.country
    if not name and not (city or region or country):
        return None
    raw = name or ", ".join(part for part in (city, region, named) if part)
    stated = Place(
        raw=raw,
        city=city,
        region=region,
        country=country,
        remote=places.workplace_word(raw) is Workplace.REMOTE,
    )
    if not name:
        return stated
    if not (city or region) and not places.is_area(name):
        return places.noted(name, fields.path(key), fields.notes, known)
    return _at_address(stated, fields, key) if city or region or country else stated


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
    return tuple(found) or prose_pay(text, "descriptionHtml", reader)


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
        interval=vocabulary.interval(component.line("interval", 40) or ""),
        label=label,
    )
    return [pay] if pay else []
