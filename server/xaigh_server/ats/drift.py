"""Field-drift guard: which fields of a role are guarded, and when a run holds their clears.

A record that lacks a guarded field which its role has doesn't clear it: the field is *withheld*, a
mark on the mirror. When the run completes, a field that too many of its roles lost is held until
somebody confirms; the other clears apply.

Fields are sets of bits, so that a batch compares them without reading any content. Some fields
only follow a guarded one: what is drawn from the description goes, or stays, together with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

from xaigh_server.ats.providers.record import NormalizedJob, Note, SyncWarning

CONFIRMABLE = timedelta(days=1)
"""How long a held drift can be confirmed."""
LEAST_ROLES = 10
"""Roles that must have had a field before it can be held."""
SHOWN_EXAMPLES = 10


class _Field(NamedTuple):
    """A field: its name in the API, the job's member, and the bits of the fields that follow it."""

    name: str
    member: str
    followers: int = 0


_REQUIREMENTS, _CANONICAL, _TEAM = 1 << 7, 1 << 8, 1 << 9
_GUARDED = (
    _Field("locations", "locations"),
    _Field("pay", "pay"),
    _Field("department", "department", _TEAM),
    _Field("description", "description_html", _REQUIREMENTS),
    _Field("applyUrl", "apply_url", _CANONICAL),
    _Field("employmentType", "employment_type"),
    _Field("workplaceType", "workplace_type"),
)
_FOLLOWING = ("requirements", "canonical_url", "team")
_MEMBERS = (*(field.member for field in _GUARDED), *_FOLLOWING)
_of_job = attrgetter(*_MEMBERS)
_WEIGHED = tuple(enumerate(_MEMBERS))
BITS = {field.name: 1 << at for at, field in enumerate(_GUARDED)}
"""The bit of each guarded field, by its name in the API."""
ALL_GUARDED = sum(BITS.values())
_ALIASES = {"description": "description_html"}


class DriftState(StrEnum):
    """What became of the fields that a run held."""

    HELD = "HELD_DRIFT"
    CONFIRMED = "CONFIRMED"
    LAPSED = "LAPSED"
    SUPERSEDED = "SUPERSEDED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftExample:
    """A role that lost a field."""

    job_id: str
    external_job_id: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftedField:
    """A held field: of `had` roles of the run that had it, `lost` have it no longer."""

    name: str
    lost: int
    had: int
    examples: tuple[DriftExample, ...] = ()
    confirmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldDrift:
    """The fields that a run held."""

    state: DriftState
    fields: tuple[DriftedField, ...]
    confirm_by_time: datetime | None = None
    confirmed_time: datetime | None = None

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields)

    def shown(self, now: datetime) -> FieldDrift:
        """The drift at a time: one that was not confirmed in time has lapsed."""
        if self.state is not DriftState.HELD or self.confirm_by_time is None:
            return self
        return self if now < self.confirm_by_time else self.ended(DriftState.LAPSED)

    def ended(self, state: DriftState) -> FieldDrift:
        """The drift once it no longer waits."""
        return replace(self, state=state, confirm_by_time=None)

    def confirmed(self, names: Iterable[str], now: datetime) -> FieldDrift:
        """The drift after these fields were confirmed."""
        wanted = set(names)
        fields = tuple(replace(each, confirmed=each.name in wanted) for each in self.fields)
        ended = self.ended(DriftState.CONFIRMED)
        return replace(ended, fields=fields, confirmed_time=now)


class FieldCount(NamedTuple):
    """Of `had` roles of a run that had a field before, `lost` lost it."""

    lost: int = 0
    had: int = 0

    @property
    def is_drift(self) -> bool:
        """Whether so many clears at once must wait for a person."""
        return self.had >= LEAST_ROLES and 2 * self.lost > self.had


def values_of(job: NormalizedJob) -> int:
    """The bits of the fields that a job has."""
    found = 0
    for (at, _), value in zip(_WEIGHED, _of_job(job), strict=True):
        if value:
            found |= 1 << at
    return found


@lru_cache(maxsize=1_024)
def bits_of(omitted: tuple[str, ...]) -> int:
    """The bits of the fields that a form can't carry, by their names in a normalized job."""
    members = {_ALIASES.get(name, name) for name in omitted}
    return sum(1 << at for at, member in _WEIGHED if member in members)


def withheld(before: int, now: int, omitted: int) -> int:
    """The fields that a role has, and that its record could carry and lacks.

    A field that only follows another is withheld together with that one, never by itself.
    """
    gone = before & ~now & ~omitted
    return gone & _with_followers(gone & ALL_GUARDED) if gone else 0


def chosen(withheld_bits: int, guarded: int) -> int:
    """Those of the withheld fields that are among some guarded ones, or follow one of them."""
    return withheld_bits & _with_followers(guarded & ALL_GUARDED)


def members_of(bits: int) -> tuple[str, ...]:
    """The names of fields in a normalized job."""
    return tuple(member for at, member in _WEIGHED if bits & 1 << at)


def warnings_of(bits: int) -> tuple[Note, ...]:
    """A warning for each guarded field that is withheld."""
    return _warnings(bits & ALL_GUARDED) if bits else ()


def names_of(bits: int) -> tuple[str, ...]:
    """The names of guarded fields in the API."""
    return tuple(name for name, bit in BITS.items() if bits & bit)


def drifted(counts: Mapping[str, FieldCount]) -> dict[str, FieldCount]:
    """The fields whose clears must wait for a person, by name."""
    return {name: count for name, count in counts.items() if count.is_drift}


@lru_cache(maxsize=256)
def _with_followers(guarded: int) -> int:
    following = (field.followers for at, field in enumerate(_GUARDED) if guarded & 1 << at)
    return guarded | sum(following)


@lru_cache(maxsize=256)
def _warnings(guarded: int) -> tuple[Note, ...]:
    message = "The record has no value any more: the role keeps its own until the run decides."
    return tuple(Note(SyncWarning.CLEAR_DEFERRED, name, message) for name in names_of(guarded))
