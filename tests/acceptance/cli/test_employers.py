"""`xaigh employers`, and the approval of postings, against a real server."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.acceptance.cli.program import Cli, plain
from tests.harness.access import Access, grant_access
from tests.harness.api_client import GrpcClient
from tests.harness.server import Running

EMPLOYER = "employer_under_policy"


@pytest.fixture(scope="module")
def poster(running: Running, home: Path) -> tuple[Access, Cli]:
    """An integrator that may post for the employer and approve."""
    api = GrpcClient(running.grpc)
    scopes = ["jobs:read", "jobs:write", "employer:read", "employer:approve"]
    terms = {"employerUserIds": [EMPLOYER], "keyAllowance": 5}
    try:
        access = grant_access(api, running.founder, approval_terms=terms, requestedScopes=scopes)
    finally:
        api.close()
    return access, Cli(address=running.grpc, home=home, key=access.key)


@pytest.fixture(scope="module")
def approver(running: Running, home: Path, founder: Cli, poster: tuple[Access, Cli]) -> Cli:
    """The holder of another key of the same grant."""
    issued = founder.json("keys", "issue", poster[0].grant_id, "--name", "approvals")
    return Cli(address=running.grpc, home=home, key=str(issued["apiKey"]))


@pytest.fixture(scope="module")
def policy(founder: Cli, poster: tuple[Access, Cli]) -> None:
    """The policy, as an operator sets it."""
    named = (EMPLOYER, "--organization", poster[0].organization_id, "-e", "sandbox")
    assert "off" in founder.ok("employers", "policy", *named).out
    asked = ("--approval", "required", "--reason", "their lawyers ask for it")
    refused = founder.run("employers", "policy", *named, "--approval", "required", "--yes")
    assert (refused.code, "--reason" in refused.err) == (2, True)
    done = founder.json("employers", "policy", *named, *asked, "--yes")
    assert done["approvalRequired"] is True


def post(cli: Cli) -> str:
    """The id of a new job."""
    job = cli.json(
        "jobs", "post", "--employer", EMPLOYER, "--title", "Closeout crew", "--slots", "12",
        "--starts", "2027-06-18T08:00:00Z", "--ends", "2027-06-19T08:00:00Z",
    )  # fmt: skip
    assert job["publicationStatus"]["state"] == "PENDING_APPROVAL"
    return str(job["jobId"])


@pytest.mark.usefixtures("policy")
def test_a_posting_is_shown_and_approved(poster: tuple[Access, Cli], approver: Cli) -> None:
    """By another key, for the etag of what it saw; never with a blind yes."""
    job = post(poster[1])
    blind = approver.run("jobs", "approve", job, "--yes")
    assert (blind.code, "--etag" in blind.err) == (2, True)
    etag = str(approver.json("jobs", "show", job)["etag"])
    own = poster[1].run("jobs", "approve", job, "--etag", etag, "--yes")
    assert "POSTING_SELF_APPROVAL" in own.err
    shown = plain(approver.screen("jobs", "approve", job, typed="y\n").out)
    assert "Closeout crew" in shown
    assert approver.json("jobs", "show", job)["publicationStatus"]["state"] == "OPEN"
    again = approver.run("jobs", "approve", job, "--etag", etag, "--yes")
    assert "ETAG_MISMATCH" in again.err


@pytest.mark.usefixtures("policy")
def test_a_posting_is_returned_with_words(poster: tuple[Access, Cli], approver: Cli) -> None:
    """Which the integrator reads with the job."""
    job = post(poster[1])
    assert approver.run("jobs", "return", job).code == 2
    approver.ok("jobs", "return", job, "--reason", "Name the building.")
    assert "Name the building." in poster[1].ok("jobs", "show", job).out


@pytest.mark.usefixtures("policy")
def test_an_employer_on_the_screen(poster: tuple[Access, Cli], approver: Cli) -> None:
    """Its sums, its jobs and its closeouts; no column that identifies a row gives way."""
    job = post(poster[1])
    ended = post(poster[1])
    approver.ok("jobs", "return", ended, "--reason", "Not this week.")
    poster[1].ok("jobs", "close", ended, "--yes")
    shown = approver.ok("employers", "show", EMPLOYER).out
    assert "wait for an approval" in shown
    listed = approver.json("employers", "list")
    assert [one["employerUserId"] for one in listed] == [EMPLOYER]
    jobs = approver.json("employers", "jobs", EMPLOYER, "--state", "pending-approval")
    assert job in [one["jobId"] for one in jobs]
    closeouts = approver.json("employers", "closeouts", EMPLOYER, "--state", "settled")
    assert [one["jobId"] for one in closeouts] == [ended]
    for width in (80, 120):
        for screen, word in (
            (("employers", "list"), EMPLOYER),
            (("employers", "jobs", EMPLOYER), job),
            (("employers", "closeouts", EMPLOYER), ended),
        ):
            assert word in plain(approver.screen(*screen, width=width).out)
