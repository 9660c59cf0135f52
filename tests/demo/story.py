"""The story, in six chapters. Each step says what must be so; a step that is off ends the play."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tests.demo.show import Printer
from tests.harness.api_client import ApiClient
from tests.harness.challenged_callback import shared_callback
from tests.harness.server import verify_audit

ANCHORED_SECONDS = 30.0
SETTLED_SECONDS = 30.0  # servers write what they counted every five seconds
BOARDS = Path(__file__).parent / "boards"
ASPECTS = (
    ("DATA_CLASS", "no personal data", "Shift facts only: titles, slots, places, times."),
    ("EMPLOYER_AUTHORITY", "confirmed", "The employer's contract names the applicant."),
    ("REQUESTED_SCOPES", "fit the use case", "Nothing beyond what the use case needs."),
    ("ROUTE_RISK", "acceptable", "Writes are limited to the employers of this grant."),
    ("INTEGRATION_READINESS", "shown", "Repeats and recovers in the sandbox."),
)


class StoryBroken(Exception):
    """A step didn't go as it must."""


@dataclass(slots=True, kw_only=True)
class Stage:
    """Who plays, and what was handed over so far."""

    api: ApiClient
    printer: Printer
    founder: str
    second: str
    data_dir: Path | None
    suffix: str
    environ: Mapping[str, str] = field(default_factory=dict)
    """Settings of the server whose folder `data_dir` is."""
    facts: dict[str, str] = field(default_factory=dict)

    def call(
        self, method: str, body: Mapping[str, Any], *, expect: str = "ok", **headers: str
    ) -> Any:
        """Plays one call, shows it, and wants the code that is expected."""
        reply = self.api.call(method, body, **headers)
        notes = [
            f"{name}: {reply.headers[name]}"
            for name in ("idempotent-replayed", "www-authenticate", "deprecation")
            if name in reply.headers
        ]
        if "idempotency_key" in headers:
            notes.insert(0, f"idempotency-key: {headers['idempotency_key']}")
        self.printer.exchange(reply.shown, body, reply.body, notes)
        self.must(reply.code == expect, f"answers {expect}", f"answered {reply.code}")
        return reply

    def call_when(
        self,
        method: str,
        body: Mapping[str, Any],
        holds: Callable[[Any], bool],
        *,
        key: str,
    ) -> Any:
        """Waits until the reply is as wanted, then plays the call."""
        ends = time.monotonic() + SETTLED_SECONDS
        while not holds(self.api.call(method, body, key=key).body) and time.monotonic() < ends:
            time.sleep(0.5)
        return self.call(method, body, key=key)

    def must(self, holds: bool, what: str, instead: str = "") -> None:
        """Goes on if it holds, else ends the play."""
        if not holds:
            self.printer.wrong(f"{what}{': ' + instead if instead else ''}")
            raise StoryBroken(what)
        self.printer.fine(what)


def play_each(
    apis: Sequence[ApiClient],
    *,
    printer: Printer,
    founder: str,
    second: str,
    data_dir: Path | None,
    environ: Mapping[str, str] = MappingProxyType({}),
) -> bool:
    """Plays the story by each client in turn, and closes all of them. Returns whether it held."""
    with ExitStack() as stack:
        for api in apis:
            stack.callback(api.close)
        for api in apis:
            stage = Stage(
                api=api,
                printer=printer,
                founder=founder,
                second=second,
                data_dir=data_dir,
                environ=environ,
                suffix=f"_{api.name.lower()}",
            )
            try:
                play(stage)
            except StoryBroken as broken:
                printer.wrong(f"The story broke by {api.name}: {broken}")
                return False
    printer.title(f"The whole story held, by {' and by '.join(api.name for api in apis)}")
    return True


def play(stage: Stage) -> None:
    """Every chapter in order. Raises `StoryBroken`."""
    for chapter in (ask, review, prove_and_go_live, post_jobs, sync_ats, audit):
        stage.printer.title(f"{stage.api.name} · {(chapter.__doc__ or '').strip().rstrip('.')}")
        chapter(stage)


def ask(stage: Stage) -> None:
    """1. An enterprise asks for access and gets a ticket."""
    stage.printer.step("Northline asks to post jobs")
    reply = stage.call("SubmitAccessRequest", _request(["jobs:write", "employer:read"]))
    stage.facts["ticket"] = reply.body["ticketId"]
    stage.facts["token"] = reply.body["statusToken"]
    text = json.dumps(reply.body)
    keyless = not any(mark in text for mark in ("_sk_", "_pk_", "apiKey"))
    stage.must(keyless, "the ticket holds no key, and nothing that looks like one")

    stage.printer.step("and, for another employer, to sync its ATS")
    scopes = ["jobs:read", "ats:read", "ats:sync", "ats:confirm"]
    stage.facts["ats_ticket"] = stage.call("SubmitAccessRequest", _request(scopes)).body["ticketId"]

    stage.printer.step("The applicant follows the ticket with its status token")
    status = stage.call(
        "GetTicketStatus", {"ticketId": stage.facts["ticket"]}, x_status_token=stage.facts["token"]
    )
    stage.must(status.body["state"] == "SUBMITTED", "the ticket is submitted")


def review(stage: Stage) -> None:
    """2. An operator reviews it and approves the sandbox."""
    stage.printer.step("The queue, oldest first")
    queue = stage.call("ListAccessRequests", {"states": ["SUBMITTED"]}, key=stage.founder)
    waiting = [each["ticketId"] for each in queue.body["accessRequests"]]
    stage.must(stage.facts["ticket"] in waiting, "the request waits in the queue")

    stage.printer.step("The dossier")
    dossier = stage.call("GetDossier", {"ticketId": stage.facts["ticket"]}, key=stage.founder)
    risks = {each["scope"]: each.get("highRisk", False) for each in dossier.body["scopes"]}
    stage.must(risks["jobs:write"], "the dossier marks jobs:write as high risk")

    own, ats = EMPLOYER + stage.suffix, ATS_EMPLOYER + stage.suffix
    for ticket, employers in (("ticket", (own, ats)), ("ats_ticket", (ats,))):
        stage.printer.step(f"The founder takes {stage.facts[ticket]} on and approves its sandbox")
        started = stage.call(
            "StartReview", {"ticketId": stage.facts[ticket]}, key=stage.founder
        ).body
        approved = stage.call(
            "ApproveAccessRequest",
            _approval(stage.facts[ticket], "sandbox", started["etag"], *employers)
            | {"organizationId": stage.facts.get("organization", "")},
            key=stage.founder,
        ).body
        stage.facts["organization"] = approved["grant"]["organizationId"]
        stage.must(approved["outcome"] == "GRANTED", "a grant exists")
        stage.must("apiKey" not in json.dumps(approved), "and approving made no key")
        stage.facts[f"{ticket}_grant"] = approved["grant"]["grantId"]


def prove_and_go_live(stage: Stage) -> None:
    """3. Sandbox traffic, two operators for production, and keys issued by hand."""
    stage.facts["test_key"] = _issue(stage, "ticket_grant", "Northline sandbox", "test_sk_")

    stage.printer.step("Sandbox traffic: an error, its recovery, and a repeated write")
    key = stage.facts["test_key"]
    wrong = _job(stage.suffix) | {"slots": 0}
    stage.call("PostJob", wrong, expect="invalid_argument", key=key, idempotency_key="trial-1")
    job = stage.call("PostJob", _job(stage.suffix), key=key, idempotency_key="trial-1").body
    again = stage.call("PostJob", _job(stage.suffix), key=key, idempotency_key="trial-1")
    stage.must(again.body["jobId"] == job["jobId"], "the repeat is the same job")
    stage.facts["sandbox_job"] = job["jobId"]

    stage.printer.step("The dossier shows it as evidence")
    named = {"ticketId": stage.facts["ticket"]}
    dossier = stage.call_when("GetDossier", named, _is_ready, key=stage.founder)
    stage.must(_is_ready(dossier.body), "a replay and a recovery are there")

    stage.printer.step("Production wants more: what the review lacks is listed")
    ticket = {"ticketId": stage.facts["ticket"]}
    etag = stage.call("GetAccessRequest", ticket, key=stage.founder).body["etag"]
    approval = _approval(ticket["ticketId"], "production", etag, EMPLOYER + stage.suffix)
    lacking = stage.call(
        "ApproveAccessRequest", approval, expect="failed_precondition", key=stage.founder
    )
    stage.must(lacking.body["reason"] == "REVIEW_INCOMPLETE", "the failure mode is missing")
    form = _request(["jobs:write", "employer:read"]) | {
        "failureMode": "If we can't post, planners call the employer and staff by phone."
    }
    amendment = ticket | {"form": form}
    stage.call("AmendAccessRequest", amendment, x_status_token=stage.facts["token"])

    stage.printer.step("The applicant proves its callback: it answers a signed challenge")
    proven = stage.call("ProveCallback", ticket, x_status_token=stage.facts["token"]).body
    states = {each["subject"]: each["state"] for each in proven["proofs"]}
    stage.must(states[form["callbackUrl"]] == "PROVEN", "the callback answered a signed challenge")

    stage.printer.step("The founder proposes production")
    etag = stage.call("GetAccessRequest", ticket, key=stage.founder).body["etag"]
    approval = _approval(ticket["ticketId"], "production", etag, EMPLOYER + stage.suffix)
    made = stage.call("ApproveAccessRequest", approval, key=stage.founder).body
    stage.must(made["outcome"] == "PROPOSED", "a proposal waits for another person")
    again = approval | {"etag": made["accessRequest"]["etag"]}
    open_one = stage.call(
        "ApproveAccessRequest", again, expect="failed_precondition", key=stage.founder
    )
    stage.must(open_one.body["reason"] == "PROPOSAL_OPEN", "approving again confirms nothing")

    stage.printer.step("The second operator reads all of its terms")
    waiting = {"waitingForMe": True, "ticketId": ticket["ticketId"]}
    (proposal,) = stage.call("ListProposals", waiting, key=stage.second).body["proposals"]
    stage.must(proposal == made["proposal"], "exactly what the founder proposed")
    named = {"proposalId": proposal["proposalId"], "etag": proposal["etag"]}
    rehearsal = named | {"validateOnly": True}
    shown = stage.call("ConfirmProposal", rehearsal, key=stage.second).body
    stage.must(shown["grant"]["terms"] == proposal["terms"], "the dry run shows the same terms")

    stage.printer.step("The founder can't confirm the own proposal; another person can")
    stage.call("ConfirmProposal", named, expect="failed_precondition", key=stage.founder)
    granted = stage.call("ConfirmProposal", named, key=stage.second).body
    stage.must(granted["proposal"]["state"] == "CONFIRMED", "production is granted")
    stage.must(granted["grant"]["terms"] == proposal["terms"], "on the terms that were shown")
    stage.must(granted["accessRequest"]["state"] == "APPROVED", "and the ticket is closed")
    stage.facts["live_grant"] = granted["grant"]["grantId"]
    stage.facts["live_key"] = _issue(stage, "live_grant", "Northline production", "live_sk_")


def post_jobs(stage: Stage) -> None:
    """4. Posting jobs, and what a key can't do."""
    live, test = stage.facts["live_key"], stage.facts["test_key"]
    stage.printer.step("A job is posted, once")
    job = stage.call("PostJob", _job(stage.suffix), key=live, idempotency_key="shift-1").body
    again = stage.call("PostJob", _job(stage.suffix), key=live, idempotency_key="shift-1")
    stage.must(again.headers.get("idempotent-replayed") == "true", "the repeat is a replay")
    stage.must(again.body["jobId"] == job["jobId"], "of the same job")
    other = _job(stage.suffix) | {"slots": 3}
    stage.call(
        "PostJob", other, expect="idempotency_key_reused", key=live, idempotency_key="shift-1"
    )

    stage.printer.step("The test key doesn't see the live job")
    employer = {"employerUserId": EMPLOYER + stage.suffix}
    seen = stage.call("ListEmployerJobs", employer, key=test).body.get("jobs", [])
    ids = [each["jobId"] for each in seen]
    stage.must(job["jobId"] not in ids and stage.facts["sandbox_job"] in ids, "only its own")

    stage.printer.step("No scope, no call")
    stage.call("GetJob", {"jobId": job["jobId"]}, expect="insufficient_scope", key=live)

    stage.printer.step("After a rotation and a revocation the old keys are dead")
    rotated = stage.call("RotateKey", {"keyId": live[8:18]}, key=stage.founder).body
    stage.call("ListEmployerJobs", employer, expect="unauthenticated", key=live)
    stage.call("ListEmployerJobs", employer, key=rotated["apiKey"])
    stage.call("RevokeKey", {"keyId": test[8:18], "reason": "end of the trial"}, key=stage.founder)
    stage.call("ListEmployerJobs", employer, expect="unauthenticated", key=test)


def sync_ats(stage: Stage) -> None:
    """5. The client's ATS owns its postings: two boards, three days apart."""
    key = _issue(stage, "ats_ticket_grant", "Northline ATS", "test_sk_")
    employer = ATS_EMPLOYER + stage.suffix
    stage.printer.step("An integration is made; in the sandbox it activates itself")
    wanted = {"provider": "GREENHOUSE", "board": "northline", "employerUserIds": [employer]}
    made = stage.call("CreateIntegration", {"integration": wanted}, key=key).body
    stage.must(made["state"] == "ACTIVE", "it is active at once")

    stage.printer.step("The board of the first day")
    first = _board("day_1.json")
    sync = {"provider": "GREENHOUSE", "employerUserId": employer}
    reply = stage.call(
        "SyncJobs", sync | {"jobs": first}, key=key, idempotency_key="board-day-1"
    ).body
    stage.must(_outcomes(reply) == {"CREATED": len(first)}, "every role is created")

    stage.printer.step("Three days later, complete: one role is gone")
    later = _board("day_4.json")
    body = sync | {"jobs": later, "closeMissing": True, "expectedTotal": len(later)}
    reply = stage.call("SyncJobs", body, key=key, idempotency_key="board-day-4").body
    outcomes = _outcomes(reply)
    gone = len(first) - len(later)
    stage.must(outcomes.get("UNCHANGED") == len(later), "the others are unchanged")
    closed = [each for each in _events(stage, key) if each["type"] == "CLOSED"]
    stage.must(len(closed) == gone, "exactly the missing role is closed")
    reason = json.dumps(closed)
    stage.must("ATS_MISSING_FROM_AUTHORITATIVE_SYNC" in reason, "with its reason")

    stage.printer.step("What the ATS owns, the API doesn't write")
    job = stage.call("ListJobs", {"employerUserId": employer}, key=key).body["jobs"][0]
    stage.must(job["source"] == "CLIENT_ATS", "the job is the ATS's")
    writer = _issue(stage, "ticket_grant", "Northline planning", "test_sk_")
    direct = {"job": {"jobId": job["jobId"], "jobContent": {"title": "Night crew"}}}
    refused = stage.call(
        "UpdateJob",
        direct | {"updateMask": "jobContent.title"},
        expect="failed_precondition",
        key=writer,
    )
    stage.must(refused.body["reason"] == "ATS_INGEST_REQUIRED", "a change is refused whole")
    post = _job(stage.suffix) | {"employerUserId": employer}
    refused = stage.call(
        "PostJob", post, expect="failed_precondition", key=writer, idempotency_key="direct-1"
    )
    stage.must(refused.body["reason"] == "ATS_INGEST_REQUIRED", "and so is a new posting")

    stage.printer.step("The status of the integration")
    status = stage.call("GetSyncStatus", {"provider": "GREENHOUSE"}, key=key).body
    (integration,) = status["integrations"]
    stage.must(integration["integrationId"] == made["integrationId"], "it is the one made above")
    stage.must(integration["lastAttemptResult"] == "COMPLETED", "its last run is complete")
    roles = integration["roles"]
    stage.must(roles["open"] == len(later), "every role of the board is open")
    stage.must(roles["closed"] == gone, "and the missing one is closed")


def audit(stage: Stage) -> None:
    """6. The audit trail of all that, verified."""
    stage.printer.step("What happened, newest first")
    listed = stage.call("ListAuditEvents", {"pageSize": 200}, key=stage.founder).body
    actions = {each["action"] for each in listed["auditEvents"]}
    for action in ("ticket.submitted", "ticket.approved", "key.issued", "key.revoked"):
        stage.must(action in actions, f"{action} is in the trail")
    if stage.data_dir is None:
        return
    stage.printer.step("xaigh-server audit verify")
    ends = time.monotonic() + ANCHORED_SECONDS
    while (
        done := verify_audit(stage.data_dir, **stage.environ)
    ).returncode and time.monotonic() < ends:
        time.sleep(0.5)  # the anchor of the last events follows within seconds
    for line in done.stdout.splitlines():
        stage.printer.fine(line)
    stage.must(done.returncode == 0, "every chain holds", done.stderr)


EMPLOYER = "employer_northline"
ATS_EMPLOYER = "employer_northline_ats"


def _request(scopes: list[str]) -> dict[str, Any]:
    return {
        "companyName": "Northline Warehousing",
        "contactName": "Maya Patel",
        "contactEmail": "maya.patel@northline-warehousing.example",
        "useCase": "Post closeout shifts from our planning system and keep them current.",
        "requestedScopes": scopes,
        "monthlyVolumeEstimate": 2500,
        "callbackUrl": shared_callback().url(),
    }


def _approval(ticket: str, environment: str, etag: str, *employers: str) -> dict[str, Any]:
    findings = [
        {"aspect": aspect, "finding": finding, "note": note} for aspect, finding, note in ASPECTS
    ]
    approval: dict[str, Any] = {
        "ticketId": ticket,
        "environment": environment,
        "etag": etag,
        "employerUserIds": list(employers),
        "findings": findings,
    }
    if environment == "production":
        approval["rollbackPlan"] = "Roll the keys back; tell the employer of what is held."
        approval["domainWaiver"] = "We met them; the domain is registered to the company."
    return approval


def _is_ready(dossier: Mapping[str, Any]) -> bool:
    return bool(dossier["readiness"].get("sufficient"))


def _issue(stage: Stage, grant: str, name: str, prefix: str) -> str:
    stage.printer.step(f"A {prefix} key is issued by hand")
    issued = stage.call(
        "IssueKey", {"grantId": stage.facts[grant], "name": name}, key=stage.founder
    ).body
    stage.must(issued["apiKey"].startswith(prefix), "it is shown once")
    return str(issued["apiKey"])


def _job(suffix: str) -> dict[str, Any]:
    return {
        "employerUserId": EMPLOYER + suffix,
        "title": "Warehouse closeout crew",
        "slots": 12,
        "startsAt": "2026-12-18T08:00:00Z",
    }


def _board(name: str) -> list[dict[str, Any]]:
    jobs: list[dict[str, Any]] = json.loads((BOARDS / name).read_text())["jobs"]
    return jobs


def _outcomes(reply: Mapping[str, Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for each in reply["outcomes"]:
        found[each["outcome"]] = found.get(each["outcome"], 0) + 1
    return found


def _events(stage: Stage, key: str) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = stage.call("ListSyncEvents", {}, key=key).body["events"]
    return events
