# Generated from the protos by `make generate`. Don't edit.
"""Events out, signed by Standard Webhooks 1.0. The environment is the key's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from google.protobuf import empty_pb2

from xaigh.webhooks.v1 import delivery_pb2, endpoint_pb2, event_pb2, webhooks_service_pb2

if TYPE_CHECKING:
    from xaigh_client import values
    from xaigh_client.asynchronous import AsyncCaller, AsyncPager, AsyncStream
    from xaigh_client.synchronous import Caller, Pager, Stream

_METHODS = webhooks_service_pb2.DESCRIPTOR.services_by_name["WebhooksService"].methods_by_name


class Webhooks:
    """Events out, signed by Standard Webhooks 1.0. The environment is the key's."""

    __slots__ = ("_caller",)

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def create_endpoint(
        self,
        *,
        url: str,
        description: str | None = None,
        event_types: Iterable[str] | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> endpoint_pb2.Endpoint:
        """Makes an endpoint and shows its secret, once.

        Needs the scope `webhooks:write`. Over REST: `POST /v1/webhooks/endpoints`. The reply
        carries a secret that is shown once: a reply to a repeat of the call, also to an
        automatic one, is without it.

        Args:
            url: Where to post events. See Endpoint.
            description: A note for people.
            event_types: The event types to send. Empty: all that the key may read.
        """
        return self._caller.unary(
            _METHODS["CreateEndpoint"],
            endpoint_pb2.Endpoint,
            {"url": url, "description": description, "event_types": event_types},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def list_endpoints(
        self,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Pager[webhooks_service_pb2.ListEndpointsResponse, endpoint_pb2.Endpoint]:
        """Lists the organization's endpoints, newest first.

        Needs the scope `webhooks:read`. Over REST: `GET /v1/webhooks/endpoints`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            page_size: How many to return at most. 0: 50; more than 200 is taken as 200.
            page_token: The `next_page_token` of the page before. Empty: the first page.
        """
        return self._caller.pages(
            _METHODS["ListEndpoints"],
            webhooks_service_pb2.ListEndpointsResponse,
            "endpoints",
            endpoint_pb2.Endpoint,
            {"page_size": page_size, "page_token": page_token},
            timeout=timeout,
            metadata=metadata,
        )

    def get_endpoint(
        self,
        *,
        endpoint_id: str,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> endpoint_pb2.Endpoint:
        """Reads one endpoint.

        Needs the scope `webhooks:read`. Over REST: `GET /v1/webhooks/endpoints/{endpoint_id}`.

        Args:
            endpoint_id: The endpoint.
        """
        return self._caller.unary(
            _METHODS["GetEndpoint"],
            endpoint_pb2.Endpoint,
            {"endpoint_id": endpoint_id},
            timeout=timeout,
            metadata=metadata,
        )

    def update_endpoint(
        self,
        *,
        endpoint: endpoint_pb2.Endpoint | Mapping[str, Any],
        update_mask: values.Mask | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> endpoint_pb2.Endpoint:
        """Changes the URL, the description, the event types or the state of an endpoint. With a
        new URL or new event types, it receives what the calling key may read.

        Needs the scope `webhooks:write`. Over REST: `PATCH
        /v1/webhooks/endpoints/{endpoint.endpoint_id}`.

        Args:
            endpoint: The endpoint: its id, and the new values of the fields to change.
            update_mask: The fields to change: `url`, `description`, `eventTypes`, `state`.
                Empty: those of the four that are set in the request.
        """
        return self._caller.unary(
            _METHODS["UpdateEndpoint"],
            endpoint_pb2.Endpoint,
            {"endpoint": endpoint, "update_mask": update_mask},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def delete_endpoint(
        self,
        *,
        endpoint_id: str,
        etag: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> empty_pb2.Empty:
        """Deletes an endpoint. What waits for it is cancelled; its delivery log stays for as long
        as any.

        Needs the scope `webhooks:write`. Over REST: `DELETE
        /v1/webhooks/endpoints/{endpoint_id}`.

        Args:
            endpoint_id: The endpoint.
            etag: The revision that was read. Empty: whatever it is.
        """
        return self._caller.unary(
            _METHODS["DeleteEndpoint"],
            empty_pb2.Empty,
            {"endpoint_id": endpoint_id, "etag": etag},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def rotate_secret(
        self,
        *,
        endpoint_id: str,
        overlap_seconds: int | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> endpoint_pb2.Endpoint:
        """Gives an endpoint a new secret and shows it, once. Events carry the signatures of both
        secrets until the overlap ends.

        Needs the scope `webhooks:write`. Over REST: `POST
        /v1/webhooks/endpoints/{endpoint_id}:rotateSecret`. The reply carries a secret that is
        shown once: a reply to a repeat of the call, also to an automatic one, is without it.

        Args:
            endpoint_id: The endpoint.
            overlap_seconds: For how many seconds the current secret signs as well. Absent:
                86,400, a day. 0: not at all. At most 604,800, a week.
        """
        return self._caller.unary(
            _METHODS["RotateSecret"],
            endpoint_pb2.Endpoint,
            {"endpoint_id": endpoint_id, "overlap_seconds": overlap_seconds},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def send_test(
        self,
        *,
        endpoint_id: str,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> delivery_pb2.Delivery:
        """Sends a `webhook.test` event to one endpoint, whatever it listens to, and returns its
        delivery, which ListDeliveries shows the end of.

        Needs the scope `webhooks:write`. Over REST: `POST
        /v1/webhooks/endpoints/{endpoint_id}:sendTest`.

        Args:
            endpoint_id: The endpoint. It must be enabled.
        """
        return self._caller.unary(
            _METHODS["SendTest"],
            delivery_pb2.Delivery,
            {"endpoint_id": endpoint_id},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def list_deliveries(
        self,
        *,
        endpoint_id: str | None = None,
        event_id: str | None = None,
        event_type: str | None = None,
        state: Literal["PENDING", "SUCCEEDED", "FAILED", "CANCELLED"]
        | delivery_pb2.Delivery.State.ValueType
        | None = None,
        created_after_time: values.Time | None = None,
        created_before_time: values.Time | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Pager[webhooks_service_pb2.ListDeliveriesResponse, delivery_pb2.Delivery]:
        """Lists the organization's deliveries, newest first. They are kept for 30 days after their
        end.

        Needs the scope `webhooks:read`. Over REST: `GET /v1/webhooks/deliveries`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            endpoint_id: Those to this endpoint. Empty: to all.
            event_id: Those of this event. Empty: of all.
            event_type: Those of this event type. Empty: of all.
            state: Those in this state. STATE_UNSPECIFIED: in any.
            created_after_time: Those made at or after this time.
            created_before_time: Those made before this time.
            page_size: How many to return at most. 0: 50; more than 200 is taken as 200.
            page_token: The `next_page_token` of the page before. Empty: the first page.
        """
        return self._caller.pages(
            _METHODS["ListDeliveries"],
            webhooks_service_pb2.ListDeliveriesResponse,
            "deliveries",
            delivery_pb2.Delivery,
            {
                "endpoint_id": endpoint_id,
                "event_id": event_id,
                "event_type": event_type,
                "state": state,
                "created_after_time": created_after_time,
                "created_before_time": created_before_time,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    def redeliver(
        self,
        *,
        delivery_id: str,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> delivery_pb2.Delivery:
        """Sends a delivery again, now, with the same event id. A pending one is only pulled
        forward.

        Needs the scope `webhooks:write`. Over REST: `POST
        /v1/webhooks/deliveries/{delivery_id}:redeliver`.

        Args:
            delivery_id: The delivery. Its endpoint must be enabled.
        """
        return self._caller.unary(
            _METHODS["Redeliver"],
            delivery_pb2.Delivery,
            {"delivery_id": delivery_id},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def recover_endpoint(
        self,
        *,
        endpoint_id: str,
        since: values.Time,
        until: values.Time | None = None,
        validate_only: bool | None = None,
        page_token: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> webhooks_service_pb2.RecoverEndpointResponse:
        """Queues the events of a time for an endpoint that has neither received them nor has them
        waiting: after an outage, or to fill a new receiver with what its endpoint's types were
        not set for. Events from before the endpoint was made stay out. A repeat queues nothing
        twice. A call looks at 1,000 events and gives a token for those that follow.

        Needs the scope `webhooks:write`. Over REST: `POST
        /v1/webhooks/endpoints/{endpoint_id}:recover`.

        Args:
            endpoint_id: The endpoint. It must be enabled.
            since: The events that happened at or after this time. Not before the earliest that
                is kept.
            until: The events that happened before this time, later than `since`. Absent: all
                until now.
            validate_only: True: only count, and queue nothing.
            page_token: The `next_page_token` of the call before, with the same times. Empty:
                from the first event.
        """
        return self._caller.unary(
            _METHODS["RecoverEndpoint"],
            webhooks_service_pb2.RecoverEndpointResponse,
            {
                "endpoint_id": endpoint_id,
                "since": since,
                "until": until,
                "validate_only": validate_only,
                "page_token": page_token,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def list_events(
        self,
        *,
        event_type: str | None = None,
        since: values.Time | None = None,
        until: values.Time | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Pager[webhooks_service_pb2.ListEventsResponse, event_pb2.Event]:
        """Lists the organization's events, newest first, whether or not an endpoint received them.
        They are kept for 30 days (a deployment may choose). The key sees what an endpoint that
        it made would receive: events of its scopes, and of the employers of its grant. Test
        events aren't listed.

        Needs the scope `webhooks:read`. Over REST: `GET /v1/webhooks/events`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            event_type: Those of this type. Empty: of all.
            since: Those that happened at or after this time. Absent: since any.
            until: Those that happened before this time. Absent: until now.
            page_size: How many to return at most. 0: 50; more than 200 is taken as 200.
            page_token: The `next_page_token` of the page before. Empty: the first page.
        """
        return self._caller.pages(
            _METHODS["ListEvents"],
            webhooks_service_pb2.ListEventsResponse,
            "events",
            event_pb2.Event,
            {
                "event_type": event_type,
                "since": since,
                "until": until,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    def get_event(
        self,
        *,
        event_id: str,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> event_pb2.Event:
        """Reads one event.

        Needs the scope `webhooks:read`. Over REST: `GET /v1/webhooks/events/{event_id}`.

        Args:
            event_id: The event's id, `evt_` and letters and digits, equal to the header
                `webhook-id`.
        """
        return self._caller.unary(
            _METHODS["GetEvent"],
            event_pb2.Event,
            {"event_id": event_id},
            timeout=timeout,
            metadata=metadata,
        )

    def watch_events(
        self,
        *,
        cursor: str | None = None,
        event_types: Iterable[str] | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Stream[event_pb2.WatchedEvent]:
        """Streams events as they happen, for a receiver without a public address. Messages come
        until the caller goes; reconnect with the last cursor: no event that is still kept is
        missed between two connections. The key hears what ListEvents shows it.

        Needs the scope `webhooks:read`. Over REST: `GET /v1/webhooks/events:watch`.

        Args:
            cursor: The cursor of the last message heard. Empty: from now on.
            event_types: Only events of these types. Empty: of all.
        """
        return self._caller.stream(
            _METHODS["WatchEvents"],
            event_pb2.WatchedEvent,
            {"cursor": cursor, "event_types": event_types},
            timeout=timeout,
            metadata=metadata,
        )


class AsyncWebhooks:
    """Events out, signed by Standard Webhooks 1.0. The environment is the key's."""

    __slots__ = ("_caller",)

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def create_endpoint(
        self,
        *,
        url: str,
        description: str | None = None,
        event_types: Iterable[str] | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> endpoint_pb2.Endpoint:
        """Makes an endpoint and shows its secret, once.

        Needs the scope `webhooks:write`. Over REST: `POST /v1/webhooks/endpoints`. The reply
        carries a secret that is shown once: a reply to a repeat of the call, also to an
        automatic one, is without it.

        Args:
            url: Where to post events. See Endpoint.
            description: A note for people.
            event_types: The event types to send. Empty: all that the key may read.
        """
        return await self._caller.unary(
            _METHODS["CreateEndpoint"],
            endpoint_pb2.Endpoint,
            {"url": url, "description": description, "event_types": event_types},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def list_endpoints(
        self,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> AsyncPager[webhooks_service_pb2.ListEndpointsResponse, endpoint_pb2.Endpoint]:
        """Lists the organization's endpoints, newest first.

        Needs the scope `webhooks:read`. Over REST: `GET /v1/webhooks/endpoints`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            page_size: How many to return at most. 0: 50; more than 200 is taken as 200.
            page_token: The `next_page_token` of the page before. Empty: the first page.
        """
        return self._caller.pages(
            _METHODS["ListEndpoints"],
            webhooks_service_pb2.ListEndpointsResponse,
            "endpoints",
            endpoint_pb2.Endpoint,
            {"page_size": page_size, "page_token": page_token},
            timeout=timeout,
            metadata=metadata,
        )

    async def get_endpoint(
        self,
        *,
        endpoint_id: str,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> endpoint_pb2.Endpoint:
        """Reads one endpoint.

        Needs the scope `webhooks:read`. Over REST: `GET /v1/webhooks/endpoints/{endpoint_id}`.

        Args:
            endpoint_id: The endpoint.
        """
        return await self._caller.unary(
            _METHODS["GetEndpoint"],
            endpoint_pb2.Endpoint,
            {"endpoint_id": endpoint_id},
            timeout=timeout,
            metadata=metadata,
        )

    async def update_endpoint(
        self,
        *,
        endpoint: endpoint_pb2.Endpoint | Mapping[str, Any],
        update_mask: values.Mask | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> endpoint_pb2.Endpoint:
        """Changes the URL, the description, the event types or the state of an endpoint. With a
        new URL or new event types, it receives what the calling key may read.

        Needs the scope `webhooks:write`. Over REST: `PATCH
        /v1/webhooks/endpoints/{endpoint.endpoint_id}`.

        Args:
            endpoint: The endpoint: its id, and the new values of the fields to change.
            update_mask: The fields to change: `url`, `description`, `eventTypes`, `state`.
                Empty: those of the four that are set in the request.
        """
        return await self._caller.unary(
            _METHODS["UpdateEndpoint"],
            endpoint_pb2.Endpoint,
            {"endpoint": endpoint, "update_mask": update_mask},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    async def delete_endpoint(
        self,
        *,
        endpoint_id: str,
        etag: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> empty_pb2.Empty:
        """Deletes an endpoint. What waits for it is cancelled; its delivery log stays for as long
        as any.

        Needs the scope `webhooks:write`. Over REST: `DELETE
        /v1/webhooks/endpoints/{endpoint_id}`.

        Args:
            endpoint_id: The endpoint.
            etag: The revision that was read. Empty: whatever it is.
        """
        return await self._caller.unary(
            _METHODS["DeleteEndpoint"],
            empty_pb2.Empty,
            {"endpoint_id": endpoint_id, "etag": etag},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    async def rotate_secret(
        self,
        *,
        endpoint_id: str,
        overlap_seconds: int | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> endpoint_pb2.Endpoint:
        """Gives an endpoint a new secret and shows it, once. Events carry the signatures of both
        secrets until the overlap ends.

        Needs the scope `webhooks:write`. Over REST: `POST
        /v1/webhooks/endpoints/{endpoint_id}:rotateSecret`. The reply carries a secret that is
        shown once: a reply to a repeat of the call, also to an automatic one, is without it.

        Args:
            endpoint_id: The endpoint.
            overlap_seconds: For how many seconds the current secret signs as well. Absent:
                86,400, a day. 0: not at all. At most 604,800, a week.
        """
        return await self._caller.unary(
            _METHODS["RotateSecret"],
            endpoint_pb2.Endpoint,
            {"endpoint_id": endpoint_id, "overlap_seconds": overlap_seconds},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    async def send_test(
        self,
        *,
        endpoint_id: str,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> delivery_pb2.Delivery:
        """Sends a `webhook.test` event to one endpoint, whatever it listens to, and returns its
        delivery, which ListDeliveries shows the end of.

        Needs the scope `webhooks:write`. Over REST: `POST
        /v1/webhooks/endpoints/{endpoint_id}:sendTest`.

        Args:
            endpoint_id: The endpoint. It must be enabled.
        """
        return await self._caller.unary(
            _METHODS["SendTest"],
            delivery_pb2.Delivery,
            {"endpoint_id": endpoint_id},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def list_deliveries(
        self,
        *,
        endpoint_id: str | None = None,
        event_id: str | None = None,
        event_type: str | None = None,
        state: Literal["PENDING", "SUCCEEDED", "FAILED", "CANCELLED"]
        | delivery_pb2.Delivery.State.ValueType
        | None = None,
        created_after_time: values.Time | None = None,
        created_before_time: values.Time | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> AsyncPager[webhooks_service_pb2.ListDeliveriesResponse, delivery_pb2.Delivery]:
        """Lists the organization's deliveries, newest first. They are kept for 30 days after their
        end.

        Needs the scope `webhooks:read`. Over REST: `GET /v1/webhooks/deliveries`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            endpoint_id: Those to this endpoint. Empty: to all.
            event_id: Those of this event. Empty: of all.
            event_type: Those of this event type. Empty: of all.
            state: Those in this state. STATE_UNSPECIFIED: in any.
            created_after_time: Those made at or after this time.
            created_before_time: Those made before this time.
            page_size: How many to return at most. 0: 50; more than 200 is taken as 200.
            page_token: The `next_page_token` of the page before. Empty: the first page.
        """
        return self._caller.pages(
            _METHODS["ListDeliveries"],
            webhooks_service_pb2.ListDeliveriesResponse,
            "deliveries",
            delivery_pb2.Delivery,
            {
                "endpoint_id": endpoint_id,
                "event_id": event_id,
                "event_type": event_type,
                "state": state,
                "created_after_time": created_after_time,
                "created_before_time": created_before_time,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    async def redeliver(
        self,
        *,
        delivery_id: str,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> delivery_pb2.Delivery:
        """Sends a delivery again, now, with the same event id. A pending one is only pulled
        forward.

        Needs the scope `webhooks:write`. Over REST: `POST
        /v1/webhooks/deliveries/{delivery_id}:redeliver`.

        Args:
            delivery_id: The delivery. Its endpoint must be enabled.
        """
        return await self._caller.unary(
            _METHODS["Redeliver"],
            delivery_pb2.Delivery,
            {"delivery_id": delivery_id},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    async def recover_endpoint(
        self,
        *,
        endpoint_id: str,
        since: values.Time,
        until: values.Time | None = None,
        validate_only: bool | None = None,
        page_token: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> webhooks_service_pb2.RecoverEndpointResponse:
        """Queues the events of a time for an endpoint that has neither received them nor has them
        waiting: after an outage, or to fill a new receiver with what its endpoint's types were
        not set for. Events from before the endpoint was made stay out. A repeat queues nothing
        twice. A call looks at 1,000 events and gives a token for those that follow.

        Needs the scope `webhooks:write`. Over REST: `POST
        /v1/webhooks/endpoints/{endpoint_id}:recover`.

        Args:
            endpoint_id: The endpoint. It must be enabled.
            since: The events that happened at or after this time. Not before the earliest that
                is kept.
            until: The events that happened before this time, later than `since`. Absent: all
                until now.
            validate_only: True: only count, and queue nothing.
            page_token: The `next_page_token` of the call before, with the same times. Empty:
                from the first event.
        """
        return await self._caller.unary(
            _METHODS["RecoverEndpoint"],
            webhooks_service_pb2.RecoverEndpointResponse,
            {
                "endpoint_id": endpoint_id,
                "since": since,
                "until": until,
                "validate_only": validate_only,
                "page_token": page_token,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def list_events(
        self,
        *,
        event_type: str | None = None,
        since: values.Time | None = None,
        until: values.Time | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> AsyncPager[webhooks_service_pb2.ListEventsResponse, event_pb2.Event]:
        """Lists the organization's events, newest first, whether or not an endpoint received them.
        They are kept for 30 days (a deployment may choose). The key sees what an endpoint that
        it made would receive: events of its scopes, and of the employers of its grant. Test
        events aren't listed.

        Needs the scope `webhooks:read`. Over REST: `GET /v1/webhooks/events`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            event_type: Those of this type. Empty: of all.
            since: Those that happened at or after this time. Absent: since any.
            until: Those that happened before this time. Absent: until now.
            page_size: How many to return at most. 0: 50; more than 200 is taken as 200.
            page_token: The `next_page_token` of the page before. Empty: the first page.
        """
        return self._caller.pages(
            _METHODS["ListEvents"],
            webhooks_service_pb2.ListEventsResponse,
            "events",
            event_pb2.Event,
            {
                "event_type": event_type,
                "since": since,
                "until": until,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    async def get_event(
        self,
        *,
        event_id: str,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> event_pb2.Event:
        """Reads one event.

        Needs the scope `webhooks:read`. Over REST: `GET /v1/webhooks/events/{event_id}`.

        Args:
            event_id: The event's id, `evt_` and letters and digits, equal to the header
                `webhook-id`.
        """
        return await self._caller.unary(
            _METHODS["GetEvent"],
            event_pb2.Event,
            {"event_id": event_id},
            timeout=timeout,
            metadata=metadata,
        )

    def watch_events(
        self,
        *,
        cursor: str | None = None,
        event_types: Iterable[str] | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> AsyncStream[event_pb2.WatchedEvent]:
        """Streams events as they happen, for a receiver without a public address. Messages come
        until the caller goes; reconnect with the last cursor: no event that is still kept is
        missed between two connections. The key hears what ListEvents shows it.

        Needs the scope `webhooks:read`. Over REST: `GET /v1/webhooks/events:watch`.

        Args:
            cursor: The cursor of the last message heard. Empty: from now on.
            event_types: Only events of these types. Empty: of all.
        """
        return self._caller.stream(
            _METHODS["WatchEvents"],
            event_pb2.WatchedEvent,
            {"cursor": cursor, "event_types": event_types},
            timeout=timeout,
            metadata=metadata,
        )
