"""`xaigh-server doctor` over a fleet: what is well, what isn't, and the cure."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import httpx
from tests.acceptance.fleet.conftest import Fleet
from tests.harness.server import program


def doctor(fleet: Fleet, **changed: str) -> tuple[int, dict[str, Any]]:
    """The exit code, and the findings by subject."""
    server = fleet.servers[0]
    environ = {**server.environ, **changed}
    done = program("doctor", "--json", "--data-dir", str(server.data_dir), **environ)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return done.returncode, {each["subject"]: each for each in found}


def test_a_fleet_that_is_well(fleet: Fleet):
    """Every subject has a line, as text too, and no line a cure."""
    server = fleet.servers[0]
    code, found = doctor(fleet)
    assert code == 0, found
    assert {each["health"] for each in found.values()} == {"ok"}
    assert not any(each["cure"] for each in found.values())
    assert found.keys() >= {
        *("settings", "limits", "leaders", "anchors", "schema control", "clock production"),
        *("secret pepper", "secret webhook_key", "secret audit_key", "secret application_key"),
        *("outbox sandbox", "deliveries control", "epoch leases"),
    }
    text = program("doctor", "--data-dir", str(server.data_dir), **server.environ).stdout
    assert len(text.splitlines()) == len(found)
    assert all(line.startswith("ok    ") for line in text.splitlines())


def test_what_is_wrong_has_a_cure(fleet: Fleet, tmp_path: Path):
    """A secret that isn't the fleet's, a store that is away, an unreadable certificate."""
    code, found = doctor(fleet, XAIGH_PEPPER=os.urandom(32).hex())
    assert (code, found["secret pepper"]["health"]) == (2, "fault")
    assert "accept pepper" in found["secret pepper"]["cure"]
    code, found = doctor(fleet, XAIGH_LIMITS_URL="")
    assert (code, found["limits"]["health"]) == (1, "warning")
    away = {"XAIGH_LIMITS_URL": "redis://127.0.0.1:1/0"}
    code, found = doctor(fleet, **away)
    assert (code, found["limits"]["health"]) == (1, "warning")
    code, found = doctor(fleet, **away, XAIGH_LIMITS_WHEN_UNAVAILABLE="closed")
    assert (code, found["limits"]["health"]) == (2, "fault")
    gone = str(tmp_path / "none.pem")
    code, found = doctor(fleet, XAIGH_TLS_CERT=gone, XAIGH_TLS_KEY=gone)
    assert (code, found["certificate"]["health"]) == (2, "fault")


def test_a_fleet_without_a_schema(fleet: Fleet, tmp_path: Path):
    """`migrate --check` changes nothing and says so by its exit code."""
    check = ("migrate", "--check", "--data-dir", str(tmp_path))
    assert program(*check).returncode == 1
    assert program("migrate", "--data-dir", str(tmp_path)).returncode == 0
    assert program(*check).returncode == 0
    environ = fleet.servers[0].environ
    assert program(*check, **environ).returncode == 0


def test_the_age_of_the_epoch_is_shown(fleet: Fleet):
    """With the modes and leaders it is what to watch."""
    text = httpx.get(f"http://{fleet.servers[0].admin}/metrics", timeout=20).text
    assert "\nxaigh_epoch_reading_age_seconds " in text
