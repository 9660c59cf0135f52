"""Reader of iCIMS career sites (Attract): numbered pages of 100, each with the total."""

from __future__ import annotations

from xaigh_client.cli.boards.board_http import BoardHttp
from xaigh_client.cli.boards.model import (
    Board,
    BoardMoved,
    BoardSource,
    BoardUnreadable,
    Record,
    check_distinct,
    check_total,
    listed,
    read_at_rest,
)

_PAGE = 100
_MOST_PAGES = 1_000


def read(http: BoardHttp, source: BoardSource) -> Board:
    """Reads a site by its address, as careers.acme.com. `totalCount` is the proof."""
    base = f"{source.base(f'https://{source.board}')}/api/jobs"
    return read_at_rest(lambda: _once(http, base))


def _once(http: BoardHttp, base: str) -> Board:
    jobs: list[Record] = []
    total: object = None
    for number in range(1, _MOST_PAGES + 1):
        document = http.get(f"{base}?page={number}&limit={_PAGE}")
        page = listed(document, "jobs")
        if number > 1 and document.get("totalCount") != total:
            raise BoardMoved("the site's own count changed while it was read")
        total = document.get("totalCount")
        jobs += page
        if not page or len(jobs) == total:
            break
    else:
        raise BoardUnreadable(f"the list has no end within {_MOST_PAGES} pages")
    check_total(len(jobs), total)
    check_distinct([_id(job) for job in jobs])
    return Board(records=jobs, proof=f"totalCount is {total}")


def _id(job: Record) -> tuple[object, object] | None:
    """Slug and language: a posting in two languages is two records."""
    data = job.get("data")
    if not isinstance(data, dict) or not data.get("slug"):
        return None
    return data["slug"], data.get("language")
