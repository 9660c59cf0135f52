"""The steps from an access request to a key, as calls of an API client."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.harness.api_client import ApiClient
from tests.harness.challenged_callback import shared_callback

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


LIVE_TERMS = {
    "rollbackPlan": "revoke",
    "evidenceWaiver": "known integrator",
    "domainWaiver": "known integrator",
}
"""What production needs beside the proof of the callback."""


def live_form(**changed: Any) -> dict[str, Any]:
    """A request for production, whose callback answers challenges."""
    callback = shared_callback().url()
    asked = {"failureMode": "we call", "environments": ["production"], "callbackUrl": callback}
    return request_form(**{**asked, **changed})


def prove_callback(api: ApiClient, ticket: dict[str, Any]) -> None:
    """Proves the callback of a submitted request, which must be that of `live_form`."""
    step = {"ticketId": ticket["ticketId"]}
    ok(api.call("ProveCallback", step, x_status_token=ticket["statusToken"]))


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
    extra = LIVE_TERMS if environment == "production" else {}
    if environment == "production":
        form = {"callbackUrl": shared_callback().url(), **form}
    asked = request_form(failureMode="we call the employer", environments=[environment], **form)
    ticket = ok(api.call("SubmitAccessRequest", asked))
    ticket_id = ticket["ticketId"]
    if environment == "production":
        prove_callback(api, ticket)
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
