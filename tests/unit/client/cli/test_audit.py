"""`xaigh audit`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.unit.client.cli.command_runner import (
    VALID_CREDENTIAL,
    VALID_KEY,
    CommandRunner,
    timestamp,
)

from xaigh.audit.v1.audit_pb2 import AuditEvent
from xaigh.audit.v1.audit_service_pb2 import (
    AuditExportLine,
    ExportOwnAuditEventsResponse,
    ListAuditEventsResponse,
    ListOwnAuditEventsResponse,
)
from xaigh.organizations.v1.organization_pb2 import Organization


@pytest.fixture(autouse=True)
def operator(cli: CommandRunner) -> None:
    """The command line has an operator's credential; a test may change it."""
    cli.environ["XAIGH_API_KEY"] = VALID_CREDENTIAL


def _event(sequence: int, chain: str = "control") -> AuditEvent:
    return AuditEvent(
        chain=chain,
        sequence=sequence,
        action="key.issued",
        outcome=AuditEvent.DONE,
        targets=["key:k1"],
    )


def _events(*sequences: int) -> ListAuditEventsResponse:
    return ListAuditEventsResponse(audit_events=map(_event, sequences))


def test_tail_prints_the_oldest_first(cli: CommandRunner) -> None:
    """The server lists the newest first."""
    cli.script("ListAuditEvents", _events(3, 2))
    found = cli.run("audit", "tail", "--since", "2h", "--action", "key.issued", "--json").json
    assert [event["sequence"] for event in found] == ["2", "3"]
    (sent,) = cli.sent("ListAuditEvents")
    assert (sent.action, sent.start_time) == ("key.issued", timestamp("2026-06-18T10:00:00Z"))


def test_a_row_names_the_organization(cli: CommandRunner) -> None:
    """A person knows it by its name; each is looked up once."""
    its = AuditEvent(chain="sandbox/org_1", sequence=1, organization_id="org_1")
    ours = AuditEvent(chain="control/-", sequence=9)
    cli.script("ListAuditEvents", ListAuditEventsResponse(audit_events=[ours, its, its]))
    cli.script("GetOrganization", Organization(organization_id="org_1", display_name="Northline"))
    rows = cli.run("audit", "tail").rows
    assert [row[5:7] for row in rows] == [
        *[["Northline", "sandbox/org_1"]] * 2,
        ["", "control/-"],
    ]
    assert len(cli.sent("GetOrganization")) == 1


def test_follow_prints_each_event_once(cli: CommandRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    """A poll repeats events that were printed."""
    pauses = iter([None])

    def sleep(seconds: float) -> None:
        if next(pauses, seconds) is not None:
            raise KeyboardInterrupt

    monkeypatch.setattr("xaigh_client.cli.audit.time.sleep", sleep)
    cli.script("ListAuditEvents", _events(1), _events(3, 2, 1))
    done = cli.run("audit", "tail", "--follow", "--json")
    lines = [json.loads(line)["sequence"] for line in done.out.splitlines()]
    assert (lines, done.code) == (["1", "2", "3"], 130)


def test_a_line_names_an_outcome_other_than_done(
    cli: CommandRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refusal stands out."""

    def sleep(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("xaigh_client.cli.audit.time.sleep", sleep)
    refused = _event(1)
    refused.outcome = AuditEvent.REFUSED
    cli.script("ListAuditEvents", ListAuditEventsResponse(audit_events=[refused]))
    assert cli.run("audit", "tail", "-f").out.endswith("control  refused\n")


def test_show_finds_an_event_by_its_sequence(cli: CommandRunner) -> None:
    """Within its chain."""
    cli.script("ListAuditEvents", _events(3, 2, 1))
    assert cli.run("audit", "show", "control", "2", "--json").json["sequence"] == "2"


def test_show_ends_where_the_sequence_is_passed(cli: CommandRunner) -> None:
    """Older pages can't hold the event."""
    page = _events(9, 7)
    page.next_page_token = "t"
    cli.script("ListAuditEvents", page)
    done = cli.run("audit", "show", "control", "8")
    assert (done.code, "has no event 8" in done.err) == (2, True)
    assert len(cli.sent("ListAuditEvents")) == 1


def test_export_writes_whole_chains_oldest_first(cli: CommandRunner, tmp_path: Path) -> None:
    """The first line names the format."""
    cli.script("ListAuditEvents", _events(2, 1))
    file = tmp_path / "audit.ndjson"
    cli.run("audit", "export", "--out", str(file), "--chain", "control")
    header, *events = map(json.loads, file.read_text().splitlines())
    assert header == {"type": "header", "format": "xaigh-audit-export/2"}
    assert [event["sequence"] for event in events] == [1, 2]


def test_export_never_replaces_a_file(cli: CommandRunner, tmp_path: Path) -> None:
    """An older export may be evidence."""
    file = tmp_path / "audit.ndjson"
    file.write_text("evidence")
    assert cli.run("audit", "export", "--out", str(file)).code == 2
    assert file.read_text() == "evidence"


def test_verify_of_anchors_needs_the_public_key(cli: CommandRunner, tmp_path: Path) -> None:
    """An unsigned anchor proves nothing."""
    file = tmp_path / "audit.ndjson"
    file.write_text("")
    done = cli.run("audit", "verify", str(file), "--anchors", str(file))
    assert (done.code, "--public-key" in done.err) == (2, True)


def test_verify_has_exit_code_1_for_a_bad_chain(cli: CommandRunner, tmp_path: Path) -> None:
    """The first bad event is named."""
    file = tmp_path / "audit.ndjson"
    file.write_text('{"type":"header","format":"xaigh-audit-export/2"}\n')
    with file.open("a") as lines:
        lines.write('{"type":"event","chain":"control","sequence":1,"hash":"00"}\n')
    done = cli.run("audit", "verify", str(file), "--json")
    assert (done.code, done.json[0]["firstBad"]) == (1, 1)


def test_the_holder_of_a_key_sees_its_own_events(cli: CommandRunner) -> None:
    """Those of its organization; what is for operators is refused by name."""
    cli.environ["XAIGH_API_KEY"] = VALID_KEY
    own = ListOwnAuditEventsResponse(audit_events=[_event(2, "control/org_1")])
    cli.script("ListOwnAuditEvents", own)
    found = cli.run("audit", "tail", "--action", "key.issued", "--json").json
    assert [event["chain"] for event in found] == ["control/org_1"]
    assert cli.sent("ListOwnAuditEvents")[0].action == "key.issued"
    for option in ("--chain", "--actor", "--organization"):
        refused = cli.run("audit", "tail", option, "sandbox")
        assert (refused.code, f"{option} is for operators" in refused.err) == (2, True)


def test_the_holder_of_a_key_exports_its_own_chains(cli: CommandRunner, tmp_path: Path) -> None:
    """The server's lines, byte for byte, in their order; `--chain` is for operators."""
    cli.environ["XAIGH_API_KEY"] = VALID_KEY
    texts = ['{"type":"header"}', '{"type":"event","sequence":1}', '{"type":"link","sequence":2}']
    lines = [AuditExportLine(text=text) for text in texts]
    cli.script("ExportOwnAuditEvents", ExportOwnAuditEventsResponse(lines=lines))
    file = tmp_path / "own.ndjson"
    done = cli.run("audit", "export", "--out", str(file))
    assert file.read_text().splitlines() == texts
    assert "Exported 2 events." in done.err
    assert not cli.sent("ListAuditEvents")
    refused = cli.run("audit", "export", "--chain", "control")
    assert (refused.code, "--chain is for operators" in refused.err) == (2, True)
