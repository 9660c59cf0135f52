"""`xaigh rehearse` against a server: every drill, alone and together, and what it leaves."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from tests.acceptance.cli.program import Cli, plain
from tests.harness.access import Access, grant_access, ok
from tests.harness.api_client import GrpcClient
from tests.harness.server import Running

DRILLS = ["replay", "time-out", "recovery", "half-feed", "held-close", "rotation", "rollback"]
SCOPES = ["jobs:read", "jobs:write", "ats:read", "ats:sync"]
EMPLOYER = "employer_123"


@pytest.fixture(scope="module")
def api(running: Running) -> Any:
    """A client of the API, to look at what a rehearsal left."""
    client = GrpcClient(running.grpc)
    yield client
    client.close()


@pytest.fixture(scope="module")
def rehearsing(api: GrpcClient, running: Running) -> Access:
    """An organization whose grant has keys for the drills."""
    return grant_access(
        api,
        running.founder,
        requestedScopes=SCOPES,
        approval_terms={"keyAllowance": 5},
        companyName=f"Rehearsing {uuid4().hex[:6]}",
    )


@pytest.fixture(scope="module")
def applicant(running: Running, home: Path, rehearsing: Access) -> Cli:
    """The holder of its key, with a profile of an operator beside it."""
    found = Cli(address=running.grpc, home=home, key=rehearsing.key)
    logged_in = found.run("login", "ops", "--address", running.grpc, stdin=f"{running.founder}\n")
    assert logged_in.code == 0, logged_in.err
    return found


def test_the_whole_rehearsal(
    applicant: Cli, founder: Cli, api: GrpcClient, rehearsing: Access, running: Running
) -> None:
    """It tells what it does, passes all, cleans up, and stands in the dossier."""
    done = applicant.screen("rehearse", "--operator", "ops", width=80)
    shown = plain(done.out)
    assert max(map(len, shown.splitlines())) <= 80
    assert done.code == 0, done.out
    for name in DRILLS:
        assert f"\n{name}\n" in f"\n{shown}"
    assert shown.count("passed: the server saw") == len(DRILLS)
    assert "7 of 7 drills passed" in shown

    jobs = ok(api.call("ListJobs", {"pageSize": 200}, key=rehearsing.key))["jobs"]
    assert jobs
    assert {each["publicationStatus"]["state"] for each in jobs} == {"CLOSED"}
    integrations = ok(api.call("ListIntegrations", {}, key=rehearsing.key))["integrations"]
    assert {each["state"] for each in integrations} == {"INACTIVE"}
    keys = {"grantId": rehearsing.grant_id, "pageSize": 50}
    left = ok(api.call("ListKeys", keys, key=running.founder))["keys"]
    live = [each["keyId"] for each in left if each["state"] in ("ACTIVE", "GRACE")]
    assert live == [rehearsing.key_id]

    found = founder.json("requests", "dossier", rehearsing.ticket_id)["drills"]
    assert [each["kind"] for each in found if "passTime" in each] == [
        name.upper().replace("-", "_") for name in DRILLS
    ]
    sheet = plain(founder.screen("requests", "dossier", rehearsing.ticket_id).out)
    assert "Drills in the sandbox" in sheet
    listed = applicant.ok("rehearse", "--list").out.splitlines()
    assert len(listed) == len(DRILLS)
    assert all("\tpassed" in line for line in listed)


def test_drills_alone_without_an_operator(api: GrpcClient, running: Running, home: Path) -> None:
    """Those of an operator wait, and say what to ask for; the rest passes. Exit code 11."""
    other = grant_access(
        api,
        running.founder,
        requestedScopes=SCOPES,
        companyName=f"Alone {uuid4().hex[:6]}",
    )
    cli = Cli(address=running.grpc, home=home, key=other.key)
    done = cli.run("rehearse", "rotation", "replay", "--json")
    assert done.code == 11, done.err
    replay, rotation = done.json
    assert (replay["drill"], replay["result"]) == ("replay", "passed")
    assert replay["facts"]["method"] == "PostJob"
    assert (rotation["drill"], rotation["result"]) == ("rotation", "waits")
    assert f"xaigh keys rotate {other.key_id}" in rotation["why"]
    assert cli.run("rehearse", "time-out").code == 0


def test_a_key_without_the_scope_waits_for_one(
    api: GrpcClient, running: Running, home: Path
) -> None:
    """A drill that it can't play is told apart from one that failed."""
    reader = grant_access(api, running.founder, requestedScopes=["jobs:read"], companyName="Reader")
    cli = Cli(address=running.grpc, home=home, key=reader.key)
    done = cli.run("rehearse", "replay", "half-feed", "--json")
    assert done.code == 11
    assert [each["result"] for each in done.json] == ["waits", "waits"]
    assert ["jobs:write" in done.json[0]["why"], "ats:sync" in done.json[1]["why"]] == [True, True]


def test_what_is_refused_before_anything_is_played(
    api: GrpcClient, running: Running, home: Path, colleague: Cli, applicant: Cli, founder: Cli
) -> None:
    """Keys of production and operators; drills, employers and profiles that aren't there."""
    live = grant_access(
        api,
        running.founder,
        second=colleague.key,
        environment="production",
        requestedScopes=["jobs:read"],
        companyName=f"Live {uuid4().hex[:6]}",
    )
    refused = Cli(address=running.grpc, home=home, key=live.key).run("rehearse")
    assert (refused.code, refused.err.strip()) == (
        2,
        "xaigh: drills are of the sandbox: use a key that begins with test_",
    )
    assert founder.run("rehearse").code == 2
    for wrong, said in (
        (["sleep"], "no drill 'sleep'"),
        (["--employer", "employer_x"], "employer_123"),
        (["--operator", "nobody"], "no profile 'nobody'"),
    ):
        done = applicant.run("rehearse", *wrong)
        assert done.code == 2
        assert said in done.err
