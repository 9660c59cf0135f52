"""Service of grants: list, get, simulate, narrow and revoke."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from xaigh.access.v1 import grant_pb2 as pb
from xaigh.access.v1 import grant_service_pb2 as api
from xaigh_server.access.simulation_service import SimulationHandlers
from xaigh_server.db.times import to_micros
from xaigh_server.errors import NotFound
from xaigh_server.identity.rate_limit.model import Tiers
from xaigh_server.keys.errors import GrantInactive
from xaigh_server.keys.grant_repository import GrantFilter, Grants
from xaigh_server.keys.grants import Grant, GrantState, GrantTerms, Narrowing, narrow
from xaigh_server.keys.issuing import revoke
from xaigh_server.keys.model import KeyRecord, key_facts
from xaigh_server.keys.repository import Keys
from xaigh_server.rpc.etags import check_etag
from xaigh_server.rpc.handlers import Handler, Read, Write
from xaigh_server.rpc.paging import Paging
from xaigh_server.rpc.timestamps import get_time, set_time
from xaigh_server.rpc.unit_of_work import UnitOfWork, actor


class GrantService:
    """Answers xaigh.access.v1.GrantService. Only approvals create grants."""

    name = "xaigh.access.v1.GrantService"

    def __init__(self, simulation: SimulationHandlers, *, paging: Paging, tiers: Tiers) -> None:
        self._simulation = simulation
        self._paging = paging
        self._tiers = tiers

    def handlers(self) -> Mapping[str, Handler]:
        """Returns the handlers by method name."""
        return {
            "ListGrants": Read(run=self.list_grants),
            "GetGrant": Read(run=self.get_grant),
            **self._simulation.handlers(),
            "NarrowGrant": Write(run=self.narrow_grant),
            "RevokeGrant": Write(run=self.revoke_grant),
        }

    def list_grants(self, request: api.ListGrantsRequest, unit: UnitOfWork) -> Any:
        page = self._paging.page(request, unit.call)
        state = pb.Grant.State.Name(request.state) if request.state else ""
        wanted = GrantFilter(
            now=unit.now,
            organization_id=request.organization_id,
            environment=request.environment,
            ticket_id=request.ticket_id,
            state=GrantState(state) if state else None,
        )
        before: Any = page.cursor
        found = Grants(unit.session).listing(wanted, before=before, limit=page.size + 1)
        shown, token = self._paging.fill(
            found,
            page,
            lambda each: (to_micros(each.create_time), each.grant_id, each.revision),
            lambda each: grant_to_pb(each, unit),
        )
        return api.ListGrantsResponse(grants=shown, next_page_token=token)

    def get_grant(self, request: api.GetGrantRequest, unit: UnitOfWork) -> pb.Grant:
        return grant_to_pb(_grant(request.grant_id, unit), unit)

    def narrow_grant(self, request: api.NarrowGrantRequest, unit: UnitOfWork) -> pb.Grant:
        old = _grant(request.grant_id, unit)
        check_etag(request.etag, old.etag)
        wanted = Narrowing(
            scopes=request.scopes,
            key_types=request.key_types,
            employer_user_ids=request.employer_user_ids,
            key_allowance=request.key_allowance,
            expire_time=get_time(request, "expire_time"),
            tier=request.tier,
            tier_order=self._tiers.names,
        )
        new = narrow(old, wanted, reason=request.reason, now=unit.now)
        Grants(unit.session).supersede(old, new)
        unit.audit(
            old.grant_id,
            before=terms_for_audit(old.terms),
            after=terms_for_audit(new.terms),
            reason=request.reason,
            organization_id=old.organization_id,
            environment=old.environment.value,
        )
        return grant_to_pb(new, unit)

    def revoke_grant(self, request: api.RevokeGrantRequest, unit: UnitOfWork) -> pb.Grant:
        grant = _grant(request.grant_id, unit)
        if grant.state is GrantState.REVOKED:
            unit.forget()
            return grant_to_pb(grant, unit)
        if grant.state is not GrantState.ACTIVE:
            raise GrantInactive(grant.grant_id, grant.state.value)
        Grants(unit.session).revoke(grant, now=unit.now, reason=request.reason)
        revoked = _revoke_keys(grant, unit, reason=f"Grant revoked: {request.reason}")
        revoked_ids = [key.key_id for key in revoked]
        unit.audit(
            grant.grant_id,
            *revoked_ids,
            before={"state": grant.state.value},
            after={"state": GrantState.REVOKED.value, "revokedKeys": revoked_ids},
            reason=request.reason,
            organization_id=grant.organization_id,
            environment=grant.environment.value,
        )
        for key in revoked:
            unit.emit(
                "key.revoked",
                key_facts(key),
                organization_id=grant.organization_id,
                environment=grant.environment.value,
            )
        return grant_to_pb(_grant(request.grant_id, unit), unit)


def _grant(grant_id: str, unit: UnitOfWork) -> Grant:
    grant = Grants(unit.session).current(grant_id)
    if grant is None:
        raise NotFound("grant", grant_id)
    return grant


def _revoke_keys(grant: Grant, unit: UnitOfWork, *, reason: str) -> list[KeyRecord]:
    by = actor(unit.call)[1]
    revoked = [
        revoke(key, reason=reason, by=by, now=unit.now)
        for key in Keys(unit.session).unrevoked_of(grant.grant_id)
    ]
    for key in revoked:
        Keys(unit.session).revoke(key)
    return revoked


def grant_to_pb(grant: Grant, unit: UnitOfWork) -> pb.Grant:
    """Converts a grant, with the number of keys issued from it, for operators.

    One that isn't written has no id and no etag.
    """
    message = pb.Grant(
        grant_id=grant.grant_id,
        revision=grant.revision,
        state=pb.Grant.State.Value(grant.state_at(unit.now).value),
        organization_id=grant.organization_id,
        organization_name=grant.organization_name,
        ticket_id=grant.ticket_id,
        request_revision=grant.request_revision,
        environment=grant.environment.value,
        terms=terms_to_pb(grant.terms),
        keys_issued=Keys(unit.session).issued_from(grant.grant_id),
        approved_by=grant.approved_by,
        reason=grant.reason,
        etag=grant.etag if grant.grant_id else "",
    )
    set_time(message.create_time, grant.create_time)
    set_time(message.revoke_time, grant.revoke_time)
    return message


def terms_to_pb(terms: GrantTerms) -> pb.GrantTerms:
    """Converts the terms of a grant or of a proposal."""
    message = pb.GrantTerms(
        scopes=terms.scopes,
        key_types=terms.key_types,
        tier=terms.tier,
        employer_user_ids=terms.employer_user_ids,
        key_allowance=terms.key_allowance,
        callback_url=terms.callback_url,
        conditions=terms.conditions,
        rollback_plan=terms.rollback_plan,
        evidence_waiver=terms.evidence_waiver,
        domain_waiver=terms.domain_waiver,
    )
    set_time(message.expire_time, terms.expire_time)
    for found in terms.findings:
        message.findings.add(
            aspect=pb.Finding.Aspect.Value(found.aspect.value),
            finding=found.finding,
            note=found.note,
            reviewer=found.reviewer,
        )
    return message


def terms_for_audit(terms: GrantTerms) -> dict[str, Any]:
    """Returns the terms as the audit log records them."""
    ends: datetime | None = terms.expire_time
    return {
        "scopes": list(terms.scopes),
        "keyTypes": list(terms.key_types),
        "tier": terms.tier,
        "employerUserIds": list(terms.employer_user_ids),
        "keyAllowance": terms.key_allowance,
        "callbackUrl": terms.callback_url,
        "expireTime": ends.isoformat() if ends else "",
        "conditions": list(terms.conditions),
        "rollbackPlan": terms.rollback_plan,
        "evidenceWaiver": terms.evidence_waiver,
        "domainWaiver": terms.domain_waiver,
        "findings": [
            {
                "aspect": found.aspect.value,
                "finding": found.finding,
                "note": found.note,
                "reviewer": found.reviewer,
            }
            for found in terms.findings
        ],
    }
