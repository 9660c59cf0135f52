"""What is kept for reviewers: the last simulation of a grant, and the drills passed."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from tests.harness.control_rows import NOW, seed

from xaigh_server.access.drill_repository import PassedDrills
from xaigh_server.access.drills import DrillKind, Fact, PassedDrill
from xaigh_server.access.simulation_repository import Simulations
from xaigh_server.db.database import Database
from xaigh_server.db.session import Session

DRILL = PassedDrill(
    organization_id="org_1",
    kind=DrillKind.REPLAY,
    pass_time=NOW,
    key_id="key_1",
    facts=[Fact("request", "req_1"), Fact("replayed as", "req_2")],
)


def _pass(drill: PassedDrill, session: Session) -> None:
    PassedDrills(session).store(drill)


def _simulate(grant_id: str, minutes: int, text: bytes, session: Session) -> None:
    at = NOW + timedelta(minutes=minutes)
    Simulations(session).store(grant_id, "org_1", at=at, simulation=text)


async def test_the_last_pass_of_each_drill(control: Database) -> None:
    """A later one takes its place, with its facts; other organizations have their own."""
    await control.write(seed)
    later = PassedDrill(
        organization_id="org_1",
        kind=DrillKind.REPLAY,
        pass_time=NOW + timedelta(days=1),
        key_id="key_2",
        facts=[Fact("request", "req_9")],
    )
    for drill in (DRILL, later):
        await control.write(partial(_pass, drill))
        found = await control.read(lambda session: PassedDrills(session).of("org_1"))
        assert found == {DrillKind.REPLAY: drill}
    assert not await control.read(lambda session: PassedDrills(session).of("org_2"))


async def test_the_newest_simulation_of_an_organization(control: Database) -> None:
    """Of all of its grants; a grant keeps its last one alone."""
    await control.write(seed)

    async def last(organization_id: str = "org_1") -> bytes | None:
        return await control.read(lambda session: Simulations(session).last_of(organization_id))

    assert await last() is None
    for grant_id, minutes, text in (("grt_1", 1, b"a"), ("grt_2", 3, b"b"), ("grt_1", 2, b"c")):
        await control.write(partial(_simulate, grant_id, minutes, text))
    assert await last() == b"b"
    await control.write(partial(_simulate, "grt_1", 4, b"d"))
    assert await last() == b"d"
    assert await last("org_2") is None
