"""Operators, as the program on the machine manages them."""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import text
from tests.harness.control_rows import DAY, NOW
from tests.harness.control_services import ControlServices

from xaigh_server.errors import AlreadyExists, FieldInvalid, IllegalTransition, NotFound
from xaigh_server.identity.errors import OperatorExpired, OperatorRevoked
from xaigh_server.identity.operator_admin import IssuedCredential, OperatorStatus
from xaigh_server.identity.operators import OperatorState
from xaigh_server.identity.principal import OperatorPrincipal
from xaigh_server.identity.scopes import Role


async def _add(
    services: ControlServices, name: str, role: Role = Role.API_OPS, **members: object
) -> IssuedCredential:
    work = partial(services.operators.add, name=name, role=role, **members)  # type: ignore[arg-type]
    return await services.control.write(work)


async def _standings(services: ControlServices) -> dict[str, OperatorState]:
    found: list[OperatorStatus] = await services.control.read(services.operators.list)
    return {each.operator.name: each.state for each in found}


async def test_an_operator_is_added_with_a_credential(services: ControlServices) -> None:
    """Shown once, with the scopes of the role."""
    assert await services.control.read(services.operators.is_empty)
    made = await _add(services, "maya", Role.FOUNDER)
    assert not await services.control.read(services.operators.is_empty)
    found = await services.principal(made.text)
    assert isinstance(found, OperatorPrincipal)
    assert (found.name, found.role) == ("maya", Role.FOUNDER)
    assert "organizations:write" in found.scopes
    assert made.text not in repr(made)


@pytest.mark.parametrize("name", ["", "Maya", "1st", "a b", "x" * 64, "a\n", "ma:ya"])
async def test_names_are_plain(services: ControlServices, name: str) -> None:
    """They are read in audit logs."""
    with pytest.raises(FieldInvalid):
        await _add(services, name)


async def test_a_name_is_given_once(services: ControlServices) -> None:
    """Also after a revocation."""
    await _add(services, "maya")
    await services.control.write(partial(services.operators.revoke, name="maya"))
    with pytest.raises(AlreadyExists):
        await _add(services, "maya")


async def test_a_rotation_ends_the_old_credential(services: ControlServices) -> None:
    """At once, or after a grace; an expired one can be rotated."""
    first = await _add(services, "maya", lifetime=DAY)
    await services.principal(first.text)
    second = await services.control.write(
        partial(services.operators.rotate, name="maya", grace=DAY / 2)
    )
    assert (await services.principal(first.text)) is not None
    third = await services.control.write(partial(services.operators.rotate, name="maya"))
    with pytest.raises(OperatorRevoked):
        await services.principal(second.text)
    services.clock.now = NOW + DAY
    with pytest.raises(OperatorRevoked):
        await services.principal(first.text)
    assert (await services.principal(third.text)) is not None


async def test_credentials_expire(services: ControlServices) -> None:
    """And say so, until they are rotated."""
    made = await _add(services, "maya", lifetime=DAY)
    services.clock.now = NOW + DAY
    with pytest.raises(OperatorExpired):
        await services.principal(made.text)
    assert await _standings(services) == {"maya": OperatorState.EXPIRED}
    again = await services.control.write(partial(services.operators.rotate, name="maya"))
    assert (await services.principal(again.text)) is not None
    with pytest.raises(FieldInvalid):
        await _add(services, "ada", lifetime=timedelta())


async def test_a_revocation_is_for_good(services: ControlServices) -> None:
    """The credential ends, a second revocation changes nothing, a rotation is refused."""
    made = await _add(services, "maya")
    await services.principal(made.text)
    for reason in ("left", "again"):
        work = partial(services.operators.revoke, name="maya", reason=reason)
        operator = await services.control.write(work)
        assert operator.revoke_reason == "left"
    with pytest.raises(OperatorRevoked):
        await services.principal(made.text)
    with pytest.raises(IllegalTransition):
        await services.control.write(partial(services.operators.rotate, name="maya"))
    assert await _standings(services) == {"maya": OperatorState.REVOKED}


async def test_who_does_not_exist(services: ControlServices) -> None:
    """Is named as missing."""
    for work in (services.operators.rotate, services.operators.revoke):
        with pytest.raises(NotFound):
            await services.control.write(partial(work, name="nobody"))


async def test_everything_is_audited(services: ControlServices) -> None:
    """By the account on the machine, without the credential."""
    made = await _add(services, "maya")
    await services.control.write(partial(services.operators.rotate, name="maya"))
    await services.control.write(partial(services.operators.revoke, name="maya", reason="left"))
    rows = await services.control.read(
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
