"""Interceptor that limits calls by the grant's tier, on public methods by the peer address."""

from __future__ import annotations

from xaigh_server.identity.errors import PeerRateLimited, RateLimited
from xaigh_server.identity.principal import KeyPrincipal
from xaigh_server.identity.rate_limit.model import (
    LimitDecision,
    Limiter,
    Tier,
    Tiers,
    grant_bucket,
    limit_field,
    peer_bucket,
    policy_field,
)
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.interceptor import Next, Reply, RequestSource


class RateLimit:
    """Consumes one unit and adds the `RateLimit` headers. Operators and services aren't limited.

    A replay consumes one, too. A key's methods about itself answer when the tier's calls are used
    up, as often again as the tier allows.
    """

    def __init__(self, limiter: Limiter, *, tiers: Tiers, public: Tier) -> None:
        self._limiter = limiter
        self._tiers = tiers
        self._public = public
        self._policies: dict[str, str] = {}

    async def __call__(self, call_next: Next, request: RequestSource, call: Call) -> Reply:
        principal = call.principal
        if call.method.rule.access == "public":
            decision = await self._limiter.hit(peer_bucket(call.peer, "public"), self._public)
            self._add_headers(call, self._public, decision)
            if decision.refused is not None:
                raise PeerRateLimited(retry_after=decision.retry_after)
        elif isinstance(principal, KeyPrincipal):
            tier = self._tiers.get(principal.grant.tier)
            bucket = grant_bucket(principal.grant.id, principal.environment)
            decision = await self._limiter.hit(bucket, tier)
            self._add_headers(call, tier, decision)
            if decision.refused is not None and call.method.rule.access == "self":
                # What a key may still know of itself, and its own revocation, have as much again.
                decision = await self._limiter.hit(bucket + ":self", tier)
            if decision.refused is not None:
                policy = decision.tightest.window.name
                raise RateLimited(retry_after=decision.retry_after, metadata={"policy": policy})
        return await call_next(request, call)

    def _add_headers(self, call: Call, tier: Tier, decision: LimitDecision) -> None:
        policy = self._policies.get(tier.name)
        if policy is None:
            policy = self._policies[tier.name] = policy_field(tier)
        call.reply_metadata += (("ratelimit-policy", policy), ("ratelimit", limit_field(decision)))
