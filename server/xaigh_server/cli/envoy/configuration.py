"""Envoy configuration for several servers behind one port: TLS, gRPC and REST.

REST goes to the REST port of the servers, which answer as they do without Envoy. With `descriptors`
Envoy transcodes REST into gRPC instead, save for what its transcoder can't do: pages, streams in
both directions, and the methods that browsers may call.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from xaigh_server.cli.envoy.local_replies import local_replies
from xaigh_server.cli.envoy.routes import NEVER_BEGAN, hidden_routes, rest_routes, retries
from xaigh_server.rpc.services import SERVICES

Json = dict[str, Any]

# The servers end a call after 60 s by themselves, with an error in their own shape.
CALL_SECONDS = 65
# The transcoder buffers a message as a whole, and a batch of 200 records is one message.
_BUFFER_BYTES = 32 * 1024 * 1024
_TYPE = "type.googleapis.com/envoy."
_HTTP_FILTER = "envoy.filters.http."


class Address(NamedTuple):
    """Host and port."""

    host: str
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvoyFrontConfig:
    """Addresses of Envoy and of the servers. Paths name files that Envoy reads; empty: none."""

    listen: Address
    rest: tuple[Address, ...]
    grpc: tuple[Address, ...]
    tls_cert: str = ""
    tls_key: str = ""
    descriptors: str = ""


def make_configuration(front: EnvoyFrontConfig) -> Json:
    """Returns the bootstrap configuration for `envoy -c`."""
    return {
        "static_resources": {
            "listeners": [_listener(front)],
            "clusters": [
                _cluster("rest", front.rest, _http1(), _readiness()),
                _cluster("grpc", front.grpc, _http2(), {"grpc_health_check": {}}),
            ],
        }
    }


def _listener(front: EnvoyFrontConfig) -> Json:
    chain: Json = {"filters": [_named("envoy.filters.network.http_connection_manager",
                                      _manager(front))]}  # fmt: skip
    if front.tls_cert:
        chain["transport_socket"] = _named("envoy.transport_sockets.tls", _downstream_tls(front))
    listener: Json = {
        "name": "api",
        "address": _socket(front.listen),
        "filter_chains": [chain],
    }
    if front.descriptors:
        listener["per_connection_buffer_limit_bytes"] = _BUFFER_BYTES
    return listener


def _manager(front: EnvoyFrontConfig) -> Json:
    router = _named(f"{_HTTP_FILTER}router", _typed("extensions.filters.http.router.v3.Router"))
    filters = [_transcoder(front.descriptors)] if front.descriptors else []
    return _typed(
        "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        stat_prefix="api",
        codec_type="AUTO",
        # The servers read the caller's address from X-Forwarded-For, which Envoy appends to.
        use_remote_address=True,
        # The servers make the request id and keep the caller's own beside it.
        generate_request_id=False,
        preserve_external_request_id=True,
        # The servers match the path as it was sent: an escaped slash is data.
        normalize_path=False,
        merge_slashes=False,
        path_with_escaped_slashes_action="KEEP_UNCHANGED",
        server_header_transformation="PASS_THROUGH",
        max_request_headers_kb=32,
        request_headers_timeout="10s",
        stream_idle_timeout="300s",
        common_http_protocol_options={
            "idle_timeout": "3600s",
            "headers_with_underscores_action": "REJECT_REQUEST",
        },
        http2_protocol_options={
            "max_concurrent_streams": 100,
            "initial_stream_window_size": 256 * 1024,
            "initial_connection_window_size": 1024 * 1024,
        },
        local_reply_config=local_replies(is_transcoded=bool(front.descriptors)),
        route_config={
            "virtual_hosts": [{"name": "api", "domains": ["*"], "routes": _routes(front)}]
        },
        http_filters=[*filters, router],
    )


def _routes(front: EnvoyFrontConfig) -> list[Json]:
    grpc = {
        "match": {"prefix": "/", "grpc": {}},
        "route": {
            "cluster": "grpc",
            "timeout": "0s",
            "idle_timeout": "0s",
            # The caller's deadline is the limit; a stream may have none.
            "max_stream_duration": {"grpc_timeout_header_max": "0s"},
            # Envoy can't see which calls have side effects: retry only calls that never began.
            "retry_policy": retries(NEVER_BEGAN),
        },
    }
    return [
        *hidden_routes(),
        grpc,
        *rest_routes(CALL_SECONDS, is_transcoded=bool(front.descriptors)),
    ]


def _transcoder(descriptors: str) -> Json:
    return _named(
        f"{_HTTP_FILTER}grpc_json_transcoder",
        _typed(
            "extensions.filters.http.grpc_json_transcoder.v3.GrpcJsonTranscoder",
            proto_descriptor=descriptors,
            services=[service.full_name for service in SERVICES],
            # The options that are nearest to httprule's behaviour.
            convert_grpc_status=True,
            query_param_unescape_plus=True,
            request_validation_options={
                "reject_unknown_query_parameters": True,
                "reject_binding_body_field_collisions": True,
            },
            print_options={"stream_newline_delimited": True},
        ),
    )


_OUTLIERS: Json = {
    # Failed connections count against a server's health, errors of the application don't.
    "enforcing_consecutive_5xx": 0,
    "consecutive_gateway_failure": 5,
    "enforcing_consecutive_gateway_failure": 100,
    "split_external_local_origin_errors": True,
    "consecutive_local_origin_failure": 3,
    "base_ejection_time": "30s",
    "max_ejection_percent": 50,
}


def _cluster(name: str, at: Iterable[Address], protocol: Json, check: Json) -> Json:
    options = "extensions.upstreams.http.v3.HttpProtocolOptions"
    return {
        "name": name,
        "type": "STRICT_DNS",
        "connect_timeout": "2s",
        "lb_policy": "LEAST_REQUEST",
        "per_connection_buffer_limit_bytes": _BUFFER_BYTES,
        "typed_extension_protocol_options": {
            f"envoy.{options}": _typed(options, explicit_http_config=protocol)
        },
        "health_checks": [
            {
                "timeout": "2s",
                # Shorter than `drain_delay_seconds`: a server that stops gets no calls by then.
                "interval": "1s",
                "no_traffic_interval": "1s",
                "unhealthy_threshold": 2,
                "healthy_threshold": 1,
                **check,
            }
        ],
        "outlier_detection": _OUTLIERS,
        "load_assignment": {
            "cluster_name": name,
            "endpoints": [
                {"lb_endpoints": [{"endpoint": {"address": _socket(each)}} for each in at]}
            ],
        },
    }


def _readiness() -> Json:
    return {"http_health_check": {"path": "/readyz"}}


def _http1() -> Json:
    return {"http_protocol_options": {}}


def _http2() -> Json:
    return {"http2_protocol_options": {"connection_keepalive": {"interval": "30s",
                                                                "timeout": "10s"}}}  # fmt: skip


def _downstream_tls(front: EnvoyFrontConfig) -> Json:
    return _typed(
        "extensions.transport_sockets.tls.v3.DownstreamTlsContext",
        common_tls_context={
            "alpn_protocols": ["h2", "http/1.1"],
            "tls_params": {"tls_minimum_protocol_version": "TLSv1_2"},
            "tls_certificates": [
                {
                    "certificate_chain": {"filename": front.tls_cert},
                    "private_key": {"filename": front.tls_key},
                }
            ],
        },
    )


def _named(name: str, config: Json) -> Json:
    return {"name": name, "typed_config": config}


def _typed(kind: str, **members: Any) -> Json:
    return {"@type": _TYPE + kind, **members}


def _socket(address: Address) -> Json:
    return {"socket_address": {"address": address.host, "port_value": address.port}}
