"""Rolling a key back: revoked first, its jobs held after, all of it, whatever breaks off."""

from __future__ import annotations

import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from tests.acceptance.conftest import ENVIRON, both_engines
from tests.acceptance.test_bad_input import violations
from tests.harness.access import Access, grant_access, job_form, ok
from tests.harness.api_client import ApiClient, RestClient
from tests.harness.server import Running, server, verify_audit

databases = both_engines
REASON = "A stolen key posted these."


def access_of(api: ApiClient, running: Running, **key: Any) -> Access:
    """A key of an organization of its own."""
    return grant_access(
        api, running.founder, approval_terms={"keyAllowance": 9}, key={"name": "till", **key}
    )


def post(api: ApiClient, key: str, **changed: Any) -> dict[str, Any]:
    reply = api.call("PostJob", job_form(**changed), key=key, idempotency_key=uuid4().hex)
    job: dict[str, Any] = ok(reply)
    return job


def roll_back(api: ApiClient, running: Running, access: Access, **changed: Any) -> Any:
    step = {"keyId": access.key_id, "since": "2026-01-01T00:00:00Z", "reason": REASON}
    return api.call("RollbackKey", {**step, **changed}, key=running.founder)


def reader(api: ApiClient, running: Running, access: Access) -> str:
    """Another key of the same grant, to see what the first one left."""
    order = {"grantId": access.grant_id, "name": "reader"}
    return str(ok(api.call("IssueKey", order, key=running.founder))["apiKey"])


def job_of(api: ApiClient, key: str, job: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = ok(api.call("GetJob", {"jobId": job["jobId"]}, key=key))
    return found


class TestRollback:
    def test_the_key_is_revoked_and_its_jobs_are_held(
        self, api: ApiClient, running: Running
    ) -> None:
        """From the moment named on; the reply comes after the holds."""
        access = access_of(api, running)
        other = reader(api, running, access)
        before, first, second = (post(api, access.key) for _ in range(3))
        foreign = post(api, other)
        done = ok(roll_back(api, running, access, since=first["createTime"]))
        assert (done["state"], done["jobCount"], done["keyIds"]) == ("HELD", 2, [access.key_id])
        assert [job["jobId"] for job in done["jobs"]] == [first["jobId"], second["jobId"]]
        assert api.call("ListJobs", {}, key=access.key).body["reason"] == "KEY_REVOKED"
        for job in (first, second):
            status = job_of(api, other, job)["publicationStatus"]
            assert (status["state"], status["closeReason"]) == ("CLOSED", "LOCAL_HOLD")
            assert status["hold"]["reason"] == REASON
            assert status["hold"]["holdId"] == done["rollbackId"]
        for job in (before, foreign):
            assert job_of(api, other, job)["publicationStatus"]["state"] == "OPEN"
        published = ok(api.call("ListPublishedJobs", {}, key=other))["jobs"]
        assert {job["jobId"] for job in published} == {before["jobId"], foreign["jobId"]}

    def test_predecessors_are_taken_along(self, api: ApiClient, running: Running) -> None:
        """A key that was rotated: its jobs are held, and its grace ends."""
        access = access_of(api, running)
        other = reader(api, running, access)
        early = post(api, access.key)
        step = {"keyId": access.key_id, "grace": "3600s", "reason": "due"}
        new = ok(api.call("RotateKey", step, key=running.founder))
        late = post(api, new["apiKey"])
        by_new = {"keyId": new["key"]["keyId"]}
        done = ok(roll_back(api, running, access, **by_new))
        assert done["keyIds"] == [new["key"]["keyId"], access.key_id]
        assert [job["jobId"] for job in done["jobs"]] == [early["jobId"], late["jobId"]]
        for key in (access.key, new["apiKey"]):
            assert api.call("ListJobs", {}, key=key).body["reason"] == "KEY_REVOKED"
        assert job_of(api, other, early)["publicationStatus"]["state"] == "CLOSED"

    def test_a_dry_run_lists_and_writes_nothing(self, api: ApiClient, running: Running) -> None:
        access = access_of(api, running)
        job = post(api, access.key)
        shown = ok(roll_back(api, running, access, validateOnly=True))
        assert [each["jobId"] for each in shown["jobs"]] == [job["jobId"]]
        assert (shown["jobCount"], shown.get("state"), shown.get("rollbackId")) == (1, None, None)
        assert job_of(api, access.key, job)["publicationStatus"]["state"] == "OPEN"
        wanted = {"target": access.key_id, "action": "key.rolled_back"}
        assert not ok(api.call("ListAuditEvents", wanted, key=running.founder)).get("auditEvents")

    def test_a_repeat_changes_nothing_and_an_earlier_time_widens(
        self, api: ApiClient, running: Running
    ) -> None:
        access = access_of(api, running)
        first, second = post(api, access.key), post(api, access.key)
        narrow = ok(roll_back(api, running, access, since=second["createTime"]))
        again = ok(roll_back(api, running, access, since=second["createTime"]))
        assert again == narrow
        later = ok(roll_back(api, running, access, since=_later(second["createTime"])))
        assert later == narrow
        wide = ok(roll_back(api, running, access, since=first["createTime"]))
        assert wide["rollbackId"] == narrow["rollbackId"]
        assert [job["jobId"] for job in wide["jobs"]] == [first["jobId"], second["jobId"]]
        events = ok(api.call("ListAuditEvents", {"target": access.key_id}, key=running.founder))[
            "auditEvents"
        ]
        actions = [event["action"] for event in events]
        assert actions.count("key.rolled_back") == 2
        assert actions.count("key.revoked") == 1

    def test_releasing_undoes_exactly_the_holds(self, api: ApiClient, running: Running) -> None:
        """The key stays revoked; a repeat says the same; a new rollback may follow."""
        access = access_of(api, running)
        other = reader(api, running, access)
        job, closed = post(api, access.key), post(api, access.key)
        ok(roll_back(api, running, access))
        ok(api.call("CloseJob", {"jobId": closed["jobId"]}, key=other))
        step = {"keyId": access.key_id, "reason": "Checked."}
        done = ok(api.call("ReleaseHolds", step, key=running.founder))
        assert (done["state"], done["jobCount"]) == ("RELEASED", 2)
        assert ok(api.call("ReleaseHolds", step, key=running.founder)) == done
        assert job_of(api, other, job)["publicationStatus"]["state"] == "OPEN"
        status = job_of(api, other, closed)["publicationStatus"]
        assert status["closeReason"] == "CLOSED_BY_INTEGRATOR"
        assert api.call("ListJobs", {}, key=access.key).body["reason"] == "KEY_REVOKED"
        again = ok(roll_back(api, running, access))
        assert again["rollbackId"] != done["rollbackId"]
        assert [each["jobId"] for each in again["jobs"]] == [job["jobId"]]

    def test_a_replay_answers_what_holds_now(self, api: ApiClient, running: Running) -> None:
        """Under one idempotency key nothing is revoked or held a second time."""
        access = access_of(api, running)
        post(api, access.key)
        step = {"keyId": access.key_id, "since": "2026-01-01T00:00:00Z", "reason": REASON}
        name = uuid4().hex
        done = ok(api.call("RollbackKey", step, key=running.founder, idempotency_key=name))
        again = api.call("RollbackKey", step, key=running.founder, idempotency_key=name)
        assert ok(again) == done

    def test_watches_and_events_follow(self, api: ApiClient, running: Running) -> None:
        """The log of the business database names who held what, and why."""
        access = access_of(api, running)
        job = post(api, access.key)
        ok(roll_back(api, running, access))
        wanted = {"target": job["jobId"], "action": "job.held"}
        (event,) = ok(api.call("ListAuditEvents", wanted, key=running.founder))["auditEvents"]
        assert (event["actor"], event["reason"]) == ("operator:founder", REASON)
        assert event["organizationId"] == access.organization_id

    def test_the_dossier_shows_the_rehearsal(self, api: ApiClient, running: Running) -> None:
        """A rollback in the sandbox that held jobs; one that found none is no rehearsal."""
        access = access_of(api, running)

        def readiness() -> Any:
            by_id = {"ticketId": access.ticket_id}
            return ok(api.call("GetDossier", by_id, key=running.founder))["readiness"]

        spare = reader(api, running, access)
        ok(roll_back(api, running, access))
        assert "rollbackRehearsalTime" not in readiness()
        post(api, spare)
        done = ok(roll_back(api, running, access, keyId=spare[8:18]))
        found = readiness()
        assert (found["rollbackRehearsalTime"], found["rollbackRehearsalJobs"]) == (
            done["createTime"],
            1,
        )


class TestRefusals:
    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"since": "2999-01-01T00:00:00Z"}, "since"),
            ({"since": None}, "since"),
            ({"reason": "  "}, "reason"),
            ({"reason": ""}, "reason"),
        ],
    )
    def test_fields(
        self, api: ApiClient, running: Running, access: Access, changed: Any, field: str
    ) -> None:
        step = {"keyId": access.key_id, "since": "2026-01-01T00:00:00Z", "reason": REASON}
        wanted = {name: value for name, value in {**step, **changed}.items() if value is not None}
        refused = api.call("RollbackKey", wanted, key=running.founder)
        assert refused.body["reason"] == "FIELD_INVALID"
        assert violations(refused.body) == {field}

    def test_an_unknown_key(self, api: ApiClient, running: Running) -> None:
        step = {"keyId": "0000000000", "since": "2026-01-01T00:00:00Z", "reason": REASON}
        assert api.call("RollbackKey", step, key=running.founder).body["reason"] == "NOT_FOUND"

    def test_a_release_without_a_rollback(
        self, api: ApiClient, running: Running, access: Access
    ) -> None:
        step = {"keyId": access.key_id, "reason": "x"}
        assert api.call("ReleaseHolds", step, key=running.founder).body["reason"] == "NOT_FOUND"


def _later(time_: str) -> str:
    moved = datetime.fromisoformat(time_) + timedelta(seconds=1)
    return min(moved, datetime.now(UTC)).isoformat()


class TestBrokenOff:
    """SQLite alone: another process holds the lock of the sandbox, so nothing can be held."""

    def test_sigkill_between_revocation_and_holds(self, data_dir: Path) -> None:
        """The revocation stands; the next server holds the jobs by itself."""
        with server(data_dir, **ENVIRON) as running:
            founder, access, jobs = self._prepared(running)
            with _locked(data_dir / "sandbox.db"):
                caller = threading.Thread(target=_ask, args=(running, access), daemon=True)
                caller.start()
                _wait(lambda: _states(data_dir) == ["HOLDING"])
                running.process.send_signal(signal.SIGKILL)
                running.process.wait(timeout=30)
            caller.join(timeout=30)
        assert _held(data_dir) == 0
        with server(data_dir, **ENVIRON) as running:
            api = RestClient(running.rest)
            assert api.call("ListJobs", {}, key=access.key).body["reason"] == "KEY_REVOKED"
            _wait(lambda: _states(data_dir) == ["HELD"], seconds=30)
            assert _held(data_dir) == len(jobs)
            step = {"keyId": access.key_id, "reason": "Checked."}
            done = ok(api.call("ReleaseHolds", step, key=founder))
            assert (done["state"], done["jobCount"]) == ("RELEASED", len(jobs))
            assert _held(data_dir) == 0
            api.close()
        assert verify_audit(data_dir, "--allow-unanchored").returncode == 0

    def test_a_database_away_leaves_the_revocation(self, data_dir: Path) -> None:
        """The call is unavailable, the key is revoked, and a repeat completes it."""
        with server(data_dir, **ENVIRON) as running:
            _, access, jobs = self._prepared(running)
            with _locked(data_dir / "sandbox.db"):
                assert _ask(running, access).code == "unavailable"
                api = RestClient(running.rest)
                assert api.call("ListJobs", {}, key=access.key).body["reason"] == "KEY_REVOKED"
            done = ok(_ask(running, access))
            assert (done["state"], done["jobCount"]) == ("HELD", len(jobs))
            assert _held(data_dir) == len(jobs)
            api.close()

    def _prepared(self, running: Running) -> tuple[str, Access, list[dict[str, Any]]]:
        api = RestClient(running.rest)
        access = grant_access(api, running.founder)
        jobs = [post(api, access.key) for _ in range(3)]
        api.close()
        return running.founder, access, jobs


def _ask(running: Running, access: Access) -> Any:
    import httpx

    api = RestClient(running.rest)
    try:
        return roll_back(api, running, access)
    except httpx.TransportError:
        return None  # the kill
    finally:
        api.close()


class _locked:
    """Holds the write lock of a SQLite file, as another process would."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)

    def __enter__(self) -> None:
        self._database.execute("BEGIN IMMEDIATE")

    def __exit__(self, *_: object) -> None:
        self._database.execute("ROLLBACK")
        self._database.close()


def _query(path: Path, statement: str) -> list[Any]:
    database = sqlite3.connect(path)
    try:
        return [row[0] for row in database.execute(statement)]
    finally:
        database.close()


def _states(data_dir: Path) -> list[Any]:
    return _query(data_dir / "control.db", "SELECT state FROM key_rollbacks")


def _held(data_dir: Path) -> int:
    found = _query(data_dir / "sandbox.db", "SELECT count(*) FROM job_holds WHERE released = 0")
    return int(found[0])


def _wait(condition: Callable[[], bool], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.02)
