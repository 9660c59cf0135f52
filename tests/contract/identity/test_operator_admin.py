"""Operators, as the program on the machine manages them."""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import text
from tests.harness.control_rows import DAY, NOW
from tests.harness.control_services import Desk

from xaigh_server.errors import (
    AlreadyExists,
    FieldInvalid,
    IllegalTransition,
    NotFound,
    OperatorExpired,
    OperatorRevoked,
)
from xaigh_server.identity.operator_admin import IssuedCredential, OperatorStatus
from xaigh_server.identity.operators import OperatorState
from xaigh_server.identity.principal import OperatorPrincipal
from xaigh_server.identity.scopes import Role


async def _add(
    desk: Desk, name: str, role: Role = Role.API_OPS, **members: object
) -> IssuedCredential:
    work = partial(desk.operators.add, name=name, role=role, **members)  # type: ignore[arg-type]
    return await desk.control.write(work)


async def _standings(desk: Desk) -> dict[str, OperatorState]:
    found: list[OperatorStatus] = await desk.control.read(desk.operators.list)
    return {each.operator.name: each.state for each in found}


async def test_an_operator_is_added_with_a_credential(desk: Desk) -> None:
    """Shown once, with the scopes of the role."""
    assert await desk.control.read(desk.operators.is_empty)
    made = await _add(desk, "maya", Role.FOUNDER)
    assert not await desk.control.read(desk.operators.is_empty)
    found = await desk.principal(made.text)
    assert isinstance(found, OperatorPrincipal)
    assert (found.name, found.role) == ("maya", Role.FOUNDER)
    assert "organizations:write" in found.scopes
    assert made.text not in repr(made)


@pytest.mark.parametrize("name", ["", "Maya", "1st", "a b", "x" * 64, "a\n", "ma:ya"])
async def test_names_are_plain(desk: Desk, name: str) -> None:
    """They are read in audit logs."""
    with pytest.raises(FieldInvalid):
        await _add(desk, name)


async def test_a_name_is_given_once(desk: Desk) -> None:
    """Also after a revocation."""
    await _add(desk, "maya")
    await desk.control.write(partial(desk.operators.revoke, name="maya"))
    with pytest.raises(AlreadyExists):
        await _add(desk, "maya")


async def test_a_rotation_ends_the_old_credential(desk: Desk) -> None:
    """At once, or after a grace; an expired one can be rotated."""
    first = await _add(desk, "maya", lifetime=DAY)
    await desk.principal(first.text)
    second = await desk.control.write(partial(desk.operators.rotate, name="maya", grace=DAY / 2))
    assert (await desk.principal(first.text)) is not None
    third = await desk.control.write(partial(desk.operators.rotate, name="maya"))
    with pytest.raises(OperatorRevoked):
        await desk.principal(second.text)
    desk.clock.now = NOW + DAY
    with pytest.raises(OperatorRevoked):
        await desk.principal(first.text)
    assert (await desk.principal(third.text)) is not None


async def test_credentials_expire(desk: Desk) -> None:
    """And say so, until they are rotated."""
    made = await _add(desk, "maya", lifetime=DAY)
    desk.clock.now = NOW + DAY
    with pytest.raises(OperatorExpired):
        await desk.principal(made.text)
    assert await _standings(desk) == {"maya": OperatorState.EXPIRED}
    again = await desk.control.write(partial(desk.operators.rotate, name="maya"))
    assert (await desk.principal(again.text)) is not None
    with pytest.raises(FieldInvalid):
        await _add(desk, "ada", lifetime=timedelta())


async def test_a_revocation_is_for_good(desk: Desk) -> None:
    """The credential ends, a second revocation changes nothing, a rotation is refused."""
    made = await _add(desk, "maya")
    await desk.principal(made.text)
    for reason in ("left", "again"):
        work = partial(desk.operators.revoke, name="maya", reason=reason)
        operator = await desk.control.write(work)
        assert operator.revoke_reason == "left"
    with pytest.raises(OperatorRevoked):
        await desk.principal(made.text)
    with pytest.raises(IllegalTransition):
        await desk.control.write(partial(desk.operators.rotate, name="maya"))
    assert await _standings(desk) == {"maya": OperatorState.REVOKED}


async def test_who_does_not_exist(desk: Desk) -> None:
    """Is named as missing."""
    for work in (desk.operators.rotate, desk.operators.revoke):
        with pytest.raises(NotFound):
            await desk.control.write(partial(work, name="nobody"))


async def test_everything_is_audited(desk: Desk) -> None:
    """By the account on the machine, without the credential."""
    made = await _add(desk, "maya")
    await desk.control.write(partial(desk.operators.rotate, name="maya"))
    await desk.control.write(partial(desk.operators.revoke, name="maya", reason="left"))
    rows = await desk.control.read(
        lambda session: session.all(
            text("SELECT actor_type, actor_id, action, after FROM audit_events ORDER BY sequence")
        )
    )
    assert [row.action for row in rows] == [
        "operator.added",
        "operator.rotated",
        "operator.revoked",
    ]
    assert {(row.actor_type, row.actor_id) for row in rows} == {("system", "root")}
    assert made.text[14:] not in repr(rows)
