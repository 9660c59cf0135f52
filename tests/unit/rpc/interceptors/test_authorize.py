"""Authorization: a scope opens its methods and no others."""

import pytest
from tests.harness.call import UNREAD, Directory, End, call, principal

from xaigh_server.errors import DomainError
from xaigh_server.identity.errors import CredentialKindRefused, ScopeNotGranted
from xaigh_server.rpc.interceptors.authorize import Authorize


async def test_a_scope_opens_its_methods_and_nothing_is_implied():
    """To write isn't to read; every scope but the right one is none."""
    link, writer = Authorize(), principal("jobs:write", "ats:read", "nature:read")
    made, end = call("GetJob"), End()
    made.principal = writer
    with pytest.raises(ScopeNotGranted) as refused:
        await link(end, UNREAD, made)
    assert refused.value.metadata == {"scope": "jobs:read"} and not end.ran
    made = call("PostJob")
    made.principal = writer
    await link(end, UNREAD, made)
    assert end.ran


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("ListKeys", "key"),
        ("UpdateOperations", "key"),
        ("GetJob", "operator"),
        ("GetUsage", "operator"),
        ("RevokeSelf", "operator"),
    ],
)
async def test_credentials_of_one_kind_never_open_methods_of_the_other(name: str, kind: str):
    """Whatever scopes they carry: another kind is told apart from a missing scope."""
    made, end, directory = call(name), End(), Directory()
    scope = made.method.rule.scope or ""
    text = directory.add_key(scope) if kind == "key" else directory.add_operator(scope)
    made.principal = directory.principals[text]
    with pytest.raises(CredentialKindRefused):
        await Authorize()(end, UNREAD, made)
    assert not end.ran


@pytest.mark.parametrize(
    ("name", "refusal"), [("GetJob", CredentialKindRefused), ("ListKeys", ScopeNotGranted)]
)
async def test_nobody_has_no_scope(name: str, refusal: type[DomainError]):
    """A scoped method that let an anonymous call in by mistake would still refuse it."""
    with pytest.raises(refusal):
        await Authorize()(End(), UNREAD, call(name))


@pytest.mark.parametrize("name", ["SubmitAccessRequest", "WhoAmI"])
async def test_public_and_self_methods_ask_for_no_scope(name: str):
    """What guards them stands before."""
    end, made = End(), call(name)
    made.principal = principal()
    await Authorize()(end, UNREAD, made)
    assert end.ran
