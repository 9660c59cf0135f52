"""Normalizer of Lever: published postings, also with members of the authenticated Data API.

Amounts are major units with decimals. The country is the primary location's only. Lever gives no
time of change in public, and `createdAt` is none: it would break the order of two versions.
"""

from __future__ import annotations

import html
from collections.abc import Sequence

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
from xaigh_server.ats.providers.text.description import describe, safe_html
from xaigh_server.ats.providers.text.vocabulary import words
from xaigh_server.text.sanitize import plain

SIGNATURE = words(
    "hostedUrl text lists opening openingPlain descriptionBody descriptionBodyPlain additional"
    " additionalPlain salaryRange salaryDescription"
)
_STATES = {
    "published": OfferStatus.OPEN,
    "internal": OfferStatus.UNLISTED,
    "unlisted": OfferStatus.UNLISTED,
    "closed": OfferStatus.CLOSED,
    "rejected": OfferStatus.CLOSED,
    "draft": OfferStatus.DRAFT,
    "pending": OfferStatus.DRAFT,
}
_PLACEHOLDERS = ("-", "--", "n/a", "none", "other")


def normalize(payload: Object, notes: Notes, options: NormalizeOptions) -> Result:
    """One posting."""
    fields = Fields(payload, notes)
    identity = fields.identity("id")
    categories = fields.child("categories")
    where = _locations(fields, categories)
    url = link(fields, "hostedUrl")
    if url and links_another_job(url, identity):
        notes.warn(
            WarningCode.URL_NAMES_ANOTHER_JOB, "hostedUrl", "The link does not name this job."
        )
    title = fields.required_title("text")
    described = describe(_markup(fields), "description", notes)
    status = _status(fields, options)
    return notes.result(
        NormalizedJob(
            external_job_id=identity,
            title=title,
            description_html=described.html,
            description_text=described.text,
            requirements=described.requirements,
            employment_type=_employment(categories),
            workplace_type=_workplace(fields),
            locations=where,
            pay=_pay(fields, described.text, where),
            apply_url=link(fields, "applyUrl"),
            canonical_url=urls.canonical(url) if url else None,
            status=status,
            listed=status is not OfferStatus.UNLISTED,
            requisition_id=_requisition(fields),
            department=_named(categories, "department"),
            team=_named(categories, "team"),
            published_at=times.moment(payload.get("createdAt"), "createdAt", notes),
            updated_at=times.instant(payload.get("updatedAt"), "updatedAt", notes),
            prospect=is_prospect_title(title, notes),
            boards=boards.of_lever(url),
        )
    )


def _status(fields: Fields, options: NormalizeOptions) -> OfferStatus:
    """Open by being in the feed; the Data API states it."""
    state = fields.line("state", 40)
    if state is None:
        return OfferStatus.OPEN
    found = options.statuses.get(state.casefold()) or _STATES.get(state.casefold())
    if found is None:
        fields.notes.warn(WarningCode.STATUS_UNKNOWN, "state", "This state is not known.")
    return found or OfferStatus.UNKNOWN


def _markup(fields: Fields) -> str:
    """The description, each list under its heading, and the closing text."""
    parts = [fields.markup("description")]
    if not parts[0]:
        parts = [fields.markup("opening"), fields.markup("descriptionBody")]
    lists = fields.children("lists") if fields.payload.get("lists") else []
    for entry in lists:
        heading = entry.line("text") or ""
        content = entry.markup("content")
        inside = content if "<ul" in content else f"<ul>{content}</ul>"
        parts.append(f"<h3>{html.escape(heading, quote=False)}</h3>{inside if content else ''}")
    parts.append(fields.markup("additional"))
    return "\n".join(part for part in parts if part)


def _employment(categories: Fields) -> Employment | None:
    stated = categories.line("commitment")
    if stated is None:
        return None
    found = vocabulary.employment(stated)
    if found is None:
        message = "The commitment is unknown or ambiguous."
        categories.notes.warn(
            WarningCode.EMPLOYMENT_TYPE_UNKNOWN, categories.path("commitment"), message
        )
    return found


def _workplace(fields: Fields) -> Workplace | None:
    stated = fields.line("workplaceType", 60)
    if stated is None or stated.casefold() == "unspecified":
        return None
    found = vocabulary.workplace(stated)
    if found is None:
        message = "The workplace type is unknown."
        fields.notes.warn(WarningCode.WORKPLACE_TYPE_UNKNOWN, "workplaceType", message)
    return found


def _named(categories: Fields, key: str) -> str | None:
    """A category; a placeholder such as "-" is none."""
    name = categories.line(key, 255)
    return None if name is None or name.casefold() in _PLACEHOLDERS else name


def _locations(fields: Fields, categories: Fields) -> tuple[Place, ...]:
    """Every location once, the primary first; the country is known of the primary alone."""
    primary = categories.line("location")
    country = places.stated_country([fields.payload.get("country")], "country", fields.notes)
    others = categories.items("allLocations")
    if primary is None and others and isinstance(others[0], str):
        primary = categories.clean_line(others[0], "allLocations[0]")
    field = categories.path("location")
    found = [places.noted(primary, field, fields.notes, country)] if primary else []
    for index, other in enumerate(others):
        if not isinstance(other, str):
            categories.wrong(f"allLocations[{index}]", "a string", other)
            continue
        clean = categories.clean_line(other, f"allLocations[{index}]")
        if clean and clean != primary:
            found.append(places.noted(clean, categories.path("allLocations"), fields.notes))
    return places.merge(found)


def _requisition(fields: Fields) -> str | None:
    """The requisition code, which only the Data API has: one, or a list of them."""
    if fields.payload.get("reqCode"):
        return fields.line("reqCode", 255)
    codes = fields.payload.get("requisitionCodes") or fields.payload.get("reqCodes")
    if isinstance(codes, list) and len(codes) == 1 and isinstance(codes[0], str):
        return fields.clean_line(codes[0], "reqCodes[0]", 255)
    return None


def _pay(fields: Fields, text: str, where: Sequence[Place]) -> tuple[Pay, ...]:
    country = where[0].country if where else None
    reader = PayReader(fields.notes, country)
    stated = fields.child("salaryRange")
    if not stated.payload:
        return _described_pay(fields, reader) or prose_pay(text, "description", reader)
    period = stated.line("interval", 60) or ""
    pay = reader.range(
        stated.payload.get("min"),
        stated.payload.get("max"),
        field="salaryRange",
        source=PaySource.FIELD,
        currency=stated.line("currency", 10),
        interval=vocabulary.interval(period),
    )
    return (pay,) if pay else ()


def _described_pay(fields: Fields, reader: PayReader) -> tuple[Pay, ...]:
    """The figure of the salary's own description, which is often empty markup."""
    markup = fields.markup("salaryDescription")
    text = plain(safe_html(markup, "salaryDescription", fields.notes))
    return prose_pay(f"Salary\n{text}", "salaryDescription", reader) if text else ()
