"""Servers on one database agree on their secrets, or don't serve."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.acceptance.fleet.conftest import fleet_databases
from tests.harness.server import FREE, new_secrets, operator, program, server, verify_audit
from tests.harness.waiting import until


@pytest.fixture
def urls(postgres_server: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Databases on which no server has started yet."""
    with fleet_databases(postgres_server, tmp_path) as made:
        yield made


def refusal(folder: Path, **environ: str) -> str:
    """What a server says that must not start."""
    done = program(
        *("serve", "--rest", "127.0.0.1:0", "--grpc", "127.0.0.1:0", "--data-dir", str(folder)),
        **{**FREE, **environ},
    )
    assert done.returncode == 2, done
    (line,) = [each for each in done.stderr.splitlines() if each.startswith("xaigh-server: ")]
    return line


FILES = ("pepper", "webhook-key", "application-key")


@pytest.mark.parametrize("name", ["PEPPER", "WEBHOOK_KEY", "APPLICATION_KEY", "AUDIT_KEY"])
def test_no_start_makes_a_secret(urls: dict[str, str], tmp_path: Path, name: str):
    """The error says how to make one; a file is as good as a setting."""
    secrets = new_secrets()
    secrets.pop(f"XAIGH_{name}")
    said = refusal(tmp_path, **urls, **secrets)
    assert name.lower() in said
    assert "secrets new" in said
    assert not [path for path in tmp_path.rglob("*") if path.name in FILES]


def test_secrets_are_made_by_command(urls: dict[str, str], tmp_path: Path):
    """A new file, for its owner alone, with lines for the environment."""
    file = tmp_path / "fleet.env"
    assert program("secrets", "new", str(file)).returncode == 0
    assert file.stat().st_mode & 0o777 == 0o600
    made = dict(line.split("=") for line in file.read_text().splitlines())
    assert program("secrets", "new", str(file)).returncode == 2  # it isn't overwritten
    operator(tmp_path, "founder", "founder", **urls, **made)
    with server(tmp_path, **urls, **made):
        pass


def test_another_secret_is_refused_by_name(urls: dict[str, str], tmp_path: Path):
    """Each of them, also by the commands that would use it; `accept` makes it the fleet's."""
    secrets = new_secrets()
    with server(tmp_path, **urls, **secrets):
        for name, other in new_secrets().items():
            said = refusal(tmp_path, **urls, **{**secrets, name: other})
            assert said.startswith(f"xaigh-server: {name[6:].lower()}: {name} isn't the fleet's")
            assert "Give this server the secret of the others." in said
            assert f"`xaigh-server secrets accept {name[6:].lower()}`" in said
            assert other not in said
        wrong = {**secrets, "XAIGH_PEPPER": os.urandom(32).hex()}
        add = ("operator", "add", "x", "--role", "founder", "--data-dir", str(tmp_path))
        assert program(*add, **urls, **wrong).returncode == 2
        rotated = {**wrong, "XAIGH_PREVIOUS_PEPPER": secrets["XAIGH_PEPPER"]}
        with server(tmp_path, **urls, **rotated):
            pass
    replaced = {**rotated, "XAIGH_AUDIT_KEY": os.urandom(32).hex()}
    assert "audit_key" in refusal(tmp_path, **urls, **replaced)
    accept = ("secrets", "accept", "audit_key", "--data-dir", str(tmp_path))
    assert program(*accept, **urls, **replaced).returncode == 0
    with server(tmp_path, **urls, **replaced):
        pass
    verified = verify_audit(tmp_path, **urls, **replaced)
    assert verified.returncode == 0, verified
    assert "without a signature of the key before" in verified.stdout


def test_the_audit_key_is_replaced_one_server_after_the_other(urls: dict[str, str], tmp_path: Path):
    """In three steps; the new key alone then proves the whole log, and the old one is refused."""
    old, new = new_secrets(), os.urandom(32).hex()
    ready = {**old, "XAIGH_PREVIOUS_AUDIT_KEY": new}
    last = {**old, "XAIGH_AUDIT_KEY": new}
    ahead = {**last, "XAIGH_PREVIOUS_AUDIT_KEY": old["XAIGH_AUDIT_KEY"]}
    folders = [tmp_path / str(number) for number in range(2)]
    for number, secrets in enumerate((old, ready, ahead, ready, last)):
        folder = folders[number % 2]
        folder.mkdir(exist_ok=True)
        operator(folder, f"operator{number}", "auditor", **urls, **secrets)
        with server(folder, **urls, **secrets):
            pass  # it anchors at its end, too
    verified = verify_audit(folders[0], **urls, **last)
    assert verified.returncode == 0, verified
    (said,) = [line for line in verified.stdout.splitlines() if line.startswith("anchors: ")]
    assert said.count("; key ") == 2
    assert "without" not in said
    assert "audit_key" in refusal(folders[1], **urls, **old)


def test_two_servers_over_the_same_files_agree_as_well(tmp_path: Path):
    """On SQLite, where the secrets are given: what one seals, the other must be able to open."""
    secrets = new_secrets()
    with server(tmp_path, **secrets):
        other = new_secrets()["XAIGH_WEBHOOK_KEY"]
        said = refusal(tmp_path, **{**secrets, "XAIGH_WEBHOOK_KEY": other})
        assert said.startswith("xaigh-server: webhook_key: XAIGH_WEBHOOK_KEY isn't the fleet's")
        assert "`xaigh-server secrets accept webhook_key`" in said
        rotated = {**secrets, "XAIGH_WEBHOOK_KEY": f"{other},{secrets['XAIGH_WEBHOOK_KEY']}"}
        with server(tmp_path, **rotated):
            pass


def _first_start(folder: Path, **environ: str) -> subprocess.Popen[str]:
    command = ("serve", "--rest", "127.0.0.1:0", "--grpc", "127.0.0.1:0", "--data-dir", str(folder))
    return subprocess.Popen(
        [sys.executable, "-m", "xaigh_server", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**FREE, **os.environ, **environ},
    )


@pytest.mark.parametrize("number", range(5))
def test_of_two_first_starts_one_fleet_comes(urls: dict[str, str], tmp_path: Path, number: int):
    """Started together, again and again, with different peppers: one serves, one is refused."""
    secrets = new_secrets()
    processes = [
        _first_start(tmp_path / str(n), **urls, **{**secrets, "XAIGH_PEPPER": pepper})
        for n, pepper in enumerate(os.urandom(32).hex() for _ in range(2))
    ]
    try:
        until(lambda: any(p.poll() is not None for p in processes), "one is refused")
        refused = next(p for p in processes if p.poll() is not None)
        (served,) = [p for p in processes if p is not refused]
        assert refused.returncode == 2
        assert refused.stderr is not None and served.stdout is not None
        assert "pepper: XAIGH_PEPPER isn't the fleet's" in refused.stderr.read()
        said = iter(served.stdout.readline, "")
        assert any(line.startswith("REST  ") for line in said)
        assert served.poll() is None
    finally:
        with ThreadPoolExecutor() as pool:
            list(pool.map(_end, processes))


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    process.communicate(timeout=30)
