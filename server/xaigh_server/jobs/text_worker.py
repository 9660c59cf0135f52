"""The worker process that makes descriptions safe: this module, run as a program."""

from __future__ import annotations

import sys

from xaigh_server.errors import FieldInvalid
from xaigh_server.jobs.text import clean_description
from xaigh_server.worker_pool.isolation import confine, time_limit
from xaigh_server.worker_pool.process import answer_frames


def answer(description: str) -> tuple[str, str] | str:
    """The safe HTML and the text drawn from it; or what is wrong with the description."""
    with time_limit(len(description)):
        try:
            clean = clean_description(description, "")
        except FieldInvalid as error:
            return error.violations[0].description
    return clean.html, clean.text


if __name__ == "__main__":
    confine()
    answers, sys.stdout = sys.stdout.buffer, sys.stderr  # what is printed is no answer
    answer_frames(sys.stdin.buffer, answers, answer)
