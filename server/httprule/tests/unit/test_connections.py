"""Counts of connections, in all and by address."""

from __future__ import annotations

import pytest

from httprule.connections import ConnectionCounts, subscriber
from httprule.limits import ConnectionLimits

LIMITS = ConnectionLimits(connections=4, connections_per_address=2)


def test_an_address_has_its_share_and_leaves_the_rest() -> None:
    """A refused connection counts for nothing."""
    counts = ConnectionCounts(LIMITS)
    assert [counts.admit("192.0.2.1") for _ in range(9)] == [True, True] + 7 * [False]
    assert [counts.admit("192.0.2.2") for _ in range(3)] == [True, True, False]
    assert not counts.admit("192.0.2.3")
    counts.leave("192.0.2.1")
    assert counts.admit("192.0.2.3")


def test_a_shared_address_has_no_share_of_its_own() -> None:
    """Only the limit of the server holds for it."""
    counts = ConnectionCounts(LIMITS, exempt=lambda address: address == "10.0.0.1")
    assert [counts.admit("10.0.0.1") for _ in range(5)] == 4 * [True] + [False]
    counts.leave("10.0.0.1")
    assert counts.admit("192.0.2.1")


@pytest.mark.parametrize(
    ("address", "holder"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_a_subscriber_holds_a_whole_network_of_ipv6(address: str, holder: str) -> None:
    """So one of them can't count as many."""
    assert subscriber(address) == holder
