"""Normalizer of job profiles of the iCIMS API: list values, customer fields, no pay period.

`jobid` ("2014-1026") is the requisition; the system's id is only in the profile's own link.
The folder is the status, in words of the customer's own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from xaigh_server.ats.providers import boards
from xaigh_server.ats.providers.fields import Fields, Notes, Object
from xaigh_server.ats.providers.options import NormalizeOptions
from xaigh_server.ats.providers.pay import periods
from xaigh_server.ats.providers.pay.periods import Period
from xaigh_server.ats.providers.pay.ranges import PayReader
from xaigh_server.ats.providers.places import places
from xaigh_server.ats.providers.posting import is_prospect_title, link, prose_pay
from xaigh_server.ats.providers.record import (
    Employment,
    Interval,
    NormalizedJob,
    OfferStatus,
    Pay,
    PaySource,
    Place,
    Result,
    WarningCode,
)
from xaigh_server.ats.providers.text import times, urls, vocabulary
from xaigh_server.ats.providers.text.description import Description, describe, item_texts

_JOB = re.compile(r"/jobs/(\d{1,18})(?:[/?#]|\Z)")


def id_of_link(link: object) -> str | None:
    """The number behind "/jobs/" in a portal's or the API's link."""
    found = _JOB.search(link) if isinstance(link, str) else None
    return found[1] if found else None


_CUSTOMER_FIELD = re.compile(r"(?:field\d+|.*(?:salary|pay|wage|rate).*)\Z", re.IGNORECASE)
_PARTS = ("overview", "responsibilities", "qualifications")


def normalize(payload: Object, notes: Notes, options: NormalizeOptions) -> Result:
    """One profile."""
    fields = Fields(payload, notes)
    own = _own_link(fields)
    identity = _identity(fields, own)
    title = fields.required_title("jobtitle")
    where = _locations(fields)
    described = _described(fields)
    url = link(fields, "portalUrl") if payload.get("portalUrl") else None
    status = _status(fields, options)
    return notes.result(
        NormalizedJob(
            external_job_id=identity,
            title=title,
            description_html=described.html,
            description_text=described.text,
            requirements=item_texts([payload.get("qualifications")], "qualifications", notes)
            or described.requirements,
            employment_type=_employment(fields),
            locations=where,
            pay=_pay(fields, described.text, where),
            apply_url=url,
            canonical_url=urls.canonical(url) if url else None,
            status=status,
            listed=status is not OfferStatus.UNLISTED,
            requisition_id=fields.line("jobid", 255),
            department=_value(fields, "department"),
            published_at=times.moment(payload.get("posteddate"), "posteddate", notes),
            updated_at=times.instant(payload.get("updateddate"), "updateddate", notes),
            prospect=is_prospect_title(title, notes),
            omitted=()
            if any(part in payload for part in _PARTS)
            else ("description", "requirements"),
            boards=boards.of_icims(own),
        )
    )


def _own_link(fields: Fields) -> str | None:
    """The link of the profile itself, which names the customer and the job."""
    links = fields.payload.get("links")
    for entry in links if isinstance(links, list) else ():
        if isinstance(entry, Mapping) and entry.get("rel") == "self":
            found = entry.get("url")
            return urls.web_url(found) if isinstance(found, str) else None
    return None


def _identity(fields: Fields, own: str | None) -> str:
    """The system's id, else the member `id`, else the requisition."""
    found = id_of_link(own)
    if found:
        fields.notes.external_job_id = found
        return found
    return fields.identity("id" if "id" in fields.payload else "jobid")


def _value(fields: Fields, key: str) -> str | None:
    """The text of a list value {id, value, formattedvalue}, or of a plain text."""
    value = fields.payload.get(key)
    if isinstance(value, Mapping):
        entry = fields.child(key)
        return entry.line("formattedvalue", 255) or entry.line("value", 255)
    return fields.line(key, 255)


def _status(fields: Fields, options: NormalizeOptions) -> OfferStatus:
    text = _value(fields, "folder")
    if text is None:
        return OfferStatus.UNKNOWN
    return vocabulary.status(text, options.statuses, "folder", fields.notes)


def _described(fields: Fields) -> Description:
    parts = [fields.markup(key) for key in _PARTS]
    return describe("\n".join(part for part in parts if part), "overview", fields.notes)


def _employment(fields: Fields) -> Employment | None:
    text = _value(fields, "positiontype")
    found = vocabulary.employment(text) if text else None
    if text and found is None:
        message = "The position type is unknown or ambiguous."
        fields.notes.warn(WarningCode.EMPLOYMENT_TYPE_UNKNOWN, "positiontype", message)
    return found


def _locations(fields: Fields) -> tuple[Place, ...]:
    found = []
    if fields.payload.get("joblocation"):
        found.append(_value(fields, "joblocation"))
    if fields.payload.get("additionallocations"):
        found += [_value(entry, "location") for entry in fields.children("additionallocations")]
    notes = fields.notes
    read = [places.several(text, "joblocation", notes) for text in found if text]
    return places.merge(place for each in read for place in each)


def _pay(fields: Fields, text: str, where: Sequence[Place]) -> tuple[Pay, ...]:
    """The customer's money fields, when there are one or two of them in one currency.

    The smaller amount is the lower end. The period is that of the one list value that is only
    a period.
    """
    reader = PayReader(fields.notes, places.one_country(where))
    money = [fields.child(key) for key in fields.payload if _is_money(key, fields.payload[key])]
    currencies = {entry.line("currency", 10) for entry in money}
    if not money or len(money) > 2 or len(currencies) > 1:
        return prose_pay(text, "overview", reader)
    low, high = _ends([_amount(entry) for entry in money])
    pay = reader.range(
        low,
        high,
        field=money[0].at,
        source=PaySource.FIELD,
        currency=currencies.pop(),
        period=_period(fields),
    )
    if pay:
        message = "These are the customer's own fields: taken for the pay of the role."
        fields.notes.warn(WarningCode.PAY_FIELDS_ASSUMED, money[0].at, message)
    return (pay,) if pay else ()


def _is_money(key: str, value: object) -> bool:
    if not isinstance(value, Mapping) or not _CUSTOMER_FIELD.match(key):
        return False
    return "currency" in value and ("amount" in value or "amountstring" in value)


def _amount(entry: Fields) -> object:
    amount = entry.payload.get("amount")
    return amount if amount is not None else entry.line("amountstring", 40)


def _ends(amounts: list[object]) -> tuple[object, object]:
    """The two amounts in order where both are numbers; one alone is both ends."""
    low, high = amounts[0], amounts[-1]
    numbers = isinstance(low, int | float) and isinstance(high, int | float)
    return (high, low) if numbers and low > high else (low, high)  # type: ignore[operator]  # numbers


def _period(fields: Fields) -> Period:
    """The one period among the customer's list values that are only a period."""
    found: set[Interval | None] = set()
    for key, value in fields.payload.items():
        text = value.get("value") if isinstance(value, Mapping) else None
        if isinstance(text, str) and _CUSTOMER_FIELD.match(key) and len(text.split()) <= 2:
            found.add(vocabulary.interval(text))
    found -= {None}
    return Period(found.pop()) if len(found) == 1 else periods.NONE
