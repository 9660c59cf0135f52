"""Approval of access requests."""

from __future__ import annotations

import pytest
from tests.unit.client.cli.command_runner import CommandRunner, new_session, timestamp

from xaigh.access.v1.access_request_pb2 import (
    AccessRequest,
    AccessRequestForm,
    EnvironmentReview,
)
from xaigh.access.v1.access_request_service_pb2 import ApproveAccessRequestResponse
from xaigh.access.v1.grant_pb2 import Finding, Grant, GrantTerms
from xaigh.access.v1.proposal_pb2 import Proposal
from xaigh.access.v1.proposal_service_pb2 import ConfirmProposalResponse
from xaigh_client.cli import approval
from xaigh_client.cli.problems import UsageProblem

REQUEST = AccessRequest(
    ticket_id="tkt_1",
    etag="e1",
    form=AccessRequestForm(company_name="Northline"),
    reviews=[
        EnvironmentReview(environment="sandbox", decision=EnvironmentReview.APPROVED),
        EnvironmentReview(
            environment="production",
            decision=EnvironmentReview.PROPOSED,
            proposal=Proposal(
                proposal_id="prp_1",
                etag="p1",
                environment="production",
                organization_name="Northline",
                proposed_by="ana",
                terms=GrantTerms(
                    scopes=["jobs:read"],
                    key_allowance=2,
                    expire_time=timestamp("2027-01-31T00:00:00Z"),
                    findings=[Finding(aspect=Finding.ROUTE_RISK, finding="low", note="reads")],
                ),
            ),
        ),
    ],
)
OPENED = ConfirmProposalResponse(
    grant=Grant(grant_id="grt_1", terms=GrantTerms(scopes=["jobs:read"])),
)


def test_a_finding_is_parsed_into_its_parts() -> None:
    """`ASPECT=FINDING: NOTE`, with either kind of dash."""
    session = new_session({})
    found = approval.findings(session, ["route_risk=low: reads alone", "data-class = pii : names"])
    assert found == [
        {"aspect": "ROUTE_RISK", "finding": "low", "note": "reads alone"},
        {"aspect": "DATA_CLASS", "finding": "pii", "note": "names"},
    ]


@pytest.mark.parametrize(
    "text", ["colour=red: x", "route-risk", "route-risk=low", "route-risk=: x"]
)
def test_a_finding_of_another_form_is_refused(text: str) -> None:
    """The message says what is missing."""
    with pytest.raises(UsageProblem):
        approval.findings(new_session({}), [text])


def test_missing_findings_are_prompted_for() -> None:
    """On a terminal, for each aspect that no option gave; an empty answer leaves it out."""
    typed = "pii\nnames\n" + "\n\n" * 4
    found = approval.findings(new_session({}, stdin=typed, terminal=True), [])
    assert found == [{"aspect": "DATA_CLASS", "finding": "pii", "note": "names"}]


def test_an_environment_without_a_proposal_is_refused() -> None:
    """An approved one is no proposal."""
    with pytest.raises(UsageProblem, match="nothing is proposed for sandbox"):
        approval.open_proposal(REQUEST, "sandbox")


def test_production_is_previewed_before_the_question(cli: CommandRunner) -> None:
    """A person sees what would be opened, and then decides."""
    cli.script("GetAccessRequest", REQUEST)
    cli.script("ConfirmProposal", OPENED)
    done = cli.run("requests", "confirm", "tkt_1", stdin="y\n", terminal=True)
    assert [sent.validate_only for sent in cli.sent("ConfirmProposal")] == [True, False]
    assert "This would open production to Northline, as ana proposed." in done.err
    assert "jobs:read" in done.out
    assert "You opened production to Northline." in done.out


def test_a_declined_production_is_only_previewed(cli: CommandRunner) -> None:
    """Nothing was written."""
    cli.script("GetAccessRequest", REQUEST)
    cli.script("ConfirmProposal", OPENED)
    done = cli.run("requests", "confirm", "tkt_1", stdin="n\n", terminal=True)
    assert done.code == 10
    assert [sent.validate_only for sent in cli.sent("ConfirmProposal")] == [True]


def test_yes_needs_no_preview(cli: CommandRunner) -> None:
    """A script sends one call."""
    cli.script("GetAccessRequest", REQUEST)
    cli.script("ConfirmProposal", OPENED)
    cli.run("requests", "confirm", "tkt_1", "--yes")
    (sent,) = cli.sent("ConfirmProposal")
    assert (sent.proposal_id, sent.etag) == ("prp_1", "p1")
    assert [sent.validate_only for sent in cli.sent("ConfirmProposal")] == [False]


def test_a_dry_run_ends_after_the_preview(cli: CommandRunner) -> None:
    """Also with `--yes`, and as JSON on stdout."""
    cli.script("GetAccessRequest", REQUEST)
    cli.script("ConfirmProposal", OPENED)
    done = cli.run("requests", "confirm", "tkt_1", "--yes", "--dry-run", "--json")
    assert done.json["grant"]["grantId"] == "grt_1"
    assert [sent.validate_only for sent in cli.sent("ConfirmProposal")] == [True]


def test_a_proposal_says_that_another_operator_confirms(cli: CommandRunner) -> None:
    """Risky scopes take two operators."""
    cli.script("GetAccessRequest", REQUEST)
    cli.script(
        "ApproveAccessRequest",
        ApproveAccessRequestResponse(
            outcome=ApproveAccessRequestResponse.PROPOSED, next_steps=["Ask a colleague."]
        ),
    )
    done = cli.run("requests", "approve", "tkt_1", "-e", "production", "--yes")
    assert "another operator has to confirm it" in done.out
    assert done.err == "Next: Ask a colleague.\n"
