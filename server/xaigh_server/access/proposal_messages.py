"""Conversion of proposals to messages and to what the audit log records."""

from __future__ import annotations

from typing import Any

from xaigh.access.v1 import proposal_pb2 as pb
from xaigh_server.access.grant_service import terms_for_audit, terms_to_pb
from xaigh_server.access.proposal import Proposal
from xaigh_server.rpc.timestamps import set_time


def proposal_to_pb(proposal: Proposal) -> pb.Proposal:
    """Converts a proposal with all of its terms. One that isn't written has no id and no etag."""
    message = pb.Proposal(
        proposal_id=proposal.proposal_id,
        state=pb.Proposal.State.Value(proposal.state.value),
        ticket_id=proposal.ticket_id,
        request_revision=proposal.request_revision,
        environment=proposal.environment.value,
        organization_id=proposal.organization_id,
        new_organization_name=proposal.new_organization_name,
        organization_name=proposal.organization_name,
        terms=terms_to_pb(proposal.terms),
        proposed_by=proposal.proposed_by,
        etag=proposal.etag if proposal.proposal_id else "",
        closed_by=proposal.closed_by,
        close_reason=proposal.close_reason,
        grant_id=proposal.grant_id,
    )
    set_time(message.create_time, proposal.create_time)
    set_time(message.expire_time, proposal.expire_time)
    set_time(message.close_time, proposal.close_time)
    return message


def proposal_for_audit(proposal: Proposal) -> dict[str, Any]:
    """Returns a proposal as the audit log records it: all terms, and whose grant it would be."""
    return {
        **terms_for_audit(proposal.terms),
        "organizationId": proposal.organization_id,
        "newOrganizationName": proposal.new_organization_name,
        "requestRevision": proposal.request_revision,
        "proposedBy": proposal.proposed_by,
        "person": proposal.person,
    }
