"""Heads that the reader of a log knows from elsewhere: `CHAIN:SEQUENCE:HASH`, one a line.

`audit verify` prints the head of each chain in this form. Whoever keeps what it printed proves
later, without any anchor, that nothing up to there was changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from xaigh_server.audit.model import ChainId

_HEAD = re.compile(r"(?P<chain>[^:\s]+):(?P<sequence>[1-9][0-9]{0,15}):(?P<hash>[0-9a-f]{64})")

ExpectedHeads = Mapping[ChainId, Mapping[int, str]]


class HeadsMalformed(ValueError):
    """A text isn't an expected head. It says which one and what a head looks like."""


def read_expected(texts: Iterable[str]) -> ExpectedHeads:
    """Returns hashes by chain and sequence. Each text is a head, or a file of heads."""
    found: dict[ChainId, dict[int, str]] = {}
    for text in texts:
        for head in _heads(text):
            match = _HEAD.fullmatch(head)
            if match is None:
                raise HeadsMalformed(
                    f"{head!r} isn't CHAIN:SEQUENCE:HASH, nor a file of such lines"
                )
            chain = ChainId.parse(match["chain"])
            found.setdefault(chain, {})[int(match["sequence"])] = match["hash"]
    return found


def _heads(text: str) -> list[str]:
    if _HEAD.fullmatch(text) or not Path(text).is_file():
        return [text]
    lines = Path(text).read_text(encoding="utf-8").splitlines()
    return [match[0] for line in lines if (match := _HEAD.search(line))] or [text]
