"""`xaigh requests`."""

from __future__ import annotations

import grpc
import pytest
from tests.unit.client.cli.command_runner import CommandRunner, timestamp
from tests.unit.client.scripted_server import Fail

from xaigh_client.types import (
    AccessRequest,
    AccessRequestForm,
    Dossier,
    EnvironmentReview,
    Identity,
    ListAccessRequestsResponse,
    ListProposalsResponse,
    OperatorIdentity,
    Proposal,
)

REQUEST = AccessRequest(
    ticket_id="tkt_1",
    state=AccessRequest.IN_REVIEW,
    etag="e1",
    form=AccessRequestForm(
        company_name="Northline", contact_name="Ada", employer_user_ids=["employer_1"]
    ),
    reviews=[EnvironmentReview(environment="sandbox", decision=EnvironmentReview.PENDING)],
    submitted_time=timestamp("2026-06-16T12:00:00Z"),
)


def test_list_asks_for_open_requests_only(cli: CommandRunner) -> None:
    """Closed ones come with `--all` or `--state`."""
    cli.script("ListAccessRequests", ListAccessRequestsResponse())
    cli.run("requests", "list")
    (sent,) = cli.sent("ListAccessRequests")
    assert [AccessRequest.State.Name(state) for state in sent.states] == [
        "SUBMITTED",
        "IN_REVIEW",
        "NEEDS_INFO",
    ]


def test_list_all_sends_no_states(cli: CommandRunner) -> None:
    """Without states the server lists every one."""
    cli.script("ListAccessRequests", ListAccessRequestsResponse())
    cli.run("requests", "list", "--all", "--nobody", "--older-than", "2d")
    (sent,) = cli.sent("ListAccessRequests")
    assert (list(sent.states), sent.assignee) == ([], "-")
    assert sent.submitted_before == timestamp("2026-06-16T12:00:00Z")


def test_an_unknown_state_is_wrong_usage(cli: CommandRunner) -> None:
    """Nothing is sent."""
    assert cli.run("requests", "list", "--state", "lost").code == 2
    assert cli.sent("ListAccessRequests") == []


def test_list_prints_how_long_a_request_waits(cli: CommandRunner) -> None:
    """Decisions of both environments stand in one column."""
    cli.script("ListAccessRequests", ListAccessRequestsResponse(access_requests=[REQUEST]))
    (row,) = cli.run("requests", "list").rows
    assert (row[0], row[1], row[4], row[5]) == ("tkt_1", "in review", "sandbox pending", "2 days")


def test_next_prints_the_oldest_request_without_an_assignee(cli: CommandRunner) -> None:
    """Only one is fetched."""
    cli.script("ListAccessRequests", ListAccessRequestsResponse(access_requests=[REQUEST]))
    assert cli.run("requests", "next", "--json").json["ticketId"] == "tkt_1"
    (sent,) = cli.sent("ListAccessRequests")
    assert (sent.assignee, sent.page_size) == ("-", 1)


def test_next_has_an_exit_code_for_an_empty_queue(cli: CommandRunner) -> None:
    """Scripts can loop until it."""
    cli.script("ListAccessRequests", ListAccessRequestsResponse())
    assert cli.run("requests", "next").code == 5


def test_dossier_probes_only_when_asked(cli: CommandRunner) -> None:
    """A probe connects to the applicant's server."""
    cli.script("GetDossier", Dossier(access_request=REQUEST))
    cli.run("requests", "dossier", "tkt_1")
    cli.run("requests", "dossier", "tkt_1", "--probe")
    assert [sent.probe_callback for sent in cli.sent("GetDossier")] == [False, True]


def test_start_makes_you_the_assignee(cli: CommandRunner) -> None:
    """Without `--etag` the server takes the current revision."""
    cli.script("StartReview", REQUEST)
    done = cli.run("requests", "start", "tkt_1", "--note", "hot")
    (sent,) = cli.sent("StartReview")
    assert (sent.ticket_id, sent.etag, sent.internal_note) == ("tkt_1", "", "hot")
    assert done.out == "You review tkt_1 of Northline now.\n"


def test_ask_sends_the_question(cli: CommandRunner) -> None:
    """The applicant is named in the answer."""
    cli.script("RequestInfo", REQUEST)
    done = cli.run("requests", "ask", "tkt_1", "Which sites?")
    assert cli.sent("RequestInfo")[0].question == "Which sites?"
    assert done.out == (
        "The question stands on tkt_1, where Ada reads it; the request waits for the answer.\n"
    )


def test_confirm_names_the_command_that_replaces_it(cli: CommandRunner) -> None:
    """It confirmed blind."""
    done = cli.run("requests", "confirm", "tkt_1")
    assert (done.code, "xaigh proposals list --ticket tkt_1" in done.err) == (2, True)


def test_starting_on_an_old_revision_says_that_it_changed(cli: CommandRunner) -> None:
    """It decides nothing, so it goes on; deciding needs another look."""
    cli.script("GetAccessRequest", REQUEST)
    cli.run("requests", "show", "tkt_1")
    cli.script("StartReview", Fail(code=grpc.StatusCode.ABORTED, reason="ETAG_MISMATCH"), REQUEST)
    done = cli.run("requests", "start", "tkt_1")
    assert (done.code, "changed since you were shown it" in done.err) == (0, True)
    assert [sent.etag for sent in cli.sent("StartReview")] == ["e1", ""]


def test_what_waits_for_me_says_what_i_can_do(cli: CommandRunner) -> None:
    """Untaken ones, my own, and proposals of others; nothing of other reviewers."""
    pending = EnvironmentReview(environment="sandbox", decision=EnvironmentReview.PENDING)
    requests = [
        AccessRequest(ticket_id="tkt_new"),
        AccessRequest(ticket_id="tkt_mine", assignee="ana", reviews=[pending]),
        AccessRequest(ticket_id="tkt_done", assignee="ana"),
        AccessRequest(ticket_id="tkt_bo", assignee="bo", reviews=[pending]),
        AccessRequest(ticket_id="tkt_two", assignee="bo", reviews=[pending]),
    ]
    cli.script("ListAccessRequests", ListAccessRequestsResponse(access_requests=requests))
    proposal = Proposal(proposal_id="prp_1", ticket_id="tkt_two")
    cli.script("ListProposals", ListProposalsResponse(proposals=[proposal]))
    cli.script("WhoAmI", Identity(operator=OperatorIdentity(name="ana")))
    rows = cli.run("requests", "list", "--waiting-for-me").rows
    assert [(row[0], row[-1]) for row in rows] == [
        ("tkt_new", "take it"),
        ("tkt_mine", "decide"),
        ("tkt_two", "confirm prp_1"),
    ]


def test_deny_needs_a_reason(cli: CommandRunner) -> None:
    """The applicant reads it."""
    assert cli.run("requests", "deny", "tkt_1", "--yes").code == 2
    assert cli.sent("DenyAccessRequest") == []


def test_deny_is_for_every_undecided_environment(cli: CommandRunner) -> None:
    """Unless one is named."""
    cli.script("GetAccessRequest", REQUEST)
    cli.script("DenyAccessRequest", REQUEST)
    cli.run("requests", "show", "tkt_1")
    cli.run("requests", "deny", "tkt_1", "--reason", "no", "--yes")
    (sent,) = cli.sent("DenyAccessRequest")
    assert (sent.environment, sent.public_reason, sent.etag) == ("", "no", "e1")


@pytest.mark.parametrize(
    ("reason", "grpc_code", "code"),
    [
        ("NOT_FOUND", grpc.StatusCode.NOT_FOUND, 5),
        ("ETAG_MISMATCH", grpc.StatusCode.ABORTED, 7),
        ("SCOPE_NOT_GRANTED", grpc.StatusCode.PERMISSION_DENIED, 4),
        ("NEWER_THAN_THIS", grpc.StatusCode.FAILED_PRECONDITION, 6),
    ],
)
def test_a_refusal_has_the_exit_code_of_its_class(
    cli: CommandRunner, reason: str, grpc_code: grpc.StatusCode, code: int
) -> None:
    """Scripts go by it."""
    cli.script("GetAccessRequest", Fail(code=grpc_code, reason=reason))
    assert cli.run("requests", "show", "tkt_1").code == code
