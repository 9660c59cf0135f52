"""The services of the control database, called through validation and the unit of work."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import protovalidate
from sqlalchemy import MetaData
from tests.harness.control_rows import CATALOGUE, ISSUER, NOW, RING, randomness
from tests.harness.outside import Outside
from tests.harness.rights import FixedRights

from httprule import ErrorResponse
from xaigh_server.access.applicants import ApplicantHandlers
from xaigh_server.access.approvals import ApprovalHandlers
from xaigh_server.access.dossier import DossierHandlers
from xaigh_server.access.grant_service import GrantService
from xaigh_server.access.granting import GrantingRules
from xaigh_server.access.model import Ticket
from xaigh_server.access.ownership_checks import OwnershipChecks
from xaigh_server.access.ownership_service import OwnershipHandlers
from xaigh_server.access.proposal import Proposal
from xaigh_server.access.proposal_repository import Proposals
from xaigh_server.access.proposal_service import ProposalService
from xaigh_server.access.repository import Tickets
from xaigh_server.access.review import (
    ReviewRules,
)
from xaigh_server.access.reviews import ReviewHandlers
from xaigh_server.access.service import AccessRequestService
from xaigh_server.access.simulation import CallSum, PastCalls
from xaigh_server.access.simulation_service import SimulationHandlers
from xaigh_server.audit.model import SealedEvent
from xaigh_server.audit.repository import AuditFilter, AuditLog
from xaigh_server.audit.service import AuditService
from xaigh_server.db import schema
from xaigh_server.db.database import Database, open_database
from xaigh_server.db.outbox import Outbox, OutgoingEvent
from xaigh_server.db.session import Session
from xaigh_server.errors import DomainError
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.epoch import open_epoch
from xaigh_server.identity.operator_admin import OperatorAdmin
from xaigh_server.identity.principal import OperatorPrincipal, Principal
from xaigh_server.identity.rate_limit.model import (
    MemoryLimiter,
    Tier,
    Tiers,
    Window,
    contact_tier,
)
from xaigh_server.identity.scopes import ROLE_SCOPES, SHIPPED_FAMILIES, Role
from xaigh_server.identity.sealing import AgeSealer
from xaigh_server.identity.webhook_secrets import SecretBox
from xaigh_server.keys.credential_cache import CredentialCache
from xaigh_server.keys.denied_request_audit import DenialAuditLog
from xaigh_server.keys.envoy_check import EnvoyCheck
from xaigh_server.keys.rollback_service import RollbackHandlers
from xaigh_server.keys.rollbacks import HeldJobs, JobHolding, Rollback
from xaigh_server.keys.scopes_service import ScopesService
from xaigh_server.keys.self_service import SelfService
from xaigh_server.keys.service import KeyAdminService
from xaigh_server.keys.usage_meter import UsageMeter
from xaigh_server.keys.usage_service import UsageService
from xaigh_server.keys.verification import Verification
from xaigh_server.organizations.service import OrganizationService
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.handlers import Handler, Service
from xaigh_server.rpc.interceptor import chain
from xaigh_server.rpc.interceptors.invoke_handler import InvokeHandler, check_handlers
from xaigh_server.rpc.interceptors.validate import Validate
from xaigh_server.rpc.method import Method
from xaigh_server.rpc.method_policy import read_methods
from xaigh_server.rpc.own_routes import OwnRoutes
from xaigh_server.rpc.page_tokens import PageTokens
from xaigh_server.rpc.paging import Paging
from xaigh_server.rpc.scope_catalogue import ScopeRoutes, read_catalogue
from xaigh_server.rpc.services import ENVOY_CHECK, SERVICES
from xaigh_server.rpc.unit_of_work_factory import UnitOfWorkFactory
from xaigh_server.runtime.tables import business_metadata, control_metadata

METHODS = read_methods((*SERVICES, ENVOY_CHECK))
SERVED_CATALOGUE = read_catalogue(METHODS, SHIPPED_FAMILIES)
"""The scopes that the protos declare; `CATALOGUE` is a small one made up for keys."""
RULES = ReviewRules(
    idle=timedelta(days=30),
    solo_approvals=False,
    default_tier="standard",
    allow_loopback_callbacks=False,
)
BOX = SecretBox([b"k" * 32], randomness)
PROOF_LIMIT = Tier(name="proofs", windows=(Window(name="hour", calls=20, seconds=3600),))
_VALIDATE = Validate(protovalidate.Validator())


def operator(
    name: str = "maya", role: Role = Role.FOUNDER, *, person: str = ""
) -> OperatorPrincipal:
    """An operator with the scopes of a role, by default the only one of a person."""
    return OperatorPrincipal(
        operator_id=f"opr_{name}",
        credential_id="0000000001",
        name=name,
        person=person or name,
        role=role,
        scopes=ROLE_SCOPES[role],
    )


MAYA = operator()


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class FixedHistory:
    """A request log that holds what a test puts into it."""

    def __init__(self) -> None:
        self.days = 7
        self.sums: list[CallSum] = []

    async def read(
        self, environment: Environment, organization_id: str, key_ids: Sequence[str]
    ) -> PastCalls:
        """The calls of these keys."""
        return PastCalls([each for each in self.sums if each.key_id in key_ids], cut=False)

    async def last(
        self, environment: Environment, organization_id: str, sums: Sequence[CallSum], limit: int
    ) -> list[str]:
        """An id that names key and method."""
        return [f"{each.key_id}/{each.method.rpartition('.')[2]}" for each in sums][:limit]


class NoJobs(JobHolding):
    """The jobs of keys that posted none: rollbacks find nothing to hold."""

    async def preview(self, rollback: Rollback) -> HeldJobs:
        return HeldJobs()

    async def covered(self, rollback: Rollback) -> HeldJobs:
        return HeldJobs()

    async def place(self, rollback: Rollback) -> None:
        """Nothing to hold."""

    async def release(self, rollback: Rollback) -> None:
        """Nothing to release."""


class ControlServices:
    """The services of a control database, a clock that stands still, and what lies outside.

    The audit log shows the chains of `audited` beside that of `control`.
    """

    def __init__(
        self,
        control: Database,
        *,
        rules: ReviewRules = RULES,
        audited: Sequence[Database] = (),
    ) -> None:
        self.control = control
        self.outside = Outside()
        self.held: JobHolding = NoJobs()
        self.history = FixedHistory()
        self.checks = OwnershipChecks(
            self.outside,
            self.outside,
            clock=lambda: self.clock.now,
            random=randomness,
            allow_loopback=False,
        )
        self._rules = rules
        self.audited = {database.name: database for database in (control, *audited)}
        self._keys = count(1)
        self.clock = Clock()
        self.epoch = open_epoch(control)
        self.keyring = CredentialCache(control, self.epoch, RING, clock=self.clock)
        self.meter = UsageMeter(control, clock=self.clock)
        self.limiter = MemoryLimiter(lambda: self.clock.now.timestamp())
        self.operators = OperatorAdmin(
            peppers=RING, random=randomness, new_id=self._new_id, clock=self.clock, actor="root"
        )
        self._numbers = count(1)
        units = UnitOfWorkFactory(
            control=control,
            business={},
            rights=FixedRights(),
            clock=self.clock,
            new_id=self._new_id,
        )
        self.handlers = _handlers(self._services())
        check_handlers(self.handlers, METHODS)
        end = InvokeHandler(self.handlers, units=units, keep_replies=timedelta(hours=48))
        self._end = chain((_VALIDATE,), end)

    def _services(self) -> list[Service]:
        tiers = Tiers()
        paging = Paging(PageTokens([b"p" * 32]))
        verification = Verification(
            directory=self.keyring,
            limiter=self.limiter,
            tiers=tiers,
            catalogue=CATALOGUE,
            routes=OwnRoutes(SERVICES, METHODS),
            recorder=self.meter,
            refusals=DenialAuditLog(self.control, last_used=self.meter, clock=self.clock),
        )
        return [
            KeyAdminService(
                issuer=ISSUER,
                verification=verification,
                rollbacks=RollbackHandlers(self.control, self.held, clock=self.clock),
                paging=paging,
            ),
            EnvoyCheck(verification, render=_render),
            SelfService(limiter=self.limiter, tiers=tiers, flush=self.meter.flush),
            UsageService(flush=self.meter.flush),
            ScopesService(SERVED_CATALOGUE, ScopeRoutes(METHODS, SERVED_CATALOGUE)),
            self._access_requests(tiers, paging),
            ProposalService(
                rules=self._granting(tiers), paging=paging, find_proposal=self._find_proposal
            ),
            GrantService(
                SimulationHandlers(
                    self.control, self.history, methods=METHODS, flush_usage=self.meter.flush
                ),
                paging=paging,
                tiers=tiers,
            ),
            OrganizationService(paging=paging),
            AuditService(list(self.audited.values()), paging=paging),
        ]

    def _access_requests(self, tiers: Tiers, paging: Paging) -> AccessRequestService:
        return AccessRequestService(
            ApplicantHandlers(
                catalogue=SERVED_CATALOGUE,
                resolver=self.outside,
                sealer=AgeSealer(),
                box=BOX,
                random=randomness,
                rules=self._rules,
                limiter=self.limiter,
                per_contact=contact_tier(1000),
            ),
            ReviewHandlers(paging=paging, rules=self._rules),
            ApprovalHandlers(rules=self._granting(tiers), find_ticket=self._find_ticket),
            DossierHandlers(
                catalogue=SERVED_CATALOGUE,
                routes=ScopeRoutes(METHODS, SERVED_CATALOGUE),
                tiers=tiers,
                resolver=self.outside,
                probe=self.outside.probe,
                evidence=self.outside.evidence,
                find_ticket=self._find_ticket,
                rules=self._rules,
            ),
            OwnershipHandlers(
                control=self.control,
                checks=self.checks,
                limiter=self.limiter,
                limit=PROOF_LIMIT,
                box=BOX,
                clock=self.clock,
            ),
        )

    def _granting(self, tiers: Tiers) -> GrantingRules:
        return GrantingRules(
            catalogue=SERVED_CATALOGUE,
            tiers=tiers,
            evidence=self.outside.evidence,
            resolver=self.outside,
            rules=self._rules,
        )

    async def _find_proposal(self, proposal_id: str) -> Proposal | None:
        return await self.control.read(lambda session: Proposals(session).get(proposal_id))

    async def _find_ticket(self, ticket_id: str) -> Ticket | None:
        return await self.control.read(lambda session: Tickets(session).get(ticket_id))

    def _new_id(self, prefix: str) -> str:
        return f"{prefix}_{next(self._numbers)}"

    async def call(
        self,
        method: str,
        request: Any,
        *,
        principal: Principal = MAYA,
        idempotency_key: str = "",
    ) -> Any:
        """The reply, as a transport would get it."""
        return (await self.exchange(method, request, principal, idempotency_key))[0]

    async def do(
        self, method: str, by: Principal = MAYA, *, token: str = "", **request: Any
    ) -> Any:
        """Calls a method with the members of its request. `token` is a ticket's status token."""
        message = _method(method).request_type(**request)
        headers = {"x-status-token": token} if token else {}
        key = f"key-{next(self._keys)}"
        return (await self.exchange(method, message, by, key, **headers))[0]

    async def audit_events(self, action: str = "") -> list[SealedEvent]:
        """The chain of the control database, oldest first."""
        wanted = AuditFilter(action=action)
        found = await self.control.read(
            lambda session: AuditLog(session, "control").listing(wanted, before=None, limit=1000)
        )
        return list(found)[::-1]

    async def outgoing(self) -> list[OutgoingEvent]:
        """The events for webhooks that calls have committed, oldest first."""
        found = await self.control.read(lambda session: Outbox(session).after(0, limit=1000))
        return [each.event for each in found]

    async def exchange(
        self,
        method: str,
        request: Any,
        principal: Principal = MAYA,
        idempotency_key: str = "",
        **headers: str,
    ) -> tuple[Any, Call]:
        """The reply and the call that led to it."""
        if idempotency_key:
            headers["idempotency-key"] = idempotency_key
        call = Call(
            method=_method(method),
            transport="grpc",
            metadata=tuple(headers.items()),
            peer="192.0.2.7",
            received=self.clock.now,
            request_id="req_1",
            principal=principal,
        )
        return await self._end(request, call), call

    async def principal(self, text: str) -> Principal:
        """Who a credential belongs to."""
        credential = self.keyring.parse(text)
        found = await self.keyring.cached(text) or await self.keyring.look_up(credential)
        return found.principal

    async def close(self) -> None:
        """Lets go of the epoch."""
        await self.epoch.close()


def _handlers(services: Iterable[Service]) -> Mapping[str, Handler]:
    return {
        f"/{service.name}/{name}": handler
        for service in services
        for name, handler in service.handlers().items()
    }


def _create(session: Session, *, metadata: MetaData) -> None:
    schema.create(session, metadata)


def _render(refusal: DomainError, request_id: str) -> ErrorResponse:
    return ErrorResponse(status=403, content_type="text/plain", body=refusal.reason.encode())


def _method(name: str) -> Method:
    return next(each for path, each in METHODS.items() if path.endswith("/" + name))


@asynccontextmanager
async def opened(folder: Path, *, rules: ReviewRules = RULES) -> AsyncIterator[ControlServices]:
    """The services on empty SQLite files in a folder: control, and both business databases."""
    async with AsyncExitStack() as stack:
        made = []
        for name in ("control", "sandbox", "production"):
            metadata = control_metadata if name == "control" else business_metadata
            database = open_database(name, folder / f"{name}.db", metadata)
            await database.start()
            stack.push_async_callback(database.close)
            await database.write(partial(_create, metadata=metadata))
            made.append(database)
        services = ControlServices(made[0], rules=rules, audited=made[1:])
        stack.push_async_callback(services.close)
        yield services
