"""Handler of simulations: reads the grant and the log, judges, and keeps the result."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from xaigh.access.v1 import grant_service_pb2 as api
from xaigh.access.v1 import grant_simulation_pb2 as pb
from xaigh_server.access.simulation import (
    MOST_ENTRIES,
    MOST_EXAMPLES,
    CallHistory,
    Findings,
    RefusedCalls,
    VerifiedScope,
    simulate,
    unknowns,
    unused,
)
from xaigh_server.access.simulation_repository import Simulations
from xaigh_server.db.database import Database
from xaigh_server.db.session import Session
from xaigh_server.errors import ConcurrentUpdate, NotFound
from xaigh_server.keys.credential_lookup import KeyUnder, read_keys_under
from xaigh_server.keys.grant_repository import Grants
from xaigh_server.keys.grants import Grant, GrantTerms, Narrowing, narrowed_terms
from xaigh_server.keys.usage_repository import UsageDays
from xaigh_server.keys.verification import VERIFIED
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.handlers import Handler, Write
from xaigh_server.rpc.method import Method
from xaigh_server.rpc.timestamps import set_time
from xaigh_server.rpc.unit_of_work import UnitOfWork, actor

MOST_KEYS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class _Proposal:
    """A grant, the terms proposed, its keys under them, and what other services asked of these."""

    grant: Grant
    terms: GrantTerms
    keys: Mapping[str, KeyUnder]
    verified: list[VerifiedScope]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Simulated:
    """What a simulation found, beside the revision that it was about."""

    proposal: _Proposal
    found: Findings
    unknowns: list[str]


class SimulationHandlers:
    """Answers `SimulateGrant`."""

    def __init__(
        self,
        control: Database,
        history: CallHistory,
        *,
        methods: Mapping[str, Method],
        flush_usage: Callable[[], Awaitable[None]],
    ) -> None:
        self._control = control
        self._history = history
        self._methods = {method.full_name: method for method in methods.values()}
        self._flush_usage = flush_usage

    def handlers(self) -> Mapping[str, Handler]:
        """Returns the handler by method name."""
        return {"SimulateGrant": Write(run=self.keep, prepare=self.prepare)}

    async def prepare(self, request: api.SimulateGrantRequest, call: Call) -> _Simulated:
        """Replays the log. Raises NotFound, GrantInactive, or FieldInvalid for anything wider."""
        await self._flush_usage()
        days = self._history.days
        read = partial(_proposal, request, call.received, days)
        proposal = await self._control.read(read)
        grant = proposal.grant
        past = await self._history.read(
            grant.environment, grant.organization_id, sorted(proposal.keys)
        )
        found = simulate(past.sums, proposal.verified, proposal.keys, self._methods)
        found.refused = found.refused[:MOST_ENTRIES]
        for entry in found.refused:
            latest = sorted(entry.sums, key=lambda each: each.last_time, reverse=True)
            entry.request_ids = await self._history.last(
                grant.environment, grant.organization_id, latest[:MOST_EXAMPLES], MOST_EXAMPLES
            )
        return _Simulated(proposal=proposal, found=found, unknowns=unknowns(found, past, days))

    def keep(self, request: api.SimulateGrantRequest, unit: UnitOfWork) -> pb.GrantSimulation:
        """Keeps the simulation and answers it. Raises ConcurrentUpdate: the grant has changed."""
        simulated: _Simulated = unit.prepared
        grant = simulated.proposal.grant
        now = Grants(unit.session).current(grant.grant_id)
        if now is None or now.etag != grant.etag:
            raise ConcurrentUpdate("The grant changed meanwhile: simulate it as it is now.")
        message = _to_pb(simulated, unit)
        Simulations(unit.session).store(
            grant.grant_id,
            grant.organization_id,
            at=unit.now,
            simulation=message.SerializeToString(),
        )
        unit.audit(
            grant.grant_id,
            after={
                "scopes": list(message.scopes),
                "keyTypes": list(message.key_types),
                "employerUserIds": list(message.employer_user_ids),
                "calls": message.calls,
                "refusedCalls": message.refused_calls,
            },
            organization_id=grant.organization_id,
            environment=grant.environment.value,
        )
        return message


def _proposal(
    request: api.SimulateGrantRequest, now: datetime, days: int, session: Session
) -> _Proposal:
    grant = Grants(session).current(request.grant_id)
    if grant is None:
        raise NotFound("grant", request.grant_id)
    wanted = Narrowing(
        scopes=request.scopes,
        key_types=request.key_types,
        employer_user_ids=request.employer_user_ids,
    )
    terms = narrowed_terms(grant, wanted, now=now)
    keys = read_keys_under(session, grant.grant_id, terms)
    usage = UsageDays(session).between(
        (now - timedelta(days=days)).date(),
        now.date(),
        organization_id=grant.organization_id,
        environment=grant.environment.value,
    )
    verified = [
        VerifiedScope(key_id=day.key_id, scope=day.method.removeprefix(VERIFIED), calls=day.count)
        for day in usage
        if day.key_id in keys and _is_scope(day.method)
    ]
    return _Proposal(grant=grant, terms=terms, keys=keys, verified=verified)


def _is_scope(method: str) -> bool:
    """Whether usage is of a question about a scope; those about methods without one aren't."""
    return method.startswith(VERIFIED) and ":" in method.removeprefix(VERIFIED)


def _to_pb(simulated: _Simulated, unit: UnitOfWork) -> pb.GrantSimulation:
    found, grant = simulated.found, simulated.proposal.grant
    terms = simulated.proposal.terms
    scopes, employers = unused(grant.terms, found)
    message = pb.GrantSimulation(
        grant_id=grant.grant_id,
        revision=grant.revision,
        organization_id=grant.organization_id,
        environment=grant.environment.value,
        simulated_by=actor(unit.call)[1],
        scopes=terms.scopes,
        key_types=terms.key_types,
        employer_user_ids=terms.employer_user_ids,
        calls=found.calls,
        refused_calls=found.refused_calls,
        refused=[_refused(entry) for entry in found.refused],
        emptied_calls=found.emptied,
        unused_scopes=scopes,
        unused_employer_user_ids=employers,
        unknowns=simulated.unknowns,
    )
    set_time(message.simulate_time, unit.now)
    set_time(message.start_time, found.start_time)
    return message


def _refused(entry: RefusedCalls) -> pb.GrantSimulation.RefusedCalls:
    method = entry.method
    message = pb.GrantSimulation.RefusedCalls(
        method=method.full_name if method else "",
        route=method.routes[0] if method and method.routes else "",
        reason=entry.reason,
        missing=entry.missing,
        calls=entry.calls,
        request_ids=entry.request_ids,
        key_ids=sorted(entry.key_ids)[:MOST_KEYS],
    )
    set_time(message.last_time, entry.last_time)
    return message
