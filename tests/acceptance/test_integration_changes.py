"""A pending change of an integration in production: what syncs and posts meet before and after.

An integrator asks for another board and one more employer. Until an operator applies that, syncs
and posts go on as if nobody had asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from tests.acceptance.conftest import both_engines
from tests.acceptance.test_syncs import BOARD, SCOPES, posting
from tests.harness.access import grant_access, job_form, ok
from tests.harness.api_client import ApiClient
from tests.harness.server import Running

databases = both_engines

OLD, NEW = "employer_1", "employer_2"
SOUTH = "southline"
_numbers = count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Integrator:
    """An organization with an active integration in production, and what its key does."""

    api: ApiClient
    founder: str
    key: str
    integration: dict[str, Any]

    def named(self, **said: Any) -> dict[str, Any]:
        """An operator's step on the integration."""
        ids = {name: self.integration[name] for name in ("organizationId", "integrationId")}
        return {**ids, "environment": "production", **said}

    def shown(self) -> Any:
        """The integration as its key reads it."""
        by_id = {"integrationId": self.integration["integrationId"]}
        return ok(self.api.call("GetIntegration", by_id, key=self.key))

    def ask(self) -> Any:
        """Asks for the other board and one more employer."""
        wanted = {
            "integrationId": self.integration["integrationId"],
            "board": SOUTH,
            "employerUserIds": [OLD, NEW],
        }
        change = {"integration": wanted, "updateMask": "board,employerUserIds"}
        return ok(self.api.call("UpdateIntegration", change, key=self.key))

    def sync(self, board: str, employer: str) -> str:
        """What becomes of a new record of a board: its outcome, or why it wasn't taken."""
        number = next(_numbers)
        url = f"https://boards.greenhouse.io/{board}/jobs/{number}"
        body = {
            "integrationId": self.integration["integrationId"],
            "employerUserId": employer,
            "jobs": [posting(number, absolute_url=url)],
        }
        reply = self.api.call("SyncJobs", body, key=self.key, idempotency_key=uuid4().hex)
        if reply.code != "ok":
            return reply.reason
        (outcome,) = reply.body["outcomes"]
        return str(outcome.get("rejections", [{"code": outcome["outcome"]}])[0]["code"])

    def post(self, employer: str) -> str:
        """What becomes of a job that is posted directly."""
        form = job_form(employerUserId=employer)
        reply = self.api.call("PostJob", form, key=self.key, idempotency_key=uuid4().hex)
        return reply.reason or reply.code

    def effects(self) -> dict[str, str]:
        """What the terms in force do."""
        return {
            "own board": self.sync(BOARD, OLD),
            "other board": self.sync(SOUTH, OLD),
            "other employer": self.sync(SOUTH, NEW),
            "post": self.post(OLD),
            "post of the other employer": self.post(NEW),
        }


UNDER_OLD = {
    "own board": "CREATED",
    "other board": "BOARD_MISMATCH",
    "other employer": "FIELD_INVALID",  # at employerUserId
    "post": "ATS_INGEST_REQUIRED",
    "post of the other employer": "ok",
}
UNDER_NEW = {
    "own board": "BOARD_MISMATCH",
    "other board": "CREATED",
    "other employer": "CREATED",
    "post": "ATS_INGEST_REQUIRED",
    "post of the other employer": "ATS_INGEST_REQUIRED",
}


@pytest.fixture
def integrator(api: ApiClient, running: Running, second: str) -> Iterator[Integrator]:
    """An integrator of the test's own."""
    access = grant_access(
        api,
        running.founder,
        second=second,
        environment="production",
        requestedScopes=SCOPES,
        approval_terms={"employerUserIds": [OLD, NEW]},
    )
    wanted = {"provider": "GREENHOUSE", "board": BOARD, "employerUserIds": [OLD]}
    made = ok(api.call("CreateIntegration", {"integration": wanted}, key=access.key))
    assert made["state"] == "PENDING"
    found = Integrator(api=api, founder=running.founder, key=access.key, integration=made)
    ok(api.call("ActivateIntegration", found.named(), key=running.founder))
    yield found


def test_an_applied_change_reaches_the_next_sync(integrator: Integrator) -> None:
    """Nothing changes before; the operator applies what it was shown."""
    api, founder = integrator.api, integrator.founder
    assert integrator.effects() == UNDER_OLD
    asked = integrator.ask()
    assert (asked["state"], asked["board"]) == ("ACTIVE", BOARD)
    pending = asked["pendingChange"]
    assert (pending["board"], pending["employerUserIds"]) == (SOUTH, [OLD, NEW])
    assert integrator.effects() == UNDER_OLD
    stale = integrator.named(etag=integrator.integration["etag"])
    assert api.call("ApplyIntegrationChange", stale, key=founder).reason == "ETAG_MISMATCH"
    step = integrator.named(etag=integrator.shown()["etag"], note="Their board moved.")
    applied = ok(api.call("ApplyIntegrationChange", step, key=founder))
    assert (applied["board"], applied["employerUserIds"]) == (SOUTH, [OLD, NEW])
    assert "pendingChange" not in applied
    assert integrator.shown() == applied
    assert integrator.effects() == UNDER_NEW
    wanted = {"target": applied["integrationId"], "action": "ats.integration_change_applied"}
    (event,) = ok(api.call("ListAuditEvents", wanted, key=founder))["auditEvents"]
    assert (event["before"]["board"], event["after"]["board"]) == (BOARD, SOUTH)


def test_a_discarded_change_leaves_the_terms(integrator: Integrator) -> None:
    """With the reason in the audit log; it can be asked for again."""
    api, founder = integrator.api, integrator.founder
    asked = integrator.ask()
    step = integrator.named(etag=asked["etag"], reason="Not their employer.")
    kept = ok(api.call("DiscardIntegrationChange", step, key=founder))
    assert (kept["board"], kept["employerUserIds"]) == (BOARD, [OLD])
    assert "pendingChange" not in integrator.shown()
    assert integrator.effects() == UNDER_OLD
    again = api.call("DiscardIntegrationChange", {**step, "etag": kept["etag"]}, key=founder)
    assert again.reason == "ILLEGAL_TRANSITION"
    wanted = {"target": kept["integrationId"], "action": "ats.integration_change_discarded"}
    (event,) = ok(api.call("ListAuditEvents", wanted, key=founder))["auditEvents"]
    assert event["reason"] == "Not their employer."
    assert integrator.ask()["pendingChange"]["board"] == SOUTH
