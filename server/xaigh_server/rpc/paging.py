"""Pages of lists, by AIP-158: a size with a cap, and an opaque token for what follows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from google.protobuf.message import Message

from xaigh_server.rpc.call import Call
from xaigh_server.rpc.page_tokens import Cursor, PageTokens

T = TypeVar("T")


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
            size=min(request.page_size or default, most),
        )

    def cut(
        self, found: Sequence[T], page: Page, cursor_of: Callable[[T], Cursor]
    ) -> tuple[Sequence[T], str]:
        """The page's items out of one more than fit, and the next page's token or nothing."""
        if len(found) <= page.size:
            return found, ""
        kept = found[: page.size]
        token = self._tokens.encode(page.list_name, page.owner, page.filters, cursor_of(kept[-1]))
        return kept, token


def _filters(request: Message) -> dict[str, object]:
    bare = type(request)()
    bare.CopyFrom(request)
    for name in ("page_size", "page_token"):
        bare.ClearField(name)
    return {"request": bare.SerializeToString(deterministic=True).hex()}
