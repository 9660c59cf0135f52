"""The words of the OpenAPI document that no comment of a proto says."""

from typing import Any

from google.rpc.code_pb2 import Code

JsonObject = dict[str, Any]

SUMMARY = "A manually reviewed gate to an API that touches real work."

DESCRIPTION = """\
Integrators post and read jobs, keep them in step with their applicant tracking system, and are told
of changes by webhooks. Access is reviewed by people: ask for it with
`POST /v1/developer/api-access/request`; a key is issued by hand once the review is done.

## Credentials
Send the key as `Authorization: Bearer …`. Secret keys (`sk`) are for servers and refused from
browsers; publishable keys (`pk`) reach the few methods that say so, from the origins listed on the
key. The prefix, `test_` or `live_`, selects the environment; there is one base URL for both.

## Requests
JSON in lowerCamelCase. 64-bit integers are strings, times RFC 3339 in UTC. Members and parameters
that no field has are refused by name. Fields that hold their default are left out of replies.
A body without a `Content-Type`, or with an empty one, is taken for JSON; any other type is 415.
Lists are paged with `pageSize` and `pageToken`; a page without `nextPageToken` is the last one.

## Writes
`Idempotency-Key` makes a write safe to repeat for a day at least: the repeat gets the same answer,
marked `Idempotent-Replayed`. The same key with another request to the same method is refused with
422. A key is of one method, of one organization (or operator, or address without a credential) and
of one environment: the same text elsewhere is another key. A failed call leaves its key free.

## Errors
Every error has one shape. Programs decide by `code`, a closed list, or by `reason`, an open one;
`message` is for people. `requestId` names the call to us, as `X-Request-Id` does on every reply.
Your own `X-Request-Id` (letters, digits, `.`, `_` and `-`, 128 at most) is kept beside it, in the
audit log and in sync events too, and comes back as `X-Client-Request-Id`; anything else is dropped.
With `Accept: application/problem+json` errors come as RFC 9457 describes them.

## Limits
`RateLimit` and `RateLimit-Policy` say how much is left; a refused call is told by `Retry-After`
when to come again. A window begins with the first call in it and ends as long after as the policy
says; then the next begins. So any span of a window's length holds at most twice its calls: a full
window's last ones and the next one's first.

`X-Request-Timeout` bounds a call from the caller's side.
"""

SECURITY_SCHEMES: JsonObject = {
    "secretKey": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "test_sk_… or live_sk_…",
        "description": "A secret key of an integrator, for servers only.",
    },
    "publishableKey": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "test_pk_… or live_pk_…",
        "description": "A publishable key, from the origins listed on it.",
    },
    "operatorCredential": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "xop_…",
        "description": "The credential of an operator or of an internal service.",
    },
    "statusToken": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Status-Token",
        "description": "Opens one ticket to whoever asked for it. Shown once, with the ticket.",
    },
}

_TEXT = {"type": "string"}


def _header(description: str, example: str) -> JsonObject:
    return {"description": description, "schema": _TEXT, "example": example}


HEADERS: JsonObject = {
    "X-Request-Id": _header("Our id of the call.", "req_01JQ8Z5N7W"),
    "X-Client-Request-Id": _header("Your own id of the call, as it is kept.", "planning-8841"),
    "RateLimit": _header(
        "What is left of the limit, and the seconds until its window ends.", '"standard";r=42;t=7'
    ),
    "RateLimit-Policy": _header("The limit and its window in seconds.", '"standard";q=60;w=60'),
    "Idempotent-Replayed": _header(
        "`true` where this is the answer to an earlier, equal request.", "true"
    ),
    "Retry-After": _header("Seconds to wait.", "7"),
    "WWW-Authenticate": _header("The challenge.", 'Bearer realm="xaigh", error="invalid_token"'),
    "Allow": _header("The methods that the path has.", "GET, HEAD"),
    "Deprecation": _header("Since when the key is being replaced.", "@1772438400"),
    "Sunset": _header("When the replaced key ends.", "Mon, 02 Mar 2026 09:00:00 GMT"),
}

_KEY_SCHEMA = {"type": "string", "minLength": 1, "maxLength": 257, "pattern": "^[!-~]+$"}
_SAFE_TO_REPEAT = (
    "Makes the call safe to repeat, for a day at least: the same request under the same key is "
    "answered as the first one was. Another request to the same method under that key is refused "
    "(`IDEMPOTENCY_KEY_REUSED`). Other methods, and the other environment, know nothing of it."
)
_KEY: JsonObject = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": _KEY_SCHEMA,
    "example": "7f6a1d0e-4c7b-4d9c-9c39-0d3f5b7a2e11",
}
PARAMETERS: JsonObject = {
    "RequestId": {
        "name": "X-Request-Id",
        "in": "header",
        "description": "The caller's own id of the call; kept beside ours.",
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,128}$"},
        "example": "planning-8841",
    },
    "IdempotencyKey": {**_KEY, "description": _SAFE_TO_REPEAT},
    "IdempotencyKeyRequired": {
        **_KEY,
        "description": f"Required. {_SAFE_TO_REPEAT}",
        "required": True,
    },
}

TITLES = {
    400: "The request is wrong, or the state does not allow it.",
    401: "The credential is missing or not valid.",
    403: "The credential does not allow this.",
    404: "There is no such resource, or it is not yours.",
    406: "No form of the reply is acceptable to the client.",
    408: "The request did not arrive in time.",
    409: "The request conflicts with the state, or with another request.",
    411: "The length of the body is missing.",
    413: "The body is too large.",
    415: "The body has a type that is not taken.",
    422: "The idempotency key was used with another request.",
    429: "Too many calls.",
    500: "Something went wrong here.",
    503: "The service cannot answer now.",
    504: "The call took longer than it may.",
}


def error_schemas(codes: list[str]) -> JsonObject:
    """The schemas of errors. `codes` is the closed list of `code`."""
    body: JsonObject = {
        "type": "object",
        "description": "Why a call was refused.",
        "properties": {
            "code": {"type": "string", "enum": codes, "description": "From a closed list."},
            "status": {"type": "string", "description": "The gRPC code by name."},
            "reason": {
                "type": "string",
                "pattern": "^[A-Z][A-Z0-9_]*$",
                "description": "From an open list; each response names those it has.",
            },
            "message": {"type": "string", "description": "One or more sentences for people."},
            "requestId": {"type": "string", "description": "Names the call."},
            "details": {
                "type": "array",
                "items": {"$ref": "#/components/schemas/ErrorDetail"},
                "description": "Facts for programs: `google.rpc` messages by `@type`.",
            },
        },
        "required": ["code", "status", "reason", "message", "requestId", "details"],
    }
    return {
        "Error": {
            "type": "object",
            "description": "An error.",
            "properties": {"error": {"$ref": "#/components/schemas/ErrorBody"}},
            "required": ["error"],
        },
        "ErrorBody": body,
        "ErrorDetail": {
            "type": "object",
            "description": "A `google.rpc` message: ErrorInfo, BadRequest, PreconditionFailure, "
            "QuotaFailure, RetryInfo, Help.",
            "properties": {"@type": {"type": "string"}},
            "required": ["@type"],
            "additionalProperties": True,
        },
        "Problem": _problem(body["properties"]),
    }


def _problem(error: JsonObject) -> JsonObject:
    own = {name: error[name] for name in ("code", "reason", "requestId", "details")}
    return {
        "type": "object",
        "description": "An error as RFC 9457 describes it.",
        "properties": {
            "type": {"type": "string", "format": "uri-reference"},
            "title": {"type": "string"},
            "status": {"type": "integer", "format": "int32"},
            "detail": {"type": "string"},
            **own,
        },
        "required": ["type", "title", "status", "detail", *own],
    }


def error_example(reason: str, code: str, grpc_code: int, message: str) -> JsonObject:
    """An error with this reason."""
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": "api.xaigh.com",
    }
    return {
        "error": {
            "code": code,
            "status": Code.Name(grpc_code),
            "reason": reason,
            "message": message,
            "requestId": "req_01JQ8Z5N7W",
            "details": [info],
        }
    }
