"""Every snippet of the README and of the starts runs as it stands, against a real server.

Blocks marked `sh` and `python` run; blocks marked `text` hold what a person has to fill in.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.harness.access import grant_access, job_form, ok, prove_callback, request_form
from tests.harness.api_client import RestClient
from tests.harness.challenged_callback import shared_callback
from tests.harness.server import Running, operator

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BIN = str(Path(sys.executable).parent)


@pytest.fixture(scope="module")
def environs(running: Running) -> dict[str, dict[str, str]]:
    """What the reader of each page has at hand."""
    api = RestClient(running.rest)
    scopes = ["jobs:read", "jobs:write", "employer:read"]
    access = grant_access(api, running.founder, requestedScopes=scopes)
    job = ok(api.call("PostJob", job_form(), key=access.key, idempotency_key="docs"))["jobId"]
    posting = pending_jobs(api, running.founder)
    callback = shared_callback().url()
    form = request_form(failureMode="we call the employer", callbackUrl=callback)
    submitted = ok(api.call("SubmitAccessRequest", form))
    prove_callback(api, submitted)
    ticket = submitted["ticketId"]
    api.close()
    service = operator(running.data_dir, "billing", "service", **running.environ)
    common = {"XAIGH_ADDR": running.grpc, "XAIGH_URL": f"http://{running.rest}"}
    return {
        "client/docs/applicant.md": common,
        "README.md": {**common, "XAIGH_API_KEY": running.founder},
        "client/docs/integrator.md": {
            **common,
            **posting,
            "HOOK_URL": callback,
            "TICKET": ticket,
            "STATUS_TOKEN": submitted["statusToken"],
        },
        "client/docs/internal-service.md": {
            **common,
            "XAIGH_API_KEY": service,
            "PRESENTED_KEY": access.key,
            "JOB_ID": job,
        },
        "client/docs/operator.md": {
            **common,
            "XAIGH_API_KEY": running.founder,
            "TICKET": ticket,
            "SECOND": operator(running.data_dir, "ana", "founder", **running.environ),
        },
    }


def pending_jobs(api: RestClient, founder: str) -> dict[str, str]:
    """A key that posts, one that approves, and two jobs that wait for an approval."""
    scopes = ["jobs:read", "jobs:write", "employer:read", "employer:approve"]
    scopes += ["webhooks:read", "webhooks:write"]
    terms = {"employerUserIds": ["employer_123", "employer_456"], "keyAllowance": 2}
    access = grant_access(api, founder, requestedScopes=scopes, approval_terms=terms)
    order = {"grantId": access.grant_id, "name": "approvals"}
    approver = ok(api.call("IssueKey", order, key=founder))["apiKey"]
    policy = {
        "employerUserId": "employer_456",
        "organizationId": access.organization_id,
        "environment": "sandbox",
        "approvalRequired": True,
        "reason": "Their lawyers ask for it.",
    }
    ok(api.call("SetApprovalPolicy", policy, key=founder))
    form = {**job_form(), "employerUserId": "employer_456"}
    first, second = (
        ok(api.call("PostJob", form, key=access.key, idempotency_key=f"docs-{number}"))["jobId"]
        for number in (1, 2)
    )
    return {
        "XAIGH_API_KEY": access.key,
        "APPROVER_KEY": approver,
        "PENDING_JOB": first,
        "OTHER_PENDING_JOB": second,
    }


@pytest.mark.parametrize(
    "page",
    [
        "README.md",
        "client/docs/applicant.md",
        "client/docs/integrator.md",
        "client/docs/internal-service.md",
        "client/docs/operator.md",
    ],
)
def test_every_snippet_runs(
    page: str, environs: dict[str, dict[str, str]], running: Running, tmp_path: Path
):
    """In their order, in one folder: what one makes the next may use."""
    text = (ROOT / page).read_text(encoding="utf-8")
    text = text.replace("127.0.0.1:8080", running.rest).replace("127.0.0.1:9090", running.grpc)
    blocks = BLOCK.findall(text)
    assert blocks
    environ = {**os.environ, **environs[page], "PATH": f"{BIN}:{os.environ['PATH']}"}
    environ["XDG_CONFIG_HOME"] = str(tmp_path / "config")
    environ["XDG_STATE_HOME"] = str(tmp_path / "state")
    for language, code in blocks:
        command = ["bash", "-euo", "pipefail", "-c", code]
        if language == "python":
            command = [sys.executable, "-c", code]
        done = subprocess.run(
            command,
            cwd=tmp_path,
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"{code}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr
