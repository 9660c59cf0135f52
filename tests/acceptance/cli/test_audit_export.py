"""The holder of a key exports its organization's chains, and verifies them offline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.acceptance.cli.program import Cli
from tests.harness.access import Access, grant_access, job_form, ok
from tests.harness.api_client import GrpcClient, RestClient
from tests.harness.server import Running
from tests.harness.waiting import until

SANDBOX = "sandbox"


def _prepared(running: Running) -> Access:
    """An organization with events in two of its chains, of its key and of operators."""
    api = GrpcClient(running.grpc)
    try:
        access = grant_access(api, running.founder, companyName=f"Proves {uuid4().hex[:6]}")
        form = job_form()
        ok(api.call("PostJob", form, key=access.key, idempotency_key=uuid4().hex))
        return access
    finally:
        api.close()


def test_a_key_proves_its_organizations_log(running: Running, home: Path, tmp_path: Path) -> None:
    """All events are there and anchored; nothing that it may not read, and nobody else."""
    access = _prepared(running)
    cli = Cli(address=running.grpc, home=home, key=access.key)
    public = str(running.data_dir / "audit" / "public_key.pem")
    files: list[Path] = []

    def proven() -> bool:
        files.append(tmp_path / f"own-{len(files)}.ndjson")
        cli.ok("audit", "export", "--out", str(files[-1]))
        return cli.run("audit", "verify", str(files[-1]), "--public-key", public).code == 0

    until(proven, "an anchor over the newest events")
    text = files[-1].read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    kinds = {line["type"] for line in lines}
    assert {"header", "anchor_header", "proof", "link"} <= kinds
    chains = {line["chain"] for line in lines if line["type"] in ("event", "link")}
    assert chains == {f"control/{access.organization_id}", f"{SANDBOX}/{access.organization_id}"}
    assert "founder" not in text
    assert all(line.get("organizationId", "") in ("", access.organization_id) for line in lines)

    reports = cli.run("audit", "verify", str(files[-1]), "--public-key", public, "--json").json
    assert all(each["sound"] and each["events"] == each["anchored"] for each in reports)
    assert sum(each["withheld"] for each in reports) > 0

    events = [line for line in lines if line["type"] in ("event", "link")]
    for change in (_without(lines, events[0]), _exchanged(lines, events[0])):
        wrong = tmp_path / f"wrong-{uuid4().hex[:6]}"
        wrong.write_text("".join(json.dumps(line) + "\n" for line in change))
        assert cli.run("audit", "verify", str(wrong), "--public-key", public).code == 1


def test_its_lines_are_those_of_the_operators_log(running: Running) -> None:
    """Over REST, in small pages: the same events by their hashes, whole or as links."""
    access = _prepared(running)
    api = RestClient(running.rest)
    try:
        lines: list[dict[str, Any]] = []
        page: dict[str, Any] = {"pageSize": 2}
        while True:
            reply = ok(api.call("ExportOwnAuditEvents", page, key=access.key))
            lines += [json.loads(line["text"]) for line in reply["lines"]]
            if not reply.get("nextPageToken"):
                break
            page = {"pageSize": 2, "pageToken": reply["nextPageToken"]}
        refused = api.call("ExportOwnAuditEvents", {}, key=running.founder)
        assert refused.reason == "CREDENTIAL_KIND_REFUSED"
        for name in ("control", SANDBOX):
            chain = f"{name}/{access.organization_id}"
            wanted = {"chain": chain, "pageSize": 200}
            whole = ok(api.call("ListAuditEvents", wanted, key=running.founder))["auditEvents"]
            mine = [line for line in lines if line.get("chain") == chain and "prevHash" in line]
            assert [line["hash"] for line in mine] == [event["hash"] for event in whole][::-1]
    finally:
        api.close()


def _without(lines: list[dict[str, Any]], gone: dict[str, Any]) -> list[dict[str, Any]]:
    return [line for line in lines if line is not gone]


def _exchanged(lines: list[dict[str, Any]], one: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**line, "hash": "0" * 64} if line is one else line for line in lines]
