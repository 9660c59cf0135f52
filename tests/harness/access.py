"""The steps from an access request to a key, as calls of an API client."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.harness.api_client import ApiClient

ASPECTS = (
    "DATA_CLASS",
    "EMPLOYER_AUTHORITY",
    "REQUESTED_SCOPES",
    "ROUTE_RISK",
    "INTEGRATION_READINESS",
)
EMPLOYER = "employer_123"
FINDINGS = [{"aspect": aspect, "finding": "fine", "note": "as seen"} for aspect in ASPECTS]


def request_form(**changed: Any) -> dict[str, Any]:
    """The seven fields, and whatever a test wants otherwise."""
    form = {
        "companyName": "Northline Warehousing",
        "contactName": "Maya Patel",
        "contactEmail": "maya@northline-warehousing.example",
        "useCase": "Post closeout shifts.",
        "requestedScopes": ["jobs:read", "jobs:write", "employer:read"],
        "monthlyVolumeEstimate": 2500,
        "callbackUrl": "https://hooks.northline-warehousing.example/xaigh",
    }
    return {**form, **changed}


def job_form(**changed: Any) -> dict[str, Any]:
    """A job that can be posted."""
    form = {
        "employerUserId": EMPLOYER,
        "title": "Warehouse closeout crew",
        "slots": 12,
        "startsAt": "2027-06-18T08:00:00Z",
    }
    return {**form, **changed}


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What a review led to: ticket, grant, and a key of it."""

    ticket_id: str
    status_token: str
    organization_id: str
    grant_id: str
    key: str

    @property
    def key_id(self) -> str:
        """The public part of the key."""
        return self.key[8:18]


def ok(reply: Any) -> Any:
    """The body of a reply that went well."""
    assert reply.code == "ok", reply.body
    return reply.body


def approval(ticket_id: str, environment: str, etag: str, **changed: Any) -> dict[str, Any]:
    """An approval with its five findings."""
    return {
        "ticketId": ticket_id,
        "environment": environment,
        "etag": etag,
        "employerUserIds": [EMPLOYER],
        "findings": FINDINGS,
        **changed,
    }


def confirm(api: ApiClient, proposal: dict[str, Any], key: str) -> Any:
    """The reply to a confirmation by a second operator."""
    named = {"proposalId": proposal["proposalId"], "etag": proposal["etag"]}
    return ok(api.call("ConfirmProposal", named, key=key))


def grant_access(
    api: ApiClient,
    founder: str,
    *,
    second: str = "",
    environment: str = "sandbox",
    approval_terms: dict[str, Any] | None = None,
    key: dict[str, Any] | None = None,
    **form: Any,
) -> Access:
    """Submits, reviews, approves and issues one key. Production needs a second operator."""
    waiver = {"rollbackPlan": "revoke", "evidenceWaiver": "known integrator"}
    extra = waiver if environment == "production" else {}
    asked = request_form(failureMode="we call the employer", environments=[environment], **form)
    ticket = ok(api.call("SubmitAccessRequest", asked))
    ticket_id = ticket["ticketId"]
    etag = ok(api.call("StartReview", {"ticketId": ticket_id}, key=founder))["etag"]
    wanted = approval(ticket_id, environment, etag, **extra, **(approval_terms or {}))
    approved = ok(api.call("ApproveAccessRequest", wanted, key=founder))
    if approved["outcome"] == "PROPOSED":
        approved = confirm(api, approved["proposal"], second)
    grant_id = approved["grant"]["grantId"]
    order = {"grantId": grant_id, "name": "test", **(key or {})}
    return Access(
        ticket_id=ticket_id,
        status_token=ticket["statusToken"],
        organization_id=approved["grant"]["organizationId"],
        grant_id=grant_id,
        key=ok(api.call("IssueKey", order, key=founder)).get("apiKey", ""),
    )
