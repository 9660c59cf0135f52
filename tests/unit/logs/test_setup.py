"""The log of calls, where it isn't on a terminal."""

import asyncio
import io
import json
from datetime import UTC, datetime

import pytest

from xaigh_server.log_events import LogEvent
from xaigh_server.logs.setup import JsonLines


class Counted(io.BytesIO):
    """A stream that counts its writes."""

    def __init__(self) -> None:
        super().__init__()
        self.writes = 0
        self.written = asyncio.Event()

    def write(self, data: object) -> int:
        self.writes += 1
        self.written.set()
        return super().write(data)  # type: ignore[arg-type]  # bytes


async def test_lines_leave_together_and_in_order() -> None:
    """One write for those of a moment, when the moment is over."""
    stream = Counted()
    log = JsonLines(stream, seconds=0.001)
    for number in range(3):
        log(LogEvent.CALL_ENDED, {"number": number})
        await asyncio.sleep(0)
    assert not stream.getvalue()
    async with asyncio.timeout(5):
        await stream.written.wait()
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["number"] for line in lines] == [0, 1, 2]
    assert stream.writes == 1


def test_a_line_says_what_every_line_says() -> None:
    """Event, level and a time in UTC with a Z, after the fields; at once where no loop runs."""
    stream = io.BytesIO()
    JsonLines(stream)(LogEvent.CALL_ENDED, {"request_id": "req_1", "ms": 1.5})
    line = json.loads(stream.getvalue())
    assert list(line) == ["request_id", "ms", "event", "level", "timestamp"]
    assert (line["event"], line["level"]) == ("call.ended", "info")
    told = datetime.strptime(line["timestamp"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    assert abs((datetime.now(UTC) - told).total_seconds()) < 60


@pytest.mark.parametrize("broken", ["write", "flush"])
def test_a_disk_that_is_full_fails_no_call(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line is lost, the next one is written."""
    stream = io.BytesIO()
    log = JsonLines(stream)

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        wrapped = type("Full", (), {"write": stream.write, "flush": stream.flush, broken: full})()
        patched.setattr(log, "_stream", wrapped)
        log(LogEvent.CALL_ENDED, {"number": 1})
    log(LogEvent.CALL_ENDED, {"number": 2})
    assert b'"number":2' in stream.getvalue()
