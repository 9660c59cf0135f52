"""Client's half of a job: made from a normalized record, and compared with a stored one.

The members stay in wire form, as they are stored. Most records are never compared member by member,
since equal bytes mean equal members.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import lru_cache
from hashlib import sha256
from operator import attrgetter
from typing import Any, NamedTuple

import orjson
from google.protobuf.message import Message

from xaigh.jobs.v1 import job_pb2, pay_pb2
from xaigh_server.ats.integrations import ApplyMode, Integration
from xaigh_server.ats.providers.record import NormalizedJob, Pay, Place

_EMPLOYMENT = dict(job_pb2.JobContent.EmploymentType.items())
_WORKPLACE = dict(job_pb2.JobContent.WorkplaceType.items())
_INTERVALS = dict(pay_pb2.Pay.Interval.items())
_PAY_SOURCES = dict(pay_pb2.Pay.Source.items())
_MODES = dict(job_pb2.ApplicationDestination.Mode.items())
_AS_THEY_ARE = (
    *("title", "description_html", "description_text", "requisition_id", "department", "team"),
    *("language", "prospect"),
)
"""Members that a normalized record and a job call by one name. Only those that say something are
set: setting an empty one takes as long."""
_FOLLOWS = "description_text"  # the text of the HTML: no change of its own
_CARRIED = {
    "description": ("description_html", "description_text"),
    "description_html": ("description_html", "description_text"),
}
_REDIRECT = job_pb2.ApplicationDestination.ATS_REDIRECT


_UNSHOWN = frozenset({"updated_at", "description_text", "boards", "omitted", "alias"})
_JOB = tuple(sorted(name for name in NormalizedJob._fields if name not in _UNSHOWN))
_PLACE = tuple(sorted(field.name for field in fields(Place)))
_PAY = tuple(sorted(field.name for field in fields(Pay)))
_of_job, _of_place, _of_pay = attrgetter(*_JOB), attrgetter(*_PLACE), attrgetter(*_PAY)


class Content(NamedTuple):
    """The client's members of a mirrored job, in their wire forms."""

    content: bytes
    pay: bytes
    application: bytes


class Offer(NamedTuple):
    """Facts of a job beside its members.

    They are its title, whether workers can apply, and whether it offers no role.
    """

    title: str
    applyable: bool
    prospect: bool


def content_of(job: NormalizedJob, integration: Integration) -> tuple[Content, Offer]:
    """What a normalized record says, in the members of a job."""
    content = _content(job)
    application = _application(job, integration)
    members = Content(
        content.SerializeToString(),
        _pay_range(job.pay) if job.pay else _NO_PAY,
        application.SerializeToString(),
    )
    return members, Offer(job.title, application.applyable, job.prospect)


def content_hash(job: NormalizedJob) -> str:
    """SHA-256, in hex, of everything about the job that a worker or a client would see.

    Provider times of change, the text drawn from the HTML and absent members are left out, so
    that a field added later does not change the hash of a job without it.
    """
    return sha256(orjson.dumps(_shown(job))).hexdigest()


def with_omitted(new: Content, old: Content, omitted: Iterable[str]) -> Content:
    """The new content with what the form of its record can't carry: unknown, not cleared."""
    content, kept = _parsed(new), _parsed(old)
    for name in omitted:
        if name == "pay":
            content.pay.CopyFrom(kept.pay)
        for field in _CARRIED.get(name, (name,)):
            _take(content.content, kept.content, field)
            _take(content.application, kept.application, field)
    _settle_applyable(content.application)
    return _joined(content)


def without(old: Content, members: Iterable[str]) -> Content:
    """The content without some members, by their names in a normalized job."""
    content = _parsed(old)
    for name in members:
        if name == "pay":
            content.pay.Clear()
        for field in _CARRIED.get(name, (name,)):
            _clear_field(content.content, field)
            _clear_field(content.application, field)
    _settle_applyable(content.application)
    return _joined(content)


def _clear_field(message: Any, field: str) -> None:
    if field in message.DESCRIPTOR.fields_by_name:
        message.ClearField(field)


def _settle_applyable(application: job_pb2.ApplicationDestination) -> None:
    """A role whose applicants are redirected takes them where it has a link."""
    if application.mode == _REDIRECT:
        application.applyable = bool(application.apply_url)


def _joined(parts: _Parsed) -> Content:
    return Content(
        parts.content.SerializeToString(),
        parts.pay.SerializeToString(),
        parts.application.SerializeToString(),
    )


def changed_fields(old: Content, new: Content) -> list[str]:
    """The fields that differ, in JSON spelling."""
    found: list[str] = []
    if old.content != new.content:
        found += _differing(_CONTENT, old.content, new.content)
    if old.pay != new.pay:
        found.append("payRange")
    if old.application != new.application:
        found += _differing(_APPLICATION, old.application, new.application)
    return found


@dataclass(frozen=True, slots=True)
class _Parsed:
    content: job_pb2.JobContent
    pay: pay_pb2.PayRange
    application: job_pb2.ApplicationDestination


def _parsed(members: Content) -> _Parsed:
    return _Parsed(
        job_pb2.JobContent.FromString(members.content),
        pay_pb2.PayRange.FromString(members.pay),
        job_pb2.ApplicationDestination.FromString(members.application),
    )


class _ComparedFields(NamedTuple):
    """A message type, and the fields of it that are compared.

    `values` gets the fields' values, `paths` are their paths in JSON, in the same order. `optional`
    are the names and paths of those whose absence is a value.
    """

    kind: type[Message]
    values: Callable[[Message], tuple[Any, ...]]
    paths: tuple[str, ...]
    optional: tuple[tuple[str, str], ...]


def _compared_fields(kind: type[Message], member: str) -> _ComparedFields:
    fields = [field for field in kind.DESCRIPTOR.fields if field.name != _FOLLOWS]
    paths = tuple(f"{member}.{field.json_name}" for field in fields)
    pairs = zip(fields, paths, strict=True)
    return _ComparedFields(
        kind,
        attrgetter(*(field.name for field in fields)),
        paths,
        tuple((field.name, path) for field, path in pairs if field.has_presence),
    )


_CONTENT = _compared_fields(job_pb2.JobContent, "jobContent")
_APPLICATION = _compared_fields(job_pb2.ApplicationDestination, "applicationDestination")


def _differing(told: _ComparedFields, old: bytes, new: bytes) -> list[str]:
    before, after = told.kind.FromString(old), told.kind.FromString(new)
    values = zip(told.paths, told.values(before), told.values(after), strict=True)
    found = [path for path, was, now in values if was != now]
    for name, path in told.optional:
        if before.HasField(name) != after.HasField(name) and path not in found:
            found.append(path)
    return found


def _take(new: Any, old: Any, name: str) -> None:
    field = new.DESCRIPTOR.fields_by_name.get(name)
    if field is None:
        return
    new.ClearField(name)
    if field.is_repeated:
        getattr(new, name).extend(getattr(old, name))
    else:
        setattr(new, name, getattr(old, name))


_NO_PAY = pay_pb2.PayRange().SerializeToString()


def _content(job: NormalizedJob) -> job_pb2.JobContent:
    content = job_pb2.JobContent()
    for name in _AS_THEY_ARE:
        value = getattr(job, name)
        if value:
            setattr(content, name, value)
    if job.requirements:
        content.requirements.extend(job.requirements)
    for place in job.locations:
        _add_place(content, place)
    if job.employment_type is not None:
        content.employment_type = _EMPLOYMENT[job.employment_type]
    if job.workplace_type is not None:
        content.workplace_type = _WORKPLACE[job.workplace_type]
    if job.published_at is not None:
        content.published_at = _moment(job.published_at)
    if job.valid_through is not None:
        content.valid_through = _moment(job.valid_through)
    return content


def _add_place(content: job_pb2.JobContent, place: Place) -> None:
    content.locations.add(
        raw=place.raw,
        city=place.city,
        region=place.region,
        country=place.country,
        postal_code=place.postal,
        latitude=place.lat,
        longitude=place.lng,
        remote=place.remote,
    )


def _pay_range(pays: Iterable[Pay]) -> bytes:
    return pay_pb2.PayRange(pays=[_pay(pay) for pay in pays]).SerializeToString()


def _pay(pay: Pay) -> pay_pb2.Pay:
    message = pay_pb2.Pay(
        min_minor=pay.min_minor,
        max_minor=pay.max_minor,
        currency=pay.currency or "",
        label=pay.label or "",
        source=_PAY_SOURCES[pay.source],
    )
    if pay.interval is not None:
        message.interval = _INTERVALS[pay.interval]
    if pay.suggested_interval is not None:
        message.suggested_interval = _INTERVALS[pay.suggested_interval]
    return message


def _application(job: NormalizedJob, integration: Integration) -> job_pb2.ApplicationDestination:
    forwards = integration.apply_mode is ApplyMode.APPLICATION_FORWARD
    return job_pb2.ApplicationDestination(
        mode=_MODES[integration.apply_mode],
        apply_url=job.apply_url or "",
        canonical_url=job.canonical_url or "",
        applyable=bool(integration.forward_target) if forwards else bool(job.apply_url),
    )


def _moment(moment: datetime | date) -> str:
    """RFC 3339 in UTC, or a plain date."""
    if isinstance(moment, datetime):
        return moment.isoformat().replace("+00:00", "Z")
    return moment.isoformat()


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
    """A place without coordinates, from a cache, since a feed repeats them.

    Places with coordinates would need a key by spelling: 0.0 equals -0.0.
    """
    return _stated(_PLACE, _of_place(place))


def _stated(names: tuple[str, ...], values: tuple[object, ...]) -> dict[str, object]:
    pairs = zip(names, values, strict=True)
    return {name: value for name, value in pairs if value is not None and value is not False}
