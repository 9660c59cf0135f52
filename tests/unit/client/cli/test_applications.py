"""`xaigh applications`: who lists what, and the steps of operators."""

from __future__ import annotations

import pytest
from tests.unit.client.cli.command_runner import VALID_CREDENTIAL, CommandRunner

from xaigh.applications.v1 import applications_service_pb2 as api
from xaigh.applications.v1.application_pb2 import Application
from xaigh.organizations.v1.organization_pb2 import Organization
from xaigh.organizations.v1.organization_service_pb2 import ListOrganizationsResponse
from xaigh.support.v1.support_service_pb2 import ListOrganizationApplicationsResponse

WHERE = ("--organization", "Northline", "-e", "production", "--reason", "We asked them.")
UNCERTAIN = Application(
    application_id="app_1",
    job_id="ats_1",
    external_job_id="4021",
    state=Application.UNCERTAIN,
    cause=Application.TARGET_FAILED,
    target_status=502,
    attempt_count=1,
    etag="e1",
)


@pytest.fixture
def ops(cli: CommandRunner) -> CommandRunner:
    """An operator; Northline has one uncertain application."""
    cli.environ["XAIGH_API_KEY"] = VALID_CREDENTIAL
    north = Organization(organization_id="org_1", display_name="Northline")
    cli.script("ListOrganizations", ListOrganizationsResponse(organizations=[north]))
    found = ListOrganizationApplicationsResponse(applications=[UNCERTAIN])
    cli.script("ListOrganizationApplications", found)
    return cli


def test_a_key_lists_those_of_one_role(cli: CommandRunner) -> None:
    """It says which; state and reason stand in words."""
    reply = api.ListApplicationsResponse(applications=[UNCERTAIN])
    cli.script("ListApplications", reply)
    done = cli.run("applications", "list", "--job", "ats_1", "--state", "uncertain")
    (row,) = done.rows
    assert row[:4] == ["app_1", "uncertain", "target failed (502)", "ats_1"]
    (sent,) = cli.sent("ListApplications")
    assert (sent.job_id, sent.state) == ("ats_1", Application.UNCERTAIN)
    none = cli.run("applications", "list")
    assert (none.code, "--job" in none.err) == (2, True)


def test_a_terminal_shows_everything_of_a_row(cli: CommandRunner) -> None:
    """On the first line or below it: ids, why, what the client called it."""
    one = Application()
    one.CopyFrom(UNCERTAIN)
    one.job_id, one.remote_id = "ats_" + "a" * 26, "greenhouse-88213004"
    cli.script("ListApplications", api.ListApplicationsResponse(applications=[one]))
    done = cli.run("applications", "list", "--job", one.job_id, terminal=True)
    for shown in ("app_1", "uncertain", "target failed (502)", one.job_id, "4021", one.remote_id):
        assert shown in done.out


def test_an_operator_lists_those_of_all(ops: CommandRunner) -> None:
    assert ops.run("applications", "list", "--organization", "-", "-e", "production").code == 0
    (sent,) = ops.sent("ListOrganizationApplications")
    assert (sent.organization_id, sent.environment) == ("-", "production")


def test_one_is_shown_as_a_sheet(cli: CommandRunner) -> None:
    cli.script("GetApplication", UNCERTAIN)
    facts = cli.run("applications", "show", "app_1").facts
    assert (facts["state"], facts["why"]) == ("uncertain", "target failed (502)")


def test_an_operator_sends_one_again(ops: CommandRunner) -> None:
    """With the etag that was read; on a terminal only after a warning and a yes."""
    ops.script("ResendApplication", Application(application_id="app_1", state=Application.RECEIVED))
    done = ops.run("applications", "resend", "app_1", *WHERE, "--yes")
    assert (done.code, done.facts["state"]) == (0, "received")
    assert "may get it twice" in done.err
    (sent,) = ops.sent("ResendApplication")
    assert (sent.etag, sent.environment, sent.reason) == ("e1", "production", "We asked them.")
    declined = ops.run("applications", "resend", "app_1", *WHERE, stdin="n\n", terminal=True)
    assert (declined.code, len(ops.sent("ResendApplication"))) == (10, 1)


def test_an_operator_settles_one(ops: CommandRunner) -> None:
    """As one of three, with the id that the client told."""
    ops.script("SettleApplication", Application(application_id="app_1"))
    step = ("applications", "settle", "app_1", *WHERE)
    assert ops.run(*step, "--as", "forwarded", "--remote-id", "7").code == 0
    (sent,) = ops.sent("SettleApplication")
    assert (sent.state, sent.remote_id, sent.etag) == (Application.FORWARDED, "7", "e1")
    wrong = ops.run(*step, "--as", "received")
    assert (wrong.code, "forwarded, refused or failed" in wrong.err) == (2, True)


def test_an_application_of_another_organization_is_not_found(ops: CommandRunner) -> None:
    done = ops.run("applications", "resend", "app_2", *WHERE, "--yes")
    assert (done.code, "no application app_2" in done.err) == (2, True)


def test_a_key_takes_no_step_of_operators(cli: CommandRunner) -> None:
    done = cli.run("applications", "resend", "app_1", "--reason", "x", "--yes")
    assert (done.code, "step of operators" in done.err) == (2, True)


def test_a_secret_is_printed_once(cli: CommandRunner) -> None:
    reply = api.RotateForwardSecretResponse(integration_id="int_1", secret="whsec_c2VjcmV0")
    cli.script("RotateForwardSecret", reply)
    done = cli.run("applications", "secret", "int_1", "--yes")
    assert (done.code, done.out) == (0, "whsec_c2VjcmV0\n")
    assert "Shown once" in done.err
