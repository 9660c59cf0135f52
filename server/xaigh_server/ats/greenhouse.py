"""Greenhouse: the job board (with and without content), one job with pay ranges, and Harvest.

The board's HTML is entity-escaped once in its JSON string, Harvest's is not. A board's posts are
open by being there; Harvest says so. Pay ranges are in cents and name no period.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

from . import boards, figures, money, places, times, urls, vocabulary
from .description import Description, describe
from .fields import Fields, Object
from .notes import Notes
from .options import Options
from .pay import PayReader
from .posting import is_prospect_title, link, links_another_job, note_mixed, prose_pay
from .record import (
    Employment,
    NormalizedJob,
    Pay,
    PaySource,
    Place,
    Result,
    Status,
    WarningCode,
    Workplace,
)
from .tables import words
from .text import unescape_once

SIGNATURE = words(
    "absolute_url internal_job_id first_published pay_input_ranges data_compliance live"
    " first_published_at keyed_custom_fields openings opened_at"
)
_EMPLOYMENT_FIELD = re.compile(r"\b(?:employment|time|job|worker)[ _-]?(?:type|status)\b", re.I)
_WORKPLACE_FIELD = re.compile(
    r"\b(?:work ?place|location|work|remote)[ _-]?(?:type|model|arrangement|status)\b", re.I
)
_MARKUP_RANGE = re.compile(
    r'<div class="pay-input">(?P<inside>.*?)<div class="pay-range">(?P<range>.*?)</div>', re.DOTALL
)
_MARKUP_TITLE = re.compile(r'<div class="title">(.*?)</div>', re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_HARVEST_STATUS = {"open": Status.OPEN, "closed": Status.CLOSED, "draft": Status.DRAFT}


def normalize(payload: Object, notes: Notes, options: Options) -> Result:
    """One job of the board, or one job or job post of Harvest."""
    fields = Fields(payload, notes)
    identity = fields.identity("id")
    if "keyed_custom_fields" in payload or "openings" in payload or "opened_at" in payload:
        return _harvest_job(fields, identity)
    return _post(fields, identity, harvest="live" in payload)


def _post(fields: Fields, identity: str, *, harvest: bool) -> Result:
    payload, notes = fields.payload, fields.notes
    title = fields.required_title("title")
    url = link(fields, "absolute_url")
    markup = _markup(fields, escaped=not harvest)
    described = describe(markup, "content", notes)
    metadata = payload.get("metadata")
    name = fields.child("location").line("name") or ""
    where = _locations(name, fields)
    prospect = "internal_job_id" in payload and payload["internal_job_id"] is None
    if url and links_another_job(url, identity):
        notes.warn(
            WarningCode.URL_NAMES_ANOTHER_JOB, "absolute_url", "The link does not name this job."
        )
    department, team = _departments(fields)
    return notes.result(
        NormalizedJob(
            external_job_id=identity,
            title=title,
            description_html=described.html,
            description_text=described.text,
            requirements=described.requirements,
            employment_type=_employment(metadata, notes),
            workplace_type=_workplace(metadata, name, where, notes),
            locations=where,
            pay=_pay(fields, markup, described, where),
            apply_url=url,
            canonical_url=urls.canonical(url) if url else None,
            status=_post_status(fields) if harvest else Status.OPEN,
            listed=not harvest or fields.flag("external") is not False,
            requisition_id=fields.line("requisition_id"),
            department=department,
            team=team,
            language=fields.line("language", 35),
            published_at=times.instant(
                payload.get("first_published") or payload.get("first_published_at"),
                "first_published",
                notes,
            ),
            updated_at=times.instant(payload.get("updated_at"), "updated_at", notes),
            valid_through=times.moment(
                payload.get("application_deadline"), "application_deadline", notes
            ),
            prospect=is_prospect_title(title, notes, certain=prospect),
            omitted=_omitted(payload),
            boards=boards.of_greenhouse(url),
        )
    )


def _omitted(payload: Object) -> tuple[str, ...]:
    """A list without content carries no description, departments or offices."""
    if "content" in payload:
        return ()
    return "description", "requirements", "pay", "department", "team"


def _markup(fields: Fields, *, escaped: bool) -> str:
    markup = fields.markup("content")
    return unescape_once(markup) if escaped else markup


def _departments(fields: Fields) -> tuple[str | None, str | None]:
    """The root and the leaf of the departments; with one, it is the department."""
    known = fields.children("departments") if fields.payload.get("departments") else []
    if not known:
        return None, None
    ids = {str(entry.payload.get("id")) for entry in known}
    roots = [entry for entry in known if str(entry.payload.get("parent_id")) not in ids]
    root = (roots or known)[0].line("name")
    leaf = known[-1].line("name") if len(known) > 1 else None
    return root, leaf if leaf != root else None


@lru_cache(maxsize=1_024)
def _is_named(names: re.Pattern[str], name: str) -> bool:
    """Whether a custom field's name fits. A board has few of them: they are remembered."""
    return names.search(name[:200]) is not None


def _metadata(metadata: object, names: re.Pattern[str]) -> list[str]:
    """The texts of the custom fields whose name fits; {name, value} in a list, or keyed."""
    if not isinstance(metadata, list):
        return []
    found: list[str] = []
    for entry in metadata:
        name = entry.get("name") if isinstance(entry, dict) else None
        if type(name) is str and _is_named(names, name):
            value = entry.get("value")
            values = value if isinstance(value, list) else [value]
            found += [text for text in values if type(text) is str and text.strip()]
    return found


def _employment(metadata: object, notes: Notes) -> Employment | None:
    stated = _metadata(metadata, _EMPLOYMENT_FIELD) if metadata else []
    if not stated:
        return None
    found = vocabulary.employment_of(stated)
    if found is None:
        message = "The stated employment type is unknown or ambiguous."
        notes.warn(WarningCode.EMPLOYMENT_TYPE_UNKNOWN, "metadata", message)
    return found


def _workplace(
    metadata: object, name: str, where: Sequence[Place], notes: Notes
) -> Workplace | None:
    """From a custom field, else from the location's own words."""
    for text in _metadata(metadata, _WORKPLACE_FIELD) if metadata else ():
        found = vocabulary.workplace(text)
        if found:
            return found
    found = places.workplace_word(name)
    if found is Workplace.REMOTE:
        note_mixed(where, "location.name", notes)
    return found


def _locations(name: str, fields: Fields) -> tuple[Place, ...]:
    """The places of location.name, completed from the offices; of the offices if it has none."""
    if not name.strip():
        texts = [entry.line("location") for entry in _offices(fields)]
        return places.merge(places.parse(text) for text in texts if text)
    found = [places.parse(part) for part in places.split_locations(name)]
    return places.merge([_completed(place, fields) for place in found])


def _offices(fields: Fields) -> list[Fields]:
    return fields.children("offices") if fields.payload.get("offices") else []


def _completed(place: Place, fields: Fields) -> Place:
    if not place.city or (place.region and place.country):
        return place
    for office in _offices(fields):
        location = office.line("location")
        if location and _is_at(place, office.line("name"), location):
            return places.completed(place, places.parse(location))
    return place


def _is_at(place: Place, name: str | None, location: str) -> bool:
    city = (place.city or "").casefold()
    known = places.parse(location)
    same_country = place.country in (None, known.country)
    named = name is not None and name.casefold() in (city, place.raw.casefold())
    return same_country and (named or (known.city or "").casefold() == city)


def _pay(
    fields: Fields, markup: str, described: Description, where: Sequence[Place]
) -> tuple[Pay, ...]:
    """Ranges of the record, else of the pay markup in its description, else of its prose."""
    reader = PayReader(fields.notes, places.one_country(where))
    ranges = fields.children("pay_input_ranges") if fields.payload.get("pay_input_ranges") else ()
    read = (_range(entry, reader, described.text) for entry in ranges)
    stated = tuple(pay for pay in read if pay)
    if stated or not described.text:
        return stated
    marked = _marked_pay(markup, reader) if 'class="pay-range"' in markup else ()
    return marked or prose_pay(described.text, "content", reader)


def _range(entry: Fields, reader: PayReader, text: str) -> Pay | None:
    low, high = entry.payload.get("min_cents"), entry.payload.get("max_cents")
    label, blurb = entry.line("title"), entry.line("blurb", 2_000)
    interval = vocabulary.interval(f"{label or ''} {blurb or ''}")
    currency = entry.line("currency_type", 10)
    if interval is None:
        interval = figures.interval_beside(
            text, _major(low, currency, minor=True), _major(high, currency, minor=True)
        )
    return reader.range(
        low,
        high,
        field=entry.at,
        source=PaySource.FIELD,
        currency=currency,
        interval=interval,
        label=label,
        minor=True,
    )


def _major(cents: object, currency: str | None, *, minor: bool) -> Decimal | None:
    read = money.amount(cents)
    if read is None:
        return None
    return money.to_major(int(read), money.currency_code(currency or "")) if minor else read


def _marked_pay(markup: str, reader: PayReader) -> tuple[Pay, ...]:
    """The pay-transparency block that Greenhouse itself writes into a description."""
    found = []
    for hit in _MARKUP_RANGE.finditer(markup):
        text = " ".join(unescape_once(_TAG.sub(" ", hit["range"])).split())
        figure = figures.of_pay_text(text.replace("&mdash;", "\u2014").replace("&ndash;", "\u2013"))
        if figure is None:
            continue
        title = _MARKUP_TITLE.search(hit["inside"])
        label = " ".join(_TAG.sub(" ", title[1]).split()) if title else None
        pay = reader.range(
            figure.low,
            figure.high,
            field="content",
            source=PaySource.MARKUP,
            currency=figure.currency,
            interval=figure.interval or vocabulary.interval(label or ""),
            label=label or None,
        )
        found.append(pay)
    return tuple(pay for pay in found if pay)


def _post_status(fields: Fields) -> Status:
    """Of a Harvest post: live is open; one that never was live is a draft."""
    if fields.flag("live"):
        return Status.OPEN
    started = fields.payload.get("first_published_at")
    return Status.CLOSED if started or fields.flag("active") is False else Status.DRAFT


def _harvest_job(fields: Fields, identity: str) -> Result:
    """A job of Harvest: the requisition behind posts, with `name` for a title and no text."""
    payload, notes = fields.payload, fields.notes
    status = _HARVEST_STATUS.get((fields.line("status") or "").lower(), Status.UNKNOWN)
    if status is Status.UNKNOWN:
        notes.warn(WarningCode.STATUS_UNKNOWN, "status", "This status is not known.")
    department, team = _departments(fields)
    where = _locations("", fields)
    title = fields.required_title("name" if "title" not in payload else "title")
    return notes.result(
        NormalizedJob(
            external_job_id=identity,
            title=title,
            employment_type=_harvest_employment(fields),
            locations=where,
            pay=_salary_range(fields, PayReader(notes, places.one_country(where))),
            status=status,
            listed=fields.flag("confidential") is not True,
            requisition_id=fields.line("requisition_id"),
            department=department,
            team=team,
            published_at=times.instant(payload.get("opened_at"), "opened_at", notes),
            updated_at=times.instant(payload.get("updated_at"), "updated_at", notes),
            prospect=is_prospect_title(title, notes),
            omitted=("description", "requirements", "apply_url", "canonical_url"),
        )
    )


def _keyed(fields: Fields, key: str) -> object:
    """The value of a keyed custom field, with or without its wrapper {name, type, value}."""
    value = fields.child("keyed_custom_fields").payload.get(key)
    return value.get("value") if isinstance(value, dict) and "value" in value else value


def _harvest_employment(fields: Fields) -> Employment | None:
    value = _keyed(fields, "employment_type")
    return vocabulary.employment(value) if type(value) is str else None


def _salary_range(fields: Fields, reader: PayReader) -> tuple[Pay, ...]:
    value = _keyed(fields, "salary_range")
    if not isinstance(value, dict):
        return ()
    unit = value.get("unit")
    pay = reader.range(
        value.get("min_value"),
        value.get("max_value"),
        field="keyed_custom_fields.salary_range",
        source=PaySource.FIELD,
        currency=unit if type(unit) is str else None,
    )
    return (pay,) if pay else ()
