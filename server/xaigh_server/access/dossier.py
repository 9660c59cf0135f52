"""Dossier of a ticket: the facts a reviewer decides on, computed at each read."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Protocol

from xaigh.access.v1 import access_request_pb2 as pb_request
from xaigh.access.v1 import access_request_service_pb2 as api
from xaigh.access.v1 import dossier_pb2 as pb
from xaigh.access.v1 import grant_simulation_pb2 as pb_simulation
from xaigh_server.access.approval import (
    Evidence,
    production_lacks,
)
from xaigh_server.access.approvals import FindTicket
from xaigh_server.access.drill_messages import drills_of
from xaigh_server.access.granting import ReadEvidence
from xaigh_server.access.messages import any_ticket, ticket_to_pb
from xaigh_server.access.model import RequestForm, Ticket
from xaigh_server.access.ownership_messages import proofs_to_pb
from xaigh_server.access.ownership_repository import Proofs
from xaigh_server.access.repository import Tickets
from xaigh_server.access.review import (
    ReviewRules,
)
from xaigh_server.access.simulation_repository import Simulations
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.rate_limit.model import Tier, Tiers
from xaigh_server.identity.scopes import Catalogue
from xaigh_server.keys.grant_repository import Grants
from xaigh_server.keys.rollback_repository import Rollbacks
from xaigh_server.net.free_mail import is_free_mail
from xaigh_server.net.resolver import look_ups_of
from xaigh_server.net.url_guard import CallbackForbidden, CallbackUrl, Resolver, check_url, resolve
from xaigh_server.organizations.repository import Organizations
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.handlers import Handler, Read
from xaigh_server.rpc.scope_catalogue import ScopeRoutes
from xaigh_server.rpc.timestamps import set_time
from xaigh_server.rpc.unit_of_work import UnitOfWork, actor

MONTH_SECONDS = 30 * 24 * 3600
EARLIER = 20
_FORM: Any = pb_request.AccessRequestForm.DESCRIPTOR.fields_by_name

Probe = Callable[[CallbackUrl], Awaitable["ProbeResult"]]


class ProbeResult(Protocol):
    """Result of probing a callback: the HTTP status (0: no reply) and findings as sentences."""

    @property
    def status(self) -> int: ...
    @property
    def findings(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _OutsideFacts:
    """Facts read outside of the transaction: DNS answers, probes, sandbox traffic."""

    evidence: Evidence
    callback: pb.CallbackCheck
    sandbox_callback: pb.CallbackCheck | None


class DossierHandlers:
    """Answers `GetDossier`."""

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        routes: ScopeRoutes,
        tiers: Tiers,
        resolver: Resolver,
        probe: Probe,
        evidence: ReadEvidence,
        find_ticket: FindTicket,
        rules: ReviewRules,
    ) -> None:
        self._catalogue = catalogue
        self._routes = routes
        self._tiers = tiers
        self._resolver = resolver
        self._probe = probe
        self._evidence = evidence
        self._find_ticket = find_ticket
        self._rules = rules

    def handlers(self) -> Mapping[str, Handler]:
        """Returns the handler by method name."""
        return {
            "GetDossier": Read(
                run=self.dossier,
                prepare=self.read_outside,
                audited=lambda request: request.probe_callback,
            )
        }

    async def read_outside(
        self, request: api.GetDossierRequest, call: Call
    ) -> _OutsideFacts | None:
        """Resolves and probes callbacks and reads sandbox traffic. None: no such ticket."""
        ticket = await self._find_ticket(request.ticket_id)
        if ticket is None:
            return None
        ticket = ticket.at(call.received)
        form = ticket.form
        organization = _organization_of(ticket, request.organization_id)
        production = Environment.PRODUCTION in form.environments
        kind = Environment.PRODUCTION if production else Environment.SANDBOX
        own = form.sandbox_callback_url
        checks = [self._callback(form.callback_url, kind, request.probe_callback)]
        if own:
            checks.append(self._callback(own, Environment.SANDBOX, request.probe_callback))
        with look_ups_of(actor(call)[1]):
            callback, *sandbox = await asyncio.gather(*checks)
        return _OutsideFacts(
            evidence=await self._evidence(organization) if organization else Evidence(),
            callback=callback,
            sandbox_callback=sandbox[0] if sandbox else None,
        )

    def dossier(self, request: api.GetDossierRequest, unit: UnitOfWork) -> pb.Dossier:
        ticket = any_ticket(request.ticket_id, unit)
        outside: _OutsideFacts = unit.prepared
        form = ticket.form
        organization = _organization_of(ticket, request.organization_id)
        proofs = Proofs(unit.session).of(ticket.ticket_id)
        lacks = production_lacks(form, outside.evidence, proofs, None, None)
        message = pb.Dossier(
            access_request=ticket_to_pb(ticket),
            data_classes=form.data_classes,
            employer_authority=_authority(form, organization, unit),
            scopes=[self._scope(name) for name in form.requested_scopes],
            callback=outside.callback,
            sandbox_callback=outside.sandbox_callback,
            email_domain=form.email_domain,
            free_mail=is_free_mail(form.email_domain),
            volume=self._volume(form.monthly_volume_estimate),
            earlier_requests=[
                _earlier(each) for each in Tickets(unit.session).same_domain(ticket, limit=EARLIER)
            ],
            organizations=_suggestions(ticket, unit),
            changes=_changes(ticket, unit),
            readiness=_readiness(outside.evidence, organization, unit),
            proofs=proofs_to_pb(ticket, proofs),
            drills=drills_of(organization, unit),
            last_simulation=_last_simulation(organization, unit),
            missing_for_production=[lack.description for lack in lacks],
        )
        message.age.FromTimedelta(unit.now - ticket.submitted_time)
        return message

    async def _callback(
        self, url: str, environment: Environment, probing: bool
    ) -> pb.CallbackCheck:
        check = pb.CallbackCheck(url=url)
        try:
            checked = check_url(
                url,
                environment=environment,
                allow_loopback=self._rules.allow_loopback_callbacks,
                own=self._rules.own_hosts,
                field="callbackUrl",
            )
        except CallbackForbidden as refusal:
            check.findings.append(refusal.why)
            return check
        resolution = await resolve(checked, self._resolver, own=self._rules.own_hosts)
        check.addresses.extend(str(each) for each in resolution.addresses)
        check.findings.extend(resolution.findings)
        if probing and not resolution.forbidden:
            seen = await self._probe(checked)
            check.probe_status = seen.status
            check.findings.extend(seen.findings)
        check.ok = not check.findings
        return check

    def _scope(self, name: str) -> pb.ScopeReview:
        scope = self._catalogue.get(name)
        if scope is None:
            return pb.ScopeReview(scope=name)
        return pb.ScopeReview(
            scope=name,
            known=True,
            mintable=scope.mintable,
            high_risk=scope.high_risk,
            summary=scope.summary,
            routes=[
                pb.RouteRisk(route=each.route, risk=each.risk.upper())
                for each in self._routes.of(scope)
            ],
        )

    def _volume(self, estimate: int) -> pb.VolumeReview:
        capacities = [(name, _capacity(self._tiers.get(name))) for name in self._tiers.names]
        fitting = [each for each in capacities if each[1] >= estimate] or capacities[-1:]
        return pb.VolumeReview(
            monthly_volume_estimate=estimate,
            suggested_tier=fitting[0][0],
            tier_monthly_capacity=fitting[0][1],
            tiers=[self._tier(name, capacity) for name, capacity in capacities],
        )

    def _tier(self, name: str, capacity: int) -> pb.TierCapacity:
        windows = self._tiers.get(name).windows
        return pb.TierCapacity(
            tier=name,
            limits=[f"{window.calls:,} calls in {window.seconds:,} s" for window in windows],
            monthly_capacity=capacity,
        )


def _capacity(tier: Tier) -> int:
    return min(MONTH_SECONDS // window.seconds * window.calls for window in tier.windows)


def _organization_of(ticket: Ticket, named: str) -> str:
    """Returns the organization that a grant would belong to; empty for a new one."""
    proposed = [each.organization_id for each in ticket.open_proposals]
    return named or next(iter(proposed), "") or ticket.organization_id


def _authority(form: RequestForm, organization: str, unit: UnitOfWork) -> pb.EmployerAuthority:
    claimed = form.employer_user_ids
    own: set[str] = set()
    others: set[str] = set()
    for organization_id, employers in Grants(unit.session).employers_in_force():
        (own if organization_id == organization else others).update(employers)
    return pb.EmployerAuthority(
        claimed_employer_user_ids=claimed,
        held_by_others=sorted(others.intersection(claimed)),
        held_already=sorted(own.intersection(claimed)),
    )


def _earlier(ticket: Ticket) -> pb.EarlierRequest:
    message = pb.EarlierRequest(
        ticket_id=ticket.ticket_id,
        company_name=ticket.form.company_name,
        state=pb_request.AccessRequest.State.Value(ticket.state.value),
    )
    set_time(message.submitted_time, ticket.submitted_time)
    return message


def _suggestions(ticket: Ticket, unit: UnitOfWork) -> list[pb.OrganizationSuggestion]:
    """Returns organizations that may be the applicant's. A match is a hint, not proof."""
    found: dict[str, pb.OrganizationSuggestion] = {}
    domain = ticket.form.email_domain
    if not is_free_mail(domain):
        for each in Organizations(unit.session).listing(
            state=None, email_domain=domain, after="", limit=10
        ):
            found[each.organization_id] = pb.OrganizationSuggestion(
                organization_id=each.organization_id,
                display_name=each.display_name,
                why=f"It has contacts at {domain}.",
            )
    for each in Organizations(unit.session).named(ticket.form.company_name):
        found.setdefault(
            each.organization_id,
            pb.OrganizationSuggestion(
                organization_id=each.organization_id,
                display_name=each.display_name,
                why="It has the same name.",
            ),
        )
    return list(found.values())


def _changes(ticket: Ticket, unit: UnitOfWork) -> list[pb.FieldChange]:
    """Returns the fields that the last amendment changed."""
    if ticket.revision == 1:
        return []
    before = Tickets(unit.session).form_at(ticket.ticket_id, ticket.revision - 1)
    if before is None:
        return []
    changed = []
    for field in fields(RequestForm):
        old, new = getattr(before, field.name), getattr(ticket.form, field.name)
        if old != new:
            changed.append(
                pb.FieldChange(
                    field=_FORM[field.name].json_name,
                    before=json.dumps(old, ensure_ascii=False),
                    after=json.dumps(new, ensure_ascii=False),
                )
            )
    return changed


def _last_simulation(organization: str, unit: UnitOfWork) -> pb_simulation.GrantSimulation | None:
    found = Simulations(unit.session).last_of(organization)
    return None if found is None else pb_simulation.GrantSimulation.FromString(found)


def _readiness(evidence: Evidence, organization: str, unit: UnitOfWork) -> pb.SandboxReadiness:
    message = pb.SandboxReadiness(
        calls=evidence.calls,
        idempotent_replays=evidence.idempotent_replays,
        recovered_errors=evidence.recovered_errors,
        sufficient=evidence.sufficient,
    )
    set_time(message.first_call_time, evidence.first_call_time)
    set_time(message.last_call_time, evidence.last_call_time)
    rehearsal = Rollbacks(unit.session).last_complete(organization, Environment.SANDBOX)
    if rehearsal is not None:
        message.rollback_rehearsal_jobs = rehearsal.job_count
        set_time(message.rollback_rehearsal_time, rehearsal.create_time)
    return message
