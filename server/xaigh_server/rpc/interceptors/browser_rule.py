"""Interceptor that refuses secret credentials from browsers, and origins off a key's list."""

from __future__ import annotations

from dataclasses import dataclass

from xaigh_server.identity import origins
from xaigh_server.identity.credentials import Metadata
from xaigh_server.identity.errors import KeyTypeNotAllowed, OriginNotAllowed, SecretKeyInBrowser
from xaigh_server.identity.key_format import KeyType
from xaigh_server.identity.principal import Anonymous, KeyPrincipal, Principal
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.interceptor import Next, Reply, RequestSource


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserHeaders:
    """What a call says about the page that it came from. All None: not from a browser."""

    origins: tuple[str, ...] = ()
    fetch_site: str | None = None

    @property
    def present(self) -> bool:
        """Whether the headers show that a browser sent the call."""
        return bool(self.origins) or self.fetch_site is not None


NO_SIGNS = BrowserHeaders()


def read_signs(metadata: Metadata) -> BrowserHeaders:
    """Finds the signs among header pairs, in any case of their names."""
    found: list[str] = []
    site: str | None = None
    for name, value in metadata:
        # Comparing lengths first spares most headers the folding.
        if len(name) == 6 and _fold(name) == "origin":
            found.append(_text(value))
        elif len(name) == 14 and _fold(name) == "sec-fetch-site":
            site = _text(value)
    if not found and site is None:
        return NO_SIGNS
    return BrowserHeaders(origins=tuple(found), fetch_site=site)


def check_browser(principal: Principal, signs: BrowserHeaders, *, publishable: bool) -> None:
    """Refuses what must not come from, or must come from, a browser.

    `publishable` says whether the method is. Raises SecretKeyInBrowser, KeyTypeNotAllowed and
    OriginNotAllowed.
    """
    if isinstance(principal, Anonymous):
        return
    if not isinstance(principal, KeyPrincipal) or principal.key_type is KeyType.SECRET:
        if signs.present:
            raise SecretKeyInBrowser
        return
    if not publishable:
        raise KeyTypeNotAllowed
    origin = origins.normalize(signs.origins[0]) if len(signs.origins) == 1 else None
    if origin is None or origin not in principal.origins:
        raise OriginNotAllowed


def _fold(name: str | bytes) -> str:
    return _text(name).lower()


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")


class BrowserRule:
    """Refuses what must not come from a browser, before anything runs."""

    async def __call__(self, call_next: Next, request: RequestSource, call: Call) -> Reply:
        check_signs(call.principal, call)
        return await call_next(request, call)


def check_signs(principal: Principal, call: Call) -> None:
    """Raises what the browser rule has against the principal making the call."""
    signs = read_signs(call.metadata)
    check_browser(principal, signs, publishable=call.method.rule.publishable)
