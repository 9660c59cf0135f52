"""Grants: where they stand, and narrowing that never widens."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.harness.control_rows import DAY, GRANT, NOW, TERMS

from xaigh_server.errors import FieldInvalid
from xaigh_server.keys.errors import GrantInactive
from xaigh_server.keys.grants import GrantState, Narrowing, narrow

TIERS = ("starter", "standard", "growth")
ENDING = replace(GRANT, terms=replace(TERMS, expire_time=NOW + DAY))


def test_a_grant_ends_at_the_very_moment_of_its_end():
    """Not a microsecond later; the end isn't kept, it follows from the clock."""
    just_before = NOW + DAY - timedelta(microseconds=1)
    assert ENDING.state_at(just_before) is GrantState.ACTIVE
    assert ENDING.state_at(NOW + DAY) is GrantState.EXPIRED
    assert GRANT.state_at(NOW + 9999 * DAY) is GrantState.ACTIVE


@pytest.mark.parametrize("state", [GrantState.SUPERSEDED, GrantState.REVOKED])
def test_nothing_is_made_from_a_grant_that_is_not_active(state: GrantState):
    """The refusal says how it stands; a revoked one past its end is still revoked."""
    ended = replace(ENDING, state=state)
    assert ended.state_at(NOW + 2 * DAY) is state
    with pytest.raises(GrantInactive) as refused:
        ended.require_active(NOW)
    assert refused.value.metadata["state"] == state.value
    with pytest.raises(GrantInactive):
        narrow(ended, Narrowing(scopes=("jobs:read",)), reason="less", now=NOW)


NARROWER = [
    ({"scopes": ["jobs:read", "ats:read"]}, {"scopes": ("ats:read", "jobs:read")}),
    ({"key_types": ["sk"]}, {"key_types": ("sk",)}),
    ({"employer_user_ids": ["emp_2"]}, {"employer_user_ids": ("emp_2",)}),
    ({"key_allowance": 1}, {"key_allowance": 1}),
    ({"expire_time": NOW + DAY}, {"expire_time": NOW + DAY}),
    ({"tier": "starter"}, {"tier": "starter"}),
    ({"tier": "standard", "key_allowance": 2}, {"key_allowance": 2}),
]


@pytest.mark.parametrize(("wanted", "changed"), NARROWER)
def test_narrowing_makes_a_revision_of_less(wanted, changed):
    """What isn't named stays; the old value isn't touched."""
    new = narrow(GRANT, Narrowing(tier_order=TIERS, **wanted), reason="less", now=NOW + DAY / 2)
    assert new.terms == replace(TERMS, **changed)
    assert (new.revision, new.reason, new.create_time) == (2, "less", NOW + DAY / 2)
    assert new.etag != GRANT.etag and GRANT.terms is TERMS


WIDER = [
    (GRANT, {"scopes": ["jobs:read", "webhooks:read"]}, ["scopes[1]"]),
    (GRANT, {"employer_user_ids": ["emp_9"]}, ["employerUserIds[0]"]),
    (
        replace(GRANT, terms=replace(TERMS, key_types=("sk",))),
        {"key_types": ["pk"]},
        ["keyTypes[0]"],
    ),
    (GRANT, {"key_allowance": 4}, ["keyAllowance"]),
    (GRANT, {"expire_time": NOW}, ["expireTime"]),
    (ENDING, {"expire_time": NOW + 2 * DAY}, ["expireTime"]),
    (GRANT, {"tier": "growth"}, ["tier"]),
    (GRANT, {"tier": "gold"}, ["tier"]),
    (
        GRANT,
        {"scopes": ["a:b"], "key_allowance": 9, "tier": "growth"},
        ["scopes[0]", "keyAllowance", "tier"],
    ),
    (GRANT, {}, ["scopes"]),
    (GRANT, {"scopes": list(TERMS.scopes), "key_allowance": 3}, ["scopes"]),
]


@pytest.mark.parametrize(("grant", "wanted", "paths"), WIDER)
def test_anything_wider_or_equal_is_refused_by_field(grant, wanted, paths):
    """A grant can't widen, not in a single member; and a revision that says the same is none."""
    with pytest.raises(FieldInvalid) as refused:
        narrow(grant, Narrowing(tier_order=TIERS, **wanted), reason="x", now=NOW)
    assert [each.path for each in refused.value.violations] == paths


def test_a_repeated_scope_narrows_to_one():
    """Terms are sets: equal terms are equal values."""
    new = narrow(GRANT, Narrowing(scopes=["jobs:read", "jobs:read"]), reason="x", now=NOW)
    assert new.terms.scopes == ("jobs:read",)
