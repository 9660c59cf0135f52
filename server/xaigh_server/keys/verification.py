"""Verification of keys that were presented to another service.

The checks and their order are those of a call to this server: credential, browser rule, address,
rate limit, scope. A fault of the presented key is a verdict; a fault of the request is an error.

Publishable is a method or a route, never a scope. So a publishable key is judged by what it is to
call; a scope alone is enough only where all that it guards is publishable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from xaigh.keys.v1 import key_admin_service_pb2 as api
from xaigh_server.errors import DomainError
from xaigh_server.identity.errors import (
    AddressNotAllowed,
    CredentialKindRefused,
    KeyTypeNotAllowed,
    PeerRequired,
    RateLimited,
    SecretKeyInBrowser,
    Unauthenticated,
)
from xaigh_server.identity.key_format import KeyType, PresentedKey
from xaigh_server.identity.principal import KeyPrincipal, Verified
from xaigh_server.identity.rate_limit.model import (
    LimitDecision,
    Limiter,
    Tier,
    Tiers,
    grant_bucket,
    limit_field,
    policy_field,
)
from xaigh_server.identity.scopes import Catalogue
from xaigh_server.keys.errors import RouteUnknown
from xaigh_server.keys.messages import limit_to_pb
from xaigh_server.keys.repository import Keys
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.handlers import Handler, Write
from xaigh_server.rpc.interceptors.authenticate import CredentialDirectory
from xaigh_server.rpc.interceptors.authorize import check_rights, check_scope
from xaigh_server.rpc.interceptors.browser_rule import NO_SIGNS, BrowserHeaders, check_browser
from xaigh_server.rpc.interceptors.meter import UsageRecorder
from xaigh_server.rpc.method import MethodRule
from xaigh_server.rpc.own_routes import OwnRoutes
from xaigh_server.rpc.unit_of_work import UnitOfWork

VERIFIED = "verify:"
"""Prefix of usage that other services asked about: a scope follows, or a method of ours."""

_SCOPE_ALONE = (
    "A publishable key opens the publishable methods and routes of its scopes alone, which a scope "
    "doesn't tell: ask with the method and path of the call."
)


class RefusalLog(Protocol):
    """Log of refused verifications."""

    async def note_verification(
        self, refusal: DomainError, call: Call, principal: KeyPrincipal | None, target: str
    ) -> None:
        """Records the refusal of a known key. Never raises."""


@dataclass(slots=True, kw_only=True)
class VerificationResult:
    """Result of a verification, filled in up to the check that failed.

    `lease` is for how many seconds the answer may be used again without asking.
    """

    principal: KeyPrincipal | None = None
    lease: float = 0.0
    decision: LimitDecision | None = None
    refusal: DomainError | None = None

    @property
    def leaked(self) -> KeyPrincipal | None:
        """The key, if it is a secret key that a browser sent."""
        return self.principal if isinstance(self.refusal, SecretKeyInBrowser) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationRequest:
    """Parsed request. `target` is what the key is to do, in words, empty for an unknown route.

    `rule` is that of a method of our own, which is asked for by its route. `scope` is empty there,
    and for an unknown route.
    """

    presented: str = field(repr=False)
    target: str = ""
    scope: str = ""
    rule: MethodRule | None = None
    publishable: bool
    by_scope: bool = False
    peer: str
    browser_headers: BrowserHeaders
    peek: bool
    calls: int = 1
    """How many calls of the key this one stands for."""


class Verification:
    """Answers `VerifyKey`."""

    def __init__(
        self,
        *,
        directory: CredentialDirectory,
        limiter: Limiter,
        tiers: Tiers,
        catalogue: Catalogue,
        routes: OwnRoutes,
        recorder: UsageRecorder,
        refusals: RefusalLog,
    ) -> None:
        self._directory = directory
        self._limiter = limiter
        self._tiers = tiers
        self._catalogue = catalogue
        self._routes = routes
        self._recorder = recorder
        self._refusals = refusals

    def handlers(self) -> Mapping[str, Handler]:
        """Returns the handler by method name."""
        return {"VerifyKey": Write(run=self.flag, prepare=self.verify, answer=self.answer)}

    async def verify(self, request: api.VerifyKeyRequest, call: Call) -> VerificationResult:
        """Runs the checks and counts the call as the key's."""
        return await self.judge(self._question(request), call)

    async def judge(self, question: VerificationRequest, call: Call) -> VerificationResult:
        """Runs the checks and counts the call as the key's."""
        result = VerificationResult()
        try:
            await self._check(question, result)
        except DomainError as refusal:
            result.refusal = refusal
            if not result.leaked:  # which `flag` audits, in its transaction
                await self._refusals.note_verification(
                    refusal, call, result.principal, question.target
                )
        self._count(question, result)
        return result

    def answer(self, found: VerificationResult) -> api.KeyVerdict | None:
        """Returns the verdict without a transaction; None for a leaked key, which needs a write.

        Other services verify before each of their calls, so they must not wait for writers."""
        return None if found.leaked else self._to_pb(found)

    def flag(self, request: api.VerifyKeyRequest, unit: UnitOfWork) -> api.KeyVerdict:
        """Flags a leaked key, writes the audit event and returns the verdict."""
        found: VerificationResult = unit.prepared
        self.flag_leaked(found, unit)
        return self._to_pb(found)

    def flag_leaked(self, found: VerificationResult, unit: UnitOfWork) -> None:
        """Flags a leaked key and writes the audit event; nothing for any other."""
        if found.leaked:
            _flag(found.leaked, unit)

    def limit_headers(self, found: VerificationResult) -> tuple[tuple[str, str], ...]:
        """Returns `RateLimit-Policy` and `RateLimit`, as on a call that the key makes here."""
        if found.principal is None or found.decision is None:
            return ()
        policy = policy_field(self._tiers.get(found.principal.grant.tier))
        return (("ratelimit-policy", policy), ("ratelimit", limit_field(found.decision)))

    def route_question(
        self,
        presented: str,
        *,
        http_method: str,
        path: str,
        peer: str,
        browser_headers: BrowserHeaders,
        calls: int,
    ) -> VerificationRequest:
        """Returns the question whether a key may make a call."""
        asked = VerificationRequest(
            presented=presented,
            publishable=False,
            peer=peer,
            browser_headers=browser_headers,
            peek=False,
            calls=calls,
        )
        return self._of_route(asked, http_method, path)

    def _question(self, request: api.VerifyKeyRequest) -> VerificationRequest:
        asked = VerificationRequest(
            presented=request.presented_key,
            publishable=False,
            peer=request.peer_address,
            browser_headers=BrowserHeaders(origins=(request.origin,))
            if request.origin
            else NO_SIGNS,
            peek=request.peek,
        )
        if request.WhichOneof("target") == "scope":
            self._catalogue.require_known([request.scope], path="scope")
            scope = self._catalogue.get(request.scope)
            publishable = scope is not None and scope.wholly_publishable
            return replace(
                asked,
                target=request.scope,
                scope=request.scope,
                publishable=publishable,
                by_scope=True,
            )
        return self._of_route(asked, request.route.http_method, request.route.path)

    def _of_route(
        self, asked: VerificationRequest, http_method: str, path: str
    ) -> VerificationRequest:
        """The question about a call by its route: one of our own methods, or of a product."""
        own = self._routes.find(http_method, path)
        if own is not None:
            rule = own.rule
            target = rule.scope or own.full_name
            return replace(asked, target=target, rule=rule, publishable=rule.publishable)
        # HEAD needs the scope of GET.
        product = self._catalogue.product_route(
            "GET" if http_method == "HEAD" else http_method, path
        )
        if product is None:
            return asked
        return replace(
            asked, target=product.scope, scope=product.scope, publishable=product.publishable
        )

    async def _check(self, question: VerificationRequest, result: VerificationResult) -> None:
        found, principal = await self._find(question.presented)
        result.principal = principal
        _check_browser(principal, question)
        if not question.peer and principal.cidrs.blocks:
            raise PeerRequired
        if question.peer and not principal.cidrs.allow(question.peer):
            raise AddressNotAllowed
        tier = self._tiers.get(principal.grant.tier)
        bucket = grant_bucket(principal.grant.id, principal.environment)
        decision = (
            await self._limiter.peek(bucket, tier)
            if question.peek
            else await self._take(bucket, tier, question.calls)
        )
        result.decision = decision
        if not decision.allowed:
            raise RateLimited(retry_after=decision.retry_after)
        if question.rule is not None:
            check_rights(principal, question.rule)
        elif not question.scope:
            raise RouteUnknown
        else:
            check_scope(principal, question.scope)
        result.lease = self._directory.lease_left(found)

    async def _take(self, bucket: str, tier: Tier, calls: int) -> LimitDecision:
        """Takes the calls, or refuses and takes what is left: most of them were made already."""
        decision = await self._limiter.hit(bucket, tier, calls)
        left = min(status.remaining for status in decision.standings)
        if not decision.allowed and left > 0:
            await self._limiter.hit(bucket, tier, left)
        return decision

    async def _find(self, presented: str) -> tuple[Verified, KeyPrincipal]:
        found = await self._directory.cached(presented)
        if found is None:
            credential = self._directory.parse(presented)
            if not isinstance(credential, PresentedKey):
                raise CredentialKindRefused
            found = await self._directory.look_up(credential)
        if not isinstance(found.principal, KeyPrincipal):
            raise CredentialKindRefused
        return found, found.principal

    def _count(self, question: VerificationRequest, result: VerificationResult) -> None:
        if result.principal is None or question.peek:
            return
        method = f"{VERIFIED}{question.target}"
        if result.refusal is None:
            self._recorder.used(result.principal, method, replayed=False)
        else:
            self._recorder.failed(result.principal, method)

    def _to_pb(self, found: VerificationResult) -> api.KeyVerdict:
        message = api.KeyVerdict(allowed=found.refusal is None)
        if found.refusal is not None:
            message.reason = found.refusal.reason
            message.message = found.refusal.message
            key_id = found.refusal.metadata.get("keyId", "")
            message.key_id = key_id if isinstance(found.refusal, Unauthenticated) else ""
        principal = found.principal
        if principal is not None:
            message.key_id = principal.key_id
            message.key_type = principal.key_type.value
            message.scopes.extend(sorted(principal.scopes))
            message.organization_id = principal.organization_id
            message.environment = principal.environment.value
            message.tier = principal.grant.tier
            message.employer_user_ids.extend(sorted(principal.grant.employer_ids))
        if found.decision is not None:
            message.rate_limit.CopyFrom(limit_to_pb(found.decision))
        return message


def _check_browser(principal: KeyPrincipal, question: VerificationRequest) -> None:
    """The browser rule, with a reason of its own for a scope that doesn't tell."""
    publishable = principal.key_type is KeyType.PUBLISHABLE
    if publishable and question.by_scope and not question.publishable:
        raise KeyTypeNotAllowed(_SCOPE_ALONE)
    check_browser(principal, question.browser_headers, publishable=question.publishable)


def _flag(principal: KeyPrincipal, unit: UnitOfWork) -> None:
    Keys(unit.session).flag(principal.key_id, unit.now)
    unit.audit(
        principal.key_id,
        action="key.flagged",
        reason=SecretKeyInBrowser().message,
        organization_id=principal.organization_id,
        environment=principal.environment.value,
    )
