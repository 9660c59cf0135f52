"""Service of organizations: list, get, suspend and resume."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from xaigh.organizations.v1 import organization_pb2 as pb
from xaigh.organizations.v1 import organization_service_pb2 as api
from xaigh_server.errors import NotFound
from xaigh_server.organizations.model import Organization, OrganizationState
from xaigh_server.organizations.repository import Organizations
from xaigh_server.rpc.handlers import Handler, Read, Write
from xaigh_server.rpc.paging import Paging
from xaigh_server.rpc.timestamps import set_time
from xaigh_server.rpc.unit_of_work import UnitOfWork


class OrganizationService:
    """Answers xaigh.organizations.v1.OrganizationService. Only approvals create organizations."""

    name = "xaigh.organizations.v1.OrganizationService"

    def __init__(self, *, paging: Paging) -> None:
        self._paging = paging

    def handlers(self) -> Mapping[str, Handler]:
        """Returns the handlers by method name."""
        return {
            "ListOrganizations": Read(run=self.list_organizations),
            "GetOrganization": Read(run=self.get_organization),
            "SuspendOrganization": Write(run=self.suspend_organization),
            "ResumeOrganization": Write(run=self.resume_organization),
        }

    def list_organizations(
        self, request: api.ListOrganizationsRequest, unit: UnitOfWork
    ) -> api.ListOrganizationsResponse:
        page = self._paging.page(request, unit.call)
        state = pb.Organization.State.Name(request.state) if request.state else ""
        found = Organizations(unit.session).listing(
            state=OrganizationState(state) if state else None,
            email_domain=request.email_domain.lower(),
            after=str(page.cursor[0]) if page.cursor else "",
            limit=page.size + 1,
        )
        shown, token = self._paging.fill(
            found, page, lambda each: (each.organization_id,), organization_to_pb
        )
        return api.ListOrganizationsResponse(organizations=shown, next_page_token=token)

    def get_organization(
        self, request: api.GetOrganizationRequest, unit: UnitOfWork
    ) -> pb.Organization:
        return organization_to_pb(_organization(request.organization_id, unit))

    def suspend_organization(
        self, request: api.SuspendOrganizationRequest, unit: UnitOfWork
    ) -> pb.Organization:
        organization = _organization(request.organization_id, unit)
        return self._move(
            organization, OrganizationState.SUSPENDED, reason=request.reason, unit=unit
        )

    def resume_organization(
        self, request: api.ResumeOrganizationRequest, unit: UnitOfWork
    ) -> pb.Organization:
        organization = _organization(request.organization_id, unit)
        return self._move(organization, OrganizationState.ACTIVE, reason=request.reason, unit=unit)

    def _move(
        self, old: Organization, state: OrganizationState, *, reason: str, unit: UnitOfWork
    ) -> pb.Organization:
        if old.state is state:
            unit.forget()
            return organization_to_pb(old)
        new = replace(
            old,
            state=state,
            suspension_reason=reason if state is OrganizationState.SUSPENDED else "",
            update_time=unit.now,
            version=old.version + 1,
        )
        Organizations(unit.session).save(new)
        unit.audit(
            old.organization_id,
            before={"state": old.state.value},
            after={"state": new.state.value},
            reason=reason,
            organization_id=old.organization_id,
        )
        return organization_to_pb(new)


def _organization(organization_id: str, unit: UnitOfWork) -> Organization:
    organization = Organizations(unit.session).get(organization_id)
    if organization is None:
        raise NotFound("organization", organization_id)
    return organization


def organization_to_pb(organization: Organization) -> pb.Organization:
    """Converts an organization for operators."""
    message = pb.Organization(
        organization_id=organization.organization_id,
        display_name=organization.display_name,
        state=pb.Organization.State.Value(organization.state.value),
        email_domains=organization.email_domains,
        suspension_reason=organization.suspension_reason,
        etag=organization.etag,
    )
    set_time(message.create_time, organization.create_time)
    set_time(message.update_time, organization.update_time)
    return message
