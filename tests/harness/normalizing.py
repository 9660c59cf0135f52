"""Short forms of normalizing one record, and of naming what came of it."""

from __future__ import annotations

from xaigh_server.ats.providers.fields import Notes
from xaigh_server.ats.providers.options import DEFAULTS, NormalizeOptions
from xaigh_server.ats.providers.places import places as read
from xaigh_server.ats.providers.record import Normalized, NormalizedJob, Place, Provider, Rejected
from xaigh_server.ats.providers.registry import normalize


def taken(provider: Provider, payload: object, options: NormalizeOptions = DEFAULTS) -> Normalized:
    """The answer, which must be a job."""
    result = normalize(provider, payload, options)
    assert isinstance(result, Normalized), result
    return result


def job(provider: Provider, payload: object, options: NormalizeOptions = DEFAULTS) -> NormalizedJob:
    """The job of a record that must be taken."""
    return taken(provider, payload, options).job


def refused(provider: Provider, payload: object, options: NormalizeOptions = DEFAULTS) -> Rejected:
    """The answer, which must be a rejection."""
    result = normalize(provider, payload, options)
    assert isinstance(result, Rejected), result
    return result


def warnings(
    provider: Provider, payload: object, options: NormalizeOptions = DEFAULTS
) -> list[str]:
    """The codes of the warnings of a record that must be taken, in order."""
    return [warning.code for warning in taken(provider, payload, options).warnings]


def reasons(answer: Rejected) -> list[tuple[str, str]]:
    """Each rejection's field and reason."""
    return [(rejection.field, rejection.code) for rejection in answer.rejections]


def places(found: NormalizedJob) -> list[str]:
    """ "city/region/country" of each place, "*" at the end for a remote one."""
    return [_written(place) for place in found.locations]


def _written(place: Place) -> str:
    return f"{place.city or ''}/{place.region or ''}/{place.country or ''}" + "*" * place.remote


def pay(found: NormalizedJob) -> list[tuple[object, ...]]:
    """Each range's ends, currency, interval, suggestion, label and source."""
    return [
        (
            *(p.min_minor, p.max_minor, p.currency),
            *(p.interval and p.interval.value, p.suggested_interval and p.suggested_interval.value),
            *(p.label, p.source.value),
        )
        for p in found.pay
    ]


def read_places(text: str, country: str | None = None) -> tuple[list[str], list[str]]:
    """The places of a text as `places` writes them, and the codes of the warnings, in order."""
    notes = Notes()
    found = read.merge(read.several(text, "where", notes, read.Stated(country)))
    return [_written(place) for place in found], [str(note.code) for note in notes.warnings]
