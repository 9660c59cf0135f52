"""Service for the holder of a credential: its rights, and a key's usage and revocation."""

from __future__ import annotations

from collections.abc import Mapping

from xaigh.keys.v1 import key_pb2 as pb_key
from xaigh.keys.v1 import self_service_pb2 as api
from xaigh.keys.v1 import usage_pb2 as pb
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.errors import CredentialKindRefused
from xaigh_server.identity.principal import KeyPrincipal, OperatorPrincipal
from xaigh_server.identity.rate_limit.model import LimitDecision, Limiter, Tiers, grant_bucket
from xaigh_server.keys.grant_repository import Grants
from xaigh_server.keys.issuing import require_key
from xaigh_server.keys.messages import key_to_pb, limit_to_pb
from xaigh_server.keys.model import KeyRecord
from xaigh_server.keys.repository import Keys
from xaigh_server.keys.service import revoke_and_publish
from xaigh_server.keys.usage_repository import UsageDays
from xaigh_server.keys.usage_service import MAX_DAYS, Flush, read_days, report_to_pb
from xaigh_server.organizations.repository import Organizations
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.handlers import Handler, Read, Write
from xaigh_server.rpc.timestamps import set_time
from xaigh_server.rpc.unit_of_work import UnitOfWork


class SelfService:
    """Answers xaigh.keys.v1.SelfService, for any secret key, and to operators who they are."""

    name = "xaigh.keys.v1.SelfService"

    def __init__(self, *, limiter: Limiter, tiers: Tiers, flush: Flush) -> None:
        self._limiter = limiter
        self._tiers = tiers
        self._flush = flush

    def handlers(self) -> Mapping[str, Handler]:
        """Returns the handlers by method name."""
        return {
            "WhoAmI": Read(run=self.who_am_i, prepare=self.read_limit),
            "GetUsage": Read(run=self.get_usage, prepare=self.write_counts),
            "RevokeSelf": Write(run=self.revoke_self),
        }

    async def read_limit(self, request: api.WhoAmIRequest, call: Call) -> LimitDecision | None:
        """Reads the key's rate limit; this call is already counted. Operators have none."""
        if isinstance(call.principal, OperatorPrincipal):
            return None
        holder = _holder(call)
        grant = holder.grant
        return await limit_of(self._limiter, self._tiers, grant.id, grant.tier, holder.environment)

    async def write_counts(self, request: api.GetUsageRequest, call: Call) -> None:
        await self._flush()

    def who_am_i(self, request: api.WhoAmIRequest, unit: UnitOfWork) -> api.Identity:
        if isinstance(unit.call.principal, OperatorPrincipal):
            return api.Identity(operator=_operator_to_pb(unit.call.principal))
        key_id = _holder(unit.call).key_id
        key = require_key(Keys(unit.session).get(key_id), key_id)
        return identity_to_pb(key, unit.prepared, unit)

    def get_usage(self, request: api.GetUsageRequest, unit: UnitOfWork) -> pb.UsageReport:
        holder = _holder(unit.call)
        first, last = read_days(request, unit.now, most=MAX_DAYS)
        found = UsageDays(unit.session).between(
            first,
            last,
            organization_id=holder.organization_id,
            environment=holder.environment.value,
        )
        return report_to_pb(found, first, last)

    def revoke_self(self, request: api.RevokeSelfRequest, unit: UnitOfWork) -> pb_key.Key:
        holder = _holder(unit.call)
        key = require_key(Keys(unit.session).get(holder.key_id), holder.key_id)
        return revoke_and_publish(key, reason=request.reason or "Revoked by its holder.", unit=unit)


async def limit_of(
    limiter: Limiter, tiers: Tiers, grant_id: str, tier: str, environment: Environment
) -> LimitDecision:
    """Reads what is left of a grant's limit, and takes nothing of it."""
    return await limiter.peek(grant_bucket(grant_id, environment), tiers.get(tier))


def identity_to_pb(key: KeyRecord, limit: LimitDecision, unit: UnitOfWork) -> api.Identity:
    """Converts what a key is and may do now, after any narrowing of its grant."""
    message = api.Identity(key=key_to_pb(key, unit.now), rate_limit=limit_to_pb(limit))
    organization = Organizations(unit.session).get(key.organization_id)
    if organization is not None:
        message.organization_name = organization.display_name
    grant = Grants(unit.session).current(key.grant_id)
    if grant is not None:
        terms = grant.terms
        message.key.scopes[:] = sorted(set(key.scopes).intersection(terms.scopes))
        message.tier = terms.tier
        message.employer_user_ids[:] = sorted(terms.employer_user_ids)
        message.conditions.extend(terms.conditions)
        set_time(message.grant_expire_time, terms.expire_time)
    return message


def _operator_to_pb(operator: OperatorPrincipal) -> api.OperatorIdentity:
    message = api.OperatorIdentity(
        operator_id=operator.operator_id,
        name=operator.name,
        role=operator.role.value,
        scopes=sorted(operator.scopes),
        credential_id=operator.credential_id,
    )
    set_time(message.expire_time, operator.expires_at)
    return message


def _holder(call: Call) -> KeyPrincipal:
    if not isinstance(call.principal, KeyPrincipal):
        raise CredentialKindRefused
    return call.principal
