"""Reader of Greenhouse job boards: one answer with every job, and their count."""

from __future__ import annotations

from urllib.parse import quote

from xaigh_client.cli.boards.board_http import BoardHttp
from xaigh_client.cli.boards.model import (
    Board,
    BoardSource,
    BoardUnreadable,
    check_distinct,
    check_total,
    listed,
    read_at_rest,
)

API = "https://boards-api.greenhouse.io"


def read(http: BoardHttp, source: BoardSource) -> Board:
    """Reads a board by its token. `meta.total` is the proof."""
    url = (
        f"{source.base(API)}/v1/boards/{quote(source.board, safe='')}/jobs"
        "?content=true&pay_transparency=true"
    )

    def once() -> Board:
        document = http.get(url)
        jobs = listed(document, "jobs")
        meta = document.get("meta")
        if not isinstance(meta, dict):
            raise BoardUnreadable("the answer has no `meta.total`, which proves that it is whole")
        check_total(len(jobs), meta.get("total"))
        check_distinct([job.get("id") for job in jobs])
        return Board(records=jobs, proof=f"meta.total is {len(jobs)}")

    return read_at_rest(once)
