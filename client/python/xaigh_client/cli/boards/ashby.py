"""Reader of Ashby job boards: one answer with every job."""

from __future__ import annotations

from urllib.parse import quote

from xaigh_client.cli.boards.board_http import BoardHttp
from xaigh_client.cli.boards.model import (
    Board,
    BoardSource,
    BoardUnreadable,
    check_distinct,
    listed,
    read_at_rest,
)

API = "https://api.ashbyhq.com"


def read(http: BoardHttp, source: BoardSource) -> Board:
    """Reads a board by its name. The API has no pages, so a whole document is the proof."""
    name = quote(source.board, safe="")
    url = f"{source.base(API)}/posting-api/job-board/{name}?includeCompensation=true"

    def once() -> Board:
        document = http.get(url)
        jobs = listed(document, "jobs")
        if "apiVersion" not in document:
            raise BoardUnreadable("the answer names no `apiVersion`: not a job board of Ashby")
        check_distinct([job.get("id") for job in jobs])
        return Board(records=jobs, proof=f"one document holds all {len(jobs)}")

    return read_at_rest(once)
