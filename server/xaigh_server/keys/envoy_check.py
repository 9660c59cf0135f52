"""Answers of Envoy's external authorization: may a request pass on to the service behind it.

The key is that of the request's Authorization header, and the verdict that of `VerifyKey` for the
request's method and path. Status and headers of a refusal are those of its reason in `ErrorReason`,
as in this server's own replies. A request that can't be judged is denied.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from google.rpc.code_pb2 import OK, PERMISSION_DENIED

from httprule import ErrorResponse
from xaigh.gating.v1 import envoy_check_service_pb2 as api
from xaigh_server.errors import DomainError
from xaigh_server.identity.credentials import read_bearer
from xaigh_server.identity.errors import CredentialsMissing
from xaigh_server.identity.principal import KeyPrincipal
from xaigh_server.keys.verification import Verification, VerificationResult
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.errors import Refused
from xaigh_server.rpc.handlers import Handler, Write
from xaigh_server.rpc.interceptors.browser_rule import read_signs
from xaigh_server.rpc.unit_of_work import UnitOfWork

Render: TypeAlias = Callable[[DomainError, str], ErrorResponse]
"""(refusal, request id) -> the HTTP reply that this server gives for it."""

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
_MAX_PATH = 2048
# A service behind may resolve what it gets to another path than the one judged here.
_AMBIGUOUS = re.compile(r"//|\\|%2e|%2f|%5c|#|[^\x21-\x7e]|(?:^|/)\.{1,2}(?:/|$)", re.IGNORECASE)
_PREFIX = "x-xaigh-"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Checked:
    """A judged request. `forged` are names of headers of ours that the client sent."""

    result: VerificationResult
    request_id: str
    forged: tuple[str, ...]


class EnvoyCheck:
    """Answers `Check`."""

    name = "xaigh.gating.v1.EnvoyCheckService"

    def __init__(self, verification: Verification, *, render: Render) -> None:
        self._verification = verification
        self._render = render

    def handlers(self) -> Mapping[str, Handler]:
        """Returns the handler by method name."""
        return {"Check": Write(run=self.flag, prepare=self.check, answer=self.answer)}

    async def check(self, request: api.CheckRequest, call: Call) -> _Checked:
        """Judges the request and counts it as the key's."""
        return _Checked(
            result=await self._judge(request, call),
            request_id=call.request_id,
            forged=_ours(request.attributes.request.http.headers),
        )

    def answer(self, found: _Checked) -> api.CheckResponse | None:
        """Returns the reply without a transaction; None for a leaked key, which needs a write."""
        return None if found.result.leaked else self._to_pb(found)

    def flag(self, request: api.CheckRequest, unit: UnitOfWork) -> api.CheckResponse:
        """Flags a leaked key and returns the reply."""
        found: _Checked = unit.prepared
        self._verification.flag_leaked(found.result, unit)
        return self._to_pb(found)

    async def _judge(self, request: api.CheckRequest, call: Call) -> VerificationResult:
        http = request.attributes.request.http
        path, _, query = http.path.partition("?")
        try:
            _check_route(http.method, path)
            presented = read_bearer(http.headers.items(), query)
            if presented is None:
                raise CredentialsMissing
        except DomainError as refusal:
            return VerificationResult(refusal=refusal)
        question = self._verification.route_question(
            presented,
            http_method=http.method,
            path=path,
            peer=request.attributes.source.address.socket_address.address,
            browser_headers=read_signs(http.headers.items()),
            calls=1 + request.kept_calls,
        )
        return await self._verification.judge(question, call)

    def _to_pb(self, found: _Checked) -> api.CheckResponse:
        result = found.result
        if result.refusal is not None or result.principal is None:
            return self._denied(result.refusal or CredentialsMissing(), found)
        reply = api.CheckResponse()
        reply.status.code = OK
        set_headers = _caller(result.principal, found.request_id)
        _add(reply.ok_response.headers, set_headers)
        own = {name for name, _ in set_headers}
        removed = [name for name in found.forged if name not in own]
        reply.ok_response.headers_to_remove.extend(["authorization", *removed])
        if result.lease:
            reply.max_age.FromMicroseconds(int(result.lease * 1e6))
        return reply

    def _denied(self, refusal: DomainError, found: _Checked) -> api.CheckResponse:
        rendered = self._render(refusal, found.request_id)
        reply = api.CheckResponse()
        reply.status.code = PERMISSION_DENIED
        denied = reply.denied_response
        denied.status.code = rendered.status
        _add(
            denied.headers,
            (
                ("content-type", rendered.content_type),
                ("x-request-id", found.request_id),
                *rendered.headers,
                *self._verification.limit_headers(found.result),
            ),
        )
        denied.body = rendered.body.decode()
        return reply


def _check_route(http_method: str, path: str) -> None:
    if http_method not in _METHODS:
        raise Refused("METHOD_NOT_ALLOWED", "The gate doesn't know this HTTP method.")
    if not path.startswith("/") or len(path) > _MAX_PATH or _AMBIGUOUS.search(path):
        raise Refused(
            "PATH_INVALID",
            "The path isn't normal: send it without dot segments, empty segments, backslashes, "
            "and escaped dots and slashes.",
        )


def _ours(names: Iterable[str]) -> tuple[str, ...]:
    """Headers that a service might take for ours: some frameworks read `_` as `-`."""
    return tuple(name for name in names if name.lower().replace("_", "-").startswith(_PREFIX))


def _caller(principal: KeyPrincipal, request_id: str) -> tuple[tuple[str, str], ...]:
    return (
        (_PREFIX + "organization-id", principal.organization_id),
        (_PREFIX + "environment", principal.environment.value),
        (_PREFIX + "key-id", principal.key_id),
        (_PREFIX + "key-type", principal.key_type.value),
        (_PREFIX + "scopes", " ".join(sorted(principal.scopes))),
        (_PREFIX + "employer-ids", ",".join(sorted(principal.grant.employer_ids))),
        (_PREFIX + "tier", principal.grant.tier),
        (_PREFIX + "request-id", request_id),
    )


def _add(headers: object, pairs: Iterable[tuple[str, str]]) -> None:
    for name, value in pairs:
        option = headers.add(  # type: ignore[attr-defined]
            append_action=api.CheckResponse.HeaderOption.OVERWRITE_IF_EXISTS_OR_ADD,
            keep_empty_value=True,
        )
        option.header.key, option.header.value = name, value
