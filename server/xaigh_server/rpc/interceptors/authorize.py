"""Interceptor that checks kind and scopes of a credential. No scope implies another."""

from __future__ import annotations

from xaigh_server.identity.errors import CredentialKindRefused, ScopeNotGranted
from xaigh_server.identity.principal import Anonymous, KeyPrincipal, Principal
from xaigh_server.identity.scopes import Audience
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.interceptor import Next, Reply, RequestSource
from xaigh_server.rpc.method import MethodRule


class Authorize:
    """Refuses a caller whose credential is of another kind, or doesn't carry the scope."""

    async def __call__(self, call_next: Next, request: RequestSource, call: Call) -> Reply:
        check_rights(call.principal, call.method.rule)
        return await call_next(request, call)


def check_rights(principal: Principal, rule: MethodRule) -> None:
    """Raises CredentialKindRefused or ScopeNotGranted, by the rule of a method."""
    if rule.access == "public":
        return
    is_key = isinstance(principal, KeyPrincipal)
    if not _takes(rule, is_key=is_key):
        raise CredentialKindRefused
    scope = rule.scope if is_key or rule.or_scope is None else rule.or_scope
    if scope is not None:
        check_scope(principal, scope)


def check_scope(principal: Principal, scope: str) -> None:
    """Raises ScopeNotGranted unless the caller has the scope."""
    if isinstance(principal, Anonymous) or scope not in principal.scopes:
        raise ScopeNotGranted(scope)


def _takes(rule: MethodRule, *, is_key: bool) -> bool:
    """Keys never work on operators' methods, nor operators' credentials on integrators'.

    A method with an `or_scope` takes both.
    """
    if rule.access == "self":
        return is_key or rule.operators
    return rule.or_scope is not None or is_key == (rule.audience is Audience.INTEGRATOR)
