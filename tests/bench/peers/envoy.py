"""Envoy's transcoder before an empty handler: the configuration, written for one run."""

from __future__ import annotations

import json
from pathlib import Path

from xaigh_server.cli.descriptor_set import make_descriptor_set
from xaigh_server.rpc.services import SERVICES


def write(folder: Path, *, port: int, upstream: int) -> Path:
    """The files that Envoy reads. Returns the configuration's path."""
    descriptors = folder / "descriptors.bin"
    descriptors.write_bytes(make_descriptor_set().SerializeToString())
    kind = "type.googleapis.com/envoy.extensions.filters"
    transcoder = {
        "name": "envoy.filters.http.grpc_json_transcoder",
        "typed_config": {
            "@type": f"{kind}.http.grpc_json_transcoder.v3.GrpcJsonTranscoder",
            "proto_descriptor": str(descriptors),
            "services": [service.full_name for service in SERVICES],
        },
    }
    router = {
        "name": "envoy.filters.http.router",
        "typed_config": {"@type": f"{kind}.http.router.v3.Router"},
    }
    manager = {
        "name": "envoy.filters.network.http_connection_manager",
        "typed_config": {
            "@type": f"{kind}.network.http_connection_manager.v3.HttpConnectionManager",
            "stat_prefix": "bench",
            "route_config": {
                "virtual_hosts": [
                    {
                        "name": "all",
                        "domains": ["*"],
                        "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "upstream"}}],
                    }
                ]
            },
            "http_filters": [transcoder, router],
        },
    }
    cluster = {
        "name": "upstream",
        "type": "STATIC",
        "typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                "@type": "type.googleapis.com/"
                "envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
                "explicit_http_config": {"http2_protocol_options": {}},
            }
        },
        "load_assignment": {
            "cluster_name": "upstream",
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": _address(upstream)}}]}],
        },
    }
    configuration = {
        "static_resources": {
            "listeners": [{"address": _address(port), "filter_chains": [{"filters": [manager]}]}],
            "clusters": [cluster],
        }
    }
    path = folder / "envoy.json"
    path.write_text(json.dumps(configuration))
    return path


def _address(port: int) -> dict[str, object]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}
