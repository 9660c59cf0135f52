"""`xaigh jobs|ats|webhooks … --organization`: operators read and do what is an organization's."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.client.cli.command_runner import VALID_CREDENTIAL, CommandRunner

from xaigh.applications.v1.application_pb2 import Application
from xaigh.ats.v1.sync_event_pb2 import AtsJobSyncEvent
from xaigh.ats.v1.sync_run_pb2 import SyncRun
from xaigh.jobs.v1.job_pb2 import Job
from xaigh.organizations.v1.organization_pb2 import Organization
from xaigh.organizations.v1.organization_service_pb2 import ListOrganizationsResponse
from xaigh.request_log.v1.request_log_pb2 import RequestLog
from xaigh.support.v1 import support_service_pb2 as api
from xaigh.webhooks.v1.delivery_pb2 import Delivery
from xaigh.webhooks.v1.endpoint_pb2 import Endpoint

NORTH = Organization(organization_id="org_1", display_name="Northline")
OPTIONS = ("--organization", "northline", "-e", "sandbox")


@pytest.fixture
def ops(cli: CommandRunner) -> CommandRunner:
    """The command line with an operator's credential; one organization is named Northline."""
    cli.environ["XAIGH_API_KEY"] = VALID_CREDENTIAL
    cli.script("ListOrganizations", ListOrganizationsResponse(organizations=[NORTH]))
    return cli


@pytest.mark.parametrize(
    ("command", "method", "reply"),
    [
        (["jobs", "list"], "ListOrganizationJobs", api.ListOrganizationJobsResponse()),
        (["ats", "runs"], "ListOrganizationRuns", api.ListOrganizationRunsResponse()),
        (["ats", "events"], "ListOrganizationEvents", api.ListOrganizationEventsResponse()),
        (
            ["webhooks", "list"],
            "ListOrganizationEndpoints",
            api.ListOrganizationEndpointsResponse(),
        ),
        (
            ["webhooks", "deliveries"],
            "ListOrganizationDeliveries",
            api.ListOrganizationDeliveriesResponse(),
        ),
    ],
)
def test_a_list_is_of_the_organization_that_is_named(
    ops: CommandRunner, command: list[str], method: str, reply: object
) -> None:
    """By its name, in the environment that is named; both are needed."""
    ops.script(method, reply)  # type: ignore[arg-type]  # each reply is a message
    assert ops.run(*command, *OPTIONS).code == 0
    (sent,) = ops.sent(method)
    assert (sent.organization_id, sent.environment) == ("org_1", "sandbox")
    for options in (OPTIONS[:2], OPTIONS[2:], ()):
        done = ops.run(*command, *options)
        assert (done.code, "operators say --" in done.err) == (2, True)


ALL = ("--organization", "-", "-e", "sandbox")
ITS: dict[str, Any] = {"organization_id": "org_1"}
PAGES: list[tuple[list[str], str, Any]] = [
    (["jobs", "list"], "Jobs", api.ListOrganizationJobsResponse(jobs=[Job(**ITS)])),
    (["ats", "runs"], "Runs", api.ListOrganizationRunsResponse(runs=[SyncRun(**ITS)])),
    (
        ["ats", "events"],
        "Events",
        api.ListOrganizationEventsResponse(events=[AtsJobSyncEvent(**ITS)]),
    ),
    (
        ["webhooks", "list"],
        "Endpoints",
        api.ListOrganizationEndpointsResponse(endpoints=[Endpoint(**ITS)]),
    ),
    (
        ["webhooks", "deliveries"],
        "Deliveries",
        api.ListOrganizationDeliveriesResponse(deliveries=[Delivery(**ITS)]),
    ),
    (
        ["applications", "list"],
        "Applications",
        api.ListOrganizationApplicationsResponse(applications=[Application(**ITS)]),
    ),
    (
        ["logs", "tail"],
        "RequestLogs",
        api.ListOrganizationRequestLogsResponse(request_logs=[RequestLog(**ITS)]),
    ),
]


@pytest.mark.parametrize(("command", "what", "page"), PAGES)
def test_in_a_list_of_all_organizations_each_row_names_its_own(
    ops: CommandRunner, command: list[str], what: str, page: Any
) -> None:
    """Where one is named, every row is its, and the column would say nothing."""
    ops.script("GetOrganization", NORTH)
    ops.script(f"ListOrganization{what}", page)
    for options, named in ((ALL, True), (OPTIONS, False)):
        (row,) = ops.run(*command, *options).rows
        assert (row[-1] == "Northline · org_1") == named


def test_an_ambiguous_name_lists_its_candidates(ops: CommandRunner) -> None:
    """So that one of the ids can be taken."""
    other = Organization(organization_id="org_2", display_name="NORTHLINE")
    ops.script("ListOrganizations", ListOrganizationsResponse(organizations=[NORTH, other]))
    done = ops.run("jobs", "list", *OPTIONS)
    assert (done.code, "org_1, org_2" in done.err) == (2, True)


def test_a_key_names_no_organization(cli: CommandRunner) -> None:
    """It belongs to one."""
    done = cli.run("jobs", "list", *OPTIONS)
    assert (done.code, "your key says both" in done.err) == (2, True)


def test_one_job_is_shown_held_and_released(ops: CommandRunner) -> None:
    """A hold says why; a step is on something of one organization."""
    job = Job(job_id="job_1", organization_id="org_1")
    ops.script("ListOrganizationJobs", api.ListOrganizationJobsResponse(jobs=[job]))
    assert ops.run("jobs", "show", "job_1", *OPTIONS, "--json").json["jobId"] == "job_1"
    assert ops.sent("ListOrganizationJobs")[0].job_id == "job_1"
    ops.script("HoldJob", job)
    assert ops.run("jobs", "hold", "job_1", *OPTIONS, "--reason", "A complaint.").code == 0
    (sent,) = ops.sent("HoldJob")
    assert (sent.organization_id, sent.job_id, sent.reason) == ("org_1", "job_1", "A complaint.")
    ops.script("ReleaseJob", job)
    assert ops.run("jobs", "release", "job_1", *OPTIONS).code == 0
    everywhere = ("--organization", "-", "-e", "sandbox")
    done = ops.run("jobs", "hold", "job_1", *everywhere, "--reason", "x")
    assert (done.code, "name the organization" in done.err) == (2, True)


def test_an_endpoint_is_disabled_and_enabled(ops: CommandRunner) -> None:
    """The reason goes along."""
    ops.script("DisableEndpoint", Endpoint(endpoint_id="we_1", state=Endpoint.DISABLED))
    done = ops.run("webhooks", "disable", "we_1", *OPTIONS, "--reason", "It floods us.")
    assert done.out.splitlines() == ["we_1 is disabled."]
    assert ops.sent("DisableEndpoint")[0].reason == "It floods us."
    ops.script("EnableEndpoint", Endpoint(endpoint_id="we_1", state=Endpoint.ENABLED))
    assert ops.run("webhooks", "enable", "we_1", *OPTIONS).out.splitlines() == ["we_1 is enabled."]
