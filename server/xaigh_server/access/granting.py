"""What approvals and confirmations have in common: the checks of now, the tenant and the grant."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from xaigh_server.access.approval import Approved, Circumstances, Evidence
from xaigh_server.access.grant_service import terms_for_audit
from xaigh_server.access.model import Ticket
from xaigh_server.access.ownership_repository import Proofs
from xaigh_server.access.review import ReviewRules, noted
from xaigh_server.access.ticket_changes import save_ticket
from xaigh_server.errors import FieldInvalid
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.principal import OperatorPrincipal
from xaigh_server.identity.rate_limit.model import Tiers
from xaigh_server.identity.scopes import Catalogue
from xaigh_server.keys.grant_repository import Grants
from xaigh_server.keys.grants import Grant, GrantState, GrantTerms
from xaigh_server.net.resolver import look_ups_of
from xaigh_server.net.url_guard import Resolver, check_resolved, check_url
from xaigh_server.organizations.errors import OrganizationInactive
from xaigh_server.organizations.model import Organization, OrganizationState
from xaigh_server.organizations.repository import Organizations
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.unit_of_work import UnitOfWork, actor

ReadEvidence = Callable[[str], Awaitable[Evidence]]
"""Reads an organization's sandbox traffic: the only read across databases."""


class GrantingRules:
    """Checks that depend on the settings and on what is outside, for both ways to a grant."""

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        tiers: Tiers,
        evidence: ReadEvidence,
        resolver: Resolver,
        rules: ReviewRules,
    ) -> None:
        self._catalogue = catalogue
        self._tiers = tiers
        self._evidence = evidence
        self._resolver = resolver
        self._rules = rules

    @property
    def default_tier(self) -> str:
        """The tier of approvals that name none."""
        return self._rules.default_tier

    async def look_outside(
        self, environment: Environment, organization_id: str, callback_url: str, call: Call
    ) -> Evidence:
        """Resolves the callback, and reads the evidence that production needs.

        Raises CallbackForbidden for an address that is no public one by now.
        """
        checked = check_url(
            callback_url,
            environment=environment,
            allow_loopback=self._rules.allow_loopback_callbacks,
            own=self._rules.own_hosts,
            field="callbackUrl",
        )
        own = self._rules.own_hosts
        with look_ups_of(actor(call)[1]):
            await check_resolved(checked, self._resolver, own=own, field="callbackUrl")
        if environment is not Environment.PRODUCTION or not organization_id:
            return Evidence()
        return await self._evidence(organization_id)

    def check(self, terms: GrantTerms, environment: Environment) -> None:
        """Checks tier and callback by the settings of now. Raises FieldInvalid and others."""
        self._tiers.require(terms.tier)
        check_url(
            terms.callback_url,
            environment=environment,
            allow_loopback=self._rules.allow_loopback_callbacks,
            own=self._rules.own_hosts,
            field="callbackUrl",
        )

    def circumstances(self, evidence: Evidence, ticket_id: str, unit: UnitOfWork) -> Circumstances:
        """Returns what holds at the moment of the decision."""
        return Circumstances(
            evidence=evidence,
            proofs=Proofs(unit.session).of(ticket_id),
            catalogue=self._catalogue,
            solo_allowed=self._rules.solo_approvals,
            now=unit.now,
            idle=self._rules.idle,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Granting:
    """A decision that makes a grant. `organization` is None where it makes a new one."""

    old: Ticket
    approved: Approved
    environment: Environment
    terms: GrantTerms
    organization: Organization | None
    organization_name: str
    note: str = ""

    def preview(self, unit: UnitOfWork) -> Grant:
        """Returns the grant that would be made: without an id, and of a new tenant without one."""
        return Grant(
            grant_id="",
            revision=1,
            state=GrantState.ACTIVE,
            organization_id=self.organization.organization_id if self.organization else "",
            organization_name=self.organization_name,
            ticket_id=self.old.ticket_id,
            request_revision=self.old.revision,
            environment=self.environment,
            terms=self.terms,
            seal_to=self.old.form.seal_to,
            approved_by=self.approved.approved_by,
            create_time=unit.now,
        )

    def make(self, unit: UnitOfWork, *, settled: str = "") -> tuple[Grant, Ticket]:
        """Writes tenant, grant and ticket, with the audit event and the outgoing one.

        `settled` is the proposal that the caller closes by itself.
        """
        tenant = _tenant(self.organization, self.organization_name, self.old, unit)
        grant = replace(
            self.preview(unit), grant_id=unit.new_id("grt"), organization_id=tenant.organization_id
        )
        ticket = noted(
            _with_grant(self.approved.ticket, grant), operator_of(unit).name, self.note, unit.now
        )
        Grants(unit.session).add(grant)
        save_ticket(self.old, ticket, unit, settled=settled)
        unit.audit(
            ticket.ticket_id,
            grant.grant_id,
            action="ticket.approved",
            after=terms_for_audit(grant.terms) | {"approvedBy": list(grant.approved_by)},
            reason="solo approval, as the settings allow" if self.approved.solo else "",
            organization_id=tenant.organization_id,
            environment=grant.environment.value,
        )
        unit.emit(
            "ticket.approved",
            {
                "ticketId": ticket.ticket_id,
                "state": ticket.state.value,
                "grantId": grant.grant_id,
                "environment": grant.environment.value,
            },
            organization_id=tenant.organization_id,
            environment=grant.environment.value,
        )
        return grant, ticket


def operator_of(unit: UnitOfWork) -> OperatorPrincipal:
    """Returns the calling operator; the rules of these methods let nobody else in."""
    principal = unit.call.principal
    assert isinstance(principal, OperatorPrincipal)
    return principal


def find_organization(
    organization_id: str, ticket: Ticket, unit: UnitOfWork
) -> Organization | None:
    """Returns the organization named by the call or the ticket; None for a new one.

    Raises FieldInvalid and OrganizationInactive.
    """
    if organization_id and ticket.organization_id not in ("", organization_id):
        text = f"The request belongs to {ticket.organization_id} already."
        raise FieldInvalid.at("organizationId", text)
    wanted = organization_id or ticket.organization_id
    if not wanted:
        return None
    found = Organizations(unit.session).get(wanted)
    if found is None:
        raise FieldInvalid.at("organizationId", "No such organization.")
    if found.state is not OrganizationState.ACTIVE:
        raise OrganizationInactive(wanted)
    return found


def _tenant(
    found: Organization | None, new_name: str, ticket: Ticket, unit: UnitOfWork
) -> Organization:
    """Adds the ticket's mail domain to the organization; creates the organization if None."""
    domain = ticket.form.email_domain
    if found is not None:
        Organizations(unit.session).add_domains(found.organization_id, (domain,))
        return found
    made = Organization(
        organization_id=unit.new_id("org"),
        display_name=new_name,
        state=OrganizationState.ACTIVE,
        create_time=unit.now,
        update_time=unit.now,
        email_domains=(domain,),
    )
    Organizations(unit.session).add(made)
    return made


def _with_grant(ticket: Ticket, grant: Grant) -> Ticket:
    reviews = tuple(
        replace(each, grant_id=grant.grant_id) if each.environment is grant.environment else each
        for each in ticket.reviews
    )
    return replace(
        ticket,
        reviews=reviews,
        organization_id=grant.organization_id,
        organization_name=grant.organization_name,
    )
