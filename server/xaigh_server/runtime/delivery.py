"""Wiring of webhook delivery, the same in the server and in `xaigh-server deliver`."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry

from xaigh_server.applications.forwarder import Forwarder
from xaigh_server.applications.forwarding import ProductionTargets
from xaigh_server.ats.forward_targets import ForwardTargets
from xaigh_server.identity.peppers import PepperRing
from xaigh_server.identity.webhook_secrets import SecretBox
from xaigh_server.net.outbound import Outbound
from xaigh_server.net.own_hosts import OwnHosts, own_hosts
from xaigh_server.net.resolver import DnsResolver
from xaigh_server.net.url_guard import Resolver
from xaigh_server.runtime.databases import Databases
from xaigh_server.settings import Settings, SettingsError
from xaigh_server.webhooks.delivery_metrics import DeliveryMetrics
from xaigh_server.webhooks.delivery_pool import DeliveryPool, DeliveryRules

FORWARD_SECONDS = 45.0
"""Longest time of one attempt to forward an application: a resume may have 5 MiB."""


def open_secret_box(keys: PepperRing) -> SecretBox:
    """Returns the box that encrypts webhook secrets, with the keys of `load_sealing_keys`."""
    return SecretBox([key.secret for key in keys.peppers], os.urandom)


def open_resolver(settings: Settings, stack: AsyncExitStack) -> DnsResolver:
    """Returns the resolver for callbacks and proofs. The stack closes it."""
    resolver = DnsResolver(servers=settings.name_servers)
    stack.push_async_callback(resolver.close)
    return resolver


def find_own_hosts(settings: Settings) -> OwnHosts:
    """Returns the hosts that no callback may have. SettingsError: the certificate can't be read."""
    try:
        return own_hosts(settings.public_names, settings.tls_cert)
    except (OSError, ValueError, IndexError) as error:
        raise SettingsError(f"tls_cert: can't read {settings.tls_cert}: {error}") from error


def open_outbound(
    settings: Settings,
    resolver: Resolver,
    stack: AsyncExitStack,
    *,
    own: OwnHosts,
    clock: Callable[[], datetime],
) -> Outbound:
    """Returns the client for callbacks. The stack closes it."""
    outbound = Outbound(
        resolver, clock=clock, allow_loopback=settings.allow_loopback_callbacks, own=own
    )
    stack.push_async_callback(outbound.close)
    return outbound


def open_worker(
    settings: Settings,
    databases: Databases,
    outbound: Outbound,
    box: SecretBox,
    *,
    own: OwnHosts,
    clock: Callable[[], datetime],
    new_id: Callable[[str], str],
    registry: CollectorRegistry,
) -> DeliveryPool:
    """A worker over all databases, not started yet."""
    return DeliveryPool(
        control=databases.control,
        business={environment.value: each for environment, each in databases.business.items()},
        outbound=outbound,
        box=box,
        clock=clock,
        new_id=new_id,
        random_bytes=os.urandom,
        random=random.random,
        metrics=DeliveryMetrics(registry),
        rules=DeliveryRules(
            allow_loopback=settings.allow_loopback_callbacks,
            own=own,
            retention=timedelta(days=settings.delivery_days),
        ),
    )


def open_forwarders(
    settings: Settings,
    databases: Databases,
    resolver: Resolver,
    stack: AsyncExitStack,
    *,
    box: SecretBox,
    targets: ForwardTargets,
    production: ProductionTargets,
    clock: Callable[[], datetime],
    new_id: Callable[[str], str],
) -> tuple[Forwarder, ...]:
    """Returns a forwarder for each environment. The stack closes their HTTP client."""
    outbound = Outbound(
        resolver,
        clock=clock,
        allow_loopback=settings.allow_loopback_callbacks,
        own=targets.own,
        seconds=FORWARD_SECONDS,
        fresh=True,
    )
    stack.push_async_callback(outbound.close)
    return tuple(
        Forwarder(
            database,
            outbound=outbound,
            box=box,
            targets=targets,
            production=production,
            clock=clock,
            new_id=new_id,
            random=random.random,
        )
        for database in databases.business.values()
    )
