"""Pages of lists, by AIP-158: a size with a cap, and an opaque token for what follows.

A page ends at 200 items or 4 MB, whichever comes first. Every list method fills its page here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from google.protobuf.message import Message

from xaigh_server.rpc.call import Call
from xaigh_server.rpc.page_tokens import Cursor, PageTokens

T = TypeVar("T")
M = TypeVar("M", bound=Message)

MOST_BYTES = 4_000_000
"""Most bytes of a page's items as protobuf. gRPC's clients take 4 MiB by default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a list: where it begins, and how many it holds at most."""

    list_name: str
    owner: str
    filters: dict[str, object]
    cursor: Cursor | None
    size: int


class Paging:
    """Reads pages from requests and makes the token for the next one."""

    def __init__(self, tokens: PageTokens) -> None:
        self._tokens = tokens

    def page(self, request: Any, call: Call, *, default: int = 50, most: int = 200) -> Page:
        """The page that a request asks for. Raises `PageTokenInvalid`.

        Everything in the request but the page itself is a filter. A token works only with the
        method, the caller, the environment and the filters that it was made for.
        """
        name, owner = call.method.full_name, call.scope
        filters = _filters(request)
        return Page(
            list_name=name,
            owner=owner,
            filters=filters,
            cursor=self._tokens.decode(name, owner, filters, request.page_token),
            size=min(getattr(request, "page_size", 0) or default, most),
        )

    def fill(
        self,
        found: Iterable[T],
        page: Page,
        cursor_of: Callable[[T], Cursor],
        to_pb: Callable[[T], M],
    ) -> tuple[list[M], str]:
        """The page's messages, and the next page's token or nothing.

        `found` has at least one item more than fit, where there are more. A page ends at its size
        or at `MOST_BYTES`, whichever comes first, so that no list makes a reply that a client can't
        take; its first item is in it however large. `found` is read no further than that.
        """
        messages: list[M] = []
        size, last = 0, None
        for item in found:
            message = to_pb(item) if len(messages) < page.size else None
            size += 0 if message is None else message.ByteSize()
            if message is None or (last is not None and size > MOST_BYTES):
                assert last is not None  # a page has room for one item
                return messages, self.token(page, cursor_of(last))
            messages.append(message)
            last = item
        return messages, ""

    def token(self, page: Page, cursor: Cursor) -> str:
        """The token for what follows a cursor, for lists that may end a page anywhere."""
        return self._tokens.encode(page.list_name, page.owner, page.filters, cursor)


def _filters(request: Message) -> dict[str, object]:
    bare = type(request)()
    bare.CopyFrom(request)
    for name in {"page_size", "page_token"} & set(bare.DESCRIPTOR.fields_by_name):
        bare.ClearField(name)
    return {"request": bare.SerializeToString(deterministic=True).hex()}
