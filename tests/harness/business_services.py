"""A business database with handlers in front of it: calls as integrators and services make them.

The call goes the way of a real one from validation on: field rules, environment, idempotency, one
transaction with its journal. What stands before that (credentials, scopes, limits) isn't here.
"""

import os
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import protovalidate
from prometheus_client import CollectorRegistry
from tests.harness.control_rows import randomness
from tests.harness.method_names import by_short_name
from tests.harness.outside import Outside
from tests.harness.rights import FixedRights

from xaigh.applications.v1 import applications_service_pb2
from xaigh.ats.v1 import ats_sync_service_pb2
from xaigh.employers.v1 import approval_policies_service_pb2, employers_service_pb2
from xaigh.jobs.v1 import jobs_service_pb2
from xaigh.operations.v1 import operations_service_pb2
from xaigh.request_log.v1 import request_log_service_pb2
from xaigh.support.v1 import support_service_pb2
from xaigh.webhooks.v1 import webhooks_service_pb2
from xaigh_server.applications.agent_stream import AgentStream
from xaigh_server.applications.service import ApplicationsService
from xaigh_server.ats.forward_targets import ForwardTargets
from xaigh_server.ats.normalizer_pool import NormalizerPool
from xaigh_server.ats.repository.integrations import fed_by_ats
from xaigh_server.ats.service import AtsSyncService
from xaigh_server.db import schema
from xaigh_server.db.database import Database, open_database
from xaigh_server.db.times import to_micros
from xaigh_server.employers.policy_service import ApprovalPoliciesService
from xaigh_server.employers.posting_approvals import PostingApprovals
from xaigh_server.employers.repository import needs_approval
from xaigh_server.employers.service import EmployersService
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.key_format import KeyType
from xaigh_server.identity.principal import GrantFacts, KeyPrincipal, OperatorPrincipal, Principal
from xaigh_server.identity.rate_limit.model import MemoryLimiter, Tiers
from xaigh_server.identity.scopes import Role
from xaigh_server.identity.webhook_secrets import SecretBox
from xaigh_server.jobs.service import JobsService
from xaigh_server.operations.service import OperationsService
from xaigh_server.request_log.listing import RequestLogReader
from xaigh_server.request_log.recorder import RequestRecorder
from xaigh_server.request_log.service import RequestLogService
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.error_reasons import read_reasons
from xaigh_server.rpc.handlers import Service
from xaigh_server.rpc.interceptors.invoke_handler import InvokeHandler, check_handlers
from xaigh_server.rpc.method_policy import read_methods
from xaigh_server.rpc.page_tokens import PageTokens
from xaigh_server.rpc.paging import Paging
from xaigh_server.rpc.unit_of_work_factory import UnitOfWorkFactory
from xaigh_server.runtime.tables import business_metadata, control_metadata
from xaigh_server.support.service import SupportService
from xaigh_server.webhooks.model import Authority
from xaigh_server.webhooks.service import WebhooksService

ORGANIZATION = "org_northline"
EMPLOYER = "employer_1"
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
METHODS = by_short_name(
    read_methods(
        [
            jobs_service_pb2.DESCRIPTOR.services_by_name["JobsService"],
            employers_service_pb2.DESCRIPTOR.services_by_name["EmployersService"],
            approval_policies_service_pb2.DESCRIPTOR.services_by_name["ApprovalPoliciesService"],
            ats_sync_service_pb2.DESCRIPTOR.services_by_name["AtsSyncService"],
            applications_service_pb2.DESCRIPTOR.services_by_name["ApplicationsService"],
            webhooks_service_pb2.DESCRIPTOR.services_by_name["WebhooksService"],
            operations_service_pb2.DESCRIPTOR.services_by_name["OperationsService"],
            request_log_service_pb2.DESCRIPTOR.services_by_name["RequestLogService"],
            support_service_pb2.DESCRIPTOR.services_by_name["SupportService"],
        ]
    ).items()
)
PAGE_TOKENS = PageTokens([b"\x07" * 32])
_VALIDATOR = protovalidate.Validator()


def key(
    *employers: str,
    organization: str = ORGANIZATION,
    environment: str = "sandbox",
    key_id: str = "k" * 10,
) -> KeyPrincipal:
    """A secret key whose grant holds these employers; EMPLOYER where none is named."""
    return KeyPrincipal(
        key_id=key_id,
        key_type=KeyType.SECRET,
        environment=Environment(environment),
        organization_id=organization,
        name="integration",
        scopes=frozenset(),
        grant=GrantFacts(
            id="grant_1",
            revision=1,
            scopes=frozenset(),
            employer_ids=frozenset(employers or (EMPLOYER,)),
            tier="standard",
        ),
    )


def operator(role: Role = Role.API_OPS) -> OperatorPrincipal:
    """An operator, or with Role.SERVICE a service of ours."""
    return OperatorPrincipal(
        operator_id="op_1",
        credential_id="c" * 10,
        name="maya",
        person="maya",
        role=role,
        scopes=frozenset(),
    )


class Reads:
    """What operators read, in place of the log in the control database, which isn't here."""

    def __init__(self) -> None:
        self.noted: list[tuple[str, str, str]] = []

    async def note(self, call: Call, organization_id: str, *, environment: str) -> str:
        self.noted.append((call.method.full_name, organization_id, environment))
        return "" if organization_id == "-" else organization_id


class BusinessServices:
    """One environment's database, a clock that stands until it is moved, and the handlers."""

    def __init__(
        self,
        database: Database,
        control: Database,
        normalizers: NormalizerPool | None = None,
        environment: Environment = Environment.SANDBOX,
    ) -> None:
        """`control` is never opened: no business method may want it."""
        self.database = database
        self.environment = environment
        self.now = NOW
        self.outside = Outside()
        self.targets = ForwardTargets()
        self.box = SecretBox([b"a" * 32], os.urandom)
        """Encrypts personal data and the secrets of targets."""
        self.production_targets: set[str] = set()
        self.rotations: dict[str, frozenset[str]] = {}
        """The keys of a rotation by the id of one of them; a key left out was never rotated."""
        self.reads = Reads()
        self._ids = count(1)
        self._keys = count(1)
        self.units = UnitOfWorkFactory(
            control=control,
            business={environment: database},
            rights=FixedRights(),
            clock=lambda: self.now,
            new_id=lambda prefix: f"{prefix}_{next(self._ids):020d}",
        )
        self.recorder = RequestRecorder(
            {environment: database}, CollectorRegistry(), clock=lambda: to_micros(self.now)
        )
        requests = RequestLogReader(
            paging=Paging(PAGE_TOKENS),
            methods=METHODS,
            reasons=read_reasons(),
            flush=self.recorder.flush,
            units=self.units,
            control=control,
        )
        self.services: tuple[Service, ...] = (
            RequestLogService(requests),
            JobsService(
                units=self.units,
                page_tokens=PAGE_TOKENS,
                fed_by_ats=fed_by_ats,
                needs_approval=needs_approval,
                watch_interval=timedelta(milliseconds=1),
            ),
            EmployersService(
                paging=Paging(PAGE_TOKENS), approvals=PostingApprovals(self._find_rotation)
            ),
            ApprovalPoliciesService(is_organization=self._is_organization),
            AtsSyncService(units=self.units, page_tokens=PAGE_TOKENS, normalizers=normalizers),
            ApplicationsService(
                units=self.units,
                paging=Paging(PAGE_TOKENS),
                targets=self.targets,
                production=self,
                box=self.box,
                random_bytes=os.urandom,
                random=lambda: 0.0,
                stream=AgentStream(
                    units=self.units, box=self.box, interval=timedelta(milliseconds=1)
                ),
            ),
            SupportService(
                units=self.units,
                paging=Paging(PAGE_TOKENS),
                reads=self.reads,
                requests=requests,
                limiter=MemoryLimiter(lambda: 0.0),
                tiers=Tiers(),
            ),
            OperationsService(
                units=self.units,
                page_tokens=PAGE_TOKENS,
                watch_interval=timedelta(milliseconds=1),
            ),
            WebhooksService(
                units=self.units,
                page_tokens=PAGE_TOKENS,
                authorities=self._authorities,
                retention=timedelta(days=30),
                watch_interval=timedelta(milliseconds=1),
                resolver=self.outside,
                box=SecretBox([b"k" * 32], randomness),
                random=randomness,
                allow_loopback=False,
            ),
        )
        self._wire()

    async def include(self, target: str) -> bool:
        """Whether a forward target is one of production, which isn't here."""
        return target in self.production_targets

    async def _find_rotation(self, key_id: str) -> frozenset[str]:
        return self.rotations.get(key_id, frozenset({key_id}))

    async def _is_organization(self, organization_id: str) -> bool:
        return organization_id == ORGANIZATION

    async def _authorities(self, grant_ids: Iterable[str]) -> Mapping[str, Authority]:
        """Every grant allows what the endpoints' keys have, for EMPLOYER."""
        allowed = Authority(
            scopes=frozenset({"jobs:read", "ats:read"}), employer_ids=frozenset({EMPLOYER})
        )
        return dict.fromkeys(grant_ids, allowed)

    def _wire(self) -> None:
        handlers = {
            f"/{service.name}/{name}": handler
            for service in self.services
            for name, handler in service.handlers().items()
        }
        check_handlers(handlers, {method.path: method for method in METHODS.values()})
        self.answer = InvokeHandler(handlers, units=self.units, keep_replies=timedelta(days=1))

    def pass_time(self, **by: float) -> None:
        """Moves the clock on."""
        self.now += timedelta(**by)

    def call(
        self, method: str, by: Principal | None = None, idempotency_key: str | None = ""
    ) -> Call:
        """A call of a method. Writes get a new idempotency key, None gives none."""
        fresh = f"key-{next(self._keys)}" if idempotency_key == "" else idempotency_key
        principal = by or key(environment=self.environment)
        return Call(
            method=METHODS[method],
            transport="rest",
            metadata=(("idempotency-key", fresh),) if fresh else (),
            peer="192.0.2.1",
            received=self.now,
            request_id="req_1",
            client_request_id="theirs-1",
            principal=principal,
            environment=getattr(principal, "environment", ""),
        )

    async def do(
        self,
        method: str,
        by: Principal | None = None,
        *,
        idempotency_key: str | None = "",
        **request: Any,
    ) -> Any:
        """Makes a unary call and returns its reply."""
        message = METHODS[method].request_type(**request)
        _VALIDATOR.validate(message)
        return await self.answer(message, self.call(method, by, idempotency_key))

    async def stream(self, method: str, by: Principal | None = None, **request: Any) -> Any:
        """Makes a call with a stream of replies and returns that."""
        return await self.answer(METHODS[method].request_type(**request), self.call(method, by))

    async def feed(
        self, requests: Iterable[Any], by: Principal | None = None
    ) -> AsyncIterator[Any]:
        """Sends a stream of requests and returns the stream of replies."""

        async def sent() -> AsyncIterator[Any]:
            for request in requests:
                yield request

        replies: AsyncIterator[Any] = await self.answer(sent(), self.call("SyncFeed", by))
        return replies

    async def rows(self, statement: Any, **params: Any) -> list[Any]:
        """What a statement finds, as plain tuples."""
        return await self.database.read(
            lambda session: [tuple(row) for row in session.all(statement, **params)]
        )


@asynccontextmanager
async def opened(
    path: Path | str,
    normalizers: NormalizerPool | None = None,
    environment: Environment = Environment.SANDBOX,
) -> AsyncIterator[BusinessServices]:
    """The business services on an empty database.

    `normalizers` normalize batches; by default in this process.
    """
    database = open_database(environment.value, path, business_metadata)
    await database.start()
    try:
        await database.write(lambda session: schema.create(session, business_metadata))
        control = open_database("control", Path("nowhere"), control_metadata)
        yield BusinessServices(database, control, normalizers, environment)
    finally:
        await database.close()
