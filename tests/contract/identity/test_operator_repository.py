"""Operators' rows."""

from dataclasses import replace

import pytest
from tests.harness.control_rows import DAY, NOW, RING, sql

from xaigh_server.db.database import Database
from xaigh_server.db.errors import ConstraintViolation, IntegrityViolation, UniqueViolation
from xaigh_server.db.session import Session
from xaigh_server.identity.epoch import read_epoch
from xaigh_server.identity.operator_repository import Operators
from xaigh_server.identity.operators import Operator, OperatorCredential, replaced
from xaigh_server.identity.scopes import Role

MAYA = Operator(operator_id="opr_1", name="maya", person="maya", role=Role.FOUNDER, create_time=NOW)
FIRST = OperatorCredential(
    credential_id="0000000001", operator_id="opr_1", last_four="abcd", create_time=NOW
)


def _add(session: Session) -> None:
    book = Operators(session)
    book.add(MAYA)
    book.add_credential(FIRST, RING.digest("first"))


async def test_what_is_added_is_read(control: Database) -> None:
    """By name, and all by name in order."""
    await control.write(_add)
    other = replace(MAYA, operator_id="opr_2", name="ada", role=Role.SERVICE)
    await control.write(lambda session: Operators(session).add(other))
    assert await control.read(lambda session: Operators(session).named("maya")) == MAYA
    assert await control.read(lambda session: Operators(session).named("bo")) is None
    assert await control.read(lambda session: Operators(session).all()) == [other, MAYA]
    found = await control.read(lambda session: Operators(session).credentials_of("opr_1"))
    assert found == [FIRST]


async def test_a_name_is_given_once(control: Database) -> None:
    """Also after a revocation, and not even a REPLACE takes it over: audit logs name people."""
    await control.write(_add)
    await control.write(lambda session: Operators(session).revoke("opr_1", at=NOW, reason="left"))
    twin = replace(MAYA, operator_id="opr_2")
    with pytest.raises(UniqueViolation, match="uq_operators_name"):
        await control.write(lambda session: Operators(session).add(twin))
    if control.dialect == "sqlite":
        steal = (
            "REPLACE INTO operators (operator_id, name, role, create_time)"
            " VALUES ('opr_3', 'maya', 'founder', 1)"
        )
        with pytest.raises(UniqueViolation):
            await control.write(sql(steal))
    assert len(await control.read(lambda session: Operators(session).all())) == 1


async def test_a_revocation_is_for_good(control: Database) -> None:
    """It moves the epoch, counts once, and can't be undone, nor the role be raised."""
    await control.write(_add)
    before = await control.read(read_epoch)
    revoked = [
        await control.write(lambda s: Operators(s).revoke("opr_1", at=NOW, reason="left"))
        for _ in range(2)
    ]
    assert revoked == [True, False]
    assert await control.read(read_epoch) > before
    for attack in (
        "UPDATE operators SET revoke_time = NULL, revoke_reason = NULL",
        "UPDATE operators SET role = 'auditor'",
        "UPDATE operators SET name = 'ada'",
        "DELETE FROM operators",
        "UPDATE operator_credentials SET credential_id = '0000000002'",
        "UPDATE operator_credentials SET last_four = 'wxyz'",
        "DELETE FROM operator_credentials",
    ):
        with pytest.raises(IntegrityViolation):
            await control.write(sql(attack))


async def test_a_rotation_shortens_and_stays(control: Database) -> None:
    """The old credential ends, at the earlier of its own end and the grace's."""
    await control.write(_add)
    short = replace(FIRST, expire_time=NOW + DAY)
    assert replaced(short, by="x", ends=NOW + 2 * DAY, now=NOW).expire_time == NOW + DAY
    old = replaced(FIRST, by="0000000002", ends=NOW + DAY, now=NOW)
    await control.write(lambda session: Operators(session).replace_credential(old))
    assert await control.read(lambda s: Operators(s).credentials_of("opr_1")) == [old]
    for attack in ("expire_time = NULL", "expire_time = expire_time + 1", "replaced_by = 'x'"):
        with pytest.raises(ConstraintViolation):
            await control.write(sql(f"UPDATE operator_credentials SET {attack}"))


async def test_peppers_in_use(control: Database) -> None:
    """Those of operators and credentials that still count."""
    await control.write(_add)
    in_use = await control.read(lambda session: Operators(session).peppers_in_use(NOW))
    assert in_use == {RING.peppers[0].id}
    await control.write(lambda session: Operators(session).revoke("opr_1", at=NOW, reason="left"))
    assert await control.read(lambda session: Operators(session).peppers_in_use(NOW)) == set()
