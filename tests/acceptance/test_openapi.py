"""The served OpenAPI document, in the hands of tools of others: a linter, and a client's maker."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest
from tests.harness.access import EMPLOYER, Access, grant_access
from tests.harness.api_client import RestClient
from tests.harness.server import Running

from xaigh_server.web.openapi_document import read_openapi

TOOLS = Path(__file__).parent.parent / "openapi"
LOCK = TOOLS / "package-lock.json"
INSTALL_SECONDS = 300
TOOL_SECONDS = 120


def run(*command: str, folder: Path, seconds: float = TOOL_SECONDS, **environ: str) -> str:
    """What a command prints. Fails with all it said where it fails, or takes too long."""
    done = subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
        env={**os.environ, "REDOCLY_TELEMETRY": "off", **environ},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def tools() -> Path:
    """The folder of the tools' programs, installed as the lock file says."""
    stamp = TOOLS / "node_modules" / ".lock"
    if not stamp.exists() or stamp.read_bytes() != LOCK.read_bytes():
        run("npm", "ci", "--no-audit", "--no-fund", folder=TOOLS, seconds=INSTALL_SECONDS)
        shutil.copy(LOCK, stamp)
    return TOOLS / "node_modules" / ".bin"


@pytest.fixture(scope="module")
def key(running: Running) -> Access:
    """A sandbox key that may read and write jobs."""
    api = RestClient(running.rest)
    access = grant_access(api, running.founder)
    api.close()
    return access


def test_the_document_is_served_to_everybody(running: Running) -> None:
    """Without a credential, on any origin, with a version, and byte for byte the committed one."""
    reply = httpx.get(f"http://{running.rest}/openapi.json")
    assert reply.status_code == 200 and reply.content == read_openapi()
    assert reply.headers["access-control-allow-origin"] == "*"
    again = httpx.get(
        f"http://{running.rest}/openapi.json", headers={"if-none-match": reply.headers["etag"]}
    )
    assert again.status_code == 304


def test_it_lints_clean(tools: Path, tmp_path: Path) -> None:
    """Redocly's strict set of rules, warnings counted as errors."""
    (tmp_path / "openapi.json").write_bytes(read_openapi())
    run(str(tools / "redocly"), "lint", "openapi.json", "--extends", "recommended-strict",
        folder=tmp_path)  # fmt: skip


def test_a_client_made_from_it_works(
    tools: Path, tmp_path: Path, running: Running, key: Access
) -> None:
    """Types from the served document, strict compilation, and calls that succeed."""
    document = f"http://{running.rest}/openapi.json"
    run(str(tools / "openapi-typescript"), document, "-o", "schema.d.ts", folder=tmp_path)
    for name in ("client.ts", "tsconfig.json", "package.json"):
        shutil.copy(TOOLS / name, tmp_path / name)
    (tmp_path / "node_modules").symlink_to(TOOLS / "node_modules")
    run(str(tools / "tsc"), "-p", ".", folder=tmp_path)
    said = run(
        "node",
        "client.js",
        folder=tmp_path,
        BASE_URL=f"http://{running.rest}",
        API_KEY=key.key,
        OPERATOR=running.founder,
        EMPLOYER=EMPLOYER,
    )
    assert "every call" in said
