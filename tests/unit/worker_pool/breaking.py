"""The worker processes of the server, with parsers that break over what says so.

`breaking_records` and `breaking_texts` run them, as programs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

from xaigh_server.ats.intake import worker as reading_process
from xaigh_server.ats.intake.reading import RecordReader
from xaigh_server.jobs import text_worker as text_process
from xaigh_server.worker_pool import isolation
from xaigh_server.worker_pool.process import answer_frames

HANGS, EATS, HIDES = "hangs for ever", "eats all memory", "hides its id"


def break_over(said: str) -> None:
    """Runs without end, or takes memory without end, where a text says so."""
    if HANGS in said:
        while True:
            pass
    if EATS in said:
        held = []
        while True:
            held.append(bytearray(16 * 1024 * 1024))


def _break_before(target: Any, name: str, said: Callable[..., str]) -> None:
    """Makes a function break over the text that `said` draws from its arguments."""
    run = getattr(target, name)

    def instead(*given: Any) -> Any:
        break_over(said(*given))
        return run(*given)

    patch.object(target, name, instead).start()


def main(kind: str) -> None:
    isolation._SECONDS = 0.3
    isolation.confine(700 * 1024 * 1024)
    answers, sys.stdout = sys.stdout.buffer, sys.stderr
    if kind == "texts":
        _break_before(text_process, "clean_description", lambda text, field: text)
        answer_frames(sys.stdin.buffer, answers, text_process.answer)
        return
    _break_before(RecordReader, "read", lambda reader, at, record, raw: str(record))
    _break_before(RecordReader, "read_all", lambda reader, records: str(records))
    _break_before(
        RecordReader, "unreadable", lambda reader, at, record, why: HANGS * (HIDES in str(record))
    )
    reading_process.serve(sys.stdin.buffer, answers)
