"""Handlers of rollbacks, and the steps that complete one.

The transaction of a call revokes the key and records the rollback; what follows in the database of
the jobs may fail or be broken off, and is completed by a repeat or by `resume`, which runs in the
background.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from xaigh.keys.v1 import key_admin_service_pb2 as api
from xaigh.keys.v1 import rollback_pb2 as pb
from xaigh_server.audit.model import rfc3339
from xaigh_server.db.database import Database
from xaigh_server.db.partition import CONTROL, Partition
from xaigh_server.errors import FieldInvalid, NotFound
from xaigh_server.identity.environments import Environment
from xaigh_server.keys.issuing import require_key, revoke
from xaigh_server.keys.journal import audit_and_publish
from xaigh_server.keys.model import KeyRecord
from xaigh_server.keys.repository import Keys
from xaigh_server.keys.rollback_repository import Rollbacks
from xaigh_server.keys.rollbacks import (
    HeldJobs,
    JobHolding,
    Rollback,
    RollbackReleasing,
    RollbackState,
)
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.handlers import Handler, Write
from xaigh_server.rpc.timestamps import get_time, set_time
from xaigh_server.rpc.unit_of_work import UnitOfWork, actor


class RollbackHandlers:
    """Answers RollbackKey and ReleaseHolds, and completes rollbacks that were broken off."""

    def __init__(
        self, control: Database, jobs: JobHolding, *, clock: Callable[[], datetime]
    ) -> None:
        self._control = control
        self._jobs = jobs
        self._clock = clock

    def handlers(self) -> Mapping[str, Handler]:
        """Returns the handlers by method name."""
        return {
            "RollbackKey": Write(run=self.roll_back, finish=self.finish),
            "ReleaseHolds": Write(run=self.release, finish=self.finish),
        }

    def roll_back(self, request: api.RollbackKeyRequest, unit: UnitOfWork) -> pb.Rollback:
        """Revokes the key with its predecessors, and records what is to be held."""
        since = get_time(request, "since")
        assert since is not None  # the rule of the field says so
        if since > unit.now:
            raise FieldInvalid.at("since", "Must not lie ahead.")
        if not request.reason.strip():
            raise FieldInvalid.at("reason", "Must not be blank.")
        key = require_key(Keys(unit.session).get(request.key_id), request.key_id)
        chain = _chain(key, Keys(unit.session))
        last = _open_rollback(key, unit)
        rollback = last.widened(since) if last else _new(chain, since, request, unit)
        if request.validate_only:
            unit.forget()
            return _previewed(rollback)
        revoked = [each for each in chain if _revoke(each, rollback.reason, unit)]
        if rollback == last and not revoked:
            unit.forget()  # a repeat: the record says what is left to do
        elif rollback != last:
            _record(rollback, last, unit)
        return rollback_to_pb(rollback)

    def release(self, request: api.ReleaseHoldsRequest, unit: UnitOfWork) -> pb.Rollback:
        """Records that the holds of the key's last rollback are to be released."""
        if not request.reason.strip():
            raise FieldInvalid.at("reason", "Must not be blank.")
        key = require_key(Keys(unit.session).get(request.key_id), request.key_id)
        last = Rollbacks(unit.session).last_of(key.key_id)
        if last is None:
            raise NotFound("rollback", request.key_id)
        rollback = last.releasing(by=actor(unit.call)[1], reason=request.reason)
        if rollback == last:
            unit.forget()
        else:
            Rollbacks(unit.session).change(rollback)
            _audit(rollback, unit, reason=request.reason)
        return rollback_to_pb(rollback)

    async def finish(
        self,
        request: api.RollbackKeyRequest | api.ReleaseHoldsRequest,
        reply: pb.Rollback,
        call: Call,
    ) -> pb.Rollback:
        """Completes the rollback, and answers what it holds then."""
        if isinstance(request, api.RollbackKeyRequest) and request.validate_only:
            return _with_jobs(reply, await self._jobs.preview(_from_preview(reply)))
        rollback = await self.settle(reply.rollback_id)
        return _with_jobs(rollback_to_pb(rollback), await self._jobs.covered(rollback))

    async def resume(self) -> int:
        """Completes every rollback that was broken off. Returns their number."""
        left = await self._control.read(lambda session: Rollbacks(session).unsettled())
        for rollback_id in left:
            await self.settle(rollback_id)
        return len(left)

    async def settle(self, rollback_id: str) -> Rollback:
        """Does what is left to do for a rollback, and returns it as it is then."""
        while True:
            rollback = await self._control.read(lambda session: Rollbacks(session).get(rollback_id))
            if rollback is None:
                raise NotFound("rollback", rollback_id)
            if rollback.state is RollbackState.HOLDING:
                await self._jobs.place(rollback)
            elif rollback.state is RollbackState.RELEASING:
                await self._jobs.release(rollback)
            else:
                return rollback
            await self._mark(rollback)

    async def _mark(self, rollback: Rollback) -> None:
        count, now = (await self._jobs.covered(rollback)).count, self._clock()
        holding = rollback.state is RollbackState.HOLDING
        await self._control.write(
            lambda session: (
                Rollbacks(session).mark_held(rollback, count=count, at=now)
                if holding
                else Rollbacks(session).mark_released(rollback.rollback_id, count=count, at=now)
            ),
            partition=Partition(CONTROL),
        )


def _chain(key: KeyRecord, keys: Keys) -> list[KeyRecord]:
    """The key and its rotated predecessors, newest first."""
    chain = [key]
    while chain[-1].replaces:
        before = keys.get(chain[-1].replaces)
        if before is None:
            break
        chain.append(before)
    return chain


def _open_rollback(key: KeyRecord, unit: UnitOfWork) -> Rollback | None:
    """The rollback that a call goes on with. Raises RollbackReleasing."""
    last = Rollbacks(unit.session).last_of(key.key_id)
    if last is not None and last.state is RollbackState.RELEASING:
        raise RollbackReleasing(last.rollback_id)
    return last if last is not None and last.is_open else None


def _new(
    chain: Sequence[KeyRecord],
    since: datetime,
    request: api.RollbackKeyRequest,
    unit: UnitOfWork,
) -> Rollback:
    key = chain[0]
    return Rollback(
        rollback_id=unit.new_id("rbk"),
        key_id=key.key_id,
        key_ids=tuple(each.key_id for each in chain),
        organization_id=key.organization_id,
        environment=key.environment,
        since=since,
        reason=request.reason,
        operator=actor(unit.call)[1],
        create_time=unit.now,
    )


def _record(rollback: Rollback, before: Rollback | None, unit: UnitOfWork) -> None:
    if before is None:
        Rollbacks(unit.session).add(rollback)
    else:
        Rollbacks(unit.session).change(rollback)
    _audit(rollback, unit, reason=rollback.reason)


def _revoke(key: KeyRecord, reason: str, unit: UnitOfWork) -> bool:
    """Revokes a key that isn't yet. Returns whether it did."""
    revoked = revoke(key, reason=f"Rolled back: {reason}", by=actor(unit.call)[1], now=unit.now)
    if revoked is key:
        return False
    Keys(unit.session).revoke(revoked)
    audit_and_publish("key.revoked", revoked, unit, before=key, reason=reason, action="key.revoked")
    return True


def _audit(rollback: Rollback, unit: UnitOfWork, *, reason: str) -> None:
    unit.audit(
        rollback.key_id,
        rollback.rollback_id,
        after={
            "state": rollback.state.value,
            "keyIds": list(rollback.key_ids),
            "since": rfc3339(rollback.since),
        },
        reason=reason,
        organization_id=rollback.organization_id,
        environment=rollback.environment.value,
    )


def rollback_to_pb(rollback: Rollback) -> pb.Rollback:
    """Converts a rollback, without its jobs."""
    message = pb.Rollback(
        rollback_id=rollback.rollback_id,
        state=pb.Rollback.State.Value(rollback.state.value),
        key_id=rollback.key_id,
        key_ids=rollback.key_ids,
        organization_id=rollback.organization_id,
        environment=rollback.environment.value,
        reason=rollback.reason,
        operator=rollback.operator,
        job_count=rollback.job_count,
    )
    set_time(message.since, rollback.since)
    set_time(message.create_time, rollback.create_time)
    set_time(message.hold_time, rollback.hold_time)
    set_time(message.release_time, rollback.release_time)
    return message


def _previewed(rollback: Rollback) -> pb.Rollback:
    """What a rollback would be: nothing of it exists."""
    message = rollback_to_pb(rollback)
    for name in ("rollback_id", "state", "create_time", "hold_time"):
        message.ClearField(name)
    return message


def _from_preview(message: pb.Rollback) -> Rollback:
    return Rollback(
        rollback_id="",
        key_id=message.key_id,
        key_ids=tuple(message.key_ids),
        organization_id=message.organization_id,
        environment=Environment(message.environment),
        since=message.since.ToDatetime(tzinfo=UTC),
        reason=message.reason,
        operator=message.operator,
        create_time=message.since.ToDatetime(tzinfo=UTC),
    )


def _with_jobs(message: pb.Rollback, jobs: HeldJobs) -> pb.Rollback:
    message.job_count = jobs.count
    for job in jobs.first:
        listed = message.jobs.add(
            job_id=job.job_id, employer_user_id=job.employer_user_id, title=job.title
        )
        set_time(listed.create_time, job.create_time)
    return message
