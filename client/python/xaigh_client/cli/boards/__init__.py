"""Readers of job boards: each reads a provider's board whole, or says why it couldn't."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from xaigh_client.cli.boards import ashby, greenhouse, icims, lever, workday
from xaigh_client.cli.boards.board_http import BoardHttp
from xaigh_client.cli.boards.model import Board, BoardSource

READERS: Mapping[str, Callable[[BoardHttp, BoardSource], Board]] = {
    "GREENHOUSE": greenhouse.read,
    "LEVER": lever.read,
    "ASHBY": ashby.read,
    "WORKDAY": workday.read,
    "ICIMS": icims.read,
}
"""(HTTP client, source) -> the board; raises BoardUnreadable."""
