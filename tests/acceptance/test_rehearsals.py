"""Drills are passed by what the server saw, with the facts.

A client that only claims one, or does it wrongly, isn't recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from tests.harness.access import Access, grant_access, job_form, ok
from tests.harness.api_client import ApiClient
from tests.harness.server import Running, operator
from tests.harness.waiting import until

from xaigh.jobs.v1 import jobs_service_pb2
from xaigh_client import methods
from xaigh_client.cli.abandoned_calls import give_up
from xaigh_client.client import Client

KINDS = ["REPLAY", "TIME_OUT", "RECOVERY", "HALF_FEED", "HELD_CLOSE", "ROTATION", "ROLLBACK"]
SCOPES = ["jobs:read", "jobs:write", "ats:read", "ats:sync", "ats:confirm"]
EMPLOYER = "drill_employer"
POST = methods.of(
    jobs_service_pb2.DESCRIPTOR.services_by_name["JobsService"].methods_by_name["PostJob"]
)


class Player:
    """An organization that does drills, rightly and wrongly."""

    def __init__(self, api: ApiClient, running: Running, access: Access) -> None:
        self.api = api
        self.running = running
        self.access = access

    def call(self, method: str, body: dict[str, Any], *, key: str = "", by: str = "") -> Any:
        return self.api.call(
            method, body, key=by or self.access.key, **({"idempotency_key": key} if key else {})
        )

    def post(self, key: str, *, by: str = "", **changed: Any) -> Any:
        form = job_form(employerUserId=EMPLOYER, **changed)
        return self.call("PostJob", form, key=key, by=by)

    def sync(self, integration: str, roles: int, **run: Any) -> Any:
        body = {
            "integrationId": integration,
            "normalizedJobs": [
                {"externalJobId": f"{integration}-{number}", "title": f"Role {number}"}
                for number in range(roles)
            ],
            "closeMissing": True,
            "expectedTotal": roles,
            **run,
        }
        return ok(self.call("SyncJobs", body, key=uuid4().hex))

    def integration(self) -> str:
        wanted = {
            "provider": "CUSTOM",
            "board": uuid4().hex[:8],
            "employerUserIds": [EMPLOYER],
        }
        made: str = ok(self.call("CreateIntegration", {"integration": wanted}))["integrationId"]
        return made

    def record(self, kind: str, **more: Any) -> Any:
        return self.call("RecordDrill", {"kind": kind, **more})


@pytest.fixture
def player(api: ApiClient, running: Running) -> Player:
    """An organization of its own, so that no other test's calls are evidence."""
    access = grant_access(
        api,
        running.founder,
        requestedScopes=SCOPES,
        approval_terms={"employerUserIds": [EMPLOYER], "keyAllowance": 5},
        companyName=f"Drilling {uuid4().hex[:6]}",
    )
    return Player(api, running, access)


def no_replay(player: Player) -> None:
    """The same job under two keys is two jobs, and a read repeated is no write."""
    for _ in range(2):
        ok(player.post(uuid4().hex))
        ok(player.call("ListJobs", {}))


def replay(player: Player) -> None:
    key = uuid4().hex
    for _ in range(2):
        ok(player.post(key))


def no_time_out(player: Player) -> None:
    """A post that was given up, and then another one under a new key."""
    _give_up(player, uuid4().hex)
    ok(player.post(uuid4().hex))


def time_out(player: Player) -> None:
    key = uuid4().hex
    _give_up(player, key)
    ok(player.post(key))


def no_recovery(player: Player) -> None:
    """A refused post that is given up, and a good one under another key."""
    assert player.post(uuid4().hex, slots=0).code == "invalid_argument"
    ok(player.post(uuid4().hex))


def recovery(player: Player) -> None:
    key = uuid4().hex
    assert player.post(key, slots=0).code == "invalid_argument"
    ok(player.post(key))


def no_half_feed(player: Player) -> None:
    """Two whole feeds, then half of one that nothing completes."""
    made = player.integration()
    player.sync(made, 4)
    player.sync(made, 4)
    _half(player, made)


def half_feed(player: Player) -> None:
    made = player.integration()
    _half(player, made)
    player.sync(made, 4)


def no_held_close(player: Player) -> None:
    """A close that is held back, and stays so."""
    made = player.integration()
    player.sync(made, 4)
    assert player.sync(made, 0)["run"]["close"]["state"] == "HELD"


def held_close(player: Player) -> None:
    made = player.integration()
    player.sync(made, 4)
    held = player.sync(made, 0)["run"]
    confirmed = {"syncRunId": held["syncRunId"], "closeCount": held["close"]["count"]}
    ok(player.call("ConfirmClose", confirmed, key=uuid4().hex))


def no_rotation(player: Player) -> None:
    """A rotated key whose successor nobody has used."""
    _rotate(player)


def rotation(player: Player) -> None:
    ok(player.call("WhoAmI", {}, by=_rotate(player)))


def no_rollback(player: Player) -> None:
    """A key that is rolled back without a job to hold."""
    _roll_back(player, posts=False)


def rollback(player: Player) -> None:
    _roll_back(player, posts=True)


WRONGLY: dict[str, Callable[[Player], None]] = {
    "REPLAY": no_replay,
    "TIME_OUT": no_time_out,
    "RECOVERY": no_recovery,
    "HALF_FEED": no_half_feed,
    "HELD_CLOSE": no_held_close,
    "ROTATION": no_rotation,
    "ROLLBACK": no_rollback,
}
RIGHTLY: dict[str, Callable[[Player], None]] = {
    "REPLAY": replay,
    "TIME_OUT": time_out,
    "RECOVERY": recovery,
    "HALF_FEED": half_feed,
    "HELD_CLOSE": held_close,
    "ROTATION": rotation,
    "ROLLBACK": rollback,
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_drill_is_recorded_once_the_server_saw_it(player: Player, kind: str) -> None:
    """Not by a claim, not for something like it; then with facts, in list and dossier."""
    claimed = player.record(kind)
    assert (claimed.code, claimed.reason) == ("failed_precondition", "DRILL_NOT_SEEN")
    WRONGLY[kind](player)
    assert player.record(kind).reason == "DRILL_NOT_SEEN"
    assert not _passed(player)
    RIGHTLY[kind](player)
    # The server may notice a moment later that a client has hung up.
    until(lambda: player.record(kind).code == "ok", f"the record of {kind}")
    (recorded,) = [each for each in _drills(player) if "passTime" in each]
    assert recorded["facts"]
    assert recorded["keyId"] == player.access.key_id
    assert _passed(player) == [kind]
    dossier = ok(
        player.call("GetDossier", {"ticketId": player.access.ticket_id}, by=player.running.founder)
    )
    assert [each for each in dossier["drills"] if "passTime" in each] == [recorded]
    after = {"kind": kind, "sinceTime": recorded["passTime"]}
    assert player.call("RecordDrill", after).reason == "DRILL_NOT_SEEN"


def test_only_keys_of_the_sandbox(api: ApiClient, running: Running) -> None:
    """Neither those of production nor operators; no other organization's drills."""
    second = operator(running.data_dir, f"second-{uuid4().hex[:6]}", "founder", **running.environ)
    live = grant_access(
        api,
        running.founder,
        second=second,
        environment="production",
        companyName=f"Live {uuid4().hex[:6]}",
    )
    for method, body in (("RecordDrill", {"kind": "REPLAY"}), ("ListDrills", {})):
        assert api.call(method, body, key=live.key).reason == "DRILL_SANDBOX_ONLY"
        refused = api.call(method, body, key=running.founder)
        assert refused.reason == "CREDENTIAL_KIND_REFUSED"


def test_an_integration_is_retired_in_the_sandbox_alone(player: Player) -> None:
    """Its roles are closed, and direct jobs can be posted again; once more changes nothing."""
    made = player.integration()
    player.sync(made, 3)
    assert player.post(uuid4().hex).reason == "ATS_INGEST_REQUIRED"
    retired = ok(player.call("RetireIntegration", {"integrationId": made}))
    assert retired["state"] == "INACTIVE"
    ok(player.post(uuid4().hex))
    jobs = ok(player.call("ListJobs", {}))["jobs"]
    states = [each["publicationStatus"]["state"] for each in jobs if each["source"] != "DIRECT"]
    assert states == ["CLOSED"] * 3
    again = ok(player.call("RetireIntegration", {"integrationId": made}))
    assert again == retired
    missing = player.call("RetireIntegration", {"integrationId": "int_none"})
    assert missing.code == "not_found"


def test_an_integration_of_production_isnt_retired_by_its_key(
    api: ApiClient, running: Running
) -> None:
    """Operators deactivate those."""
    second = operator(running.data_dir, f"second-{uuid4().hex[:6]}", "founder", **running.environ)
    live = grant_access(
        api,
        running.founder,
        second=second,
        environment="production",
        requestedScopes=SCOPES,
        approval_terms={"employerUserIds": [EMPLOYER]},
        companyName=f"Live {uuid4().hex[:6]}",
    )
    wanted = {"provider": "CUSTOM", "board": uuid4().hex[:8], "employerUserIds": [EMPLOYER]}
    made = ok(api.call("CreateIntegration", {"integration": wanted}, key=live.key))
    named = {"integrationId": made["integrationId"]}
    assert api.call("RetireIntegration", named, key=live.key).reason == "RETIRE_SANDBOX_ONLY"


def _drills(player: Player) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ok(player.call("ListDrills", {}))["drills"]
    assert [each["kind"] for each in found] == KINDS
    return found


def _passed(player: Player) -> list[str]:
    return [each["kind"] for each in _drills(player) if "passTime" in each]


def _give_up(player: Player, key: str) -> None:
    with Client(api_key=player.access.key, address=player.running.grpc) as client:
        assert give_up(client.settings, POST, idempotency_key=key).startswith("gave up")


def _half(player: Player, integration: str) -> None:
    run = {"syncRunId": uuid4().hex, "batchIndex": 0, "complete": True, "expectedTotal": 4}
    player.sync(integration, 2, **run)


def _issue(player: Player) -> tuple[str, str]:
    order = {"grantId": player.access.grant_id, "name": "drill"}
    issued = ok(player.call("IssueKey", order, by=player.running.founder))
    return issued["key"]["keyId"], issued["apiKey"]


def _rotate(player: Player) -> str:
    key_id, _ = _issue(player)
    order = {"keyId": key_id, "reason": "A drill."}
    new: str = ok(player.call("RotateKey", order, by=player.running.founder))["apiKey"]
    return new


def _roll_back(player: Player, *, posts: bool) -> None:
    key_id, secret = _issue(player)
    since = "2026-01-01T00:00:00Z"
    if posts:
        ok(player.post(uuid4().hex, by=secret))
    order = {"keyId": key_id, "since": since, "reason": "A drill."}
    ok(player.call("RollbackKey", order, by=player.running.founder))
