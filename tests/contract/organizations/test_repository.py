"""Organizations and their traffic as they are kept."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.harness.control_rows import DAY, NOW, ORGANIZATION

from xaigh_server.access.review import Evidence
from xaigh_server.access.traffic_repository import Traffic, TrafficDelta
from xaigh_server.db.database import Database
from xaigh_server.identity.epoch import read_epoch
from xaigh_server.organizations.model import Organization, OrganizationState
from xaigh_server.organizations.repository import Organizations


async def add(control: Database, *organizations: Organization) -> None:
    for each in organizations:
        await control.write(lambda session, each=each: Organizations(session).add(each))  # type: ignore[misc]


async def get(control: Database, organization_id: str = "org_1") -> Organization | None:
    return await control.read(lambda session: Organizations(session).get(organization_id))


async def test_an_organization_comes_back_as_it_was(control: Database) -> None:
    """Its domains in their order, each once."""
    await add(control, replace(ORGANIZATION, email_domains=("b.example", "a.example")))
    await control.write(
        lambda session: Organizations(session).add_domains("org_1", ("b.example", "c.example"))
    )
    found = await get(control)
    expected = ("a.example", "b.example", "c.example")
    assert found == replace(ORGANIZATION, email_domains=expected)
    assert await get(control, "org_2") is None


async def test_suspending_moves_the_epoch(control: Database) -> None:
    """Hot keys obey at once, and again when it is resumed."""
    await add(control, ORGANIZATION)
    before = await control.read(read_epoch)
    suspended = replace(
        ORGANIZATION,
        state=OrganizationState.SUSPENDED,
        suspension_reason="unpaid",
        update_time=NOW + DAY,
        version=2,
    )
    await control.write(lambda session: Organizations(session).save(suspended))
    assert await get(control) == suspended
    assert await control.read(read_epoch) != before


LISTS: list[tuple[dict[str, Any], str]] = [
    ({}, "abc"),
    ({"state": OrganizationState.SUSPENDED}, "b"),
    ({"state": OrganizationState.ACTIVE}, "ac"),
    ({"email_domain": "x.example"}, "bc"),
    ({"after": "a"}, "bc"),
    ({"after": "a", "email_domain": "x.example", "limit": 1}, "b"),
    ({"email_domain": "y.example"}, ""),
]


async def test_the_list_is_in_the_order_of_ids(control: Database) -> None:
    """By state, by domain, from a place on."""
    await add(
        control,
        replace(ORGANIZATION, organization_id="c", email_domains=("x.example",)),
        replace(ORGANIZATION, organization_id="a"),
        replace(
            ORGANIZATION,
            organization_id="b",
            state=OrganizationState.SUSPENDED,
            email_domains=("x.example",),
        ),
    )
    for wanted, names in LISTS:
        asked: dict[str, Any] = {
            "state": None,
            "email_domain": "",
            "after": "",
            "limit": 9,
            **wanted,
        }
        found = await control.read(
            lambda session, asked=asked: Organizations(session).listing(**asked)  # type: ignore[misc]
        )
        assert "".join(each.organization_id for each in found) == names, wanted


async def test_those_of_one_name(control: Database) -> None:
    """Names needn't differ: a person decides."""
    await add(
        control, ORGANIZATION, replace(ORGANIZATION, organization_id="org_2"),
        replace(ORGANIZATION, organization_id="org_3", display_name="Other"),
    )  # fmt: skip
    found = await control.read(lambda session: Organizations(session).named("Northline"))
    assert [each.organization_id for each in found] == ["org_1", "org_2"]


# --- traffic ----------------------------------------------------------------------------------


def stretch(*calls: str, method: str = "m", organization_id: str = "org_1", at=NOW) -> TrafficDelta:
    """Calls in their order: `+` good, `r` replayed, `-` failed; a second apart."""
    made = TrafficDelta(organization_id=organization_id, method=method, first_time=at, last_time=at)
    for number, each in enumerate("".join(calls)):
        now = at + timedelta(seconds=number)
        made.note(failed=each == "-", replayed=each == "r", now=now)
    return made


RECOVERIES = [
    # stretches -> calls, replays, recovered
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
    for number, (stretches, expected) in enumerate(RECOVERIES):
        name = f"org_{number}"
        for each in stretches:
            one = stretch(each, organization_id=name)
            await business.write(lambda session, one=one: Traffic(session).add([one]))  # type: ignore[misc]
        found = await business.read(lambda session, name=name: Traffic(session).evidence(name))  # type: ignore[misc]
        counts = (found.calls, found.idempotent_replays, found.recovered_errors)
        assert counts == expected, stretches


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
