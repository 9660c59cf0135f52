"""A stored reply goes to nobody from whom a read would hide what it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from copy import deepcopy
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any

import pytest
from tests.acceptance.conftest import ENVIRON, both_engines
from tests.acceptance.test_applications import form
from tests.acceptance.test_syncs import posting
from tests.harness.access import EMPLOYER, Access, grant_access, job_form, ok, request_form
from tests.harness.api_client import METHODS, ApiClient, Reply
from tests.harness.challenged_callback import shared_callback
from tests.harness.name_server import NameServer, Zone
from tests.harness.open_calls import GrpcOpenCall
from tests.harness.server import Running, operator, server
from tests.harness.threaded_name_server import threaded_name_server
from tests.harness.waiting import until

from xaigh.options.v1 import options_pb2 as options

databases = both_engines

OTHER = "employer_456"
SCOPES = [
    *("jobs:read", "jobs:write", "employer:approve", "ats:read", "ats:sync", "ats:confirm"),
    "applications:forward",
]


def methods_that_prove(replay: int) -> list[str]:
    """The methods whose rule declares this proof of a replay."""
    rules = {name: each.GetOptions().Extensions[options.rule] for name, each in METHODS.items()}
    return sorted(name for name, rule in rules.items() if rule.replay == replay)


@dataclass(slots=True, kw_only=True)
class Answered:
    """Calls that were answered under an idempotency key, by their methods."""

    api: ApiClient
    calls: dict[str, tuple[Mapping[str, Any], str]] = field(default_factory=dict)

    def first(self, method: str, body: Mapping[str, Any], key: str, **headers: str) -> Any:
        """Makes the first call, and remembers how it was made."""
        self.calls[method] = (body, f"{method}-{token_hex(8)}")
        return ok(self._call(method, key, headers))

    def again(self, method: str, key: str = "", **headers: str) -> Reply:
        """Makes the same call once more."""
        return self._call(method, key, headers)

    def _call(self, method: str, key: str, headers: dict[str, str]) -> Reply:
        body, name = self.calls[method]
        caller = {"key": key} if key else {}
        return self.api.call(method, deepcopy(body), idempotency_key=name, **caller, **headers)


def posted(answered: Answered, key: str) -> None:
    """A job of the other employer is posted, changed and closed."""
    job = answered.first("PostJob", job_form(employerUserId=OTHER), key)
    change = {"job": {"jobId": job["jobId"], "jobContent": {"title": "Night crew"}}}
    answered.first("UpdateJob", change, key)
    answered.first("CloseJob", {"jobId": job["jobId"]}, key)


def decided(answered: Answered, wide: Access, founder: str) -> None:
    """Two jobs that another key posted under a policy are approved and returned."""
    call = answered.api.call
    policy = {
        "employerUserId": OTHER,
        "organizationId": wide.organization_id,
        "environment": "sandbox",
        "reason": "Their lawyers ask for it.",
    }
    ok(call("SetApprovalPolicy", {**policy, "approvalRequired": True}, key=founder))
    order = {"grantId": wide.grant_id, "name": "posts"}
    poster = ok(call("IssueKey", order, key=founder))["apiKey"]
    for method, why in (("ApprovePosting", {}), ("ReturnPosting", {"reason": "no site"})):
        form = job_form(employerUserId=OTHER)
        job = ok(call("PostJob", form, key=poster, idempotency_key=token_hex(8)))
        etag = {"etag": job["etag"]}
        answered.first(method, {"jobId": job["jobId"], **etag, **why}, wide.key)
    ok(call("SetApprovalPolicy", {**policy, "approvalRequired": False}, key=founder))


def synced(answered: Answered, key: str, founder: str) -> None:
    """The other employer's board is integrated and synced; a close is held and confirmed."""
    wanted = {"provider": "CUSTOM", "board": "x", "employerUserIds": [OTHER]}
    made = answered.first("CreateIntegration", {"integration": wanted}, key)
    name = {"integrationId": made["integrationId"]}
    renamed = {"integration": {**name, "displayName": "Northline"}}
    answered.first("UpdateIntegration", renamed, key)
    job = {"externalJobId": "1", "title": "Picker", "status": "OPEN"}
    feed = {"provider": "CUSTOM", "employerUserId": OTHER}
    sync = {**feed, "normalizedJobs": [job]}
    ok(answered.api.call("SyncJobs", sync, key=key, idempotency_key=token_hex(8)))
    empty = {**feed, "closeMissing": True, "expectedTotal": 0}
    held = answered.first("SyncJobs", empty, key)
    confirm = {"syncRunId": held["syncRunId"], "closeCount": held["run"]["close"]["count"]}
    answered.first("ConfirmClose", confirm, key)
    drifted(answered, key)
    answered.first("RetireIntegration", name, key)


def drifted(answered: Answered, key: str) -> None:
    """Ten roles lose their departments at once; the loss is held and confirmed."""
    feed = {"provider": "CUSTOM", "employerUserId": OTHER, "closeMissing": True}
    for department in ({"department": "Stores"}, {}):
        jobs = [
            {"externalJobId": f"d{n}", "title": "Picker", "status": "OPEN", **department}
            for n in range(10)
        ]
        batch = {**feed, "normalizedJobs": jobs, "expectedTotal": len(jobs)}
        reply = ok(answered.api.call("SyncJobs", batch, key=key, idempotency_key=token_hex(8)))
    confirm = {"syncRunId": reply["syncRunId"], "fields": ["department"]}
    answered.first("ConfirmDrift", confirm, key)


def forwarded(answered: Answered, running: Running, key: str) -> None:
    """An agent of the other employer's board receives an application and reports on it."""
    call = answered.api.call
    integration = {
        "provider": "GREENHOUSE",
        "employerUserIds": [OTHER],
        "applyMode": "APPLICATION_FORWARD",
        "forwardTarget": "agent",
    }
    made = ok(call("CreateIntegration", {"integration": integration}, key=key))
    answered.first("RotateForwardSecret", {"integrationId": made["integrationId"]}, key)
    batch = {"provider": "GREENHOUSE", "employerUserId": OTHER, "jobs": [posting(1)]}
    synced = ok(call("SyncJobs", batch, key=key, idempotency_key=token_hex(8)))
    service = operator(running.data_dir, f"workers-{token_hex(4)}", "service", **running.environ)
    application = form(synced["outcomes"][0]["jobId"])
    ok(call("SubmitApplication", application, key=service, idempotency_key=token_hex(8)))
    with closing(GrpcOpenCall(running.grpc, "ReceiveApplications", key)) as stream:
        until(lambda: any("application" in each for each in stream.replies), "it is handed out")
        (got,) = [each for each in stream.replies if "application" in each]
    report = {"applicationId": got["application"]["applicationId"], "attempt": got["attempt"]}
    answered.first("ReportApplication", {**report, "outcome": "FORWARDED"}, key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """An organization whose first key may reach two employers, and its second one of them."""

    answered: Answered
    wide: Access
    narrow: Access


def scene(api: ApiClient, running: Running) -> Scene:
    """Every call of it is about the employer that the second key may not reach."""
    founder = running.founder
    both = {"employerUserIds": [EMPLOYER, OTHER], "keyAllowance": 2}
    wide = grant_access(api, founder, requestedScopes=SCOPES, approval_terms=both)
    same = {"organizationId": wide.organization_id}
    narrow = grant_access(api, founder, requestedScopes=SCOPES, approval_terms=same)
    answered = Answered(api=api)
    posted(answered, wide.key)
    decided(answered, wide, founder)
    synced(answered, wide.key, founder)
    forwarded(answered, running, wide.key)
    return Scene(answered=answered, wide=wide, narrow=narrow)


@pytest.fixture(scope="module")
def standing(api: ApiClient, running: Running) -> Scene:
    """A scene in which both grants stand."""
    return scene(api, running)


@pytest.fixture(scope="module")
def narrowed(api: ApiClient, running: Running) -> Scene:
    """A scene whose first grant was narrowed after its calls were answered."""
    made = scene(api, running)
    after = {"grantId": made.wide.grant_id, "employerUserIds": [EMPLOYER], "reason": "left"}
    ok(api.call("NarrowGrant", after, key=running.founder))
    return made


@pytest.mark.parametrize("method", methods_that_prove(options.Rule.EMPLOYERS))
class TestEmployers:
    def test_the_caller_itself_gets_its_reply_again(self, standing: Scene, method: str) -> None:
        """Whoever may read the object may have the replay."""
        replay = standing.answered.again(method, standing.wide.key)
        assert (replay.code, replay.headers.get("idempotent-replayed")) == ("ok", "true")

    def test_a_key_without_the_employer_finds_nothing(self, standing: Scene, method: str) -> None:
        """It is of the same organization, so the idempotency key is known to it."""
        refused = standing.answered.again(method, standing.narrow.key)
        assert refused.code == "not_found", refused.body

    def test_a_key_whose_grant_was_narrowed_finds_nothing(
        self, narrowed: Scene, method: str
    ) -> None:
        """Not even what it was answered itself before."""
        refused = narrowed.answered.again(method, narrowed.wide.key)
        assert refused.code == "not_found", refused.body


@pytest.fixture(scope="module")
def names() -> Iterator[NameServer]:
    """The name server that proofs of domains are looked up at."""
    with threaded_name_server() as started:
        yield started


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory, databases: dict[str, str], names: NameServer
) -> Iterator[Running]:
    """A server that asks that name server."""
    environ = {**ENVIRON, **databases, "XAIGH_NAME_SERVERS": names.address}
    with server(tmp_path_factory.mktemp("data"), **environ) as started:
        yield started


def token_calls(api: ApiClient, founder: str, names: NameServer) -> tuple[Answered, dict[str, str]]:
    """The calls that go by a status token, and the token of each."""
    answered = Answered(api=api)
    tokens: dict[str, str] = {}
    form = request_form(environments=["sandbox"], contactName=f"Maya {api.name}")

    def submitted() -> tuple[dict[str, str], str]:
        ticket = ok(api.call("SubmitAccessRequest", form))
        return {"ticketId": ticket["ticketId"]}, ticket["statusToken"]

    ticket, token = submitted()
    amend = {**ticket, "form": {**form, "useCase": "Post night shifts."}}
    answered.first("AmendAccessRequest", amend, "", x_status_token=token)
    ok(api.call("StartReview", ticket, key=founder))
    ok(api.call("RequestInfo", {**ticket, "question": "Which sites?"}, key=founder))
    answered.first("ReplyToReview", {**ticket, "text": "Leeds."}, "", x_status_token=token)
    tokens |= dict.fromkeys(("AmendAccessRequest", "ReplyToReview"), token)
    form |= {"callbackUrl": shared_callback().url(), "contactEmail": f"m@{api.name}.proven.example"}
    ticket, token = submitted()
    wanted = ok(api.call("GetTicketStatus", ticket, x_status_token=token))["ownershipInstructions"]
    names.zones[wanted["dnsName"]] = Zone(texts=[wanted["dnsValue"].encode()])
    proofs = ("ProveCallback", "ProveDomain")
    for method in proofs:
        answered.first(method, ticket, "", x_status_token=token)
    tokens |= dict.fromkeys(proofs, token)
    ticket, token = submitted()
    answered.first("WithdrawAccessRequest", ticket, "", x_status_token=token)
    return answered, {**tokens, "WithdrawAccessRequest": token}


@pytest.fixture(scope="module")
def by_token(
    api: ApiClient, running: Running, names: NameServer
) -> tuple[Answered, dict[str, str]]:
    """What an applicant was answered."""
    return token_calls(api, running.founder, names)


Spoil = Callable[[str], dict[str, str]]


@pytest.mark.parametrize("method", methods_that_prove(options.Rule.STATUS_TOKEN))
class TestStatusTokens:
    def test_the_applicant_gets_its_reply_again(self, by_token: Any, method: str) -> None:
        """With the token that the first call carried."""
        answered, tokens = by_token
        replay = answered.again(method, x_status_token=tokens[method])
        assert (replay.code, replay.headers.get("idempotent-replayed")) == ("ok", "true")

    @pytest.mark.parametrize(
        "headers",
        [
            pytest.param(lambda _: {}, id="no token"),
            pytest.param(lambda token: {"x_status_token": token[:-1]}, id="a cut token"),
            pytest.param(lambda token: {"x_status_token": token.swapcase()}, id="an altered token"),
        ],
    )
    def test_nobody_else_does(self, by_token: Any, method: str, headers: Spoil) -> None:
        """From the same address, with the same body and key, and without the token."""
        answered, tokens = by_token
        refused = answered.again(method, **headers(tokens[method]))
        assert refused.code == "not_found"


def test_a_replay_of_the_organizations_own_needs_no_employer(
    api: ApiClient, running: Running
) -> None:
    """A webhook endpoint is the organization's, and every key with the scope may read it."""
    scopes: dict[str, Any] = {"requestedScopes": ["webhooks:read", "webhooks:write"]}
    first = grant_access(api, running.founder, **scopes)
    same = {"organizationId": first.organization_id, "employerUserIds": [OTHER]}
    second = grant_access(api, running.founder, approval_terms=same, **scopes)
    answered = Answered(api=api)
    made = answered.first("CreateEndpoint", {"url": "https://example.com/hook"}, first.key)
    replay = ok(answered.again("CreateEndpoint", second.key))
    assert replay["endpointId"] == made["endpointId"]
    assert "secret" not in replay
