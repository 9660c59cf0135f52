"""`xaigh ats integrations`."""

from __future__ import annotations

from tests.unit.client.cli.command_runner import VALID_CREDENTIAL, CommandRunner

from xaigh.ats.v1.ats_sync_service_pb2 import (
    DeactivateIntegrationRequest,
    ListIntegrationsResponse,
)
from xaigh.ats.v1.integration_pb2 import AtsIntegration
from xaigh.jobs.v1.ats_job_link_pb2 import AtsJobLink
from xaigh.support.v1.support_service_pb2 import ListOrganizationIntegrationsResponse

ACME = AtsIntegration(
    integration_id="int_1",
    provider=AtsJobLink.GREENHOUSE,
    board="acme",
    state=AtsIntegration.PENDING,
    employer_user_ids=["employer_1", "employer_2"],
)


def test_list_is_of_ones_own_organization(cli: CommandRunner) -> None:
    """A key names its environment."""
    cli.script("ListIntegrations", ListIntegrationsResponse(integrations=[ACME]))
    (row,) = cli.run("ats", "integrations", "list").rows
    assert row[:4] == ["int_1", "pending", "greenhouse", "acme"]
    assert row[5] == "employer_1, employer_2"


def test_an_operator_names_the_environment(cli: CommandRunner) -> None:
    """There are two databases of integrations."""
    cli.environ["XAIGH_API_KEY"] = VALID_CREDENTIAL
    assert cli.run("ats", "integrations", "list").code == 2


def test_an_operator_lists_every_organization(cli: CommandRunner) -> None:
    """Filters are sent to the server."""
    cli.environ["XAIGH_API_KEY"] = VALID_CREDENTIAL
    cli.script(
        "ListOrganizationIntegrations", ListOrganizationIntegrationsResponse(integrations=[ACME])
    )
    cli.run("ats", "integrations", "list", "-e", "sandbox", "--state", "pending")
    (sent,) = cli.sent("ListOrganizationIntegrations")
    assert (sent.organization_id, sent.environment) == ("-", "sandbox")
    assert sent.state == AtsIntegration.PENDING


def test_create_sends_the_integration(cli: CommandRunner) -> None:
    """Providers are typed in small letters."""
    cli.script("CreateIntegration", ACME)
    cli.run(
        *("ats", "integrations", "create", "-p", "greenhouse", "--board", "acme"),
        *("--employer", "employer_1"),
    )
    sent = cli.sent("CreateIntegration")[0].integration
    assert (sent.provider, sent.board) == (AtsJobLink.GREENHOUSE, "acme")
    assert list(sent.employer_user_ids) == ["employer_1"]


STEP = ("int_1", "--organization", "org_1", "-e")


def test_activation_in_production_needs_a_confirmation(cli: CommandRunner) -> None:
    """The employers' jobs are no longer posted by hand."""
    assert cli.run("ats", "integrations", "activate", *STEP, "production").code == 2
    assert cli.sent("ActivateIntegration") == []


def test_activation_in_the_sandbox_asks_nothing(cli: CommandRunner) -> None:
    """No real work is touched."""
    cli.script("ActivateIntegration", ACME)
    assert cli.run("ats", "integrations", "activate", *STEP, "sandbox").code == 0
    (sent,) = cli.sent("ActivateIntegration")
    assert (sent.organization_id, sent.integration_id) == ("org_1", "int_1")


def test_deactivation_needs_a_reason_and_says_what_becomes_of_the_roles(
    cli: CommandRunner,
) -> None:
    """Both are kept in the audit log."""
    stop = ("ats", "integrations", "deactivate", *STEP, "sandbox", "--yes")
    assert cli.run(*stop, "--mirrors", "keep").code == 2
    assert cli.run(*stop, "--mirrors", "drop", "--reason", "x").code == 2
    assert cli.sent("DeactivateIntegration") == []
    cli.script("DeactivateIntegration", ACME)
    assert cli.run(*stop, "--mirrors", "close", "--reason", "x").code == 0
    (sent,) = cli.sent("DeactivateIntegration")
    assert (sent.mirrors, sent.reason) == (DeactivateIntegrationRequest.CLOSE, "x")


def test_a_change_is_shown_with_all_its_terms(cli: CommandRunner) -> None:
    """An operator applies or discards it with the etag that was shown."""
    cli.environ["XAIGH_API_KEY"] = VALID_CREDENTIAL
    waiting = AtsIntegration(state=AtsIntegration.ACTIVE, etag="e1", integration_id="int_1")
    waiting.pending_change.board = "south"
    waiting.pending_change.guard.percent = 100
    cli.script(
        "ListOrganizationIntegrations", ListOrganizationIntegrationsResponse(integrations=[waiting])
    )
    shown = cli.run("ats", "integrations", "show", "int_1", "-e", "sandbox").out
    assert all(text in shown for text in ("e1", "south", "0 roles and 100 %"))
    for command, method, said in (
        ("apply-change", "ApplyIntegrationChange", ()),
        ("discard-change", "DiscardIntegrationChange", ("--reason", "x")),
    ):
        cli.script(method, ACME)
        step = (*STEP, "sandbox", "--etag", "e1", "--yes", *said)
        assert cli.run("ats", "integrations", command, *step).code == 0
        (sent,) = cli.sent(method)
        assert (sent.organization_id, sent.etag) == ("org_1", "e1")
