"""Location texts that suggest another country than the one that the record states."""

from __future__ import annotations

from typing import Any

import pytest
from tests.harness.access import EMPLOYER, grant_access, ok
from tests.harness.api_client import ApiClient
from tests.harness.server import Running

SCOPES = ["jobs:read", "ats:read", "ats:sync"]


def posting(number: int, text: str, country: str | None) -> dict[str, Any]:
    """The detail of a Workday posting, with its pay in its prose."""
    where = {"jobRequisitionLocation": {"country": {"alpha2Code": country}}} if country else {}
    return {
        "jobPostingInfo": {
            "jobReqId": f"JR-{number:05}",
            "title": "Dock Lead",
            "location": text,
            "jobDescription": "<p>Salary range: $50,000 - $60,000 per year</p>",
            **where,
        }
    }


CASES = [
    # text, stated country, country, currency, a warning
    ("Warehouse 4, Indianapolis, IN", "US", "US", "USD", None),
    ("Downtown Branch, San Diego, CA", "US", "US", "USD", None),
    ("Leeds, UK", "US", "US", "USD", "LOCATION_CONFLICT"),
    ("San Francisco, CA", "IN", "IN", None, "LOCATION_CONFLICT"),
    ("Kochi, IN", "IN", "IN", None, None),
    ("CA-ON-Toronto", None, "CA", "CAD", None),
    ("Springdale, CO", None, None, None, "COUNTRY_UNKNOWN"),
]


@pytest.fixture(scope="module")
def key(running: Running, api: ApiClient) -> str:
    """A key with an active Workday integration."""
    made = grant_access(api, running.founder, requestedScopes=SCOPES).key
    wanted = {"provider": "WORKDAY", "board": "northdepot", "employerUserIds": [EMPLOYER]}
    ok(api.call("CreateIntegration", {"integration": wanted}, key=made))
    return made


def test_a_text_changes_neither_country_nor_currency(api: ApiClient, key: str) -> None:
    """What the record states stands; without a statement or evidence, nothing is invented."""
    jobs = [posting(number, text, stated) for number, (text, stated, *_) in enumerate(CASES)]
    body = {"provider": "WORKDAY", "employerUserId": EMPLOYER, "jobs": jobs}
    reply = ok(api.call("SyncJobs", body, key=key, idempotency_key="once"))
    for outcome, (text, _, country, currency, warning) in zip(
        reply["outcomes"], CASES, strict=True
    ):
        job = ok(api.call("GetJob", {"jobId": outcome["jobId"]}, key=key))
        (place,) = job["jobContent"]["locations"]
        assert (place["raw"], place.get("country")) == (text, country)
        assert [pay.get("currency") for pay in job["payRange"]["pays"]] == [currency]
        told = {note["code"] for note in outcome["warnings"]}
        assert told & {"LOCATION_CONFLICT", "COUNTRY_UNKNOWN"} == ({warning} if warning else set())
