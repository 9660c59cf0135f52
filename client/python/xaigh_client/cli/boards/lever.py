"""Reader of Lever postings: pages without a total, to a page that is empty.

A short page is no proof: a list that is cut off ends in one, too. So the reader goes on to the
empty page behind it, and then compares the first page with what it was: a list that moved meanwhile
is read anew.
"""

from __future__ import annotations

from urllib.parse import quote

from xaigh_client.cli.boards.board_http import BoardHttp
from xaigh_client.cli.boards.model import (
    Board,
    BoardMoved,
    BoardSource,
    BoardUnreadable,
    Record,
    check_distinct,
    read_at_rest,
)

API = "https://api.lever.co"
_PAGE = 100
_MOST_PAGES = 1_000


def read(http: BoardHttp, source: BoardSource) -> Board:
    """Reads a site's postings. The empty page behind the last posting is the proof."""
    base = f"{source.base(API)}/v0/postings/{quote(source.board, safe='')}?mode=json"
    return read_at_rest(lambda: _once(http, base))


def _once(http: BoardHttp, base: str) -> Board:
    first = page = _page(http, base, 0)
    postings: list[Record] = []
    for _ in range(_MOST_PAGES):
        if not page:
            break
        postings += page
        check_distinct([posting.get("id") for posting in postings])
        page = _page(http, base, len(postings))
    else:
        raise BoardUnreadable(f"the list has no end within {_MOST_PAGES} pages")
    if postings and _ids(_page(http, base, 0)) != _ids(first):
        raise BoardMoved("the list moved while it was read")
    return Board(records=postings, proof=f"nothing comes behind posting {len(postings)}")


def _page(http: BoardHttp, base: str, skip: int) -> list[Record]:
    found = http.get(f"{base}&skip={skip}&limit={_PAGE}")
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise BoardUnreadable("the answer is no list of postings")
    return found


def _ids(page: list[Record]) -> list[object]:
    return [posting.get("id") for posting in page]
