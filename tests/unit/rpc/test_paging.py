"""Pages: a size with a cap, and a token that fits its list, its filters and its owner alone."""

from typing import Any

import pytest

from xaigh.keys.v1.key_admin_service_pb2 import ListKeysRequest
from xaigh_server.rpc.errors import PageTokenInvalid
from xaigh_server.rpc.page_tokens import PageTokens
from xaigh_server.rpc.paging import Paging

PAGING = Paging(PageTokens([b"p" * 32]))


@pytest.mark.parametrize(("asked", "size"), [(0, 50), (1, 1), (200, 200), (201, 200), (10**6, 200)])
def test_a_size_has_a_default_and_a_cap(asked: int, size: int):
    """More than the cap gives the cap, as AIP-158 wants."""
    assert PAGING.page(ListKeysRequest(page_size=asked), owner="o").size == size


def test_a_page_that_holds_everything_has_no_token():
    """And one that doesn't leads to exactly what follows."""
    page = PAGING.page(ListKeysRequest(page_size=2), owner="o")
    assert PAGING.cut([1, 2], page, lambda each: (each,)) == ([1, 2], "")
    kept, token = PAGING.cut([1, 2, 3], page, lambda each: (each,))
    assert kept == [1, 2]
    # The size may change from page to page.
    after = PAGING.page(ListKeysRequest(page_size=9, page_token=token), owner="o")
    assert after.cursor == (2,)


@pytest.mark.parametrize(
    ("owner", "request_members"),
    [("other", {}), ("o", {"grant_id": "grt_1"}), ("o", {"environment": "sandbox"})],
)
def test_a_token_is_of_no_use_elsewhere(owner: str, request_members: dict[str, Any]):
    """Not to somebody else, and not with other filters."""
    page = PAGING.page(ListKeysRequest(page_size=1), owner="o")
    _, token = PAGING.cut([1, 2], page, lambda each: (each,))
    with pytest.raises(PageTokenInvalid):
        PAGING.page(ListKeysRequest(page_token=token, **request_members), owner=owner)
