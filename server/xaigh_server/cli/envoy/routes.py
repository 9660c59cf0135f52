"""Envoy routes for REST: streams have no timeout, and reads may be retried.

Routes of the API that need neither share one entry.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import MethodDescriptor

from httprule.http_rules import Rule, rules_of
from httprule.template import DEEP, STAR
from xaigh.options.v1 import options_pb2
from xaigh_server.rpc.services import SERVICES

Json = dict[str, Any]

_NO_TRANSCODER: Json = {
    "envoy.filters.http.grpc_json_transcoder": {
        "@type": "type.googleapis.com/"
        "envoy.extensions.filters.http.grpc_json_transcoder.v3.GrpcJsonTranscoder",
        # No services: nothing is transcoded.
        "proto_descriptor_bin": "",
    }
}
NEVER_BEGAN = "connect-failure,refused-stream"
"""Conditions under which every call may be retried: no server has seen it."""


def hidden_routes() -> list[Json]:
    """Returns routes that answer 404 for what only the people who run the servers need."""
    paths = ({"path": "/metrics"}, {"path": "/readyz"}, {"prefix": "/grpc.reflection."})
    return [{"match": path, "direct_response": {"status": 404}} for path in paths]


def rest_routes(call_seconds: int, *, is_transcoded: bool) -> list[Json]:
    """Returns all routes to the REST port of the servers, the specific ones first."""
    routes = [
        _route(
            _match_of(rule), 0 if is_stream else call_seconds, retry_on=_retry_on(rule),
            direct=is_transcoded,
        )
        for rule, is_stream, is_direct in _particular()
        if is_stream or (is_transcoded and is_direct)
    ]  # fmt: skip
    reads = {
        "prefix": "/",
        "headers": [{"name": ":method", "string_match": {"safe_regex": {"regex": "GET|HEAD"}}}],
    }
    again = f"{NEVER_BEGAN},reset,gateway-error"
    return [
        *routes,
        _route(reads, call_seconds, retry_on=again),
        _route({"prefix": "/"}, call_seconds, retry_on=NEVER_BEGAN),
    ]


def retries(retry_on: str) -> Json:
    """Returns a policy of two retries, on servers that weren't tried yet."""
    return {
        "retry_on": retry_on,
        "num_retries": 2,
        "host_selection_retry_max_attempts": 5,
        "retry_host_predicate": [
            {
                "name": "envoy.retry_host_predicates.previous_hosts",
                "typed_config": {
                    "@type": "type.googleapis.com/envoy.extensions.retry.host."
                    "previous_hosts.v3.PreviousHostsPredicate"
                },
            }
        ],
    }


def _particular() -> Iterator[tuple[Rule, bool, bool]]:
    """Yields each rule, whether it streams, and whether Envoy's transcoder can't serve it."""
    for service in SERVICES:
        methods = {f"/{service.full_name}/{method.name}": method for method in service.methods}
        for rule in rules_of([service]):
            method = methods[rule.name]
            is_both = method.client_streaming and method.server_streaming
            is_stream = method.client_streaming or method.server_streaming
            yield rule, is_stream, is_both or _is_publishable(method)


def _is_publishable(method: MethodDescriptor) -> bool:
    """Returns whether browsers may call the method: it needs the CORS headers of httprule."""
    declared: options_pb2.Rule = method.GetOptions().Extensions[options_pb2.rule]
    return declared.publishable


def _retry_on(rule: Rule) -> str:
    return f"{NEVER_BEGAN},reset" if rule.http_method == "GET" else NEVER_BEGAN


def _match_of(rule: Rule) -> Json:
    names = {STAR: "[^/]+", DEEP: ".*"}
    path = "/".join(names.get(part) or re.escape(part) for part in rule.template.segments)
    verb = "" if rule.template.verb is None else f":{re.escape(rule.template.verb)}"
    return {
        "safe_regex": {"regex": f"/{path}{verb}"},
        "headers": [{"name": ":method", "string_match": {"exact": rule.http_method}}],
    }


def _route(match: Json, seconds: int, *, retry_on: str, direct: bool = False) -> Json:
    route: Json = {
        "match": match,
        "route": {
            "cluster": "rest",
            "timeout": f"{seconds}s",
            "retry_policy": retries(retry_on),
        },
    }
    if not seconds:
        route["route"]["idle_timeout"] = "0s"
    if direct:
        route["typed_per_filter_config"] = _NO_TRANSCODER
    return route
