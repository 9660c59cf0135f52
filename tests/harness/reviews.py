"""The steps of a review, as calls of the access services in process."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.harness.control_services import MAYA, ControlServices

from xaigh.access.v1 import grant_pb2
from xaigh_server.access.approval import (
    Evidence,
)
from xaigh_server.access.ownership import (
    Check,
    ProofKind,
    ProofMethod,
    first_proof,
    subjects_of,
)
from xaigh_server.access.ownership_repository import Proofs
from xaigh_server.access.repository import Tickets
from xaigh_server.db.session import Session
from xaigh_server.identity.principal import Principal
from xaigh_server.keys.grants import Aspect

EMPLOYER = "employer_1"
FORM: dict[str, Any] = {
    "company_name": "Northline Warehousing",
    "contact_name": "Maya Patel",
    "contact_email": "maya@northline.example",
    "use_case": "Post closeout shifts.",
    "requested_scopes": ["jobs:read", "jobs:write"],
    "monthly_volume_estimate": 2500,
    "callback_url": "https://hooks.northline.example/xaigh",
    "failure_mode": "We call the employer.",
    "data_classes": ["shift data"],
    "employer_user_ids": [EMPLOYER],
}
FINDINGS: list[dict[str, Any]] = [
    {"aspect": grant_pb2.Finding.Aspect.Value(aspect.value), "finding": "Fine."}
    | {"note": "as seen"}
    for aspect in Aspect
]
PROVEN = Evidence(calls=9, idempotent_replays=1, recovered_errors=1)


async def submit(services: ControlServices, **changed: Any) -> Any:
    """A submitted request; the reply carries the status token."""
    return await services.do("SubmitAccessRequest", **{**FORM, **changed})


async def own(services: ControlServices, ticket_id: str) -> None:
    """From now on the domain and the callbacks of a request are proven."""

    def write(session: Session) -> None:
        ticket = Tickets(session).get(ticket_id)
        for subject in subjects_of(ticket.form) if ticket is not None else ():
            callback = subject.kind is ProofKind.CALLBACK
            method = ProofMethod.CHALLENGE if callback else ProofMethod.DNS_TXT
            check = Check(subject=subject, method=method)
            Proofs(session).store(first_proof(ticket_id, check, services.clock.now))

    await services.control.write(write)


async def start(services: ControlServices, ticket_id: str, by: Principal = MAYA) -> Any:
    """The request under review by an operator; what it names is proven."""
    await own(services, ticket_id)
    return await services.do("StartReview", by, ticket_id=ticket_id)


async def approve(
    services: ControlServices,
    ticket: Any,
    by: Principal = MAYA,
    *,
    environment: str = "sandbox",
    **changed: Any,
) -> Any:
    """The approval of one environment, with its five findings, on the etag of `ticket`."""
    wanted = {
        "ticket_id": ticket.ticket_id,
        "environment": environment,
        "etag": ticket.etag,
        "employer_user_ids": [EMPLOYER],
        "findings": FINDINGS,
        "rollback_plan": "Revoke the grant." if environment == "production" else "",
    }
    return await services.do("ApproveAccessRequest", by, **{**wanted, **changed})


async def confirm(services: ControlServices, proposal: Any, by: Principal, **changed: Any) -> Any:
    """The confirmation of a proposal, on its etag."""
    named = {"proposal_id": proposal.proposal_id, "etag": proposal.etag}
    return await services.do("ConfirmProposal", by, **{**named, **changed})


async def reviewed(services: ControlServices, **changed: Any) -> tuple[Any, Any]:
    """A submitted request and its ticket under review, as operators read it."""
    ticket = await submit(services, **changed)
    return ticket, await start(services, ticket.ticket_id)


async def granted(services: ControlServices, **changed: Any) -> Any:
    """The grant of a sandbox that was asked for and approved."""
    _, ticket = await reviewed(services, **{"environments": ["sandbox"], **changed})
    return (await approve(services, ticket)).grant


def show_evidence(services: ControlServices, organization_id: str, **changed: Any) -> None:
    """From now on the sandbox traffic of an organization suffices for production."""
    services.outside.evidence_of[organization_id] = replace(PROVEN, **changed)
