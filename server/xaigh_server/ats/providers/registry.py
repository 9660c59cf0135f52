"""Table of the providers and their normalizers.

`normalize` always returns a result and never raises on bad data; `records_of` splits a provider's
board document into records.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from xaigh_server.ats.providers import ashby, greenhouse, icims, lever, workday
from xaigh_server.ats.providers.custom import feed as custom
from xaigh_server.ats.providers.custom import normalized
from xaigh_server.ats.providers.fields import OBJECTS, Notes, Object
from xaigh_server.ats.providers.options import DEFAULTS, NormalizeOptions
from xaigh_server.ats.providers.record import Provider, Rejected, RejectionReason, Result

Normalizer: TypeAlias = Callable[[Object, Notes, NormalizeOptions], Result]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordForm:
    """Normalizer of a provider, and the members that identify its records.

    `signature` are members that only this provider's records have; `lists` are the members of its
    board documents that hold the records, by path.
    """

    normalize: Normalizer
    signature: frozenset[str]
    lists: tuple[tuple[str, ...], ...]


FORMS: dict[Provider, RecordForm] = {
    Provider.GREENHOUSE: RecordForm(
        normalize=greenhouse.normalize,
        signature=greenhouse.SIGNATURE,
        lists=(("jobs",), ("job_posts",)),
    ),
    Provider.LEVER: RecordForm(
        normalize=lever.normalize,
        signature=lever.SIGNATURE,
        lists=(("data",), ("postings",)),
    ),
    Provider.ASHBY: RecordForm(
        normalize=ashby.normalize,
        signature=ashby.SIGNATURE,
        lists=(("jobs",), ("results",)),
    ),
    Provider.WORKDAY: RecordForm(
        normalize=workday.normalize,
        signature=workday.SIGNATURE,
        lists=(("jobPostings",), ("data",), ("Report_Entry",)),
    ),
    Provider.ICIMS: RecordForm(
        normalize=icims.normalize,
        signature=icims.SIGNATURE,
        lists=(("jobs",), ("searchResults",), ("data",)),
    ),
    Provider.CUSTOM: RecordForm(
        normalize=custom.normalize,
        signature=custom.SIGNATURE,
        lists=(("jobs",), ("content",), ("@graph",), ("itemListElement",), ("records",)),
    ),
}


def normalize(provider: Provider, payload: object, options: NormalizeOptions = DEFAULTS) -> Result:
    """Normalizes one record of a provider."""
    notes = Notes()
    if not isinstance(payload, OBJECTS):
        notes.reject("", RejectionReason.WRONG_TYPE, "A record is an object.")
        return notes.rejected()
    if normalized.is_normalized(payload):
        return normalized.normalize(payload, notes, options)
    other = _other_provider(provider, payload)
    if other:
        message = f"This is a record of {other}, not of {provider}."
        notes.reject("", RejectionReason.WRONG_PROVIDER, message)
        return notes.rejected()
    return FORMS[provider].normalize(payload, notes, options)


def _other_provider(provider: Provider, payload: Object) -> Provider | None:
    """Returns the other provider that the record's members fit best, where none fits this one.

    Such a record doesn't count as seen: its id is another system's.
    """
    if len(payload) <= 2 and isinstance(inner := payload.get("data"), Mapping):
        payload = inner
    if isinstance(inner := payload.get("job"), Mapping):  # with the resources of Harvest v3
        payload = inner
    if provider is Provider.CUSTOM or not FORMS[provider].signature.isdisjoint(payload):
        return None
    counts = {key: len(form.signature & payload.keys()) for key, form in FORMS.items()}
    if provider is Provider.ICIMS:
        counts[Provider.CUSTOM] = 0
    likeliest = max(counts, key=lambda key: counts[key])
    return likeliest if counts[likeliest] else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """Records of a document, and the declared total, if any."""

    records: tuple[object, ...]
    total: int | None = None
    problem: str | None = None


def records_of(provider: Provider, document: object) -> Records:
    """Splits a board document: a list, an object around a list, or a single record."""
    if isinstance(document, list | tuple):
        return Records(records=tuple(document))
    if not isinstance(document, Mapping):
        return Records(records=(), problem="A board document is an object or a list.")
    for path in FORMS[provider].lists:
        found: object = document
        for name in path:
            found = found.get(name) if isinstance(found, Mapping) else None
        if isinstance(found, list | tuple):
            return Records(records=tuple(found), total=_total(document, len(found)))
    return Records(records=(document,))


def _total(document: Object, length: int) -> int | None:
    meta = document.get("meta")
    for holder, name in ((meta, "total"), (document, "totalCount"), (document, "total")):
        value = holder.get(name) if isinstance(holder, Mapping) else None
        if type(value) is int and value >= length and (value or not length):
            return value
    return None


__all__ = [
    "FORMS",
    "NormalizeOptions",
    "RecordForm",
    "Records",
    "Rejected",
    "normalize",
    "records_of",
]
