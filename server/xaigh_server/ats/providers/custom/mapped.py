"""Normalizer of records in a client's own columns, by the integration's field map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xaigh_server.ats.mirror_ids import external_id
from xaigh_server.ats.providers import boards
from xaigh_server.ats.providers.custom.fieldmap import FieldMap
from xaigh_server.ats.providers.fields import Fields, Notes, Object
from xaigh_server.ats.providers.options import NormalizeOptions
from xaigh_server.ats.providers.pay import periods
from xaigh_server.ats.providers.pay.ranges import AmountUnit, PayReader
from xaigh_server.ats.providers.places import places
from xaigh_server.ats.providers.posting import (
    all_remote,
    is_prospect_title,
    note_expired,
    prose_pay,
    public_link,
    written_pay,
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
from xaigh_server.ats.providers.text.description import Description, describe, item_texts
from xaigh_server.text.sanitize import MAX_MARKUP, unescape_once


class Mapped:
    """The values of one record by the names of a normalized job."""

    __slots__ = ("fields", "map", "notes", "payload")

    def __init__(self, payload: Object, field_map: FieldMap, notes: Notes) -> None:
        self.payload = payload
        self.map = field_map
        self.notes = notes
        self.fields = Fields(payload, notes)

    def value(self, target: str) -> object:
        return self.map.first(self.payload, target)

    def line(self, target: str, limit: int = 500) -> str | None:
        """The first value as one line; an object or a list where a text is due is refused."""
        value = self.value(target)
        if value is None:
            return None
        if isinstance(value, str):
            return self.fields.clean_line(value, target, limit)
        written = "true" if value is True else "false" if value is False else external_id(value)
        if written is None:
            self.fields.wrong(target, "a string", value)
        return written

    def lines(self, target: str) -> list[str]:
        """Every value that is a text, each as one line."""
        found = self.map.all(self.payload, target)
        clean = [self.fields.clean_line(v, target) for v in found if isinstance(v, str)]
        return [text for text in clean if text]


def normalize(payload: Object, notes: Notes, options: NormalizeOptions) -> Result:
    """One record, through `options.field_map`, which must be there."""
    field_map = options.field_map
    if field_map is None:
        message = "The integration needs a field map for records of this form."
        notes.reject("", RejectionReason.FIELD_MAP_REQUIRED, message)
        return notes.rejected()
    mapped = Mapped(payload, field_map, notes)
    identity = _identity(mapped)
    title = mapped.line("title") or ""
    if not title and not notes.rejections:
        notes.reject("title", RejectionReason.REQUIRED, "A title is required.")
    where = _locations(mapped)
    described = _described(mapped)
    valid_through = times.moment(mapped.value("validThrough"), "validThrough", notes)
    status = note_expired(_status(mapped, options), valid_through, options.now, notes)
    canonical = _url(mapped, "canonicalUrl")
    return notes.result(
        NormalizedJob(
            external_job_id=identity,
            title=title,
            description_html=described.html,
            description_text=described.text,
            requirements=_requirements(mapped) or described.requirements,
            employment_type=_employment(mapped),
            workplace_type=_workplace(mapped, where),
            locations=where,
            pay=_pay(mapped, described.text, where),
            apply_url=_url(mapped, "applyUrl") or canonical,
            canonical_url=urls.canonical(canonical) if canonical else None,
            status=status,
            listed=mapped.line("listed") != "false" and status is not OfferStatus.UNLISTED,
            requisition_id=mapped.line("requisitionId", 255),
            department=mapped.line("department", 255),
            team=mapped.line("team", 255),
            language=mapped.line("language", 35),
            published_at=times.moment(mapped.value("publishedAt"), "publishedAt", notes),
            updated_at=times.instant(mapped.value("updatedAt"), "updatedAt", notes),
            valid_through=valid_through,
            prospect=is_prospect_title(title, notes),
            omitted=_omitted(field_map),
            boards=boards.of_workday(canonical),
        )
    )


_OMITTABLE = {
    "description": ("description",),
    "requirements": ("requirements", "description"),
    "pay": ("pay.min", "pay.max", "pay.text", "description"),
    "locations": ("locations", "locations.city", "locations.region", "locations.country"),
    "employment_type": ("employmentType",),
    "workplace_type": ("workplaceType", "locations"),
    "department": ("department",),
    "team": ("team",),
}


def _omitted(field_map: FieldMap) -> tuple[str, ...]:
    """What the map has no path for was not cleared: it was never looked for."""
    return tuple(
        name
        for name, targets in _OMITTABLE.items()
        if not any(target in field_map.paths for target in targets)
    )


def _identity(mapped: Mapped) -> str:
    value = mapped.value("externalJobId")
    identity = external_id(value)
    if identity is None:
        reason = RejectionReason.REQUIRED if value is None else RejectionReason.INVALID_ID
        mapped.notes.reject("externalJobId", reason, "The mapped member holds no usable id.")
        return ""
    mapped.notes.external_job_id = identity
    return identity


def _status(mapped: Mapped, options: NormalizeOptions) -> OfferStatus:
    """The status text through the client's own words, then ours; open by presence without one."""
    text = mapped.line("status")
    if text is None:
        return OfferStatus.OPEN
    return vocabulary.status(text, options.statuses, "status", mapped.notes)


def _described(mapped: Mapped) -> Description:
    """Every mapped part of the description, unescaped as the map says, one below another."""
    parts = []
    for value in mapped.map.all(mapped.payload, "description"):
        if not isinstance(value, str):
            mapped.fields.wrong("description", "a string", value)
            continue
        markup = value if len(value) <= 2 * MAX_MARKUP else value[: 2 * MAX_MARKUP + 1]
        for _ in range(mapped.map.escaped):
            markup = unescape_once(markup)
        parts.append(markup)
    return describe("\n".join(parts), "description", mapped.notes)


def _requirements(mapped: Mapped) -> tuple[str, ...]:
    found = mapped.map.all(mapped.payload, "requirements")
    return item_texts(found, "requirements", mapped.notes)


def _employment(mapped: Mapped) -> Employment | None:
    stated = mapped.lines("employmentType")
    if not stated:
        return None
    found = vocabulary.employment(", ".join(stated))
    if found is None:
        message = "The employment type is unknown or ambiguous."
        mapped.notes.warn(WarningCode.EMPLOYMENT_TYPE_UNKNOWN, "employmentType", message)
    return found


def _workplace(mapped: Mapped, where: Sequence[Place]) -> Workplace | None:
    stated = mapped.line("workplaceType")
    if stated == "true":
        return Workplace.REMOTE
    if stated and stated != "false":
        found = vocabulary.workplace(stated)
        if found is None:
            message = "The workplace type is unknown."
            mapped.notes.warn(WarningCode.WORKPLACE_TYPE_UNKNOWN, "workplaceType", message)
        return found
    if any(place.remote for place in where):
        return all_remote(where, "locations", mapped.notes)
    return None


def _locations(mapped: Mapped) -> tuple[Place, ...]:
    """Texts or objects of places; a country of its own column is the primary place's."""
    found: list[Place] = []
    field, notes = "locations.country", mapped.notes
    country = places.stated_country([mapped.line(field)], field, notes)
    for value in mapped.map.all(mapped.payload, "locations"):
        if isinstance(value, Mapping):
            found.append(_place(Mapped(value, mapped.map, mapped.notes)))
        elif isinstance(value, str):
            text = mapped.fields.clean_line(value, "locations")
            if text and not places.is_count(text):
                reader = places.further if found else places.several
                found += reader(text, "locations", notes, country)
        else:
            mapped.fields.wrong("locations", "a text or an object", value)
    if not found:
        found = [_place(mapped)]
    return places.merge(place for place in found if place.raw)


def _place(mapped: Mapped) -> Place:
    """A place in columns of its own."""
    city, region = mapped.line("locations.city", 200), mapped.line("locations.region", 200)
    stated = mapped.line("locations.country", 200)
    country = places.stated_country([stated], "locations.country", mapped.notes)
    pair = places.coordinates(
        mapped.value("locations.latitude"), mapped.value("locations.longitude")
    )
    if pair is False:
        message = "These are no coordinates."
        mapped.notes.warn(WarningCode.COORDINATES_INVALID, "locations.latitude", message)
    lat, lng = pair if isinstance(pair, tuple) else (None, None)
    return Place(
        raw=", ".join(part for part in (city, region, stated) if part),
        city=city,
        region=region,
        country=places.country_of_parts(city, region, "locations.region", mapped.notes, country),
        postal=mapped.line("locations.postalCode", 32),
        lat=lat,
        lng=lng,
    )


def _url(mapped: Mapped, target: str) -> str | None:
    value = mapped.value(target)
    return public_link(value, target, mapped.notes) if value is not None else None


def _pay(mapped: Mapped, text: str, where: Sequence[Place]) -> tuple[Pay, ...]:
    """Two amounts, or a text of pay, or else the prose."""
    reader = PayReader(mapped.notes, where[0].country if where else None)
    period = periods.of_field(mapped.line("pay.interval", 200) or "")
    low, high = mapped.value("pay.min"), mapped.value("pay.max")
    currency, label = mapped.line("pay.currency", 10), mapped.line("pay.label")
    written = mapped.line("pay.text") if low is None and high is None else None
    if written:
        found = written_pay(written, "pay", reader, currency=currency, period=period, label=label)
        return found or prose_pay(text, "description", reader)
    pay = reader.range(
        low,
        high,
        field="pay",
        source=PaySource.FIELD,
        currency=currency,
        period=period,
        label=label,
        unit=AmountUnit.MINOR if mapped.map.minor else AmountUnit.MAJOR,
    )
    return (pay,) if pay else prose_pay(text, "description", reader)
