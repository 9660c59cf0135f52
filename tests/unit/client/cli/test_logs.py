"""`xaigh logs`."""

from __future__ import annotations

import json

import pytest
from tests.unit.client.cli.command_runner import VALID_CREDENTIAL, CommandRunner, timestamp

from xaigh.request_log.v1.request_log_pb2 import RequestLog
from xaigh.request_log.v1.request_log_service_pb2 import ListRequestLogsResponse
from xaigh.support.v1.support_service_pb2 import ListOrganizationRequestLogsResponse


def _call(at: int, **facts: object) -> RequestLog:
    """A call that ended some seconds after ten o'clock."""
    call = RequestLog(request_id=f"req_{at}", code="ok", route="GET /v1/jobs/{job_id}", **facts)  # type: ignore[arg-type]
    call.end_time.CopyFrom(timestamp(f"2026-06-18T10:00:{at:02}Z"))
    call.duration.FromMilliseconds(3)
    return call


def _calls(*ends: int) -> ListRequestLogsResponse:
    return ListRequestLogsResponse(request_logs=[_call(at) for at in ends])


def test_tail_prints_the_oldest_first(cli: CommandRunner) -> None:
    """The server lists the newest first."""
    cli.script("ListRequestLogs", _calls(3, 2))
    done = cli.run(
        "logs", "tail", "--errors", "--since", "2h", "--reason", "field_invalid", "--json"
    )
    assert [each["requestId"] for each in done.json] == ["req_2", "req_3"]
    (sent,) = cli.sent("ListRequestLogs")
    assert (sent.errors_only, sent.reason) == (True, "FIELD_INVALID")
    assert sent.start_time == timestamp("2026-06-18T10:00:00Z")


def test_follow_prints_each_call_once(cli: CommandRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each look begins before the last call that was shown, since another may end up behind it."""
    pauses = iter([None])

    def sleep(seconds: float) -> None:
        if next(pauses, seconds) is not None:
            raise KeyboardInterrupt

    monkeypatch.setattr("xaigh_client.cli.logs.time.sleep", sleep)
    cli.script("ListRequestLogs", _calls(31), _calls(33, 31, 30))
    done = cli.run("logs", "tail", "--follow", "--json")
    lines = [json.loads(line)["requestId"] for line in done.out.splitlines()]
    assert (lines, done.code) == (["req_31", "req_30", "req_33"], 130)
    assert cli.sent("ListRequestLogs")[1].start_time == timestamp("2026-06-18T10:00:21Z")


def test_a_line_names_the_refusal_and_its_fields(
    cli: CommandRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refusal stands out."""

    def sleep(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("xaigh_client.cli.logs.time.sleep", sleep)
    refused = _call(1, reason="FIELD_INVALID")
    refused.code = "invalid_argument"
    refused.violations.add(field="title", description="Is required.")
    cli.script("ListRequestLogs", ListRequestLogsResponse(request_logs=[refused]))
    out = cli.run("logs", "tail", "-f").out
    assert out.endswith("req_1  field invalid  GET /v1/jobs/{job_id}  3.0 ms  title\n")


def test_show_prints_cure_and_fields(cli: CommandRunner) -> None:
    """What broke, and what to do about it."""
    refused = _call(1, reason="FIELD_INVALID", cure="Fix the fields.")
    refused.code = "invalid_argument"
    refused.violations.add(field="title", description="Is required.")
    cli.script("GetRequestLog", refused)
    out = cli.run("logs", "show", "req_1").out
    assert "Fix the fields." in out
    assert "title: Is required." in out


def test_show_says_whose_reply_repeats_get(cli: CommandRunner) -> None:
    """The call that was answered, and until when."""
    again = _call(2, idempotency_key="abc", replayed=True)
    again.idempotency_record.request_id = "req_1"
    again.idempotency_record.expire_time.CopyFrom(timestamp("2026-06-20T10:00:00Z"))
    cli.script("GetRequestLog", again)
    out = cli.run("logs", "show", "req_2", "--exact").out
    assert "repeats\tget the reply of req_1 until 2026-06-20 10:00:00 UTC" in out


def test_operators_name_organization_and_environment(cli: CommandRunner) -> None:
    """`-` is every organization."""
    cli.environ["XAIGH_API_KEY"] = VALID_CREDENTIAL
    cli.script("ListOrganizationRequestLogs", ListOrganizationRequestLogsResponse())
    cli.script("GetOrganizationRequestLog", _call(1))
    options = ("--organization", "-", "-e", "production")
    assert cli.run("logs", "tail", *options).code == 0
    assert cli.run("logs", "show", "req_1", *options).code == 0
    (listed,) = cli.sent("ListOrganizationRequestLogs")
    (shown,) = cli.sent("GetOrganizationRequestLog")
    assert (listed.organization_id, listed.environment) == ("-", "production")
    assert (shown.organization_id, shown.request_id) == ("-", "req_1")
    assert "operators say --" in cli.run("logs", "tail").err
