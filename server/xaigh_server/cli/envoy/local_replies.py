"""Envoy's own error replies for REST, in the error shape of the API.

gRPC calls keep Envoy's answer: a status in trailers has no body to shape.
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

# status, code, gRPC code, reason, message
_REPLIES = (
    (404, "not_found", "NOT_FOUND", "ROUTE_NOT_FOUND", "No route matches this path."),
    (408, "request_timeout", "DEADLINE_EXCEEDED", "REQUEST_TIMEOUT",
     "The request did not arrive in time."),
    (413, "payload_too_large", "RESOURCE_EXHAUSTED", "PAYLOAD_TOO_LARGE",
     "The request body is too large."),
    (431, "header_too_large", "RESOURCE_EXHAUSTED", "HEADER_TOO_LARGE",
     "The request's headers are too large."),
    (502, "unavailable", "UNAVAILABLE", "UNAVAILABLE", "The service cannot answer now."),
    (503, "unavailable", "UNAVAILABLE", "UNAVAILABLE", "The service cannot answer now."),
    (504, "deadline_exceeded", "DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED",
     "The deadline of the call has passed."),
)  # fmt: skip


# The transcoder makes a request gRPC before it checks the body, and keeps the path in a header.
_IS_REST = {
    "or_filter": {
        "filters": [
            {
                "header_filter": {
                    "header": {
                        "name": "content-type",
                        "string_match": {"prefix": "application/grpc"},
                        "treat_missing_header_as_empty": True,
                        "invert_match": True,
                    }
                }
            },
            {"header_filter": {"header": {"name": "x-envoy-original-path", "present_match": True}}},
        ]
    }
}


def _mapper(status: int, code: str, grpc_code: str, reason: str, message: str) -> Json:
    is_status = {
        "status_code_filter": {
            "comparison": {
                "op": "EQ",
                "value": {"default_value": status, "runtime_key": f"xaigh.local_reply.{status}"},
            }
        }
    }
    error = {
        "code": code,
        "status": grpc_code,
        "reason": reason,
        "message": message,
        # No call reached a server, so there is no id.
        "requestId": "",
        "details": [],
    }
    return {
        "filter": {"and_filter": {"filters": [is_status, _IS_REST]}},
        "body_format_override": {"json_format": {"error": error}},
    }


def local_replies(*, is_transcoded: bool) -> Json:
    """Returns `local_reply_config`. A 400 of the transcoder is about a value, else about HTTP."""
    reason = "FIELD_INVALID" if is_transcoded else "HTTP_MALFORMED"
    bad = (400, "invalid_argument", "INVALID_ARGUMENT", reason, "%LOCAL_REPLY_BODY%")
    return {"mappers": [_mapper(*each) for each in (bad, *_REPLIES)]}
