"""`xaigh ats integrations`."""

from __future__ import annotations

from tests.unit.client.cli.command_runner import VALID_CREDENTIAL, CommandRunner

from xaigh.ats.v1.ats_sync_service_pb2 import (
    ListAllIntegrationsResponse,
    ListIntegrationsResponse,
)
from xaigh.ats.v1.integration_pb2 import AtsIntegration
from xaigh.jobs.v1.ats_job_link_pb2 import AtsJobLink

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
    cli.script("ListAllIntegrations", ListAllIntegrationsResponse(integrations=[ACME]))
    cli.run("ats", "integrations", "list", "-e", "sandbox", "--state", "pending")
    (sent,) = cli.sent("ListAllIntegrations")
    assert (sent.environment, sent.state) == ("sandbox", AtsIntegration.PENDING)


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


def test_activation_in_production_needs_a_confirmation(cli: CommandRunner) -> None:
    """The employers' jobs are no longer posted by hand."""
    assert cli.run("ats", "integrations", "activate", "int_1", "-e", "production").code == 2
    assert cli.sent("ActivateIntegration") == []


def test_activation_in_the_sandbox_asks_nothing(cli: CommandRunner) -> None:
    """No real work is touched."""
    cli.script("ActivateIntegration", ACME)
    assert cli.run("ats", "integrations", "activate", "int_1", "-e", "sandbox").code == 0


def test_deactivation_needs_a_reason(cli: CommandRunner) -> None:
    """It is kept in the audit log."""
    done = cli.run("ats", "integrations", "deactivate", "int_1", "-e", "sandbox", "--yes")
    assert (done.code, cli.sent("DeactivateIntegration")) == (2, [])
