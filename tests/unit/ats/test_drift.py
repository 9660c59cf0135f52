"""Which fields are withheld, which are held, and which follow others."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.harness.business_services import NOW
from tests.harness.provider_records import EVERY

from xaigh_server.ats import drift
from xaigh_server.ats.drift import DriftedField, DriftState, FieldCount, FieldDrift
from xaigh_server.ats.providers.record import Normalized, NormalizedJob, Provider, Workplace
from xaigh_server.ats.providers.registry import normalize

EMPTY = NormalizedJob("1", "Picker")
BITS = drift.BITS


def test_the_guarded_fields():
    """Those that the contract names, in its order."""
    assert list(BITS) == [
        *("locations", "pay", "department", "description", "applyUrl"),
        *("employmentType", "workplaceType"),
    ]
    assert drift.names_of(drift.values_of(EMPTY)) == ()


@pytest.mark.parametrize(("provider", "sample"), EVERY)
def test_the_bits_of_a_record_are_its_values(provider: Provider, sample: dict[str, object]):
    """For each member that a normalized job has."""
    result = normalize(provider, sample)
    assert isinstance(result, Normalized)
    found = drift.members_of(drift.values_of(result.job))
    assert all(getattr(result.job, name) for name in found)
    assert all(getattr(EMPTY, name) in ("", None, ()) for name in found)


WITHHELD = [
    # the role has, the record has, its form can't carry, withheld
    ({"department": "Docks"}, {}, (), ("department",)),
    ({"department": "Docks"}, {"department": "Yard"}, (), ()),
    ({"department": "Docks"}, {}, ("department",), ()),
    ({"department": "Docks", "team": "Nights"}, {}, (), ("department", "team")),
    ({"team": "Nights"}, {}, (), ()),
    ({"team": "Nights", "department": "Docks"}, {"department": "Docks"}, (), ()),
    (
        {"description_html": "<p>x</p>", "requirements": ("y",)},
        {},
        (),
        ("description_html", "requirements"),
    ),
    ({"description_html": "<p>x</p>"}, {}, ("description",), ()),
    ({"apply_url": "https://a", "canonical_url": "https://b"}, {}, (), None),
    ({}, {"department": "Docks"}, (), ()),
    ({"workplace_type": Workplace.REMOTE}, {}, (), ("workplace_type",)),
]


@pytest.mark.parametrize(("before", "now", "omitted", "members"), WITHHELD)
def test_a_field_is_withheld_where_the_record_could_carry_it(before, now, omitted, members):
    """What is drawn from a guarded field goes with it, never by itself."""
    had, has = EMPTY._replace(**before), EMPTY._replace(**now)
    bits = drift.withheld(drift.values_of(had), drift.values_of(has), drift.bits_of(omitted))
    wanted = ("apply_url", "canonical_url") if members is None else members
    assert set(drift.members_of(bits)) == set(wanted)


def test_followers_are_chosen_with_their_field():
    """And are named nowhere."""
    had = EMPTY._replace(department="Docks", team="Nights", description_html="x")
    bits = drift.withheld(drift.values_of(had), 0, 0)
    chosen = drift.chosen(bits, BITS["department"])
    assert set(drift.members_of(chosen)) == {"department", "team"}
    assert drift.names_of(chosen) == ("department",)
    assert [note.field for note in drift.warnings_of(bits)] == ["department", "description"]


COUNTS = [
    # lost, had, held
    (9, 9, False),
    (5, 10, False),
    (6, 10, True),
    (10, 10, True),
    (0, 0, False),
    (500, 1000, False),
    (501, 1000, True),
]


@pytest.mark.parametrize(("lost", "had", "is_drift"), COUNTS)
def test_ten_roles_and_more_than_half(lost, had, is_drift):
    """Both bounds."""
    assert FieldCount(lost, had).is_drift is is_drift


def test_a_hold_lapses_after_its_time():
    """At the very moment."""
    fields = (DriftedField(name="pay", lost=10, had=10),)
    held = FieldDrift(state=DriftState.HELD, fields=fields, confirm_by_time=NOW)
    assert held.shown(NOW - timedelta(microseconds=1)) is held
    assert held.shown(NOW).state is DriftState.LAPSED
    assert held.shown(NOW).confirm_by_time is None
    confirmed = held.confirmed(["pay"], NOW)
    assert (confirmed.state, confirmed.fields[0].confirmed) == (DriftState.CONFIRMED, True)
