"""A unit runs only under the rights that its caller has when it runs, on both engines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from tests.harness.call import UNREAD
from tests.harness.control_rows import DAY, GRANT, NOW, ORGANIZATION, RING, TERMS, issue, seed
from tests.harness.control_services import Clock

from xaigh_server.audit.repository import AuditLog
from xaigh_server.db import errors as store_errors
from xaigh_server.db.database import Database
from xaigh_server.db.partition import Partition
from xaigh_server.db.session import Session
from xaigh_server.errors import DomainError, Unavailable
from xaigh_server.identity import leased_epoch
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.epoch import Epoch, bump_epoch, open_epoch
from xaigh_server.identity.errors import (
    KeyExpired,
    KeyRevoked,
    OrganizationSuspended,
    ScopeNotGranted,
)
from xaigh_server.identity.rate_limit.model import MemoryLimiter
from xaigh_server.jobs.employer_access import employers
from xaigh_server.keys.credential_cache import CredentialCache
from xaigh_server.keys.grant_repository import Grants
from xaigh_server.keys.issuing import NewKey, revoke
from xaigh_server.keys.repository import Keys
from xaigh_server.organizations.model import OrganizationState
from xaigh_server.organizations.repository import Organizations
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.interceptors.authenticate import Authenticate
from xaigh_server.rpc.method_policy import read_methods
from xaigh_server.rpc.reauthorization import Reauthorize
from xaigh_server.rpc.rights import Rights
from xaigh_server.rpc.services import SERVICES
from xaigh_server.rpc.unit_of_work import UnitOfWork
from xaigh_server.rpc.unit_of_work_factory import UnitOfWorkFactory

METHODS = read_methods(SERVICES)
POST = METHODS["/xaigh.jobs.v1.JobsService/PostJob"]
GET = METHODS["/xaigh.jobs.v1.JobsService/GetJob"]
REVOKE_SELF = METHODS["/xaigh.keys.v1.SelfService/RevokeSelf"]

Change = Callable[[], Awaitable[object]]


class LateDatabase:
    """A database before whose writes something else happens: as if they had waited for the lock."""

    def __init__(self, inner: Database) -> None:
        self._inner = inner
        self.name = inner.name
        self.point = inner.point
        self.read = inner.read
        self.before: Change | None = None
        self.writes = 0

    async def write(
        self, work: Any, *, partition: Partition | None = None, urgent: bool = False
    ) -> Any:
        self.writes += 1
        if self.before is not None:
            await self.before()
        return await self._inner.write(work, partition=partition, urgent=urgent)


class Gate:
    """The way of a call from its credential to its unit, over real databases."""

    def __init__(self, control: Database, sandbox: Database, epoch: Epoch) -> None:
        self.control = control
        self.epoch = epoch
        self._databases = {"control": control, "sandbox": sandbox}
        self.clock = Clock()
        self.sandbox = LateDatabase(sandbox)
        self.late_control = LateDatabase(control)
        self.keyring = CredentialCache(control, epoch, RING, clock=self.clock)
        limiter = MemoryLimiter(lambda: 0.0)
        self.authenticate = Authenticate(self.keyring, limiter=limiter, clock=self.clock)
        self.rights = Rights(epoch, reauthorize=Reauthorize(self.authenticate), clock=self.clock)
        self.units = UnitOfWorkFactory(
            control=self.late_control,  # type: ignore[arg-type]  # all that units use of one
            business={Environment.SANDBOX: self.sandbox},  # type: ignore[dict-item]  # same
            rights=self.rights,
            clock=self.clock,
            new_id=lambda prefix: f"{prefix}_1",
        )
        self.ran: list[frozenset[str]] = []

    async def authorized(self, new: NewKey, method: Any = POST) -> Call:
        """A call of the key that has come to its unit, and no further."""
        call = Call(
            method=method,
            transport="grpc",
            metadata=(("authorization", f"Bearer {new.clear}"),),
            peer="192.0.2.7",
            received=NOW,
        )

        async def end(request: Any, call: Call) -> Any:
            """Nothing more."""

        await self.authenticate(end, UNREAD, call)
        return call

    def write(self, unit: UnitOfWork) -> str:
        """Leaves an audit event, and notes under which employers it ran."""
        self.ran.append(employers(unit))
        unit.audit("job_1")
        return "written"

    async def events(self, name: str) -> int:
        """How many audit events a database holds."""
        return await self._databases[name].read(
            lambda session: sum(
                head.sequence for head in AuditLog(session, name).heads(limit=9).values()
            )
        )


@pytest.fixture
async def gate(control: Database, sandbox: Database) -> AsyncIterator[Gate]:
    await control.write(seed)
    epoch = open_epoch(control)
    yield Gate(control, sandbox, epoch)
    await epoch.close()


def revoked(control: Database, new: NewKey) -> Change:
    """Revokes the key, the first time."""

    async def change() -> None:
        gone = revoke(new.record, reason="leaked", by="maya", now=NOW)
        with suppress(DomainError):
            await control.write(lambda session: Keys(session).revoke(gone))

    return change


def narrowed(control: Database, **terms: Any) -> Change:
    """Gives the grant its next revision, the first time."""
    after = replace(GRANT, revision=2, terms=replace(TERMS, **terms))

    async def change() -> None:
        with suppress(DomainError):
            await control.write(lambda session: Grants(session).supersede(GRANT, after))

    return change


def suspended(control: Database) -> Change:
    """Suspends the organization."""
    after = replace(ORGANIZATION, state=OrganizationState.SUSPENDED)

    async def change() -> None:
        await control.write(lambda session: Organizations(session).save(after))

    return change


TAKEN = {
    "revoked": (revoked, KeyRevoked),
    "scope taken": (
        lambda control, _: narrowed(control, scopes=("ats:read", "jobs:read")),
        ScopeNotGranted,
    ),
    "suspended": (lambda control, _: suspended(control), OrganizationSuspended),
}


@pytest.mark.parametrize("taken", TAKEN)
async def test_rights_taken_before_the_lock_end_the_call(gate: Gate, taken: str) -> None:
    """The call was authorized and had its whole body: still nothing runs, and nothing is left."""
    change, refusal = TAKEN[taken]
    new = await issue(gate.control)
    call = await gate.authorized(new)
    gate.sandbox.before = change(gate.control, new)
    with pytest.raises(refusal):
        await gate.units.write(call, gate.write)
    assert gate.ran == []
    assert await gate.events("sandbox") == 0


async def test_a_narrowed_grant_is_what_the_unit_runs_under(gate: Gate) -> None:
    """The call goes on, once, with the employers that are left."""
    new = await issue(gate.control)
    call = await gate.authorized(new)
    gate.sandbox.before = narrowed(gate.control, employer_user_ids=("emp_2",))
    assert await gate.units.write(call, gate.write) == "written"
    assert gate.ran == [{"emp_2"}]
    assert await gate.events("sandbox") == 1


async def test_a_key_that_expires_while_it_waits_writes_nothing(gate: Gate) -> None:
    """No epoch moves then; the clock is looked at under the lock."""
    new = await issue(gate.control, expire_time=NOW + DAY)
    call = await gate.authorized(new)

    async def pass_time() -> None:
        gate.clock.now = NOW + DAY

    gate.sandbox.before = pass_time
    with pytest.raises(KeyExpired):
        await gate.units.write(call, gate.write)
    assert gate.ran == []


async def test_changes_of_others_cost_a_call_nothing_but_time(gate: Gate) -> None:
    """It is authorized again, and runs."""
    call = await gate.authorized(await issue(gate.control))
    changes = iter(range(2))

    async def twice() -> None:
        if next(changes, None) is not None:
            await gate.control.write(bump_epoch)

    gate.sandbox.before = twice
    assert await gate.units.write(call, gate.write) == "written"
    assert (len(gate.ran), gate.sandbox.writes) == (1, 3)


async def test_an_epoch_that_never_rests_turns_the_call_away(gate: Gate) -> None:
    """After three renewals; the caller may try again, for nothing was written."""
    call = await gate.authorized(await issue(gate.control))
    gate.sandbox.before = lambda: gate.control.write(bump_epoch)
    with pytest.raises(Unavailable) as refused:
        await gate.units.write(call, gate.write)
    assert refused.value.retry_after
    assert (gate.ran, gate.sandbox.writes) == ([], 4)
    assert await gate.events("sandbox") == 0


async def test_a_unit_of_control_compares_in_its_own_transaction(gate: Gate) -> None:
    """Operators' writes and those about oneself obey the same rule."""
    new = await issue(gate.control)
    call = await gate.authorized(new, REVOKE_SELF)
    gate.late_control.before = revoked(gate.control, new)
    with pytest.raises(KeyRevoked):
        await gate.units.write(call, gate.write)
    assert gate.ran == []


@pytest.mark.parametrize("lane", ["read", "point"])
async def test_a_read_looks_once_its_input_is_complete(gate: Gate, lane: str) -> None:
    """A caller whose rights ended in between sees nothing."""
    new = await issue(gate.control)
    call = await gate.authorized(new, GET)
    run = getattr(gate.units, lane)
    assert await run(call, employers) == {"emp_1", "emp_2"}
    await narrowed(gate.control, employer_user_ids=("emp_1",))()
    assert await run(call, employers) == {"emp_1"}
    await revoked(gate.control, new)()
    with pytest.raises(KeyRevoked):
        await run(call, employers)


async def test_units_that_share_a_commit_are_kept_apart(gate: Gate) -> None:
    """Of twenty at once one has lost its rights: nineteen are written."""
    key, other = await issue(gate.control), await issue(gate.control)
    calls = [await gate.authorized(key) for _ in range(19)]
    calls.insert(9, await gate.authorized(other))
    await revoked(gate.control, other)()
    writes = (gate.units.write(call, gate.write) for call in calls)
    outcomes = await asyncio.gather(*writes, return_exceptions=True)
    assert outcomes.count("written") == 19
    assert isinstance(outcomes[9], KeyRevoked)
    assert await gate.events("sandbox") == 19


async def test_an_epoch_that_cannot_be_read_fails_its_own_unit_alone(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is of another database than the transaction, which the other units go on to share."""
    call = await gate.authorized(await issue(gate.control))
    asked = iter([False, True, False])

    def has_moved(since: int, session: Session, database: str) -> bool:
        if next(asked):
            raise store_errors.DatabaseUnavailable("gone")
        return False

    monkeypatch.setattr(gate.epoch, "has_moved", has_moved)
    writes = (gate.units.write(call, gate.write) for _ in range(3))
    outcomes = await asyncio.gather(*writes, return_exceptions=True)
    assert sorted(map(str, outcomes))[1:] == ["written", "written"]
    assert await gate.events("sandbox") == 2


async def test_a_unit_that_hears_of_a_change_first_is_authorized_by_a_new_reading(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL another process has changed rights, and this one's reading still holds."""
    monkeypatch.setattr(leased_epoch, "LEASE_SECONDS", 60.0)
    new = await issue(gate.control)
    await gate.epoch.current()
    await gate.control.write(bump_epoch)  # as another process: nothing here hears of it
    call = await gate.authorized(new, REVOKE_SELF)
    assert await gate.units.write(call, gate.write) == "written"
