"""Ids of requests: unique, of one form, and beside those that were made at about the same time."""

import re
from types import SimpleNamespace

import pytest

from xaigh_server.runtime import system


def test_request_ids_are_unique_and_of_one_form() -> None:
    """20 characters behind the prefix, also from generators of several processes."""
    makers = [system.request_ids() for _ in range(3)]
    made = [make() for _ in range(1000) for make in makers]
    assert len(set(made)) == len(made)
    assert all(re.fullmatch(r"req_[0-9A-Za-z]{20}", each) for each in made)


def test_later_request_ids_come_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the order of their tenths of a second, so that an index grows at its end."""
    now = 1_800_000_000.0
    clock = SimpleNamespace(time=lambda: now)
    monkeypatch.setattr("xaigh_server.runtime.system.time", clock)
    make, made = system.request_ids(), []
    for _ in range(200):
        made.append(make())
        now += 0.2
    assert made == sorted(made)
    assert make()[:11] == make()[:11]
