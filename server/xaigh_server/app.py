"""Composition root: makes and connects every part of the server, in the order of need.

    secrets · databases · declarations of the protos · domain · services · interceptors
    · transports · background tasks

No other module builds a collaborator. A declaration that doesn't hold together stops the start and
names the method or the scope; parts that were opened are closed when a later step fails.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta

import protovalidate
from prometheus_client import CollectorRegistry, Gauge

from httprule.headers import Peers
from xaigh_server.access.applicants import ApplicantHandlers
from xaigh_server.access.approvals import ApprovalHandlers, FindTicket
from xaigh_server.access.dossier import DossierHandlers
from xaigh_server.access.grant_service import GrantService
from xaigh_server.access.granting import GrantingRules
from xaigh_server.access.model import Ticket
from xaigh_server.access.ownership_checks import OwnershipChecks
from xaigh_server.access.ownership_service import OwnershipHandlers
from xaigh_server.access.ownership_task import OwnershipRechecks
from xaigh_server.access.proposal import Proposal
from xaigh_server.access.proposal_repository import Proposals
from xaigh_server.access.proposal_service import FindProposal, ProposalService
from xaigh_server.access.repository import Tickets
from xaigh_server.access.review import (
    ReviewRules,
)
from xaigh_server.access.reviews import ReviewHandlers
from xaigh_server.access.service import AccessRequestService
from xaigh_server.access.simulation_service import SimulationHandlers
from xaigh_server.access.traffic import SandboxTraffic, recoverable
from xaigh_server.applications.agent_stream import AgentStream
from xaigh_server.applications.forwarder import Forwarder
from xaigh_server.applications.forwarding import ProductionTargets
from xaigh_server.applications.retention import ApplicationRetention
from xaigh_server.applications.service import ApplicationsService
from xaigh_server.ats.forward_targets import ForwardTargets
from xaigh_server.ats.normalizer_pool import NormalizerPool
from xaigh_server.ats.repository.integrations import fed_by_ats
from xaigh_server.ats.service import AtsSyncService
from xaigh_server.audit.service import AuditService
from xaigh_server.employers.policy_service import ApprovalPoliciesService, IsOrganization
from xaigh_server.employers.posting_approvals import FindRotation, PostingApprovals
from xaigh_server.employers.repository import needs_approval
from xaigh_server.employers.service import EmployersService
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.rate_limit.model import (
    BAD_CREDENTIALS_TIER,
    PUBLIC_TIER,
    Tier,
    Tiers,
    Window,
    contact_tier,
    storage_tier,
)
from xaigh_server.identity.sealing import AgeSealer
from xaigh_server.jobs.holds import JobHolder
from xaigh_server.jobs.service import JobsService
from xaigh_server.jobs.text import DescriptionCleaner
from xaigh_server.keys.credential_cache import CredentialCache
from xaigh_server.keys.credential_lookup import require_peppers
from xaigh_server.keys.denied_request_audit import DenialAuditLog
from xaigh_server.keys.envoy_check import EnvoyCheck
from xaigh_server.keys.issuing import Issuer
from xaigh_server.keys.repository import Keys
from xaigh_server.keys.rollback_service import RollbackHandlers
from xaigh_server.keys.scopes_service import ScopesService
from xaigh_server.keys.self_service import SelfService
from xaigh_server.keys.service import KeyAdminService
from xaigh_server.keys.usage_collector import UsageCollector
from xaigh_server.keys.usage_meter import UsageMeter
from xaigh_server.keys.usage_service import UsageService
from xaigh_server.keys.verification import Verification
from xaigh_server.logs import setup as logs
from xaigh_server.operations.service import OperationsService
from xaigh_server.organizations.repository import Organizations
from xaigh_server.organizations.service import OrganizationService
from xaigh_server.rehearsals.service import RehearsalService
from xaigh_server.request_log.listing import RequestLogReader
from xaigh_server.request_log.recorder import RequestRecorder
from xaigh_server.request_log.service import OWN_METHODS, RequestLogService
from xaigh_server.rpc.admin_server import AdminServer
from xaigh_server.rpc.docs_links import DocsLinks, docs_base
from xaigh_server.rpc.error_reasons import read_reasons
from xaigh_server.rpc.grpc_bridge import GrpcBridge
from xaigh_server.rpc.grpc_server import GrpcServer
from xaigh_server.rpc.handlers import Handler, Service
from xaigh_server.rpc.interceptor import Interceptor, Next, chain
from xaigh_server.rpc.interceptors.authenticate import Authenticate
from xaigh_server.rpc.interceptors.authorize import Authorize
from xaigh_server.rpc.interceptors.browser_rule import BrowserRule
from xaigh_server.rpc.interceptors.deadline import Deadline
from xaigh_server.rpc.interceptors.decode import Decode
from xaigh_server.rpc.interceptors.denied_requests import DeniedRequests
from xaigh_server.rpc.interceptors.drain import Drain
from xaigh_server.rpc.interceptors.errors import Errors, Failures
from xaigh_server.rpc.interceptors.invoke_handler import InvokeHandler, check_handlers
from xaigh_server.rpc.interceptors.meter import Meter
from xaigh_server.rpc.interceptors.note_traffic import NoteTraffic
from xaigh_server.rpc.interceptors.observe import CallMetrics, Observe
from xaigh_server.rpc.interceptors.open_calls import CallsByAddress, StreamsByKey
from xaigh_server.rpc.interceptors.public_storage import PublicStorage
from xaigh_server.rpc.interceptors.rate_limit import RateLimit
from xaigh_server.rpc.interceptors.request_id import RequestId
from xaigh_server.rpc.interceptors.validate import Validate
from xaigh_server.rpc.method import Method
from xaigh_server.rpc.method_policy import read_methods
from xaigh_server.rpc.own_routes import OwnRoutes
from xaigh_server.rpc.page_tokens import PageTokens
from xaigh_server.rpc.paging import Paging
from xaigh_server.rpc.reauthorization import Reauthorize
from xaigh_server.rpc.rest_bridge import RestBackend
from xaigh_server.rpc.rest_errors import RestErrors
from xaigh_server.rpc.rest_server import RestServer
from xaigh_server.rpc.rights import Rights
from xaigh_server.rpc.scope_catalogue import ScopeRoutes, check_guards, read_catalogue
from xaigh_server.rpc.services import ENVOY_CHECK, GRPC_ALIASES, SERVICES
from xaigh_server.rpc.size_limits import body_limits
from xaigh_server.rpc.unit_of_work_factory import UnitOfWorkFactory
from xaigh_server.runtime.background_tasks import add_housekeeping, add_sinks
from xaigh_server.runtime.call_history import LoggedHistory
from xaigh_server.runtime.counter_flusher import CounterFlusher
from xaigh_server.runtime.databases import Databases, migrate_or_check, open_databases
from xaigh_server.runtime.delivery import (
    find_own_hosts,
    open_forwarders,
    open_outbound,
    open_resolver,
    open_secret_box,
    open_worker,
)
from xaigh_server.runtime.leadership import Leadership, LedTasks
from xaigh_server.runtime.limits import open_limiters
from xaigh_server.runtime.metrics import AGE, Metrics
from xaigh_server.runtime.rollback_holds import RollbackHolds
from xaigh_server.runtime.scheduler import Scheduler
from xaigh_server.runtime.secrets import agree, load_secrets
from xaigh_server.runtime.system import new_id, now, now_micros, request_ids
from xaigh_server.runtime.worker_bus import SINGLE, WorkerBus, WorkerInfo
from xaigh_server.settings import Settings, SettingsError, split_address
from xaigh_server.support.read_log import SupportReadLog
from xaigh_server.support.service import SupportService
from xaigh_server.web.pages import doc_pages
from xaigh_server.webhooks.delivery_pool import DeliveryPool
from xaigh_server.webhooks.fanout import GrantCache
from xaigh_server.webhooks.service import WebhooksService
from xaigh_server.worker_pool.pool import WorkerPool

USAGE_SECONDS = 5.0
TRAFFIC_SECONDS = 5.0
REQUEST_LOG_SECONDS = 1.0
SHARES_SECONDS = 1.0
ROLLBACK_SECONDS = 5.0
FORWARD_SECONDS = 0.5
APPLICATION_RETENTION_SECONDS = 600.0
RECHECK_SECONDS = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """Server whose parts are connected, ready to start."""

    settings: Settings
    worker: WorkerInfo
    databases: Databases
    methods: Mapping[str, Method]
    gate: Callable[[Mapping[str, Handler]], Next]
    """Puts the interceptors before other handlers; benchmarks measure them with it."""
    answer: Next
    """The interceptors before the server's own handlers: what both transports call."""
    rest: RestServer
    grpc: GrpcServer
    admin: AdminServer
    pages: DocsLinks
    drain: Drain
    scheduler: Scheduler
    leadership: Leadership
    delivery: DeliveryPool
    forwarders: tuple[Forwarder, ...]

    async def start(self) -> None:
        """Starts to listen and to run background tasks. OSError: an address can't be bound."""
        await self.admin.start()  # first, so that whoever watches sees the start
        await self.rest.start()
        self.pages.base = docs_base(self.settings, self.rest.address)
        await self.grpc.start()
        await self.leadership.start()
        self.scheduler.start()
        if self.settings.deliver_webhooks and self.worker.first:
            self.delivery.start()

    async def not_ready(self) -> None:
        """Tells load balancers to send no more calls. Those that come are still served."""
        self.rest.not_ready()
        await self.grpc.not_serving()

    async def stop(self) -> None:
        """Refuses new calls, waits for running ones within `drain_seconds`, flushes counters."""
        grace = self.settings.drain_seconds
        await self.not_ready()
        self.rest.part()
        await self.drain.close(grace)
        await self.rest.stop(grace=1.0)
        await self.grpc.stop(grace=1.0)
        await self.delivery.stop(grace)
        await self.scheduler.stop()
        await asyncio.gather(*(each.stop(grace) for each in self.forwarders))
        await self.leadership.stop()
        await self.admin.stop()


async def open_app(settings: Settings, stack: AsyncExitStack, worker: WorkerInfo = SINGLE) -> App:
    """Makes every part. The stack closes what was opened."""
    # Secrets and databases.
    secrets = load_secrets(settings)
    peppers = secrets.peppers
    databases = await open_databases(settings, stack)
    await migrate_or_check(settings, databases)
    await agree(settings, databases.control, clock=now)
    await databases.control.read(lambda session: require_peppers(session, peppers, now()))
    epoch = databases.epoch()
    stack.push_async_callback(epoch.close)

    # What the protos declare.
    methods = read_methods((*SERVICES, ENVOY_CHECK))
    reasons = read_reasons()
    catalogue = read_catalogue(methods, settings.families)
    scope_routes = ScopeRoutes(methods, catalogue)

    # Domain, caches and counters.
    tiers = Tiers(settings.tiers)
    registry = CollectorRegistry()
    Gauge(
        f"xaigh_epoch_reading{AGE}",
        "Age of the newest reading of the epoch; grows while no call needs one, 0 on SQLite.",
        registry=registry,
    ).set_function(epoch.reading_age)
    limiters = open_limiters(settings, worker, stack, registry=registry)
    limiter = limiters.calls
    page_tokens = PageTokens(peppers.derive("page-tokens"))
    paging = Paging(page_tokens)
    keyring = CredentialCache(databases.control, epoch, peppers, clock=now)
    authenticate = Authenticate(
        keyring, limiter=limiters.guesses, clock=now, bad_credentials=_bad(settings)
    )
    units = UnitOfWorkFactory(
        control=databases.control,
        business=databases.business,
        rights=Rights(epoch, reauthorize=Reauthorize(authenticate), clock=now),
        clock=now,
        new_id=new_id,
    )
    sealer = AgeSealer()
    issuer = Issuer(
        catalogue=catalogue,
        peppers=peppers,
        sealer=sealer,
        random=os.urandom,
        max_grace=timedelta(seconds=settings.max_rotation_grace),
    )
    traffic = SandboxTraffic(databases.business[Environment.SANDBOX], clock=now)
    usage = UsageMeter(databases.control, clock=now)
    recorder = RequestRecorder(databases.business, registry, clock=now_micros, left_out=OWN_METHODS)
    bus = WorkerBus(worker)
    collector = UsageCollector(databases.control, tuple(databases.business.values()))
    counters = CounterFlusher(
        bus,
        flush_usage=usage.flush,
        collect=collector.collect,
        traffic=traffic,
        flush_calls=recorder.flush,
    )
    rollbacks = RollbackHandlers(
        databases.control,
        RollbackHolds(
            {
                environment: JobHolder(database, clock=now, new_id=new_id)
                for environment, database in databases.business.items()
            }
        ),
        clock=now,
    )
    denials = DenialAuditLog(databases.control, last_used=usage, clock=now)
    verification = Verification(
        directory=keyring,
        limiter=limiter,
        tiers=tiers,
        catalogue=catalogue,
        routes=OwnRoutes(SERVICES, methods),
        recorder=usage,
        refusals=denials,
    )
    sync_workers = WorkerPool(max(settings.sync_processes, 1))
    stack.push_async_callback(sync_workers.close)
    descriptions = DescriptionCleaner()
    stack.push_async_callback(descriptions.close)
    own = find_own_hosts(settings)
    resolver = open_resolver(settings, stack)
    outbound = open_outbound(settings, resolver, stack, own=own, clock=now)
    box = open_secret_box(secrets.webhook_keys)
    application_box = open_secret_box(secrets.application_keys)
    targets = ForwardTargets(allow_loopback=settings.allow_loopback_callbacks, own=own)
    production = ProductionTargets(databases.business[Environment.PRODUCTION], targets)
    rules = ReviewRules(
        idle=timedelta(days=settings.ticket_idle_days),
        solo_approvals=settings.solo_approvals,
        default_tier=settings.default_tier,
        allow_loopback_callbacks=settings.allow_loopback_callbacks,
        own_hosts=own,
    )
    granting = GrantingRules(
        catalogue=catalogue,
        tiers=tiers,
        evidence=counters.evidence,
        resolver=resolver,
        rules=rules,
    )
    requests = RequestLogReader(
        paging=paging,
        methods=methods,
        reasons=reasons,
        flush=counters.close_calls,
        units=units,
        control=databases.control,
    )
    simulation = SimulationHandlers(
        databases.control,
        LoggedHistory(
            databases.business, flush=counters.close_calls, days=settings.request_log_days
        ),
        methods=methods,
        flush_usage=counters.close_usage,
    )
    ownership = OwnershipChecks(
        resolver,
        outbound,
        clock=now,
        random=os.urandom,
        allow_loopback=settings.allow_loopback_callbacks,
        own_hosts=rules.own_hosts,
    )

    pages = DocsLinks(docs_base(settings, split_address("rest_address", settings.rest_address)))
    failures = Failures(reasons, pages)
    new_request_id = request_ids()
    errors = RestErrors(reasons, failures, new_request_id=new_request_id, links=pages)

    # Services.
    services: tuple[Service, ...] = (
        AccessRequestService(
            ApplicantHandlers(
                catalogue=catalogue,
                resolver=resolver,
                sealer=sealer,
                box=box,
                random=os.urandom,
                rules=rules,
                limiter=limiter,
                per_contact=contact_tier(settings.contact_limit_per_day),
            ),
            ReviewHandlers(paging=paging, rules=rules),
            ApprovalHandlers(rules=granting, find_ticket=find_ticket(databases)),
            DossierHandlers(
                catalogue=catalogue,
                routes=scope_routes,
                tiers=tiers,
                resolver=resolver,
                probe=outbound.probe,
                evidence=counters.evidence,
                find_ticket=find_ticket(databases),
                rules=rules,
            ),
            OwnershipHandlers(
                control=databases.control,
                checks=ownership,
                limiter=limiter,
                limit=_proofs(settings),
                box=box,
                clock=now,
            ),
        ),
        ProposalService(rules=granting, paging=paging, find_proposal=find_proposal(databases)),
        GrantService(simulation, paging=paging, tiers=tiers),
        OrganizationService(paging=paging),
        AuditService(databases.all, paging=paging),
        KeyAdminService(
            issuer=issuer,
            verification=verification,
            rollbacks=rollbacks,
            paging=paging,
        ),
        EnvoyCheck(verification, render=errors.refusal),
        SelfService(limiter=limiter, tiers=tiers, flush=counters.close_usage),
        UsageService(flush=counters.close_usage),
        ScopesService(catalogue, scope_routes),
        JobsService(
            units=units,
            page_tokens=page_tokens,
            fed_by_ats=fed_by_ats,
            needs_approval=needs_approval,
            descriptions=descriptions,
        ),
        EmployersService(paging=paging, approvals=PostingApprovals(find_rotation(databases))),
        ApprovalPoliciesService(is_organization=is_organization(databases)),
        AtsSyncService(
            units=units,
            page_tokens=page_tokens,
            normalizers=NormalizerPool(sync_workers),
            targets=targets,
        ),
        ApplicationsService(
            units=units,
            paging=paging,
            targets=targets,
            production=production,
            box=application_box,
            random_bytes=os.urandom,
            random=random.random,
            stream=AgentStream(units=units, box=application_box),
        ),
        WebhooksService(
            units=units,
            page_tokens=page_tokens,
            authorities=GrantCache(databases.control, now).of,
            retention=timedelta(days=settings.delivery_days),
            resolver=resolver,
            box=box,
            random=os.urandom,
            allow_loopback=settings.allow_loopback_callbacks,
            own=own,
        ),
        RequestLogService(requests),
        RehearsalService(
            databases.control,
            databases.business[Environment.SANDBOX],
            flush=counters.close_calls,
            recoverable=recoverable(reasons),
        ),
        OperationsService(units=units, page_tokens=page_tokens),
        SupportService(
            units=units,
            paging=paging,
            reads=SupportReadLog(databases.control, clock=now),
            requests=requests,
            limiter=limiter,
            tiers=tiers,
        ),
    )
    handlers = collect_handlers(services, methods)
    check_guards(catalogue, methods, handlers)

    # Interceptors, in the order of the API's checks: those that need no body run before it is read.
    drain = Drain()
    links: tuple[Interceptor, ...] = (
        RequestId(new_id=new_request_id),  # first: all lines and errors below name the call
        # Outside Errors, so that it logs the code that the caller gets.
        # It also sees every refusal of a known key, for the request log.
        Observe(
            CallMetrics(registry),
            log=stack.enter_context(logs.call_log(settings.log_format)),
            recorder=recorder if settings.request_log_days else None,
        ),
        *_tracing(settings, stack),  # for the same reason
        Errors(failures),  # turns every exception into the one error shape
        drain,  # refuses while the server stops
        Deadline(settings.max_deadline),  # around all that can wait for a database
        CallsByAddress(settings.calls_per_address),
        # Above all interceptors that refuse.
        DeniedRequests(denials),
        authenticate,
        BrowserRule(),  # needs the key; refuses before anything runs
        # Before the limit: to come back from 429 is a recovery, too.
        NoteTraffic(traffic, recoverable=recoverable(reasons)),
        RateLimit(limiter, tiers=tiers, public=_public(settings)),
        Authorize(),  # before the body is read
        StreamsByKey(of_key=settings.streams_per_key, of_process=settings.streams),
        Meter((usage,)),  # counts authorized calls, also those with a bad body
        Decode(),
        Validate(protovalidate.Validator()),
        # Behind Validate: a refused message stores nothing.
        PublicStorage(limiter, tier=storage_tier(settings.public_bytes_per_day)),
    )
    keep_replies = timedelta(hours=settings.idempotency_hours)

    def gate(handlers: Mapping[str, Handler]) -> Next:
        return chain(links, InvokeHandler(handlers, units=units, keep_replies=keep_replies))

    answer = gate(handlers)

    # Transports.
    bridge = GrpcBridge(
        methods=methods,
        chain=answer,
        failures=failures,
        clock=now,
        new_request_id=new_request_id,
        peers=Peers(settings.trusted_proxies),
        limits=body_limits(methods, settings),
        aliases=GRPC_ALIASES,
        message_seconds=settings.max_deadline,
        stream_idle_seconds=settings.stream_idle_seconds,
    )
    backend = RestBackend(methods=methods, chain=answer, errors=errors, clock=now)
    rest = RestServer(
        settings,
        backend=backend,
        methods=methods,
        databases=databases.all,
        documents=doc_pages(reasons),
        shared_port=not worker.alone,
    )
    grpc_server = GrpcServer(settings, bridge=bridge, shared_port=not worker.alone)
    admin = AdminServer(
        settings,
        pages=rest.health_pages,
        metrics=Metrics(registry, bus).scrape,
        health=grpc_server.health,
        render_error=backend.render_error,
        shared_port=not worker.alone,
    )

    # Background tasks.
    scheduler = Scheduler()
    scheduler.every(USAGE_SECONDS, usage.flush, at_end=True)
    scheduler.every(TRAFFIC_SECONDS, traffic.flush, at_end=True)
    scheduler.every(REQUEST_LOG_SECONDS, recorder.flush, at_end=True)
    scheduler.every(SHARES_SECONDS, grpc_server.shares.enforce)
    leadership = Leadership(databases.control, registry=registry, new_id=new_id)
    led = LedTasks(scheduler, leadership)
    add_housekeeping(
        led,
        settings,
        databases,
        audit_keys=secrets.audit_keys,
        clock=now,
        new_id=new_id,
        registry=registry,
    )
    add_sinks(led, settings, databases, outbound, own=own, clock=now, registry=registry)
    applications = ApplicationRetention(
        databases.business.values(),
        box=application_box,
        clock=now,
        keep=timedelta(days=settings.application_days),
    )
    led.every("application_retention", APPLICATION_RETENTION_SECONDS, applications.run)
    forwarders = open_forwarders(
        settings,
        databases,
        resolver,
        stack,
        box=application_box,
        targets=targets,
        production=production,
        clock=now,
        new_id=new_id,
    )
    for forwarder in forwarders:
        scheduler.every(FORWARD_SECONDS, forwarder.poll)
    led.every("usage", USAGE_SECONDS, collector.collect)
    led.every("rollbacks", ROLLBACK_SECONDS, rollbacks.resume)
    rechecks = OwnershipRechecks(databases.control, ownership, box, clock=now, new_id=new_id)
    led.every("ownership_checks", RECHECK_SECONDS, rechecks.run)
    await bus.start()
    stack.push_async_callback(bus.stop)
    return App(
        settings=settings,
        worker=worker,
        databases=databases,
        methods=methods,
        gate=gate,
        answer=answer,
        rest=rest,
        grpc=grpc_server,
        admin=admin,
        pages=pages,
        drain=drain,
        scheduler=scheduler,
        leadership=leadership,
        delivery=open_worker(
            settings, databases, outbound, box, own=own, clock=now, new_id=new_id, registry=registry
        ),
        forwarders=forwarders,
    )


def find_ticket(databases: Databases) -> FindTicket:
    """Returns a reader of tickets for handlers that need one before their transaction."""

    async def find(ticket_id: str) -> Ticket | None:
        return await databases.control.read(lambda session: Tickets(session).get(ticket_id))

    return find


def find_proposal(databases: Databases) -> FindProposal:
    """Returns a reader of proposals for handlers that need one before their transaction."""

    async def find(proposal_id: str) -> Proposal | None:
        return await databases.control.read(lambda session: Proposals(session).get(proposal_id))

    return find


def find_rotation(databases: Databases) -> FindRotation:
    """Returns a reader of the keys of one rotation, for handlers of business data."""

    async def find(key_id: str) -> frozenset[str]:
        return await databases.control.read(lambda session: Keys(session).rotation_of(key_id))

    return find


def is_organization(databases: Databases) -> IsOrganization:
    """Returns a look-up of organizations, for handlers of business data."""

    async def find(organization_id: str) -> bool:
        found = await databases.control.read(
            lambda session: Organizations(session).get(organization_id)
        )
        return found is not None

    return find


def _tracing(settings: Settings, stack: AsyncExitStack) -> tuple[Interceptor, ...]:
    """Returns the tracing interceptor if the setting is on. SettingsError: not installed."""
    if not settings.tracing:
        return ()
    try:
        from xaigh_server.rpc.interceptors.tracing import Trace
        from xaigh_server.runtime.tracing import open_tracer
    except ImportError as error:
        raise SettingsError("tracing: needs pip install 'xaigh[tracing]'") from error
    tracer, shut_down = open_tracer()
    stack.callback(shut_down)
    return (Trace(tracer),)


def _public(settings: Settings) -> Tier:
    return _per_minute(PUBLIC_TIER.name, settings.public_limit_per_minute)


def _bad(settings: Settings) -> Tier:
    return _per_minute(BAD_CREDENTIALS_TIER.name, settings.bad_credential_limit_per_minute)


def _proofs(settings: Settings) -> Tier:
    window = Window(name="hour", calls=settings.proof_limit_per_hour, seconds=3600)
    return Tier(name="proofs", windows=(window,))


def _per_minute(name: str, calls: int) -> Tier:
    return Tier(name=name, windows=(Window(name="minute", calls=calls, seconds=60),))


def collect_handlers(
    services: tuple[Service, ...], methods: Mapping[str, Method]
) -> Mapping[str, Handler]:
    """Collects handlers by the path of their method. ValueError: one doesn't fit its method."""
    handlers = {
        f"/{service.name}/{name}": handler
        for service in services
        for name, handler in service.handlers().items()
    }
    check_handlers(handlers, methods)
    return handlers
