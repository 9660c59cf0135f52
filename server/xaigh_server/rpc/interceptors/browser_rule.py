"""Keeps secret credentials out of browsers, and publishable keys to their origins."""

from __future__ import annotations

from xaigh_server.identity.browser import check_browser, read_signs
from xaigh_server.identity.principal import Principal
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.interceptor import Next, Reply, RequestSource


class BrowserRule:
    """Refuses what must not come from a browser, before anything runs."""

    async def __call__(self, call_next: Next, request: RequestSource, call: Call) -> Reply:
        check_signs(call.principal, call)
        return await call_next(request, call)


def check_signs(principal: Principal, call: Call) -> None:
    """Raises what the browser rule has against the principal making the call."""
    signs = read_signs(call.metadata)
    check_browser(principal, signs, publishable=call.method.rule.publishable)
