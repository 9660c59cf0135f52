"""Rate limits: of the keys of a grant, and of the peers of public methods."""

import asyncio
from dataclasses import replace

import pytest
from tests.harness.call import UNREAD, Directory, End, call, principal

from xaigh_server.identity.environments import Environment
from xaigh_server.identity.errors import PeerRateLimited, RateLimited
from xaigh_server.identity.rate_limit.model import PUBLIC_TIER, MemoryLimiter, Tier, Tiers, Window
from xaigh_server.rpc.interceptors.rate_limit import RateLimit

TINY = Tier(name="tiny", windows=(Window(name="second", calls=2, seconds=1),))


def limit(**tiers: Tier) -> RateLimit:
    return RateLimit(MemoryLimiter(lambda: 0.0), tiers=Tiers([TINY]), public=TINY)


async def test_the_keys_of_a_grant_share_a_limit_in_each_environment():
    """A rotated key begins nothing anew; the other environment has a bucket of its own."""
    link, end = limit(), End()
    for _ in range(2):
        made = call("GetJob")
        made.principal = principal("jobs:read", tier="tiny")
        await link(end, UNREAD, made)
    made = call("GetJob")
    made.principal = principal("jobs:read", tier="tiny")
    with pytest.raises(RateLimited) as refused:
        await link(end, UNREAD, made)
    assert refused.value.retry_after == 1 and refused.value.metadata == {"policy": "second"}
    assert dict(made.reply_metadata) == {
        "ratelimit-policy": '"second";q=2;w=1',
        "ratelimit": '"second";r=0;t=1',
    }
    live = call("GetJob")
    live.principal = principal("jobs:read", tier="tiny", environment=Environment.PRODUCTION)
    await link(end, UNREAD, live)
    assert len(end.requests) == 3


async def test_a_key_learns_of_itself_when_its_calls_are_used_up():
    """And can revoke itself; as often again as the tier allows, and no oftener."""
    link, end = limit(), End()
    caller = principal("jobs:read", tier="tiny")

    async def one(method: str) -> None:
        made = call(method)
        made.principal = caller
        await link(end, UNREAD, made)

    for method in ("GetJob", "WhoAmI", "GetUsage", "RevokeSelf"):
        await one(method)
    for method in ("GetJob", "WhoAmI"):
        with pytest.raises(RateLimited):
            await one(method)
    assert len(end.requests) == 4


async def test_public_methods_are_limited_by_peer():
    """A credential that came along makes no difference."""
    link, end = limit(), End()
    for _ in range(2):
        await link(end, UNREAD, call("SubmitAccessRequest"))
    with pytest.raises(PeerRateLimited):
        await link(end, UNREAD, call("SubmitAccessRequest"))
    other = replace(call("SubmitAccessRequest"), peer="192.0.2.8")
    await link(end, UNREAD, other)
    assert len(end.requests) == 3


async def test_operators_are_not_limited():
    """Nobody stops a revocation in an emergency."""
    directory = Directory()
    found = directory.principals[directory.add_operator("keys:write")]
    link, end = limit(), End()
    for _ in range(5):
        made = call("RevokeKey")
        made.principal = found
        await link(end, UNREAD, made)
    assert len(end.requests) == 5


async def test_a_limit_is_exact_under_parallel_calls():
    """Of fifty at once exactly as many get in as the tier has."""
    tier = Tier(name="ten", windows=(Window(name="minute", calls=10, seconds=60),))
    link = RateLimit(MemoryLimiter(lambda: 0.0), tiers=Tiers([tier]), public=PUBLIC_TIER)
    caller = principal("jobs:read", tier="ten")

    async def one() -> bool:
        made = call("GetJob")
        made.principal = caller
        try:
            await link(End(), UNREAD, made)
        except RateLimited:
            return False
        return True

    assert sum(await asyncio.gather(*(one() for _ in range(50)))) == 10
