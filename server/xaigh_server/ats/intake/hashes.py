"""The two hashes of a record: of what the provider sent, and of what we made of it.

The *raw hash* is SHA-256 over the canonical JSON of the provider's record (sorted members, no
spaces, whole numbers as integers, so that 42.0 and 42 are one) without its volatile members,
which change on every read, and without its personal ones, which are dropped before anything is
hashed or stored. It is cheap: no HTML is touched, so an unchanged record costs little more than
reading it. The *content hash* is over the normalized job, and decides what counts as a change.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import lru_cache
from operator import attrgetter

import orjson

from xaigh_server.ats.mirror_ids import exact_integer
from xaigh_server.ats.providers.record import NormalizedJob, Pay, Place, Provider
from xaigh_server.ats.providers.text.vocabulary import words
from xaigh_server.text.sanitize import without_emails

_NOTHING: frozenset[str] = frozenset()
VOLATILE: dict[Provider, frozenset[str]] = {
    Provider.GREENHOUSE: words(
        "data_compliance questions demographic_questions location_questions compliance"
        " ai_disclaimer include_ai_disclaimer ai_opt_out_request_url"
    ),
    Provider.WORKDAY: words(
        "postedOn similarJobs userAuthenticated questionnaireId secondaryQuestionnaireId"
        " includeResumeParsing facets"
    ),
    Provider.ICIMS: words(
        "opensearch elasticsearch mongo openingjobs googlejobs questionservice import_id last_mod"
        " date_updated revision_int ats_job_hash config_keys hit_score"
    ),
    Provider.CUSTOM: frozenset({"lastBuildDate", "lastactivitydate"}),
}
"""Members, at any depth, whose change alone says nothing about the job.

The provider's time of change isn't among them: the order of two versions hangs on it.
"""

_PERSON_WORDS = (
    "hiring manager|hiring managers|recruiter|recruiters|primary recruiter|recruiting coordinator"
    "|creator|created by|updated by|last updated by|author|owner|posting owner|requisition owner"
    "|coordinator|coordinators|sourcer|sourcers|hiring team|followers|interviewers|interviewer"
    "|contact|contacts|contact name|contact email|contact person|application contact|email|emails"
    "|e mail|email address|phone|phone number|telephone|fax number|manager name|supervisor"
    "|supervisor name|user|users|first name|last name|full name|assigned to|approver|approvers"
)


def _spellings(words: str) -> set[str]:
    """One name in the ways that systems write it: hiring_manager, hiringManager, Hiring Manager."""
    parts = words.split(" ")
    titled = [part.capitalize() for part in parts]
    camel = parts[0] + "".join(titled[1:])
    return {
        *("".join(parts), "_".join(parts), "-".join(parts), " ".join(parts), camel),
        *("".join(titled), "_".join(titled), " ".join(titled), "_".join(parts).upper()),
    }


PERSONAL = frozenset(name for words in _PERSON_WORDS.split("|") for name in _spellings(words))
"""Members that hold people, in every provider's spelling, at any depth."""

_UNHASHED = {provider: VOLATILE.get(provider, _NOTHING) | PERSONAL for provider in Provider}
_LABELS = ("name", "fieldLabel", "label")
_VALUES = frozenset({"value", "valueLabel", "values"})
_PERSON_LABEL = words(
    "manager managers recruiter recruiters sourcer coordinator interviewer contact email e-mail"
    " phone telephone supervisor"
)
_DEPTH = 40
_PLAIN = frozenset({str, int, bool, type(None)})
_UNSHOWN = frozenset({"updated_at", "description_text", "boards", "omitted"})
_JOB = tuple(sorted(name for name in NormalizedJob._fields if name not in _UNSHOWN))
_PLACE = tuple(sorted(field.name for field in fields(Place)))
_PAY = tuple(sorted(field.name for field in fields(Pay)))
_of_job, _of_place, _of_pay = attrgetter(*_JOB), attrgetter(*_PLACE), attrgetter(*_PAY)


def raw_hash(provider: Provider, payload: object, text: bytes | None = None) -> str:
    """SHA-256, in hex, of what the provider sent less what is volatile or personal.

    `text` is the canonical JSON of all of the payload, where that is at hand: it needn't be written
    again if nothing has to go. Never raises: a payload that isn't an object, or holds what JSON
    can't, has a hash too.
    """
    kept = _kept(payload, _UNHASHED[provider], 0)
    if text is not None and kept is payload:
        written = text
    else:
        try:
            written = orjson.dumps(kept, option=orjson.OPT_SORT_KEYS)
        except (TypeError, ValueError, RecursionError):
            written = _written_slowly(kept)
    if b"@" in written:
        without = without_emails(written.decode("utf-8", "replace"))
        written = without.encode("utf-8", "replace")
    return hashlib.sha256(written).hexdigest()


def content_hash(job: NormalizedJob) -> str:
    """SHA-256, in hex, of everything about the job that a worker or a client would see.

    Provider times of change, the text drawn from the HTML and absent members are left out, so
    that a field added later does not change the hash of a job without it.
    """
    return hashlib.sha256(orjson.dumps(_shown(job))).hexdigest()


def without_personal(payload: object) -> object:
    """A copy of the payload without the members that hold people."""
    return _kept(payload, PERSONAL, 0)


def _kept(value: object, dropped: frozenset[str], depth: int) -> object:
    """The value without the dropped members; the very same object where nothing had to go."""
    if depth <= _DEPTH:
        if type(value) is dict:
            return _kept_members(value, dropped, depth + 1)
        if type(value) is list:
            return _kept_items(value, dropped, depth + 1)
    return _kept_of_rare(value, dropped, depth)


def _kept_of_rare(value: object, dropped: frozenset[str], depth: int) -> object:
    """The same for what isn't exactly an object or a list, and for what lies too deep."""
    if isinstance(value, float):
        whole = exact_integer(value)
        return value if whole is None else whole
    if depth > _DEPTH:
        return None
    if isinstance(value, Mapping):
        return _kept_members(value, dropped, depth + 1)
    if isinstance(value, list | tuple):
        return _kept_items(value, dropped, depth + 1)
    return value if type(value) in _PLAIN else str(type(value))


def _kept_items(items: Sequence[object], dropped: frozenset[str], depth: int) -> Sequence[object]:
    kept: list[object] | None = None
    for at, item in enumerate(items):
        if type(item) not in _PLAIN:
            new = _kept(item, dropped, depth)
            if new is not item:
                kept = kept or list(items)
                kept[at] = new
    return kept or items


def _kept_members(
    members: Mapping[str, object], dropped: frozenset[str], depth: int
) -> Mapping[str, object]:
    kept = members
    if not dropped.isdisjoint(members):
        kept = {name: value for name, value in members.items() if name not in dropped}
    if ("value" in kept or "valueLabel" in kept or "values" in kept) and _labels_a_person(kept):
        kept = {name: value for name, value in kept.items() if name not in _VALUES}
    changed = {}
    for name, value in kept.items():
        if type(value) not in _PLAIN:
            new = _kept(value, dropped, depth)
            if new is not value:
                changed[name] = new
    return {**kept, **changed} if changed else kept


def _labels_a_person(members: Mapping[str, object]) -> bool:
    """Whether it is a custom field, {name, value}, whose name says that a person is its value."""
    for key in _LABELS:
        label = members.get(key)
        if type(label) is str and not _PERSON_LABEL.isdisjoint(label.casefold().split()):
            return True
    return False


def _written_slowly(value: object) -> bytes:
    """For what the fast writer refuses: integers past 64 bits and unpaired surrogates."""
    text = json.dumps(_with_text_names(value), sort_keys=True, separators=(",", ":"), default=str)
    return text.encode("utf-8", "surrogatepass")


def _with_text_names(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(name): _with_text_names(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_with_text_names(item) for item in value]
    return value


def _shown(job: NormalizedJob) -> dict[str, object]:
    """What is there of the job, in the order of the names."""
    shown = {name: value for name, value in zip(_JOB, _of_job(job), strict=True) if value}
    if job.locations:
        shown["locations"] = [_stated_place(place) for place in job.locations]
    if job.pay:
        shown["pay"] = [_stated(_PAY, _of_pay(pay)) for pay in job.pay]
    return shown


def _stated_place(place: Place) -> dict[str, object]:
    return _named_place(place) if place.lat is None else _stated(_PLACE, _of_place(place))


@lru_cache(maxsize=1_024)
def _named_place(place: Place) -> dict[str, object]:
    """A place without coordinates. A feed repeats those: they are remembered.

    Coordinates would have to be told apart by their spelling: 0.0 equals -0.0.
    """
    return _stated(_PLACE, _of_place(place))


def _stated(names: tuple[str, ...], values: tuple[object, ...]) -> dict[str, object]:
    pairs = zip(names, values, strict=True)
    return {name: value for name, value in pairs if value is not None and value is not False}
