"""The guard against a small model: after any feeds, roles have the fields that it says."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.harness.business_services import BusinessServices, opened
from tests.harness.examples import examples
from tests.harness.syncs import every_job, greenhouse, integrate, sync

from xaigh_server.ats.errors import DriftFieldsMismatch, DriftNotPending

Feed: TypeAlias = Mapping[int, frozenset[str]]
"""The fields that each record of a feed has, by its id."""

MEMBERS: dict[str, dict[str, Any]] = {
    "pay": {
        "pay_input_ranges": [
            {"min_cents": 2000, "max_cents": 2500, "currency_type": "USD", "title": "Hourly pay"}
        ]
    },
    "department": {"departments": [{"id": 1, "name": "Docks"}]},
}
FIELDS = tuple(MEMBERS)
EVERYTHING = frozenset(FIELDS)
FEEDS = st.dictionaries(
    st.integers(min_value=1, max_value=14),
    st.sampled_from([EVERYTHING, EVERYTHING, frozenset(("pay",)), frozenset(("department",))]),
    min_size=1,
    max_size=14,
)
WIDE = st.builds(
    lambda lacking, size: {
        number: EVERYTHING - frozenset(name for name, until in lacking.items() if number <= until)
        for number in range(1, size + 1)
    },
    st.fixed_dictionaries({name: st.integers(min_value=0, max_value=14) for name in FIELDS}),
    st.integers(min_value=9, max_value=14),
)
"""Feeds of about ten roles, of which the first few lack each field."""
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["complete", "complete", "incomplete", "partial"]), WIDE | FEEDS),
        st.tuples(st.just("confirm"), st.sampled_from(FIELDS)),
    ),
    min_size=2,
    max_size=8,
)


@dataclass
class Model:
    """What roles have, what their last records lacked and in which run, and what waits."""

    roles: dict[int, set[str]] = field(default_factory=dict)
    lacking: dict[int, dict[str, int]] = field(default_factory=dict)
    held: frozenset[str] = frozenset()
    held_by: int = 0
    runs: int = 0

    def read(self, feed: Feed, kind: str) -> set[str]:
        """Takes a feed; returns the fields that its run holds."""
        self.runs += 1
        before = {number: set(self.roles.get(number, ())) for number in feed}
        for number, has in feed.items():
            role = self.roles.setdefault(number, set())
            self.lacking[number] = dict.fromkeys(role - has, self.runs)
            role |= has
        if kind == "incomplete":
            return set()
        held = {name for name in FIELDS if self._drifts(name, feed, before)}
        for number in feed:
            self._clear(number, set(FIELDS) - held)
        if held or kind == "complete":
            self.held, self.held_by = frozenset(held), self.runs
        return held

    def confirm(self, name: str) -> bool:
        """Clears a held field; returns whether it was held."""
        if name not in self.held:
            return False
        for number, lacking in self.lacking.items():
            if lacking.get(name, 0) >= self.held_by:
                self._clear(number, {name})
        self.held = frozenset()
        return True

    def _drifts(self, name: str, feed: Feed, before: Mapping[int, set[str]]) -> bool:
        had = [number for number in feed if name in before[number]]
        lost = [number for number in had if name in self.lacking[number]]
        return len(had) >= 10 and 2 * len(lost) > len(had)

    def _clear(self, number: int, names: set[str]) -> None:
        for name in names & set(self.lacking[number]):
            self.roles[number].discard(name)
            del self.lacking[number][name]


@settings(
    max_examples=examples(25),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
)
@given(steps=STEPS)
def test_roles_have_the_fields_that_the_model_says(steps: list[tuple[str, Any]]) -> None:
    """After every step, and each run holds what the model holds."""
    asyncio.run(_play(steps))


async def _play(steps: list[tuple[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with opened(Path(folder) / "sandbox.db") as services:
            await integrate(services)
            model, last = Model(), ""
            for kind, said in [("complete", dict.fromkeys(range(1, 13), EVERYTHING)), *steps]:
                services.pass_time(minutes=15)
                if kind == "confirm":
                    assert await _confirmed(services, last, said) is model.confirm(said)
                else:
                    run = (await _read(services, kind, said)).run
                    held = model.read(said, kind)
                    assert {each.field for each in run.drift.fields} == held, (kind, said)
                    if held or kind == "complete":
                        last = run.sync_run_id
                assert await _fields(services) == model.roles, (kind, said)


async def _read(services: BusinessServices, kind: str, feed: Feed) -> Any:
    records = [
        greenhouse(number, **_members(has), title=f"Picker {number}")
        for number, has in sorted(feed.items())
    ]
    if kind == "partial":
        return await sync(services, records)
    total = len(records) + (kind == "incomplete")
    return await sync(services, records, complete=True, expected_total=total)


def _members(has: frozenset[str]) -> dict[str, Any]:
    members: dict[str, Any] = {"pay_input_ranges": [], "departments": []}
    for name in has:
        members |= MEMBERS[name]
    return members


async def _confirmed(services: BusinessServices, run: str, name: str) -> bool:
    try:
        await services.do("ConfirmDrift", sync_run_id=run, fields=[name])
    except (DriftNotPending, DriftFieldsMismatch):
        return False
    return True


async def _fields(services: BusinessServices) -> dict[int, set[str]]:
    return {
        int(job.ats_link.external_job_id): {
            *(("pay",) if job.pay_range.pays else ()),
            *(("department",) if job.job_content.department else ()),
        }
        for job in await every_job(services)
    }
