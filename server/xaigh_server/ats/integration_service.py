"""Handlers of integrations: integrators create and update them, operators activate them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from google.protobuf.message import Message

from xaigh.ats.v1 import ats_sync_service_pb2 as pb
from xaigh.ats.v1 import integration_pb2
from xaigh_server.ats.engine import own_integration, own_integrations
from xaigh_server.ats.integrations import Integration
from xaigh_server.ats.messages import integration_to_pb, provider_word, settings_of
from xaigh_server.ats.providers.custom.fieldmap import parse_field_map
from xaigh_server.ats.repository.integrations import IntegrationFilter, Integrations
from xaigh_server.errors import FieldInvalid, FieldViolation, NotFound
from xaigh_server.jobs.employer_access import check_employer, may_access_all
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
_IGNORED = frozenset({"integration_id", "etag"})


class IntegrationHandlers:
    """Handlers of the methods of AtsSyncService that concern integrations."""

    def __init__(self, paging: Paging) -> None:
        self._paging = paging

    def handlers(self) -> Mapping[str, Handler]:
        return {
            "CreateIntegration": Write(self.create, prove=prove_integration),
            "ListIntegrations": Read(self.list),
            "GetIntegration": Read(self.get, point=True),
            "UpdateIntegration": Write(self.update, prove=prove_integration),
            "ListAllIntegrations": Read(self.list_all),
            "ActivateIntegration": Write(self.activate, owner=_owner),
            "DeactivateIntegration": Write(self.deactivate, owner=_owner),
        }

    def create(
        self, request: pb.CreateIntegrationRequest, unit: UnitOfWork
    ) -> integration_pb2.AtsIntegration:
        """Makes an integration that waits for its activation."""
        given = request.integration
        if not given.provider:
            raise FieldInvalid.at("integration.provider", "An integration needs a provider.")
        _check_settings(given)
        for employer in given.employer_user_ids:
            check_employer(unit, employer)
        made: Any = settings_of(given)
        integration = Integration(
            number=Integrations(unit.session).next_number(),
            integration_id=unit.new_id("int"),
            organization_id=unit.organization_id,
            provider=provider_word(given.provider),
            created_time=unit.now,
            updated_time=unit.now,
            **made,
        )
        Integrations(unit.session).add(integration)
        unit.audit(integration.integration_id, after=_audited(integration))
        return integration_to_pb(integration)

    def get(
        self, request: pb.GetIntegrationRequest, unit: UnitOfWork
    ) -> integration_pb2.AtsIntegration:
        return integration_to_pb(own_integration(unit, request.integration_id))

    def list(
        self, request: pb.ListIntegrationsRequest, unit: UnitOfWork
    ) -> pb.ListIntegrationsResponse:
        page = self._paging.page(request, unit.call)
        after = 0 if page.cursor is None else int(page.cursor[0])
        wanted = IntegrationFilter(
            provider=provider_word(request.provider), employer_id=request.employer_user_id
        )
        found = [each for each in own_integrations(unit, wanted) if each.number > after]
        kept, token = self._paging.cut(found[: page.size + 1], page, lambda each: (each.number,))
        return pb.ListIntegrationsResponse(
            integrations=[integration_to_pb(each) for each in kept], next_page_token=token
        )

    def update(
        self, request: pb.UpdateIntegrationRequest, unit: UnitOfWork
    ) -> integration_pb2.AtsIntegration:
        """Changes settings. What an operator has looked at is looked at again."""
        given = request.integration
        integration = own_integration(unit, given.integration_id)
        check_etag(given.etag, integration.etag)
        changed = integration_to_pb(integration)
        fields = masks.carry(given, changed, _paths(request))
        if not fields:
            return integration_to_pb(integration)
        _check_settings(changed)
        for employer in changed.employer_user_ids:
            check_employer(unit, employer)
        wanted: Any = settings_of(changed)
        after = integration.revised(replace(integration, **wanted), unit.now)
        Integrations(unit.session).store(after)
        unit.audit(integration.integration_id, before=_audited(integration), after=_audited(after))
        return integration_to_pb(after)

    def list_all(
        self, request: pb.ListAllIntegrationsRequest, unit: UnitOfWork
    ) -> pb.ListAllIntegrationsResponse:
        page = self._paging.page(request, unit.call)
        wanted = IntegrationFilter(
            organization_id=request.organization_id,
            state=integration_pb2.AtsIntegration.State.Name(request.state) if request.state else "",
        )
        after = 0 if page.cursor is None else int(page.cursor[0])
        found = Integrations(unit.session).listing(wanted, after=after, limit=page.size + 1)
        kept, token = self._paging.cut(found, page, lambda each: (each.number,))
        return pb.ListAllIntegrationsResponse(
            integrations=[integration_to_pb(each) for each in kept], next_page_token=token
        )

    def activate(
        self, request: pb.ActivateIntegrationRequest, unit: UnitOfWork
    ) -> integration_pb2.AtsIntegration:
        integration = _any_integration(unit, request.integration_id)
        check_etag(request.etag, integration.etag)
        return _step(unit, integration, integration.activated(unit.now), request.note)

    def deactivate(
        self, request: pb.DeactivateIntegrationRequest, unit: UnitOfWork
    ) -> integration_pb2.AtsIntegration:
        integration = _any_integration(unit, request.integration_id)
        return _step(unit, integration, integration.deactivated(unit.now), request.reason)


def _owner(
    request: pb.ActivateIntegrationRequest | pb.DeactivateIntegrationRequest, unit: UnitOfWork
) -> str:
    """The organization of the integration that the request names; empty where there is none."""
    found = Integrations(unit.session).find(request.integration_id)
    return "" if found is None else found.organization_id


def prove_integration(_: Message, reply: integration_pb2.AtsIntegration, unit: UnitOfWork) -> None:
    """A replay shows an integration to those who may see it as it was and as it is.

    Its employers may have changed in between. Raises NotFound.
    """
    own_integration(unit, reply.integration_id)
    if not may_access_all(unit, reply.employer_user_ids):
        raise NotFound("integration", reply.integration_id)


def _step(
    unit: UnitOfWork, before: Integration, after: Integration, reason: str
) -> integration_pb2.AtsIntegration:
    if after is not before:
        Integrations(unit.session).store(after)
    unit.audit(
        before.integration_id,
        before={"state": before.state.value},
        after={"state": after.state.value},
        reason=reason,
        organization_id=before.organization_id,
    )
    return integration_to_pb(after)


def _any_integration(unit: UnitOfWork, integration_id: str) -> Integration:
    found = Integrations(unit.session).find(integration_id)
    if found is None:
        raise NotFound("integration", integration_id)
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
    return {
        "provider": integration.provider,
        "board": integration.board,
        "employerUserIds": list(integration.employer_ids),
        "state": integration.state.value,
        "applyMode": integration.apply_mode.value,
        "guard": str(integration.guard),
        "staleAfterSeconds": int(integration.stale_after.total_seconds()),
    }
