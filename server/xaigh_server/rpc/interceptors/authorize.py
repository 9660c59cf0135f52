"""Interceptor that checks the method's scope. No scope implies another."""

from __future__ import annotations

from xaigh_server.identity.errors import ScopeNotGranted
from xaigh_server.identity.principal import Anonymous, Principal
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.interceptor import Next, Reply, RequestSource


class Authorize:
    """Refuses a caller whose credential doesn't carry the method's scope."""

    async def __call__(self, call_next: Next, request: RequestSource, call: Call) -> Reply:
        check_scope(call.principal, call)
        return await call_next(request, call)


def check_scope(principal: Principal, call: Call) -> None:
    """Raises ScopeNotGranted unless the principal carries the scope of the call's method."""
    scope = call.method.rule.scope
    if scope is not None and (isinstance(principal, Anonymous) or scope not in principal.scopes):
        raise ScopeNotGranted(scope)
