"""Organizations as they are kept."""

from dataclasses import replace
from typing import Any

from tests.harness.control_rows import DAY, NOW, ORGANIZATION

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
