"""A credential that a person pastes into a note, a reason or a form is refused and never kept."""

from __future__ import annotations

from typing import Any

import pytest
from tests.harness.access import Access, grant_access, job_form, request_form
from tests.harness.api_client import ApiClient
from tests.harness.server import Running


@pytest.fixture(scope="module")
def owner(api: ApiClient, running: Running) -> Access:
    """A key, a status token and what they belong to."""
    return grant_access(api, running.founder)


CALLS = [
    ("RevokeGrant", "grantId", {"reason": "leaked: {}"}, "reason"),
    ("RevokeKey", "keyId", {"reason": "{}"}, "reason"),
    ("RequestInfo", "ticketId", {"question": "Is {} yours?"}, "question"),
    ("SuspendOrganization", "organizationId", {"reason": "see {}."}, "reason"),
    ("ReplyToReview", "ticketId", {"text": "We use {} now"}, "text"),
    ("SubmitAccessRequest", "", request_form(useCase="As with {} before."), "useCase"),
    ("SubmitAccessRequest", "", request_form(callbackUrl="https://x.example/?k={}"), "callbackUrl"),
    ("PostJob", "", job_form(title="Ask with {}"), "title"),
    ("PostJob", "", job_form(requirements=["Lift", "{}"]), "requirements[1]"),
]


@pytest.mark.parametrize(("method", "id_field", "members", "path"), CALLS)
def test_it_is_refused_by_the_path_of_the_field(
    api: ApiClient,
    running: Running,
    owner: Access,
    method: str,
    id_field: str,
    members: dict[str, Any],
    path: str,
) -> None:
    """Nothing ran: no event of the audit log names the request, and no error repeats the key."""
    ids = {
        "grantId": owner.grant_id,
        "keyId": owner.key_id,
        "ticketId": owner.ticket_id,
        "organizationId": owner.organization_id,
        "": "",
    }
    key = owner.key if method == "PostJob" else running.founder
    headers = {"x_status_token": owner.status_token} if method == "ReplyToReview" else {"key": key}
    for number, secret in enumerate((owner.key, running.founder, owner.status_token)):
        body = {name: fill(value, secret) for name, value in members.items()}
        if id_field:
            body[id_field] = ids[id_field]
        made = f"pasted-{path}-{number}"
        reply = api.call(method, body, idempotency_key=made, **headers)
        assert (reply.code, reply.reason) == ("invalid_argument", "CREDENTIAL_IN_FIELD")
        assert reply.violations == [path]
        assert secret not in str(reply.body)
        asked = {"requestId": reply.body["requestId"]}
        assert not api.call("ListAuditEvents", asked, key=running.founder).body.get("auditEvents")


def fill(value: Any, secret: str) -> Any:
    """The value with the credential in it."""
    if isinstance(value, list):
        return [fill(each, secret) for each in value]
    return value.replace("{}", secret) if isinstance(value, str) else value


def test_it_is_no_idempotency_key(api: ApiClient, owner: Access) -> None:
    """The server would keep it for a day."""
    reply = api.call("SubmitAccessRequest", request_form(), idempotency_key=owner.status_token)
    assert (reply.code, reply.reason) == ("invalid_argument", "IDEMPOTENCY_KEY_INVALID")
    assert owner.status_token not in str(reply.body)


@pytest.mark.parametrize("title", [" ", "\u200b", "\u3164"])
def test_blank_text_is_no_text(api: ApiClient, owner: Access, title: str) -> None:
    """Neither white space nor characters of no width."""
    body = job_form(title=title)
    reply = api.call("PostJob", body, key=owner.key, idempotency_key="blank")
    assert (reply.code, reply.violations) == ("invalid_argument", ["title"])
