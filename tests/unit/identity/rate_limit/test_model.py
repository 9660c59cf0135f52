"""Rate limits as values and fields."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xaigh_server.errors import FieldInvalid
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.rate_limit.model import (
    LimitDecision,
    Tier,
    Tiers,
    Window,
    WindowStatus,
    grant_bucket,
    limit_field,
    peer_bucket,
    policy_field,
)

BURST, MINUTE = (
    Window(name="burst", calls=10, seconds=1),
    Window(name="minute", calls=600, seconds=60),
)
TIER = Tier(name="standard", windows=(BURST, MINUTE))


def _decision(burst: int, minute: int, refused: bool = False) -> LimitDecision:
    standings = (
        WindowStatus(window=BURST, remaining=burst, reset_after=0.2),
        WindowStatus(window=MINUTE, remaining=minute, reset_after=41.001),
    )
    return LimitDecision(standings=standings, refused=standings[0] if refused else None)


def test_fields() -> None:
    """Lists of quoted names with integer parameters; seconds are rounded up."""
    assert policy_field(TIER) == '"burst";q=10;w=1, "minute";q=600;w=60'
    assert limit_field(_decision(9, 599)) == '"burst";r=9;t=1, "minute";r=599;t=42'


@given(
    st.from_regex(r"[a-z][a-z0-9_-]{0,39}", fullmatch=True),
    st.integers(1, 10**15 - 1),
    st.integers(1, 10**15 - 1),
)
def test_fields_are_structured(name: str, calls: int, seconds: int) -> None:
    """Every tier that can be made gives a list of strings with integers, per RFC 9651."""
    tier = Tier(name="t", windows=(Window(name=name, calls=calls, seconds=seconds),))
    member = r'"[ -!#-\[\]-~]*"(;[a-z*][a-z0-9_.*-]*=\d{1,15})*'
    assert re.fullmatch(member, policy_field(tier))
    standing = WindowStatus(window=tier.windows[0], remaining=0, reset_after=float(seconds))
    assert re.fullmatch(member, limit_field(LimitDecision(standings=(standing,))))


def test_the_tightest_window_is_the_one_nearest_its_end() -> None:
    """By its share, not by its figure."""
    assert _decision(9, 300).tightest.window is MINUTE
    assert _decision(1, 300).tightest.window is BURST
    assert _decision(0, 300, refused=True).retry_after == 1


def test_buckets() -> None:
    """A grant's environments are apart; a whole IPv6 /64 is one peer."""
    sandbox = grant_bucket("grt_1", Environment.SANDBOX)
    assert sandbox != grant_bucket("grt_1", Environment.PRODUCTION)
    assert peer_bucket("2001:db8::1", "public") == peer_bucket("2001:db8::2", "public")
    assert peer_bucket("2001:db8:0:1::1", "public") != peer_bucket("2001:db8::1", "public")
    assert peer_bucket("::ffff:192.0.2.1", "public") == peer_bucket("192.0.2.1", "public")
    assert peer_bucket("192.0.2.1", "public") != peer_bucket("192.0.2.1", "bad")
    assert peer_bucket("::nonsense::", "public") == "peer:public:::nonsense::"


def test_a_tier_that_has_gone_leaves_the_narrowest() -> None:
    """A grant outlives an edit of the settings, never with more than it had."""
    narrow = Tier(name="narrow", windows=(BURST,))
    tiers = Tiers([narrow, TIER])
    assert tiers.get("gone") is narrow
    assert tiers.require("standard") is TIER
    with pytest.raises(FieldInvalid):
        tiers.require("gone")


@pytest.mark.parametrize(
    ("calls", "seconds", "name"), [(0, 1, "a"), (1, 0, "a"), (1, 1, "a b"), (1, 1, "")]
)
def test_windows_have_bounds(calls: int, seconds: int, name: str) -> None:
    """A mistake in the settings stops the start."""
    with pytest.raises(ValueError, match="window"):
        Window(name=name, calls=calls, seconds=seconds)


@pytest.mark.parametrize("windows", [(), (BURST, BURST)])
def test_tiers_have_windows_of_different_names(windows: tuple[Window, ...]) -> None:
    """The fields of a reply name them."""
    with pytest.raises(ValueError, match="tier"):
        Tier(name="t", windows=windows)
