"""Reader of Workday career sites: pages of 20 rows, then the details of each posting.

The first page alone says how many rows there are; later ones say 0. A list shows 2,000 rows at most
and begins anew behind them, so a larger one can't be proven whole this way. A row without its
detail would be a role without description, so a detail that can't be read ends the reading.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

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

_PAGE = 20
_CAP = 2_000
_SITE = re.compile(r"(?P<tenant>[A-Za-z0-9_-]+)\.(?P<shard>wd[0-9]+)/(?P<site>[A-Za-z0-9_-]+)")


def read(http: BoardHttp, source: BoardSource) -> Board:
    """Reads a site, `acme.wd5/External`. The first page's total is the proof."""
    base = _base(source)
    return read_at_rest(lambda: _once(http, base))


def _base(source: BoardSource) -> str:
    found = _SITE.fullmatch(source.board)
    if found is None:
        raise BoardUnreadable(
            f"{source.board!r} is no site; write TENANT.wdN/SITE, as acme.wd5/External of "
            "https://acme.wd5.myworkdayjobs.com/External"
        )
    usual = f"https://{found['tenant']}.{found['shard']}.myworkdayjobs.com"
    return f"{source.base(usual)}/wday/cxs/{found['tenant']}/{found['site']}"


def _once(http: BoardHttp, base: str) -> Board:
    rows, total = _page(http, base, 0)
    if isinstance(total, int) and total >= _CAP:
        raise BoardUnreadable(f"the list has {total} rows or more, of which Workday shows {_CAP}")
    first = _paths(rows)
    paths = list(first)
    while isinstance(total, int) and len(paths) < total:
        rows, _ = _page(http, base, len(paths))
        if not rows:
            break
        paths += _paths(rows)
        check_distinct(paths)
    check_total(len(paths), total)
    check_distinct(paths)
    details = [_detail(http, base, path) for path in paths]
    rows, again = _page(http, base, 0)
    if _paths(rows) != first or again != total:
        raise BoardMoved("the list moved while it was read")
    return Board(records=details, proof=f"the first page counts {total}")


def _page(http: BoardHttp, base: str, offset: int) -> tuple[list[Record], object]:
    asked = {"appliedFacets": {}, "limit": _PAGE, "offset": offset, "searchText": ""}
    document = http.post(f"{base}/jobs", asked)
    return listed(document, "jobPostings"), document.get("total")


def _paths(rows: list[Record]) -> list[str]:
    """The paths of the rows' postings. Raises BoardUnreadable for one that is no path."""
    found = [row.get("externalPath") for row in rows]
    for path in found:
        if not isinstance(path, str) or not path.startswith("/") or urlsplit(path).netloc:
            raise BoardUnreadable("a row has no path to its posting")
    return [str(path) for path in found]


def _detail(http: BoardHttp, base: str, path: str) -> Record:
    document = http.get(f"{base}{path}")
    if not isinstance(document, dict) or not isinstance(document.get("jobPostingInfo"), dict):
        raise BoardUnreadable(f"{path} isn't the detail of a posting")
    return document
