"""Pages: a size with a cap, and a token that fits its list, its filters and its owner alone."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, cast

import pytest
from tests.harness.call import Directory, call

from xaigh.keys.v1.key_admin_service_pb2 import ListKeysRequest
from xaigh.keys.v1.key_pb2 import Key
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.principal import KeyPrincipal, OperatorPrincipal, Principal
from xaigh_server.identity.scopes import Role
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.errors import PageTokenInvalid
from xaigh_server.rpc.page_tokens import PageTokens
from xaigh_server.rpc.paging import MOST_BYTES, Page, Paging

PAGING = Paging(PageTokens([b"p" * 32]))
KNOWN = Directory()
KEY = cast(KeyPrincipal, KNOWN.principals[KNOWN.add_key("jobs:read")])
OPERATOR = cast(OperatorPrincipal, KNOWN.principals[KNOWN.add_operator(Role.FOUNDER)])


def by(name: str, principal: Principal) -> Call:
    """A call of a method by a caller."""
    made = call(name)
    made.principal = principal
    return made


CALL = by("ListKeys", OPERATOR)


def fill(found: Iterable[int], page: Page, size: int = 0) -> tuple[list[int], str]:
    """Fills a page with numbers, each in a message of `size` bytes or a few."""
    shown, token = PAGING.fill(
        found,
        page,
        lambda each: (each,),
        lambda each: Key(key_id=str(each), name="x" * size),
    )
    return [int(each.key_id) for each in shown], token


@pytest.mark.parametrize(("asked", "size"), [(0, 50), (1, 1), (200, 200), (201, 200), (10**6, 200)])
def test_a_size_has_a_default_and_a_cap(asked: int, size: int):
    """More than the cap gives the cap, as AIP-158 wants."""
    assert PAGING.page(ListKeysRequest(page_size=asked), CALL).size == size


def test_a_page_that_holds_everything_has_no_token():
    """And one that doesn't leads to exactly what follows."""
    page = PAGING.page(ListKeysRequest(page_size=2), CALL)
    assert fill([1, 2], page) == ([1, 2], "")
    kept, token = fill([1, 2, 3], page)
    assert kept == [1, 2]
    # The size may change from page to page.
    after = PAGING.page(ListKeysRequest(page_size=9, page_token=token), CALL)
    assert after.cursor == (2,)


ELSEWHERE = [
    (CALL, {"grant_id": "grt_1"}),
    (CALL, {"environment": "sandbox"}),
    (by("ListKeys", replace(OPERATOR, operator_id="op_2")), {}),
    (by("ListKeys", KEY), {}),
    (by("ListGrants", CALL.principal), {}),
]


@pytest.mark.parametrize(("other", "members"), ELSEWHERE)
def test_a_token_is_of_no_use_elsewhere(other: Call, members: dict[str, Any]):
    """Not with other filters, not to somebody else, and not to another method."""
    page = PAGING.page(ListKeysRequest(page_size=1), CALL)
    _, token = fill([1, 2], page)
    with pytest.raises(PageTokenInvalid):
        PAGING.page(ListKeysRequest(page_token=token, **members), other)


def test_a_token_is_of_one_organization_in_one_environment():
    """Another key of the organization goes on; a key of production doesn't."""
    page = PAGING.page(ListKeysRequest(page_size=1), by("ListJobs", KEY))
    _, token = fill([1, 2], page)
    asked = ListKeysRequest(page_token=token)
    rotated = replace(KEY, key_id="another")
    assert PAGING.page(asked, by("ListJobs", rotated)).cursor == (1,)
    live = replace(KEY, environment=Environment.PRODUCTION)
    for principal in (live, replace(KEY, organization_id="org_other")):
        with pytest.raises(PageTokenInvalid):
            PAGING.page(asked, by("ListJobs", principal))


def test_a_page_ends_at_a_number_of_bytes():
    """Before its size, with a token that leads to the first item that had no room."""
    page = PAGING.page(ListKeysRequest(page_size=200), CALL)
    kept, token = fill(range(10), page, size=MOST_BYTES // 3)
    assert kept == [0, 1]
    after = PAGING.page(ListKeysRequest(page_size=200, page_token=token), CALL)
    assert after.cursor == (1,)


def test_one_item_is_shown_however_large():
    """Else a list could never be read past it."""
    page = PAGING.page(ListKeysRequest(), CALL)
    assert fill([7], page, size=2 * MOST_BYTES) == ([7], "")
    kept, token = fill([7, 8], page, size=2 * MOST_BYTES)
    assert (kept, bool(token)) == ([7], True)


def test_what_has_no_room_is_not_read():
    """So a page of large rows is never in memory at once."""
    page = PAGING.page(ListKeysRequest(page_size=200), CALL)
    read: list[int] = []

    def found() -> Iterator[int]:
        for number in range(100):
            read.append(number)
            yield number

    fill(found(), page, size=MOST_BYTES // 3)
    assert read == [0, 1, 2]
