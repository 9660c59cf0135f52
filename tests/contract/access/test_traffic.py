"""Sandbox traffic: the evidence that adds up from deltas of calls."""

from datetime import timedelta

from tests.harness.control_rows import DAY, NOW

from xaigh_server.access.approval import (
    Evidence,
)
from xaigh_server.access.traffic import Traffic, TrafficDelta
from xaigh_server.db.database import Database


def stretch(*calls: str, method: str = "m", organization_id: str = "org_1", at=NOW) -> TrafficDelta:
    """Calls in their order: `+` good, `r` replayed, `-` failed; a second apart."""
    made = TrafficDelta(organization_id=organization_id, method=method, first_time=at, last_time=at)
    for number, each in enumerate("".join(calls)):
        now = at + timedelta(seconds=number)
        made.note(failed=each == "-", replayed=each == "r", now=now)
    return made


RECOVERIES = [
    # deltas -> calls, replays, recovered
    (["+"], (1, 0, 0)),
    (["+r"], (2, 1, 0)),
    (["-"], (1, 0, 0)),
    (["-+"], (2, 0, 1)),
    (["--+"], (3, 0, 1)),
    (["-+-+"], (4, 0, 2)),
    (["-", "+"], (2, 0, 1)),
    (["-", "-+"], (3, 0, 1)),
    (["-", "+-", "+"], (4, 0, 2)),
    (["-", "r"], (2, 1, 1)),
    (["+", "-", "-", "+", "+"], (5, 0, 1)),
]


async def test_a_recovery_is_counted_once_however_the_calls_are_cut(business: Database) -> None:
    """An error, and then a good call of the same method."""
    for number, (deltas, expected) in enumerate(RECOVERIES):
        name = f"org_{number}"
        for each in deltas:
            one = stretch(each, organization_id=name)
            await business.write(lambda session, one=one: Traffic(session).add([one]))  # type: ignore[misc]
        found = await business.read(lambda session, name=name: Traffic(session).evidence(name))  # type: ignore[misc]
        counts = (found.calls, found.idempotent_replays, found.recovered_errors)
        assert counts == expected, deltas


async def test_evidence_spans_methods_and_belongs_to_one_organization(business: Database) -> None:
    """First and last call are those of all methods; nobody else's count."""
    later = NOW + DAY
    await business.write(
        lambda session: Traffic(session).add(
            [
                stretch("-+", method="a"),
                stretch("+r", method="b", at=later),
                stretch("+", organization_id="org_2"),
            ]
        )
    )
    found = await business.read(lambda session: Traffic(session).evidence("org_1"))
    assert found == Evidence(
        calls=4,
        idempotent_replays=1,
        recovered_errors=1,
        first_call_time=NOW,
        last_call_time=later + timedelta(seconds=1),
    )
    nobody = await business.read(lambda session: Traffic(session).evidence("org_3"))
    assert nobody == Evidence()
