"""Authorization: a scope opens its methods and no others."""

import pytest
from tests.harness.call import UNREAD, End, call, principal

from xaigh_server.identity.errors import ScopeNotGranted
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


async def test_nobody_has_no_scope():
    """A scoped method that let an anonymous call in by mistake would still refuse it."""
    with pytest.raises(ScopeNotGranted):
        await Authorize()(End(), UNREAD, call("GetJob"))


@pytest.mark.parametrize("name", ["SubmitAccessRequest", "WhoAmI"])
async def test_public_and_self_methods_ask_for_no_scope(name: str):
    """What guards them stands before."""
    end = End()
    await Authorize()(end, UNREAD, call(name))
    assert end.ran
