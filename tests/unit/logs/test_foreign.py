"""What other code prints becomes log lines that hold no value and no credential."""

import json
import logging
import subprocess
import sys
from typing import Any

import pytest

from xaigh_server.logs.foreign import describe

KEY = "prod_sk_4fT0aQ9xZbYx0123456789abcdefghijKLMNOPQR0q3MzW01"

PROGRAM = f"""
import asyncio, logging, sys, threading, traceback, warnings
from xaigh_server.logs import setup as logs
from xaigh_server.cli.common import run_loop
logs.configure(sys.argv[1])
key = {KEY!r}
warnings.warn(key)
print("about", key, file=sys.stderr)
logging.getLogger("library").error("of %s and %d", key, "no number")
logging.getLogger("library").error("of " + key)
try:
    raise ValueError(key)
except ValueError:
    traceback.print_exc()
    logging.getLogger("library").exception("failed")
thread = threading.Thread(target=lambda: {{}}[key])
thread.start()
thread.join()
class Bad:
    def __del__(self):
        raise ValueError(key)
Bad()
async def main():
    asyncio.get_running_loop().call_soon(lambda text: {{}}[text], key)
    asyncio.create_task(asyncio.sleep(0)).add_done_callback(lambda _: {{}}[key])
    await asyncio.sleep(0.01)
run_loop(main())
raise KeyError(key)
"""


def printed(log_format: str) -> str:
    """All that a program prints in which everything goes wrong that can."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, log_format],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.stdout == ""
    assert done.returncode == 1
    return done.stderr


def test_every_way_to_stderr_gives_lines_of_json():
    """Warnings, prints, loggers, threads, destructors, event loops, and the last exception."""
    text = printed("json")
    lines = [json.loads(line) for line in text.splitlines()]
    assert KEY[8:18] not in text
    assert {line["event"] for line in lines} == {
        "library.log", "loop.error", "process.stderr", "process.uncaught", "process.unraisable",
        "process.warning",
    }  # fmt: skip


def test_lines_for_people_hold_no_credential_either():
    """They are text, and leave by the same door."""
    text = printed("console")
    assert KEY[8:18] not in text
    assert "process.unraisable" in text and "library.log" in text


def logged(template: object, *args: object, name: str = "library") -> str:
    """The message of one record, as it is written."""
    from xaigh_server.logs.foreign import _OWN, _message

    record = logging.LogRecord(name, logging.ERROR, "x.py", 1, template, args, None)
    return _message(record, values=name.startswith(_OWN))


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("Invalid encoding on %s", b"maya@x"), "Invalid encoding on <bytes of 6>"),
        (("Status %d of %r: %.1f", 503, ["maya"], 0.25), "Status 503 of <list>: 0.2"),
        (("%(peer)s is %(size)d", {"peer": "maya", "size": 3}), "<str of 4> is 3"),
        (("%d", "maya"), "%d"),
        (("no %s values",), "no %s values"),
        (({"maya": 1},), "<dict>"),
        (("x" * 1000,), "x" * 300),
    ],
)
def test_a_librarys_line_holds_its_own_words_and_numbers(args: tuple[Any, ...], message: str):
    """Whatever was passed to it may be what a caller sent."""
    assert logged(*args) == message


def test_lines_of_our_own_hold_what_they_say():
    """Loggers of httprule are loggers of the standard library as well."""
    assert logged("of %s", "a name", name="httprule") == "of a name"


def _raise_with_cause() -> None:
    try:
        raise LookupError("maya@x")
    except LookupError as cause:
        raise ValueError("y" * 1000) from cause


def test_an_exception_is_told_with_its_cause_and_places():
    """With texts cut to a bound, or without any."""
    with pytest.raises(ValueError) as caught:
        _raise_with_cause()
    whole, bare = (describe(caught.value, texts=texts) for texts in (True, False))
    assert "caused by builtins.LookupError: maya@x\n" in whole
    assert "builtins.ValueError: " + "y" * 300 + "\n" in whole
    assert "caused by builtins.LookupError\n" in bare and "maya" not in bare
    assert "in _raise_with_cause" in bare


def test_a_group_is_told_by_its_first_member():
    """Task groups wrap what failed."""
    group = ExceptionGroup("two", [OSError("disk"), ValueError("other")])
    assert describe(group, texts=True).splitlines()[1] == "caused by builtins.OSError: disk"
