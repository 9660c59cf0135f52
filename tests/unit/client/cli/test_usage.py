"""`xaigh usage` and `xaigh whoami`."""

from __future__ import annotations

from tests.unit.client.cli.command_runner import VALID_CREDENTIAL, CommandRunner

from xaigh.keys.v1.key_pb2 import Key
from xaigh.keys.v1.self_service_pb2 import Identity, OperatorIdentity
from xaigh.keys.v1.usage_pb2 import UsageReport, UsageRow

REPORT = UsageReport(
    rows=[
        UsageRow(day="2026-06-01", key_id="k1", method="xaigh.jobs.v1.JobsService/GetJob", calls=2),
        UsageRow(
            day="2026-06-01",
            key_id="k2",
            method="xaigh.jobs.v1.JobsService/GetJob",
            calls=1000,
            billable=True,
        ),
        UsageRow(
            day="2026-06-02", key_id="k1", method="xaigh.jobs.v1.JobsService/PostJob", calls=3
        ),
    ],
    calls=1005,
    billable_calls=1000,
)


def test_calls_are_summed_by_one_part(cli: CommandRunner) -> None:
    """Billable calls have a column of their own."""
    cli.script("GetUsage", REPORT)
    assert cli.run("usage", "--by", "method").rows == [
        ["GetJob", "1,002", "1,000"],
        ["PostJob", "3", "0"],
    ]


def test_calls_are_summed_by_several_parts(cli: CommandRunner) -> None:
    """In the order in which they are named."""
    cli.script("GetUsage", REPORT)
    rows = cli.run("usage", "--by", "day, key").rows
    assert [row[:3] for row in rows] == [
        ["2026-06-01", "k1", "2"],
        ["2026-06-01", "k2", "1,000"],
        ["2026-06-02", "k1", "3"],
    ]


def test_an_unknown_part_is_refused(cli: CommandRunner) -> None:
    """The message lists the parts."""
    done = cli.run("usage", "--by", "day,colour")
    assert (done.code, "choose from day, key, method" in done.err) == (2, True)


def test_an_operator_reports_every_organization(cli: CommandRunner) -> None:
    """The credential decides which method is called."""
    cli.environ["XAIGH_API_KEY"] = VALID_CREDENTIAL
    cli.script("ReportUsage", REPORT)
    cli.run("usage", "--organization", "org_1", "--from", "2026-06-01")
    (sent,) = cli.sent("ReportUsage")
    assert (sent.organization_id, sent.start_date) == ("org_1", "2026-06-01")


def test_whoami_prints_the_key_without_its_secret(cli: CommandRunner) -> None:
    """Prefix, public id and the last four characters."""
    cli.script(
        "WhoAmI",
        Identity(
            organization_name="Northline",
            key=Key(key_id="k1", prefix="test_sk_", last_four="9xZb", scopes=["jobs:read"]),
        ),
    )
    done = cli.run("whoami", terminal=True)
    assert done.out.splitlines()[0] == "Northline · test_sk_k1…9xZb"


def test_whoami_tells_an_operator_its_role(cli: CommandRunner) -> None:
    """Name and role on top, then what the role may do."""
    who = OperatorIdentity(
        operator_id="opr_1",
        name="maya",
        role="api_ops",
        scopes=["access:review", "keys:read"],
        credential_id="c1",
    )
    cli.script("WhoAmI", Identity(operator=who))
    lines = cli.run("whoami", terminal=True).out.splitlines()
    assert lines[0] == "maya · api_ops"
    assert any("access:review, keys:read" in line for line in lines)
