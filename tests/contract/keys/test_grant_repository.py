"""Grants as they are kept: rows that never change but in their state."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from tests.harness.control_rows import DAY, GRANT, NOW, TERMS, seed

from xaigh_server.db.database import Database
from xaigh_server.db.errors import IntegrityViolation
from xaigh_server.db.times import to_micros
from xaigh_server.errors import ConcurrentUpdate
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.epoch import read_epoch
from xaigh_server.keys.grant_repository import GrantFilter, Grants
from xaigh_server.keys.grants import Aspect, Finding, Grant, GrantState


@pytest.fixture(autouse=True)
async def _seeded(control: Database) -> None:
    await control.write(seed)


async def current(control: Database, grant_id: str = "grt_1") -> Grant | None:
    return await control.read(lambda session: Grants(session).current(grant_id))


async def test_a_grant_comes_back_as_it_was(control: Database) -> None:
    """With its findings, its conditions and its end."""
    full = replace(
        GRANT,
        grant_id="grt_full",
        environment=Environment.PRODUCTION,
        seal_to="age1x",
        approved_by=("ada", "bob"),
        terms=replace(
            TERMS,
            expire_time=NOW + timedelta(microseconds=1),
            conditions=("weekdays",),
            rollback_plan="revoke",
            evidence_waiver="known",
            findings=(Finding(aspect=Aspect.ROUTE_RISK, finding="f", note="n", reviewer="ada"),),
        ),
    )
    await control.write(lambda session: Grants(session).add(full))
    assert await current(control, "grt_full") == full
    assert await current(control, "grt_none") is None


async def test_a_revision_takes_the_place_of_the_one_before(control: Database) -> None:
    """The old one stays to be read, and can't be superseded twice."""
    new = replace(GRANT, revision=2, terms=replace(TERMS, key_allowance=1), reason="less")
    await control.write(lambda session: Grants(session).supersede(GRANT, new))
    assert await current(control) == new
    with pytest.raises(ConcurrentUpdate):
        await control.write(lambda session: Grants(session).supersede(GRANT, new))


async def test_revoking_is_for_good(control: Database) -> None:
    """A second time there is nothing left to revoke."""
    await control.write(lambda session: Grants(session).revoke(GRANT, now=NOW, reason="over"))
    found = await current(control)
    assert found is not None
    assert (found.state, found.revoke_time, found.reason) == (GrantState.REVOKED, NOW, "over")
    with pytest.raises(ConcurrentUpdate):
        await control.write(lambda session: Grants(session).revoke(GRANT, now=NOW, reason="x"))


async def test_every_change_moves_the_epoch(control: Database) -> None:
    """So that hot keys obey it at once."""
    seen = [await control.read(read_epoch)]
    two = replace(GRANT, revision=2)
    for work in (
        lambda session: Grants(session).add(replace(GRANT, grant_id="grt_2")),
        lambda session: Grants(session).supersede(GRANT, two),
        lambda session: Grants(session).revoke(two, now=NOW, reason="x"),
    ):
        await control.write(work)
        seen.append(await control.read(read_epoch))
    assert len(set(seen)) == 4


FILTERS = [
    ({}, "abce"),
    ({"environment": "production"}, "b"),
    ({"organization_id": "org_2"}, ""),
    ({"ticket_id": "tkt_1"}, "abce"),
    ({"state": GrantState.ACTIVE}, "ab"),
    ({"state": GrantState.EXPIRED}, "c"),
    ({"state": GrantState.SUPERSEDED}, "d"),
    ({"state": GrantState.REVOKED}, "e"),
]


async def test_filters_of_the_list(control: Database) -> None:
    """What is expired follows from the clock; superseded ones show only when asked for."""

    def fill(session):
        grants = Grants(session)
        grants.revoke(GRANT, now=NOW, reason="x")
        for name, changed in (
            ("a", {"terms": replace(TERMS, expire_time=NOW + DAY)}),
            ("b", {"environment": Environment.PRODUCTION}),
            ("c", {"terms": replace(TERMS, expire_time=NOW)}),
            ("d", {}),
        ):
            grants.add(replace(GRANT, grant_id=name, **changed))
        standing = replace(GRANT, grant_id="d")
        grants.supersede(standing, replace(standing, revision=2))
        grants.revoke(replace(standing, revision=2), now=NOW, reason="x")

    await control.write(fill)
    # The second revision of d and the seeded grant are the revoked ones.
    ids = {"a": {"a1"}, "b": {"b1"}, "c": {"c1"}, "d": {"d1"}, "e": {"d2", "grt_11"}}
    for wanted, names in FILTERS:
        found = await control.read(
            lambda session, wanted=wanted: Grants(session).listing(  # type: ignore[misc]
                GrantFilter(now=NOW, **wanted), before=None, limit=99
            )
        )
        expected = set().union(*(ids[name] for name in names))
        assert {f"{each.grant_id}{each.revision}" for each in found} == expected, wanted


async def test_the_list_goes_on_where_it_stopped(control: Database) -> None:
    """Newest first; revisions of one moment the newer first."""

    def fill(session):
        for number in range(5):
            Grants(session).add(
                replace(GRANT, grant_id=f"g{number}", create_time=NOW + DAY * (number // 2))
            )

    def pages(session):
        before: Any = None
        found: list[str] = []
        while page := Grants(session).listing(GrantFilter(now=NOW), before=before, limit=2):
            found.extend(each.grant_id for each in page)
            last = page[-1]
            before = (to_micros(last.create_time), last.grant_id, last.revision)
        return found

    await control.write(fill)
    assert await control.read(pages) == ["g4", "g2", "g3", "g0", "g1", "grt_1"]


async def test_employers_of_what_is_in_force(control: Database) -> None:
    """Who may act for whom, to be compared in a dossier."""
    found = await control.read(lambda session: Grants(session).employers_in_force())
    assert found == [("org_1", frozenset({"emp_1", "emp_2"}))]
    await control.write(lambda session: Grants(session).revoke(GRANT, now=NOW, reason="x"))
    assert await control.read(lambda session: Grants(session).employers_in_force()) == []


CHANGES = [
    'UPDATE grants SET scopes = \'["jobs:write","ats:sync"]\'',
    "UPDATE grants SET key_allowance = 99",
    "UPDATE grants SET tier = 'enterprise'",
    "UPDATE grants SET expire_time = NULL, employer_user_ids = '[\"x\"]'",
]


async def test_the_database_refuses_to_widen_a_grant(control: Database) -> None:
    """Not only the code: the row itself doesn't change but in its state."""
    for change in CHANGES:
        with pytest.raises(IntegrityViolation, match="grants"):
            await control.write(lambda session, change=change: session.run(text(change)))  # type: ignore[misc]
    assert await current(control) == GRANT
