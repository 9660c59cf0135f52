"""Verification of keys that were presented to another service.

The checks and their order are those of a call to this server: credential, browser rule, address,
rate limit, scope. A fault of the presented key is a verdict; a fault of the request is an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from xaigh.keys.v1 import key_admin_service_pb2 as api
from xaigh_server.errors import DomainError
from xaigh_server.identity.credentials import parse_credential
from xaigh_server.identity.errors import (
    AddressNotAllowed,
    CredentialKindRefused,
    RateLimited,
    ScopeNotGranted,
    SecretKeyInBrowser,
    Unauthenticated,
)
from xaigh_server.identity.key_format import PresentedKey
from xaigh_server.identity.principal import KeyPrincipal
from xaigh_server.identity.rate_limit.model import LimitDecision, Limiter, Tiers, grant_bucket
from xaigh_server.identity.scopes import Catalogue
from xaigh_server.keys.errors import RouteUnknown
from xaigh_server.keys.messages import limit_to_pb
from xaigh_server.keys.repository import Keys
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.handlers import Handler, Write
from xaigh_server.rpc.interceptors.authenticate import CredentialDirectory
from xaigh_server.rpc.interceptors.browser_rule import NO_SIGNS, BrowserHeaders, check_browser
from xaigh_server.rpc.interceptors.meter import UsageRecorder
from xaigh_server.rpc.unit_of_work import UnitOfWork


@dataclass(slots=True, kw_only=True)
class VerificationResult:
    """Result of a verification, filled in up to the check that failed."""

    principal: KeyPrincipal | None = None
    decision: LimitDecision | None = None
    refusal: DomainError | None = None

    @property
    def leaked(self) -> KeyPrincipal | None:
        """The key, if it is a secret key that a browser sent."""
        return self.principal if isinstance(self.refusal, SecretKeyInBrowser) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationRequest:
    """Parsed request. `scope` is empty for a route of no product."""

    presented: str = field(repr=False)
    scope: str
    publishable: bool
    peer: str
    browser_headers: BrowserHeaders
    peek: bool


class Verification:
    """Answers `VerifyKey`."""

    def __init__(
        self,
        *,
        directory: CredentialDirectory,
        limiter: Limiter,
        tiers: Tiers,
        catalogue: Catalogue,
        recorder: UsageRecorder,
    ) -> None:
        self._directory = directory
        self._limiter = limiter
        self._tiers = tiers
        self._catalogue = catalogue
        self._recorder = recorder

    def handlers(self) -> Mapping[str, Handler]:
        """Returns the handler by method name."""
        return {"VerifyKey": Write(run=self.flag, prepare=self.verify, answer=self.answer)}

    async def verify(self, request: api.VerifyKeyRequest, call: Call) -> VerificationResult:
        """Runs the checks and counts the call as the key's."""
        question = self._question(request)
        result = VerificationResult()
        try:
            await self._check(question, result)
        except DomainError as refusal:
            result.refusal = refusal
        self._count(question, result)
        return result

    def answer(self, found: VerificationResult) -> api.KeyVerdict | None:
        """Returns the verdict without a transaction; None for a leaked key, which needs a write.

        Other services verify before each of their calls, so they must not wait for writers."""
        return None if found.leaked else self._to_pb(found)

    def flag(self, request: api.VerifyKeyRequest, unit: UnitOfWork) -> api.KeyVerdict:
        """Flags a leaked key, writes the audit event and returns the verdict."""
        found: VerificationResult = unit.prepared
        if found.leaked:
            _flag(found.leaked, unit)
        return self._to_pb(found)

    def _question(self, request: api.VerifyKeyRequest) -> VerificationRequest:
        if request.WhichOneof("target") == "scope":
            self._catalogue.require_known([request.scope], path="scope")
            name = request.scope
        else:
            route = request.route
            # HEAD needs the scope of GET.
            method = "GET" if route.http_method == "HEAD" else route.http_method
            name = self._catalogue.product_scope(method, route.path) or ""
        scope = self._catalogue.get(name)
        return VerificationRequest(
            presented=request.presented_key,
            scope=name,
            publishable=scope is not None and scope.publishable,
            peer=request.peer_address,
            browser_headers=BrowserHeaders(origins=(request.origin,))
            if request.origin
            else NO_SIGNS,
            peek=request.peek,
        )

    async def _check(self, question: VerificationRequest, result: VerificationResult) -> None:
        principal = result.principal = await self._principal(question.presented)
        check_browser(principal, question.browser_headers, publishable=question.publishable)
        if question.peer and not principal.cidrs.allow(question.peer):
            raise AddressNotAllowed
        tier = self._tiers.get(principal.grant.tier)
        bucket = grant_bucket(principal.grant.id, principal.environment)
        consume = self._limiter.peek if question.peek else self._limiter.hit
        result.decision = decision = await consume(bucket, tier)
        if not decision.allowed:
            raise RateLimited(retry_after=decision.retry_after)
        if not question.scope:
            raise RouteUnknown
        if question.scope not in principal.scopes:
            raise ScopeNotGranted(question.scope)

    async def _principal(self, presented: str) -> KeyPrincipal:
        found = await self._directory.cached(presented)
        if found is None:
            credential = parse_credential(presented)
            if not isinstance(credential, PresentedKey):
                raise CredentialKindRefused
            found = await self._directory.look_up(credential)
        if not isinstance(found.principal, KeyPrincipal):
            raise CredentialKindRefused
        return found.principal

    def _count(self, question: VerificationRequest, result: VerificationResult) -> None:
        if result.principal is None or question.peek:
            return
        method = f"verify:{question.scope}"
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
            message.organization_id = principal.organization_id
            message.environment = principal.environment.value
            message.tier = principal.grant.tier
            message.employer_user_ids.extend(sorted(principal.grant.employer_ids))
        if found.decision is not None:
            message.rate_limit.CopyFrom(limit_to_pb(found.decision))
        return message


def _flag(principal: KeyPrincipal, unit: UnitOfWork) -> None:
    Keys(unit.session).flag(principal.key_id, unit.now)
    unit.audit(
        principal.key_id,
        action="key.flagged",
        reason=SecretKeyInBrowser().message,
        organization_id=principal.organization_id,
        environment=principal.environment.value,
    )
