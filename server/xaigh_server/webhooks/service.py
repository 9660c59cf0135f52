"""Service of webhooks: endpoints, secrets, test events, the delivery log, events and recovery."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from google.protobuf.empty_pb2 import Empty

from xaigh.webhooks.v1 import delivery_pb2, endpoint_pb2
from xaigh.webhooks.v1 import webhooks_service_pb2 as api
from xaigh_server.errors import ConcurrentUpdate, FieldInvalid, NotFound
from xaigh_server.identity import webhook_secrets
from xaigh_server.identity.base62 import RandomBytes
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.errors import ScopeNotGranted
from xaigh_server.identity.principal import KeyPrincipal
from xaigh_server.identity.webhook_secrets import SecretBox
from xaigh_server.net.own_hosts import OwnHosts
from xaigh_server.net.resolver import look_ups_of
from xaigh_server.net.url_guard import (
    THIS_MACHINE,
    CallbackUrl,
    Resolver,
    check_resolved,
    check_url,
)
from xaigh_server.rpc import masks
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.etags import check_etag
from xaigh_server.rpc.handlers import Handler, Read, Stream, Write
from xaigh_server.rpc.page_tokens import PageTokens
from xaigh_server.rpc.paging import Paging
from xaigh_server.rpc.timestamps import get_time
from xaigh_server.rpc.unit_of_work import UnitOfWork
from xaigh_server.rpc.unit_of_work_factory import UnitOfWorkFactory, organization_of
from xaigh_server.webhooks.endpoint_events import tell_disabled
from xaigh_server.webhooks.errors import EndpointHeld
from xaigh_server.webhooks.event_history import EventHistory
from xaigh_server.webhooks.event_watch import INTERVAL, EventWatch, may_see
from xaigh_server.webhooks.events import EVENT_TYPES, TEST, Event, check_types
from xaigh_server.webhooks.listing import page_of_deliveries, page_of_endpoints
from xaigh_server.webhooks.messages import delivery_to_pb, endpoint_to_pb
from xaigh_server.webhooks.model import (
    Delivery,
    DeliveryState,
    DisableReason,
    Endpoint,
    EndpointHealth,
    SealedSecrets,
    check_quota,
)
from xaigh_server.webhooks.own import own_endpoint, require_enabled
from xaigh_server.webhooks.recovery import Authorities, EndpointRecovery
from xaigh_server.webhooks.repository.deliveries import DeliveryFilter, WebhookDeliveries
from xaigh_server.webhooks.repository.endpoints import WebhookEndpoints

DEFAULT_OVERLAP = timedelta(days=1)
_CHANGEABLE = ("url", "description", "event_types", "state")
_IGNORED = ("endpoint_id", "etag", masks.EVERYTHING)


class WebhooksService:
    """Answers xaigh.webhooks.v1.WebhooksService."""

    name = "xaigh.webhooks.v1.WebhooksService"

    def __init__(
        self,
        *,
        units: UnitOfWorkFactory,
        page_tokens: PageTokens,
        authorities: Authorities,
        retention: timedelta,
        resolver: Resolver,
        box: SecretBox,
        random: RandomBytes,
        allow_loopback: bool,
        own: OwnHosts = THIS_MACHINE,
        watch_interval: timedelta = INTERVAL,
    ) -> None:
        """`retention` is how long events are kept."""
        self._units = units
        self._paging = Paging(page_tokens)
        self._history = EventHistory(self._paging)
        self._watch = EventWatch(units=units, page_tokens=page_tokens, interval=watch_interval)
        self._recovery = EndpointRecovery(
            units=units, paging=self._paging, authorities=authorities, retention=retention
        )
        self._resolver = resolver
        self._box = box
        self._random = random
        self._allow_loopback = allow_loopback
        self._own = own

    def handlers(self) -> Mapping[str, Handler]:
        return {
            "CreateEndpoint": Write(
                self.create_endpoint, prepare=self.check_new, redact=without_secret
            ),
            "ListEndpoints": Read(self.list_endpoints),
            "GetEndpoint": Read(self.get_endpoint, point=True),
            "UpdateEndpoint": Write(self.update_endpoint, prepare=self.check_change),
            "DeleteEndpoint": Write(self.delete_endpoint),
            "RotateSecret": Write(self.rotate_secret, redact=without_secret),
            "SendTest": Write(self.send_test),
            "ListDeliveries": Read(self.list_deliveries),
            "Redeliver": Write(self.redeliver),
            "RecoverEndpoint": Write(self._recovery.recover, prepare=self._recovery.prepare),
            "ListEvents": Read(self._history.list_events),
            "GetEvent": Read(self._history.get_event, point=True),
            "WatchEvents": Stream(self._watch.run, may_see=may_see),
        }

    async def check_new(self, request: api.CreateEndpointRequest, call: Call) -> CallbackUrl:
        """Resolves and checks the URL of a new endpoint, where there is room for one."""
        await self._units.point(call, _check_count)  # before a look-up, which costs others time
        return await self._checked(request.url, call, field="url")

    async def check_change(
        self, request: api.UpdateEndpointRequest, call: Call
    ) -> CallbackUrl | None:
        """Resolves and checks a changed URL; None where it stays."""
        if "url" not in _paths(request):
            return None
        return await self._checked(request.endpoint.url, call, field="endpoint.url")

    def create_endpoint(
        self, request: api.CreateEndpointRequest, unit: UnitOfWork
    ) -> endpoint_pb2.Endpoint:
        key = _key(unit)
        check_types(request.event_types)
        _check_scopes(request.event_types, key)
        _check_count(unit)
        _check_hold(str(unit.prepared), unit)
        endpoint_id = unit.new_id("we")
        secret = webhook_secrets.new_secret(self._random)
        endpoint = Endpoint(
            id=endpoint_id,
            organization_id=unit.organization_id,
            url=str(unit.prepared),
            description=request.description,
            event_types=tuple(request.event_types),
            scopes=key.scopes,
            grant_id=key.grant.id,
            origin="",
            secrets=SealedSecrets(current=self._box.seal(secret, endpoint_id)),
            created_at=unit.now,
            updated_at=unit.now,
            key_id=key.key_id,
        )
        WebhookEndpoints(unit.session).add(endpoint)
        unit.audit(endpoint_id, after=_audited(endpoint))
        return endpoint_to_pb(endpoint, EndpointHealth(), secret=secret)

    def list_endpoints(
        self, request: api.ListEndpointsRequest, unit: UnitOfWork
    ) -> api.ListEndpointsResponse:
        endpoints, token = page_of_endpoints(self._paging, unit.organization_id, request, unit)
        return api.ListEndpointsResponse(endpoints=endpoints, next_page_token=token)

    def get_endpoint(
        self, request: api.GetEndpointRequest, unit: UnitOfWork
    ) -> endpoint_pb2.Endpoint:
        return _shown(own_endpoint(request.endpoint_id, unit), unit)

    def update_endpoint(
        self, request: api.UpdateEndpointRequest, unit: UnitOfWork
    ) -> endpoint_pb2.Endpoint:
        before = own_endpoint(request.endpoint.endpoint_id, unit)
        check_etag(request.endpoint.etag, before.etag)
        paths = _paths(request)
        after = _changed(before, request.endpoint, paths, unit)
        if {"url", "event_types"} & set(paths):
            key = _key(unit)
            _check_scopes(after.event_types, key)
            after = replace(after, scopes=key.scopes, grant_id=key.grant.id)
        if after.url != before.url:
            if before.held:
                raise EndpointHeld(before.id)
            _check_hold(after.url, unit)
            after = replace(after, key_id=_key(unit).key_id)
        if after == before:
            return _shown(before, unit)
        after = replace(after, updated_at=unit.now, revision=before.revision + 1)
        _save(after, before, unit)
        if before.enabled and not after.enabled:
            WebhookDeliveries(unit.session).cancel_waiting(after.id, now=unit.now)
            health = WebhookEndpoints(unit.session).health([after.id])[after.id]
            environment = unit.call.environment
            tell_disabled(unit.session, after, health, environment=environment, now=unit.now)
        unit.audit(after.id, before=_audited(before), after=_audited(after))
        return _shown(after, unit)

    def delete_endpoint(self, request: api.DeleteEndpointRequest, unit: UnitOfWork) -> Empty:
        endpoint = own_endpoint(request.endpoint_id, unit)
        check_etag(request.etag, endpoint.etag)
        if endpoint.held:
            raise EndpointHeld(endpoint.id)  # deleted, it would hold its URL no more
        WebhookDeliveries(unit.session).cancel_waiting(endpoint.id, now=unit.now)
        WebhookEndpoints(unit.session).delete(endpoint.id)
        unit.audit(endpoint.id, before=_audited(endpoint))
        return Empty()

    def rotate_secret(
        self, request: api.RotateSecretRequest, unit: UnitOfWork
    ) -> endpoint_pb2.Endpoint:
        before = own_endpoint(request.endpoint_id, unit)
        overlap = DEFAULT_OVERLAP
        if request.HasField("overlap_seconds"):
            overlap = timedelta(seconds=request.overlap_seconds)
        secret = webhook_secrets.new_secret(self._random)
        sealed = SealedSecrets(current=self._box.seal(secret, before.id))
        if overlap:
            sealed = replace(
                sealed, previous=before.secrets.current, previous_expires_at=unit.now + overlap
            )
        after = replace(before, secrets=sealed, updated_at=unit.now, revision=before.revision + 1)
        _save(after, before, unit)
        unit.audit(after.id, after={"overlapSeconds": int(overlap.total_seconds())})
        health = WebhookEndpoints(unit.session).health([after.id])[after.id]
        return endpoint_to_pb(after, health, secret=secret)

    def send_test(self, request: api.SendTestRequest, unit: UnitOfWork) -> delivery_pb2.Delivery:
        endpoint = own_endpoint(request.endpoint_id, unit)
        require_enabled(endpoint)
        facts = {"endpointId": endpoint.id, "message": "Hello. This endpoint hears you."}
        event = Event(
            id=unit.new_id("evt"),
            type=EVENT_TYPES[TEST],
            time=unit.now,
            environment=unit.call.environment,
            organization_id=unit.organization_id,
            data=json.dumps(facts, separators=(",", ":")),
        )
        delivery_id = unit.new_id("wd")
        WebhookDeliveries(unit.session).add(event, [(delivery_id, endpoint)], now=unit.now)
        WebhookDeliveries(unit.session).end_pause(endpoint.id, now=unit.now)
        unit.audit(endpoint.id, delivery_id)
        return delivery_to_pb(_own_delivery(delivery_id, unit))

    def list_deliveries(
        self, request: api.ListDeliveriesRequest, unit: UnitOfWork
    ) -> api.ListDeliveriesResponse:
        state = delivery_pb2.Delivery.State.Name(request.state)
        wanted = DeliveryFilter(
            organization_id=unit.organization_id,
            endpoint_id=request.endpoint_id,
            event_id=request.event_id,
            event_type=request.event_type,
            state=DeliveryState(state) if request.state else None,
            start=get_time(request, "created_after_time"),
            end=get_time(request, "created_before_time"),
        )
        deliveries, token = page_of_deliveries(self._paging, wanted, request, unit)
        return api.ListDeliveriesResponse(deliveries=deliveries, next_page_token=token)

    def redeliver(self, request: api.RedeliverRequest, unit: UnitOfWork) -> delivery_pb2.Delivery:
        delivery = _own_delivery(request.delivery_id, unit)
        require_enabled(own_endpoint(delivery.endpoint_id, unit))
        again = WebhookDeliveries(unit.session).redeliver(delivery, now=unit.now)
        unit.audit(delivery.id, delivery.endpoint_id)
        return delivery_to_pb(again)

    async def _checked(self, url: str, call: Call, *, field: str) -> CallbackUrl:
        checked = check_url(
            url,
            environment=Environment(call.environment),
            allow_loopback=self._allow_loopback,
            own=self._own,
            field=field,
        )
        with look_ups_of(organization_of(call)):
            await check_resolved(checked, self._resolver, own=self._own, field=field)
        return checked


def without_secret(reply: endpoint_pb2.Endpoint) -> None:
    """Removes the secret from a replayed reply."""
    reply.ClearField("secret")


def _check_count(unit: UnitOfWork) -> None:
    check_quota(WebhookEndpoints(unit.session).count(unit.organization_id))


def _check_hold(url: str, unit: UnitOfWork) -> None:
    """Raises EndpointHeld where an operator disabled the organization's endpoint at that URL."""
    for held in WebhookEndpoints(unit.session).held_of(unit.organization_id):
        if held.leads_to(url):
            raise EndpointHeld(held.id)


def _key(unit: UnitOfWork) -> KeyPrincipal:
    principal = unit.call.principal
    if not isinstance(principal, KeyPrincipal):
        raise NotFound("endpoint")  # the rule of every method asks for a key
    return principal


def _own_delivery(delivery_id: str, unit: UnitOfWork) -> Delivery:
    delivery = WebhookDeliveries(unit.session).get(
        delivery_id, organization_id=unit.organization_id
    )
    if delivery is None:
        raise NotFound("delivery", delivery_id)
    return delivery


def _check_scopes(names: Sequence[str], key: KeyPrincipal) -> None:
    """Raises where an event type needs a scope that the writing key lacks."""
    for name in names:
        if not EVENT_TYPES[name].heard_with(key.scopes):
            raise ScopeNotGranted(EVENT_TYPES[name].scope)


def _shown(endpoint: Endpoint, unit: UnitOfWork) -> endpoint_pb2.Endpoint:
    return endpoint_to_pb(
        endpoint, WebhookEndpoints(unit.session).health([endpoint.id])[endpoint.id]
    )


def _paths(request: api.UpdateEndpointRequest) -> tuple[str, ...]:
    """Returns the mutable fields in a call's mask. Raises FieldInvalid for any other."""
    named = masks.named_paths(request.update_mask, request.endpoint)
    if masks.EVERYTHING in named:
        return _CHANGEABLE
    if request.update_mask.paths:
        for path in named:
            if path not in _CHANGEABLE and path not in _IGNORED:
                name = masks.json_path(endpoint_pb2.Endpoint.DESCRIPTOR, path)
                raise FieldInvalid.at("updateMask", f"{name} is written by the server alone.")
    return tuple(path for path in named if path in _CHANGEABLE)


def _changed(
    before: Endpoint, wanted: endpoint_pb2.Endpoint, paths: Sequence[str], unit: UnitOfWork
) -> Endpoint:
    after = before
    if "url" in paths:
        after = replace(after, url=str(unit.prepared))
    if "description" in paths:
        after = replace(after, description=wanted.description)
    if "event_types" in paths:
        check_types(wanted.event_types, path="endpoint.eventTypes")
        after = replace(after, event_types=tuple(wanted.event_types))
    if "state" in paths:
        after = _in_state(after, wanted.state, unit)
    return after


def _in_state(
    endpoint: Endpoint, state: endpoint_pb2.Endpoint.State.ValueType, unit: UnitOfWork
) -> Endpoint:
    if state == endpoint_pb2.Endpoint.ENABLED:
        if endpoint.held:
            raise EndpointHeld(endpoint.id)
        return endpoint.as_enabled()
    if state == endpoint_pb2.Endpoint.STATE_UNSPECIFIED:
        raise FieldInvalid.at("endpoint.state", "Takes ENABLED or DISABLED.")
    if not endpoint.enabled:
        return endpoint
    return replace(endpoint, disabled_at=unit.now, disable_reason=DisableReason.REQUESTED)


def _save(after: Endpoint, before: Endpoint, unit: UnitOfWork) -> None:
    if not WebhookEndpoints(unit.session).save(after, before=before):
        raise ConcurrentUpdate


def _audited(endpoint: Endpoint) -> dict[str, object]:
    """Returns an endpoint for the audit log, with only the origin of its URL."""
    host = endpoint.url.split("/", 3)[2]
    return {
        "host": host,
        "description": endpoint.description,
        "eventTypes": list(endpoint.event_types),
        "scopes": sorted(endpoint.scopes),
        "grantId": endpoint.grant_id,
        "keyId": endpoint.key_id,
        "disableReason": endpoint.disable_reason.value,
    }
