"""Service of rehearsals: records what the server saw of an organization's drills."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime

from xaigh.rehearsals.v1 import rehearsal_pb2 as pb
from xaigh.rehearsals.v1 import rehearsal_service_pb2 as api
from xaigh_server.access.drill_messages import drill_to_pb, drills_of
from xaigh_server.access.drill_repository import PassedDrills
from xaigh_server.access.drills import WANTS, DrillKind, PassedDrill
from xaigh_server.ats.repository.runs import RunFilter, Runs
from xaigh_server.ats.runs import Run
from xaigh_server.db.database import Database
from xaigh_server.errors import DomainError
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.errors import CredentialKindRefused
from xaigh_server.identity.principal import KeyPrincipal
from xaigh_server.keys.repository import KeyFilter, Keys
from xaigh_server.keys.rollback_repository import Rollbacks
from xaigh_server.rehearsals import evidence
from xaigh_server.rehearsals.evidence import Facts
from xaigh_server.request_log.model import LoggedCall
from xaigh_server.request_log.repository import RequestLogs
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.handlers import Handler, Read, Write
from xaigh_server.rpc.timestamps import get_time
from xaigh_server.rpc.unit_of_work import UnitOfWork

_CALLS = 5_000
_RUNS = 500
_KEYS = 200


class SandboxOnly(DomainError):
    """Drills are of the sandbox: in production real people are sent to real work."""

    reason = "DRILL_SANDBOX_ONLY"
    default_message = "Drills are rehearsed in the sandbox, with a key that begins with test_."


class DrillNotSeen(DomainError):
    """Its metadata name the drill, and what the server has to see for it."""

    reason = "DRILL_NOT_SEEN"

    def __init__(self, kind: DrillKind) -> None:
        super().__init__(
            f"The server's records don't show this drill. It has to see: {WANTS[kind]}",
            metadata={"drill": kind.value, "wants": WANTS[kind]},
        )


class RehearsalService:
    """Answers xaigh.rehearsals.v1.RehearsalService.

    `flush` writes what the recorders of all processes hold. `recoverable` are the reasons of
    refusals that a client can recover from.
    """

    name = "xaigh.rehearsals.v1.RehearsalService"

    def __init__(
        self,
        control: Database,
        sandbox: Database,
        *,
        flush: Callable[[], Awaitable[None]],
        recoverable: Collection[str],
    ) -> None:
        self._control = control
        self._sandbox = sandbox
        self._flush = flush
        self._recoverable = frozenset(recoverable)

    def handlers(self) -> Mapping[str, Handler]:
        """Returns the handlers by method name."""
        return {
            "ListDrills": Read(self.list_drills),
            "RecordDrill": Write(self.record_drill, prepare=self.look),
        }

    def list_drills(
        self, request: api.ListDrillsRequest, unit: UnitOfWork
    ) -> api.ListDrillsResponse:
        holder = _holder(unit.call)
        return api.ListDrillsResponse(drills=drills_of(holder.organization_id, unit))

    async def look(self, request: api.RecordDrillRequest, call: Call) -> Facts | None:
        """Returns what the server's records show of the drill; None: not enough."""
        organization = _holder(call).organization_id
        kind, since = DrillKind(pb.Drill.Kind.Name(request.kind)), get_time(request, "since_time")
        match kind:
            case DrillKind.REPLAY:
                return evidence.replay(await self._calls(organization, since))
            case DrillKind.TIME_OUT:
                return evidence.time_out(await self._calls(organization, since))
            case DrillKind.RECOVERY:
                return evidence.recovery(await self._calls(organization, since), self._recoverable)
            case DrillKind.HALF_FEED:
                return evidence.half_feed(await self._runs(organization, since))
            case DrillKind.HELD_CLOSE:
                return evidence.held_close(await self._runs(organization, since))
            case DrillKind.ROTATION:
                return await self._rotation(organization, since, call.received)
            case DrillKind.ROLLBACK:
                return await self._rollback(organization, since)

    async def _calls(self, organization: str, since: datetime | None) -> list[LoggedCall]:
        await self._flush()
        return await self._sandbox.read(
            lambda session: RequestLogs(session).repeatable(organization, since=since, limit=_CALLS)
        )

    async def _runs(self, organization: str, since: datetime | None) -> list[Run]:
        wanted = RunFilter(integration_ids=None, organization_id=organization)
        found = await self._sandbox.read(lambda session: Runs(session).listing(wanted, limit=_RUNS))
        return [run for run in found if _counts(run.begin_time, since)]

    async def _rotation(
        self, organization: str, since: datetime | None, now: datetime
    ) -> Facts | None:
        wanted = KeyFilter(
            now=now, organization_id=organization, environment=Environment.SANDBOX.value
        )
        keys = await self._control.read(
            lambda session: Keys(session).listing(wanted, before=None, limit=_KEYS)
        )
        rotated = [key for key in keys if key.replaces and _counts(key.create_time, since)]
        if not rotated:
            return None
        await self._flush()
        ids = [key.key_id for key in rotated]
        used = await self._sandbox.read(
            lambda session: RequestLogs(session).groups(organization, ids, most=_CALLS)
        )
        calls = Counter[str]()
        for group in used:
            calls[group.key_id] += group.calls
        return evidence.rotation(rotated, calls)

    async def _rollback(self, organization: str, since: datetime | None) -> Facts | None:
        found = await self._control.read(
            lambda session: Rollbacks(session).last_complete(organization, Environment.SANDBOX)
        )
        if found is None or not _counts(found.create_time, since):
            return None
        return evidence.rollback(found)

    def record_drill(self, request: api.RecordDrillRequest, unit: UnitOfWork) -> pb.Drill:
        """Keeps what was seen. Raises DrillNotSeen."""
        holder = _holder(unit.call)
        kind = DrillKind(pb.Drill.Kind.Name(request.kind))
        facts: Facts | None = unit.prepared
        if not facts:
            raise DrillNotSeen(kind)
        passed = PassedDrill(
            organization_id=holder.organization_id,
            kind=kind,
            pass_time=unit.now,
            key_id=holder.key_id,
            facts=facts,
        )
        PassedDrills(unit.session).store(passed)
        unit.audit(
            holder.key_id,
            after={"drill": kind.value, "facts": [f"{n}: {v}" for n, v in facts]},
        )
        return drill_to_pb(kind, passed)


def _counts(at: datetime, since: datetime | None) -> bool:
    return since is None or at >= since


def _holder(call: Call) -> KeyPrincipal:
    if not isinstance(call.principal, KeyPrincipal):
        raise CredentialKindRefused
    if call.principal.environment is not Environment.SANDBOX:
        raise SandboxOnly
    return call.principal
