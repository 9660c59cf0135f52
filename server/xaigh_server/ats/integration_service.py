"""Handlers of integrations: integrators create and update them, operators review them.

In the sandbox nobody reviews: an integration is active at once, and so are its changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from google.protobuf.message import Message

from xaigh.ats.v1 import ats_sync_service_pb2 as pb
from xaigh.ats.v1 import integration_pb2
from xaigh_server.ats.deactivation import cancel_runs, close_open_roles
from xaigh_server.ats.engine import own_integration, own_integrations
from xaigh_server.ats.errors import RetireSandboxOnly
from xaigh_server.ats.forward_targets import ForwardTargets
from xaigh_server.ats.integrations import Integration, ReviewedTerms
from xaigh_server.ats.messages import integration_to_pb, provider_word, settings_of
from xaigh_server.ats.providers.custom.fieldmap import parse_field_map
from xaigh_server.ats.repository.integrations import IntegrationFilter, Integrations
from xaigh_server.errors import FieldInvalid, FieldViolation, NotFound
from xaigh_server.identity.environments import Environment
from xaigh_server.jobs.employer_access import check_employer, may_access_all, needs_employers
from xaigh_server.rpc import masks
from xaigh_server.rpc.etags import check_etag
from xaigh_server.rpc.handlers import Handler, Read, Write
from xaigh_server.rpc.paging import Paging
from xaigh_server.rpc.unit_of_work import UnitOfWork

_MESSAGE = integration_pb2.AtsIntegration.DESCRIPTOR
_SETTINGS = (
    "board",
    "employer_user_ids",
    "display_name",
    "apply_mode",
    "forward_target",
    "stale_after",
    "guard",
    "field_map",
    "status_map",
    "workday_identity",
)
_OperatorRequest: TypeAlias = (
    pb.ActivateIntegrationRequest
    | pb.ApplyIntegrationChangeRequest
    | pb.DiscardIntegrationChangeRequest
    | pb.DeactivateIntegrationRequest
)
_IGNORED = frozenset({"integration_id", "etag"})


class IntegrationHandlers:
    """Handlers of the methods of AtsSyncService that concern integrations."""

    def __init__(self, paging: Paging, targets: ForwardTargets) -> None:
        """`targets` says what may take forwarded applications."""
        self._paging = paging
        self._targets = targets

    def handlers(self) -> Mapping[str, Handler]:
        return {
            "CreateIntegration": Write(self.create, prove=prove_integration),
            "ListIntegrations": Read(self.list),
            "GetIntegration": Read(self.get, point=True),
            "UpdateIntegration": Write(self.update, prove=prove_integration),
            "RetireIntegration": Write(self.retire, prove=prove_integration),
            "ActivateIntegration": Write(self.activate, owner=_owner),
            "ApplyIntegrationChange": Write(self.apply_change, owner=_owner),
            "DiscardIntegrationChange": Write(self.discard_change, owner=_owner),
            "DeactivateIntegration": Write(self.deactivate, owner=_owner),
        }

    def create(
        self, request: pb.CreateIntegrationRequest, unit: UnitOfWork
    ) -> integration_pb2.AtsIntegration:
        """Makes an integration. In production it waits for its activation."""
        given = request.integration
        if not given.provider:
            raise FieldInvalid.at("integration.provider", "An integration needs a provider.")
        _check_settings(given)
        self._check_target(given, unit)
        for employer in given.employer_user_ids:
            check_employer(unit, employer)
        made: Any = settings_of(given)
        integration = Integration(
            number=Integrations(unit.session).new_number(),
            integration_id=unit.new_id("int"),
            organization_id=unit.organization_id,
            provider=provider_word(given.provider),
            created_time=unit.now,
            updated_time=unit.now,
            **made,
        )
        if _needs_no_review(unit):
            integration = integration.activated(unit.now)
        Integrations(unit.session).add(integration)
        unit.audit(integration.integration_id, after=_audited(integration))
        return integration_to_pb(integration)

    def get(
        self, request: pb.GetIntegrationRequest, unit: UnitOfWork
    ) -> integration_pb2.AtsIntegration:
        return _shown(unit, own_integration(unit, request.integration_id))

    def list(
        self, request: pb.ListIntegrationsRequest, unit: UnitOfWork
    ) -> pb.ListIntegrationsResponse:
        page = self._paging.page(request, unit.call)
        after = 0 if page.cursor is None else int(page.cursor[0])
        wanted = IntegrationFilter(
            provider=provider_word(request.provider), employer_id=request.employer_user_id
        )
        found = [each for each in own_integrations(unit, wanted) if each.number > after]
        shown, token = self._paging.fill(
            found, page, lambda each: (each.number,), lambda each: _shown(unit, each)
        )
        return pb.ListIntegrationsResponse(integrations=shown, next_page_token=token)

    def update(
        self, request: pb.UpdateIntegrationRequest, unit: UnitOfWork
    ) -> integration_pb2.AtsIntegration:
        """Changes settings. Reviewed terms of an active integration wait for an operator."""
        given = request.integration
        integration = own_integration(unit, given.integration_id)
        check_etag(given.etag, integration.etag)
        changed = integration_to_pb(integration.wanted)
        fields = masks.carry(given, changed, _paths(request))
        if not fields:
            return _shown(unit, integration)
        _check_settings(changed)
        self._check_target(changed, unit)
        settings: Any = settings_of(changed)
        wanted = replace(integration, **settings)
        if wanted.terms != integration.wanted.terms:
            for employer in wanted.employer_ids:
                check_employer(unit, employer)
        after = integration.revised(wanted, unit.now, reviewed=_needs_no_review(unit))
        Integrations(unit.session).store(after)
        unit.audit(integration.integration_id, before=_audited(integration), after=_audited(after))
        return _shown(unit, after)

    def _check_target(self, message: integration_pb2.AtsIntegration, unit: UnitOfWork) -> None:
        """Raises CallbackForbidden for a target that no application may go to."""
        if message.forward_target:
            self._targets.url_of(message.forward_target, unit.call.environment)

    def activate(
        self, request: pb.ActivateIntegrationRequest, unit: UnitOfWork
    ) -> integration_pb2.AtsIntegration:
        """Lets an integration sync. An active one stays as it is, without an audit event."""
        before = _integration_of(unit, request)
        check_etag(request.etag, before.etag)
        after = before.activated(unit.now)
        if after is before:
            unit.forget()
            return integration_to_pb(before)
        return _step(unit, before, after, request.note)

    def apply_change(
        self, request: pb.ApplyIntegrationChangeRequest, unit: UnitOfWork
    ) -> integration_pb2.AtsIntegration:
        """Puts the pending change in force that the operator was shown."""
        before = _integration_of(unit, request)
        check_etag(request.etag, before.etag)
        return _step(unit, before, before.changed(unit.now), request.note)

    def discard_change(
        self, request: pb.DiscardIntegrationChangeRequest, unit: UnitOfWork
    ) -> integration_pb2.AtsIntegration:
        """Drops the pending change that the operator was shown."""
        before = _integration_of(unit, request)
        check_etag(request.etag, before.etag)
        return _step(unit, before, before.unchanged(unit.now), request.reason)

    def deactivate(
        self, request: pb.DeactivateIntegrationRequest, unit: UnitOfWork
    ) -> integration_pb2.AtsIntegration:
        """Stops an integration, and closes its open roles if asked to.

        One that is stopped already, without anything left to close, makes no audit event.
        """
        return _deactivated(
            unit, _integration_of(unit, request), request.mirrors, reason=request.reason
        )

    def retire(
        self, request: pb.RetireIntegrationRequest, unit: UnitOfWork
    ) -> integration_pb2.AtsIntegration:
        """Deactivates an integration of the sandbox for its organization, and closes its roles."""
        before = own_integration(unit, request.integration_id)
        if not _needs_no_review(unit):
            raise RetireSandboxOnly
        closing = pb.DeactivateIntegrationRequest.CLOSE
        return _deactivated(unit, before, closing, reason="Retired by its organization.")


def _deactivated(
    unit: UnitOfWork,
    before: Integration,
    mirrors: pb.DeactivateIntegrationRequest.Mirrors.ValueType,
    *,
    reason: str,
) -> integration_pb2.AtsIntegration:
    after = before.deactivated(unit.now)
    if after is not before:
        cancel_runs(unit, before)
    closes = mirrors == pb.DeactivateIntegrationRequest.CLOSE
    closed = close_open_roles(unit, after) if closes else 0
    if after is before and not closed:
        unit.forget()
        return integration_to_pb(before)
    name = pb.DeactivateIntegrationRequest.Mirrors.Name(mirrors)
    return _step(unit, before, after, reason, mirrors=name, closedCount=closed)


def _owner(request: _OperatorRequest, unit: UnitOfWork) -> str:
    """The organization of the integration that the request names; empty where there is none."""
    found = Integrations(unit.session).find(request.integration_id)
    if found is None or found.organization_id != request.organization_id:
        return ""
    return found.organization_id


def _needs_no_review(unit: UnitOfWork) -> bool:
    """Whether what an integrator asks for holds at once: within its grant, in the sandbox."""
    return unit.call.environment == Environment.SANDBOX


def _shown(unit: UnitOfWork, integration: Integration) -> integration_pb2.AtsIntegration:
    """An integration to its integrator, who sees no employer off the grant."""
    if not may_access_all(unit, integration.wanted.employer_ids):
        integration = replace(integration, pending=None)
    return integration_to_pb(integration)


def prove_integration(_: Message, reply: integration_pb2.AtsIntegration, unit: UnitOfWork) -> None:
    """A replay shows an integration to those who may see it as it was and as it is.

    Its employers may have changed in between. Raises NotFound.
    """
    own_integration(unit, reply.integration_id)
    named = (*reply.employer_user_ids, *reply.pending_change.employer_user_ids)
    if not needs_employers(unit, named):
        raise NotFound("integration", reply.integration_id)


def _step(
    unit: UnitOfWork, before: Integration, after: Integration, reason: str, **facts: Any
) -> integration_pb2.AtsIntegration:
    if after is not before:
        Integrations(unit.session).store(after)
    unit.audit(
        before.integration_id,
        before=_audited(before),
        after={**_audited(after), **facts},
        reason=reason,
        organization_id=before.organization_id,
    )
    return integration_to_pb(after)


def _integration_of(unit: UnitOfWork, request: _OperatorRequest) -> Integration:
    """The integration that an operator names. Raises NotFound, also for another organization's."""
    found = Integrations(unit.session).find(request.integration_id)
    if found is None or found.organization_id != request.organization_id:
        raise NotFound("integration", request.integration_id)
    return found


def _paths(request: pb.UpdateIntegrationRequest) -> Sequence[str]:
    """The settings that a mask names. Raises FieldInvalid for what never changes."""
    given = request.integration
    paths = masks.named_paths(request.update_mask, given)
    if masks.EVERYTHING in paths:
        return _SETTINGS
    named = [path for path in paths if path.split(".")[0] not in _IGNORED]
    fixed = [
        path
        for path in named
        if path.split(".")[0] not in _SETTINGS and not masks.output_only(_MESSAGE, path)
    ]
    if fixed:
        raise FieldInvalid(
            [
                FieldViolation(
                    path=f"integration.{masks.json_path(_MESSAGE, path)}",
                    description="It never changes.",
                )
                for path in fixed
            ]
        )
    return [path for path in named if not masks.output_only(_MESSAGE, path)]


def _check_settings(message: integration_pb2.AtsIntegration) -> None:
    """Raises FieldInvalid for settings that exclude each other."""
    found: list[FieldViolation] = []
    if not message.employer_user_ids:
        found.append(
            FieldViolation(
                path="integration.employerUserIds", description="Name at least one employer."
            )
        )
    if message.field_map:
        _, faults = parse_field_map(dict(message.field_map))
        found += [
            FieldViolation(path="integration.fieldMap", description=fault) for fault in faults
        ]
    if found:
        raise FieldInvalid(found)


def _audited(integration: Integration) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "provider": integration.provider,
        "state": integration.state.value,
        "staleAfterSeconds": int(integration.stale_after.total_seconds()),
        **_audited_terms(integration.terms),
    }
    if integration.pending is not None:
        facts["pendingChange"] = _audited_terms(integration.pending.terms)
    return facts


def _audited_terms(terms: ReviewedTerms) -> dict[str, Any]:
    return {
        "board": terms.board,
        "employerUserIds": list(terms.employer_ids),
        "applyMode": terms.apply_mode.value,
        "forwardTarget": terms.forward_target,
        "guard": str(terms.guard),
    }
