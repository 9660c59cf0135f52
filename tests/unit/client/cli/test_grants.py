"""`xaigh grants`."""

from __future__ import annotations

from tests.unit.client.cli.command_runner import CommandRunner

from xaigh.access.v1.grant_pb2 import Grant, GrantTerms
from xaigh.access.v1.grant_service_pb2 import ListGrantsResponse
from xaigh.access.v1.grant_simulation_pb2 import GrantSimulation

GRANT = Grant(
    grant_id="grt_1",
    state=Grant.ACTIVE,
    environment="production",
    organization_id="org_1",
    keys_issued=2,
    terms=GrantTerms(scopes=["jobs:read", "jobs:write"], key_allowance=5),
    etag="e1",
)


def test_list_prints_issued_keys_beside_the_allowance(cli: CommandRunner) -> None:
    """Filters are sent to the server."""
    cli.script("ListGrants", ListGrantsResponse(grants=[GRANT]))
    (row,) = cli.run("grants", "list", "--state", "active", "--ticket", "tkt_1").rows
    assert (row[0], row[4], row[5]) == ("grt_1", "jobs:read, jobs:write", "2/5")
    (sent,) = cli.sent("ListGrants")
    assert (sent.state, sent.ticket_id) == (Grant.ACTIVE, "tkt_1")


def test_show_prints_the_terms(cli: CommandRunner) -> None:
    """The terms follow the facts of the grant."""
    cli.script("GetGrant", GRANT)
    facts = cli.run("grants", "show", "grt_1").facts
    assert (facts["keys issued"], facts["allowance"]) == ("2 of 5", "5 keys at most, ever")
    assert (facts["conditions"], facts["expires"], facts["route risk"]) == (
        "none",
        "never",
        "no finding",
    )


def test_narrow_warns_of_lost_scopes(cli: CommandRunner) -> None:
    """Before the question, and by name."""
    cli.script("GetGrant", GRANT)
    cli.script("NarrowGrant", GRANT)
    done = cli.run(
        *("grants", "narrow", "grt_1", "--reason", "less", "--scope", "jobs:read", "--yes"),
        terminal=True,
    )
    assert done.err.splitlines()[0] == "Keys of this grant lose jobs:write at once."


def test_narrow_sends_only_what_was_given(cli: CommandRunner) -> None:
    """An omitted term stays as it is."""
    cli.script("GetGrant", GRANT)
    cli.script("NarrowGrant", GRANT)
    cli.run("grants", "narrow", "grt_1", "--reason", "less", "--allowance", "3", "--yes")
    (sent,) = cli.sent("NarrowGrant")
    assert (sent.key_allowance, list(sent.scopes), sent.tier, sent.etag) == (3, [], "", "e1")


def test_revoke_asks_with_the_number_of_keys(cli: CommandRunner) -> None:
    """Without a terminal it needs `--yes`."""
    cli.script("GetGrant", GRANT)
    done = cli.run("grants", "revoke", "grt_1", "--reason", "ended")
    assert (done.code, cli.sent("RevokeGrant")) == (2, [])
    assert "2 keys of production stop at once" in done.err


def test_revoke_sends_the_reason(cli: CommandRunner) -> None:
    """The reason is kept in the audit log."""
    cli.script("GetGrant", GRANT)
    cli.script("RevokeGrant", GRANT)
    done = cli.run("grants", "revoke", "grt_1", "--reason", "ended", "--yes")
    assert cli.sent("RevokeGrant")[0].reason == "ended"
    assert done.out == "Revoked grt_1 and its keys.\n"


def test_simulate_shows_what_would_have_been_refused(cli: CommandRunner) -> None:
    """Then what is never used, and what the log can't tell."""
    refused = GrantSimulation.RefusedCalls(
        method="xaigh.jobs.v1.JobsService.PostJob",
        route="POST /v1/jobs/post",
        reason="SCOPE_NOT_GRANTED",
        missing=["jobs:write"],
        calls=3,
        request_ids=["req_1", "req_2"],
    )
    elsewhere = GrantSimulation.RefusedCalls(reason="SCOPE_NOT_GRANTED", missing=["a:b"], calls=1)
    cli.script(
        "SimulateGrant",
        GrantSimulation(
            grant_id="grt_1",
            environment="sandbox",
            calls=9,
            refused_calls=4,
            refused=[refused, elsewhere],
            unused_employer_user_ids=["emp_2"],
            unknowns=["The log keeps calls for 7 days."],
        ),
    )
    done = cli.run("grants", "simulate", "grt_1", "--scope", "jobs:read", "--employer", "emp_1")
    assert done.facts["would have been refused"] == "4 of 9 calls"
    assert (done.facts["scopes never used"], done.facts["employers never named"]) == (
        "none",
        "emp_2",
    )
    wide = cli.run("grants", "simulate", "grt_1", terminal=True)
    assert "scope not granted: jobs:write" in wide.out
    assert "req_1, req_2" in wide.out
    assert "other services' checks" in wide.out
    assert "The log keeps calls for 7 days." in wide.out
    sent = cli.sent("SimulateGrant")[0]
    assert (list(sent.scopes), list(sent.employer_user_ids)) == (["jobs:read"], ["emp_1"])
