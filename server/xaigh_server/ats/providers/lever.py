"""Normalizer of Lever: published postings, and those of the authenticated Data API.

The Data API has its texts in `content`, its links in `urls`, and states who may see a posting.
Amounts are major units with decimals. The country is the primary location's only. Lever gives no
time of change in public, and `createdAt` is none: it would break the order of two versions.
"""

from __future__ import annotations

import html
from collections.abc import Sequence

from xaigh_server.ats.providers import boards
from xaigh_server.ats.providers.fields import Fields, Notes, Object
from xaigh_server.ats.providers.options import NormalizeOptions
from xaigh_server.ats.providers.pay import periods
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
from xaigh_server.text.sanitize import escaped_lines, plain

SIGNATURE = words(
    "hostedUrl text lists opening openingPlain descriptionBody descriptionBodyPlain additional"
    " additionalPlain salaryRange salaryDescription distributionChannels confidentiality"
)
_DATA_API = words("content urls")
_DATA_API_ALONE = words("distributionChannels confidentiality")
_STATES = {
    "published": OfferStatus.OPEN,
    "internal": OfferStatus.UNLISTED,
    "unlisted": OfferStatus.UNLISTED,
    "closed": OfferStatus.CLOSED,
    "rejected": OfferStatus.CLOSED,
    "draft": OfferStatus.DRAFT,
    "pending": OfferStatus.DRAFT,
}
_EXPECTED = {
    "content": ("description", "requirements"),
    "urls": ("apply_url", "canonical_url"),
    "state": (),
    "categories": ("locations", "department", "team", "employment_type"),
}
"""Members that every posting of the Data API has, and the fields that they fill."""
_CONTENT = words("description descriptionHtml lists closing closingHtml")
_PLACEHOLDERS = ("-", "--", "n/a", "none", "other")


def normalize(payload: Object, notes: Notes, options: NormalizeOptions) -> Result:
    """One posting."""
    fields = Fields(payload, notes)
    identity = fields.identity("id")
    categories = fields.child("categories")
    where = _locations(fields, categories)
    is_data_api = _is_of_data_api(payload)
    urls_of = fields.child("urls") if is_data_api else fields
    url = link(urls_of, "show") if is_data_api else link(fields, "hostedUrl")
    if url and links_another_job(url, identity):
        field = urls_of.path("show") if is_data_api else "hostedUrl"
        notes.warn(WarningCode.URL_NAMES_ANOTHER_JOB, field, "The link does not name this job.")
    title = fields.required_title("text")
    markup = _data_api_markup(fields) if is_data_api else _markup(fields, fields)
    described = describe(markup, "description", notes)
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
            apply_url=link(urls_of, "apply" if is_data_api else "applyUrl"),
            canonical_url=urls.canonical(url) if url else None,
            status=status,
            listed=status is not OfferStatus.UNLISTED,
            requisition_id=_requisition(fields),
            department=_named(categories, "department"),
            team=_named(categories, "team"),
            published_at=times.moment(payload.get("createdAt"), "createdAt", notes),
            updated_at=times.instant(payload.get("updatedAt"), "updatedAt", notes),
            prospect=is_prospect_title(title, notes),
            omitted=_omitted(fields) if is_data_api else (),
            boards=boards.of_lever(url),
        )
    )


def _is_of_data_api(payload: Object) -> bool:
    """Whether a posting has the Data API's texts or links, or neither these nor the public ones."""
    if not _DATA_API.isdisjoint(payload):
        return True
    return "hostedUrl" not in payload and not _DATA_API_ALONE.isdisjoint(payload)


def _status(fields: Fields, options: NormalizeOptions) -> OfferStatus:
    """Open by being in the public feed; the Data API states it, and who may see the posting."""
    state = fields.line("state", 40)
    if state is None:
        is_public = not _is_of_data_api(fields.payload)
        return _visible(fields, OfferStatus.OPEN) if is_public else OfferStatus.UNKNOWN
    found = options.statuses.get(state.casefold()) or _STATES.get(state.casefold())
    if found is None:
        fields.notes.warn(WarningCode.STATUS_UNKNOWN, "state", "This state is not known.")
    return _visible(fields, found or OfferStatus.UNKNOWN)


def _visible(fields: Fields, status: OfferStatus) -> OfferStatus:
    """Unlisted instead of open where the posting is confidential, or on no public channel."""
    if status is not OfferStatus.OPEN:
        return status
    channels = fields.items("distributionChannels")
    is_public = fields.payload.get("distributionChannels") is None or "public" in channels
    secret = (fields.line("confidentiality", 40) or "").casefold() == "confidential"
    return OfferStatus.OPEN if is_public and not secret else OfferStatus.UNLISTED


def _omitted(fields: Fields) -> tuple[str, ...]:
    """What a posting of the Data API should carry and doesn't, each with a warning."""
    absent: list[str] = []
    texts = fields.child("content").payload
    for member, carried in _EXPECTED.items():
        if fields.payload.get(member) is None or (
            member == "content" and _CONTENT.isdisjoint(texts)
        ):
            message = f"The posting has no `{member}`: what it would say stays as it is."
            fields.notes.warn(WarningCode.NOT_CARRIED, member, message)
            absent += carried
    return tuple(absent)


def _data_api_markup(fields: Fields) -> str:
    """The texts of the Data API: HTML where there is some, else plain lines."""
    content = fields.child("content")
    parts = [
        _html_or_plain(content, "description"),
        _markup(Fields({"lists": content.payload.get("lists")}, fields.notes, content.at), None),
        _html_or_plain(content, "closing"),
    ]
    return "\n".join(part for part in parts if part)


def _html_or_plain(content: Fields, key: str) -> str:
    return content.markup(f"{key}Html") or escaped_lines(content.markup(key))


def _markup(fields: Fields, texts: Fields | None) -> str:
    """The description and the closing text of `texts`, and between them each list of `fields`."""
    parts = [texts.markup("description")] if texts else []
    if texts and not parts[0]:
        parts = [texts.markup("opening"), texts.markup("descriptionBody")]
    lists = fields.children("lists") if fields.payload.get("lists") else []
    for entry in lists:
        heading = entry.line("text") or ""
        content = entry.markup("content")
        inside = content if "<ul" in content else f"<ul>{content}</ul>"
        parts.append(f"<h3>{html.escape(heading, quote=False)}</h3>{inside if content else ''}")
    if texts:
        parts.append(texts.markup("additional"))
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
    found = places.several(primary, field, fields.notes, country) if primary else []
    for index, other in enumerate(others):
        if not isinstance(other, str):
            categories.wrong(f"allLocations[{index}]", "a string", other)
            continue
        clean = categories.clean_line(other, f"allLocations[{index}]")
        if clean and clean != primary:
            field = categories.path("allLocations")
            found += places.further(clean, field, fields.notes, country)
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
        period=periods.of_field(period),
    )
    return (pay,) if pay else ()


def _described_pay(fields: Fields, reader: PayReader) -> tuple[Pay, ...]:
    """The figure of the salary's own description, which is often empty markup."""
    markup = fields.markup("salaryDescriptionHtml") or fields.markup("salaryDescription")
    text = plain(safe_html(markup, "salaryDescription", fields.notes))
    return prose_pay(f"Salary\n{text}", "salaryDescription", reader) if text else ()
