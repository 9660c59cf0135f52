"""A page token tells nothing, and is good for nothing but the next page of its own list."""

from __future__ import annotations

import base64
import json
from uuid import uuid4

import pytest
from tests.harness.access import EMPLOYER, Access, grant_access, job_form, ok
from tests.harness.api_client import ApiClient, Reply
from tests.harness.server import Running


@pytest.fixture(scope="module")
def owner(api: ApiClient, running: Running) -> Access:
    """A key whose organization has three jobs."""
    made = grant_access(api, running.founder)
    for _ in range(3):
        ok(api.call("PostJob", job_form(), key=made.key, idempotency_key=uuid4().hex))
    return made


@pytest.fixture(scope="module")
def token(api: ApiClient, owner: Access) -> str:
    """The token of the second page."""
    return str(ok(api.call("ListJobs", {"pageSize": 1}, key=owner.key))["nextPageToken"])


def is_list(raw: bytes) -> bool:
    """Whether the bytes are a list in JSON, as a cursor was."""
    try:
        return isinstance(json.loads(raw), list)
    except ValueError:
        return False


def assert_refused(reply: Reply) -> None:
    """By the name of the field."""
    assert (reply.code, reply.reason) == ("invalid_argument", "PAGE_TOKEN_INVALID")
    assert reply.violations == ["pageToken"]


def test_it_leads_to_what_follows(api: ApiClient, owner: Access, token: str) -> None:
    """As a client walks through a list."""
    first = ok(api.call("ListJobs", {"pageSize": 1}, key=owner.key))["jobs"]
    rest = ok(api.call("ListJobs", {"pageSize": 2, "pageToken": token}, key=owner.key))["jobs"]
    assert len({each["jobId"] for each in (*first, *rest)}) == 3


def test_it_cant_be_read(token: str) -> None:
    """Row numbers over all organizations would tell one how many jobs the others post."""
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    assert not any(is_list(raw[at:]) for at in range(len(raw)))


def test_it_is_of_no_use_elsewhere(
    api: ApiClient, running: Running, owner: Access, token: str
) -> None:
    """Not changed, with other filters, on another list, or with somebody else's key."""
    stranger = grant_access(api, running.founder, companyName="Another")
    bent = token[:-5] + ("A" if token[-5] != "A" else "B") + token[-4:]
    by_employer = {"employerUserId": EMPLOYER, "pageToken": token}
    assert_refused(api.call("ListJobs", {"pageToken": bent}, key=owner.key))
    assert_refused(api.call("ListJobs", by_employer, key=owner.key))
    assert_refused(api.call("ListEmployerJobs", by_employer, key=owner.key))
    assert_refused(api.call("ListJobs", {"pageToken": token}, key=stranger.key))


def test_a_token_of_the_sandbox_pages_nothing_in_production(
    api: ApiClient, running: Running, owner: Access, token: str
) -> None:
    """Also with a key of the same organization."""
    live = grant_access(
        api,
        running.founder,
        environment="production",
        approval_terms={"organizationId": owner.organization_id},
        requestedScopes=["jobs:read"],
    )
    ok(api.call("ListJobs", {}, key=live.key))
    assert_refused(api.call("ListJobs", {"pageToken": token}, key=live.key))
