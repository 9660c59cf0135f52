"""Every operation of the published document, with good and bad input made from its schemas.

No reply is a 5xx, none has a status that the document doesn't list for its operation, and replies
are of the content type and shape that it promises. The document's catch-all reply is taken out
first, so that it excuses nothing.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.conftest import ENVIRON
from tests.harness.access import grant_access
from tests.harness.api_client import RestClient
from tests.harness.server import Running, server

DOCUMENT = Path(__file__).parents[2] / "generated" / "openapi.json"
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)
EVERYTHING = [
    *("jobs:read", "jobs:write", "employer:read", "workforce:read", "webhooks:read"),
    *("webhooks:write", "ats:read", "ats:sync", "ats:confirm"),
]
LEFT_OUT = (
    "watchJobs",  # never ends
    "watchEvents",  # nor does this
    "syncFeed",  # takes a stream
    "revokeSelf",  # would end the key that all of this is called with
)
EXAMPLES = 10
SEED = 20260301


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The document without its catch-all replies, and without the caller's own deadline.

    A deadline of nothing is answered with 504, as it should be, and would hide all the rest.
    """
    document: dict[str, Any] = json.loads(DOCUMENT.read_text())
    for path in document["paths"].values():
        for operation in path.values():
            if isinstance(operation, dict) and "responses" in operation:
                operation["responses"].pop("default", None)
                operation["parameters"] = [
                    each
                    for each in operation.get("parameters", ())
                    if each.get("name") != "X-Request-Timeout"
                ]
    file = tmp_path_factory.mktemp("document") / "openapi.json"
    file.write_text(json.dumps(document))
    return file


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server that limits nothing and delivers nothing."""
    folder = tmp_path_factory.mktemp("data")
    settings = folder / "settings.toml"
    settings.write_text(
        'default_tier = "endless"\n[tiers.endless]\nday = {calls = 1000000000, seconds = 86400}\n'
    )
    environ = {k: v for k, v in ENVIRON.items() if k != "XAIGH_DEFAULT_TIER"}
    environ |= {"XAIGH_SETTINGS": str(settings), "XAIGH_DELIVER_WEBHOOKS": "false"}
    with server(folder, **environ) as started:
        yield started


@pytest.mark.parametrize("caller", ["key", "operator", "nobody"])
def test_no_input_leads_to_an_undocumented_reply(
    own: Running, strict: Path, tmp_path: Path, caller: str
):
    """By a sandbox key, by an operator, and by nobody on the public routes."""
    with closing(RestClient(own.rest)) as api:
        key = grant_access(api, own.founder, requestedScopes=EVERYTHING).key
    headers = {"key": key, "operator": own.founder}
    prefix = {"operator": "^/v1/admin/", "nobody": "^/v1/developer/"}
    chosen = ["--include-path-regex", prefix[caller]] if caller in prefix else []
    if caller == "key":
        chosen = ["--exclude-path-regex", "^/v1/(admin|developer)/"]
    for name in LEFT_OUT:
        chosen += ["--exclude-operation-id", name]
    if caller in headers:
        chosen += ["-H", f"Authorization: Bearer {headers[caller]}"]
    done = subprocess.run(
        [
            sys.executable, "-m", "schemathesis.cli", "run", str(strict),
            "--url", f"http://{own.rest}",
            "--checks", ",".join(CHECKS),
            "--phases", "examples,coverage,fuzzing",
            "--max-examples", str(EXAMPLES),
            "--seed", str(SEED), "--generation-deterministic", "--no-shrink",
            "--generation-with-security-parameters", "false",
            "--continue-on-failure", "--warnings", "off", "--no-color",
            *chosen,
        ],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=170,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-12000:] + done.stderr[-2000:]
