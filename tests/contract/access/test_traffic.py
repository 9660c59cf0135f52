"""Sandbox traffic: the evidence that adds up from deltas of calls."""

from datetime import datetime, timedelta

from tests.harness.call import Directory
from tests.harness.control_rows import DAY, NOW

from xaigh_server.access.approval import (
    Evidence,
)
from xaigh_server.access.traffic import KEPT, SandboxTraffic, Traffic, TrafficDelta
from xaigh_server.db.database import Database
from xaigh_server.db.session import Session
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.principal import KeyPrincipal
from xaigh_server.rpc.interceptors.note_traffic import Ending

ENDINGS: dict[str, Ending] = {"-": "refused", "x": "ignored"}


def stretch(*calls: str, method: str = "m", organization_id: str = "org_1", at=NOW) -> TrafficDelta:
    """Calls in their order, a second apart.

    `+` answered, `r` replayed, `-` refused, `x` refused in a way that proves nothing; a letter
    before it is the subject.
    """
    made = TrafficDelta(organization_id=organization_id, method=method, first_time=at, last_time=at)
    subject, number = "", 0
    for each in "".join(calls):
        if each in "ab":
            subject = each
            continue
        made.note(
            ending=ENDINGS.get(each, "answered"),
            subject=subject,
            replayed=each == "r",
            now=at + timedelta(seconds=number),
        )
        number += 1
    return made


RECOVERIES = [
    # deltas -> calls, replays, recovered
    (["a+"], (1, 0, 0)),
    (["a+r"], (2, 1, 0)),
    (["a-"], (1, 0, 0)),
    (["a-+"], (2, 0, 1)),
    (["a--+"], (3, 0, 1)),
    (["a-+-+"], (4, 0, 2)),
    (["a-", "a+"], (2, 0, 1)),
    (["a-", "a-+"], (3, 0, 1)),
    (["a-", "a+-", "a+"], (4, 0, 2)),
    (["a-", "ar"], (2, 1, 1)),
    (["a+", "a-", "a-", "a+", "a+"], (5, 0, 1)),
    # Another key or resource recovers from nothing, and neither does a call without any.
    (["a-b+"], (2, 0, 0)),
    (["a-", "b+"], (2, 0, 0)),
    (["-+"], (2, 0, 0)),
    (["a-b-", "b+a+"], (4, 0, 2)),
    # What was missing and is found later proves nothing, and takes no refusal back.
    (["ax+"], (2, 0, 0)),
    (["ax", "a+"], (2, 0, 0)),
    (["a-x+"], (3, 0, 1)),
]


async def test_a_recovery_is_counted_once_however_the_calls_are_cut(business: Database) -> None:
    """A refusal, and then a good call of the same method and key or resource."""
    for number, (deltas, expected) in enumerate(RECOVERIES):
        name = f"org_{number}"
        for minute, each in enumerate(deltas):
            one = stretch(each, organization_id=name, at=NOW + timedelta(minutes=minute))
            await business.write(lambda session, one=one: Traffic(session).add([one]))  # type: ignore[misc]
        found = await business.read(lambda session, name=name: Traffic(session).evidence(name))  # type: ignore[misc]
        counts = (found.calls, found.idempotent_replays, found.recovered_errors)
        assert counts == expected, deltas


async def test_a_recovery_is_counted_in_either_order_of_writing(business: Database) -> None:
    """One process answers what another one refused before, and writes first; once, and no other."""
    first, second = (SandboxTraffic(business, clock=Clock()) for _ in range(2))
    directory = Directory()
    key = directory.principals[directory.add_key("jobs:write", environment=Environment.SANDBOX)]
    assert isinstance(key, KeyPrincipal)

    def end(traffic: SandboxTraffic, ending: Ending, subject: str) -> None:
        traffic.ended(key, "m", ending=ending, subject=subject, replayed=False)

    Clock.now = NOW
    end(second, "refused", "a")
    end(first, "answered", "a")
    end(first, "answered", "b")
    end(second, "refused", "b")
    await first.flush()
    await second.flush()
    assert (await first.evidence("org_1")).recovered_errors == 1
    assert (await second.evidence("org_1")).recovered_errors == 1
    Clock.now += timedelta(minutes=1)
    await first.flush()
    assert (await first.evidence("org_1")).calls == 4
    assert first._late == []


class Clock:
    """A clock that all processes share; a second passes with every look."""

    now = NOW

    def __call__(self) -> datetime:
        Clock.now += timedelta(seconds=1)
        return Clock.now


async def test_evidence_spans_methods_and_belongs_to_one_organization(business: Database) -> None:
    """First and last call are those of all methods; nobody else's count."""
    later = NOW + DAY
    await business.write(
        lambda session: Traffic(session).add(
            [
                stretch("a-+", method="a"),
                stretch("a+r", method="b", at=later),
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


async def test_only_the_latest_refusals_are_kept(business: Database) -> None:
    """In memory and stored, so that a client can't fill either; those can be recovered from."""

    def calls(ending: Ending, subjects: range) -> TrafficDelta:
        made = TrafficDelta(organization_id="org_1", method="m", first_time=NOW, last_time=NOW)
        for each in subjects:
            at = NOW + timedelta(seconds=each)
            made.note(ending=ending, subject=str(each), replayed=False, now=at)
        return made

    def work(session: Session) -> int:
        Traffic(session).add([calls("refused", range(KEPT))])
        Traffic(session).add([calls("refused", range(KEPT, 2 * KEPT + 10))])
        Traffic(session).add([calls("answered", range(2 * KEPT + 10))])
        return Traffic(session).evidence("org_1").recovered_errors

    assert len(calls("refused", range(KEPT + 5)).refused) == KEPT
    assert await business.write(work) == KEPT
