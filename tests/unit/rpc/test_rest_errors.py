"""The gateway's errors are rendered under the product's reasons."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from google.rpc.code_pb2 import Code
from google.rpc.status_pb2 import Status

from httprule import errors
from httprule import http_errors as refusals
from httprule.failures import HttpError, RpcFailure, failure_of
from httprule.headers import RequestHead
from xaigh_server.rpc.docs_links import DocsLinks
from xaigh_server.rpc.error_reasons import read_reasons
from xaigh_server.rpc.interceptors.errors import Failures
from xaigh_server.rpc.rest_errors import HTTP_REASONS, REASONS, RestErrors

KNOWN = read_reasons()
DOCS = "https://docs.example/api"


def render(failure: Any, accept: str = "*/*") -> tuple[int, dict[str, Any]]:
    """Status and JSON of a failure that never became a call."""
    ids = (f"req_{number}" for number in itertools.count(1))
    failures = Failures(KNOWN, DocsLinks(DOCS))
    renderer = RestErrors(KNOWN, failures, new_request_id=ids.__next__, links=DocsLinks(DOCS))
    head = RequestHead(http_method="GET", path="/", peer="192.0.2.1", headers={"accept": accept})
    page = renderer.render(head, failure)
    return page.status, json.loads(page.body)


def test_every_reason_of_the_gateway_has_one_of_ours() -> None:
    """A new constant can't be forgotten here, nor a reason that doesn't exist be answered."""
    constants = {
        value for name, value in vars(errors).items() if name.isupper() and isinstance(value, str)
    }
    assert constants == set(REASONS)
    assert {*REASONS.values(), *HTTP_REASONS.values()} <= set(KNOWN)


ALL_REFUSALS = [
    (refusals.malformed("x"), 400, "invalid_argument", "HTTP_MALFORMED"),
    (refusals.malformed("x", "INVALID_TIMEOUT"), 400, "invalid_argument", "HEADER_INVALID"),
    (refusals.malformed("x", "NO_ETAG"), 400, "invalid_argument", "HEADER_INVALID"),
    (refusals.malformed("x", "MALFORMED_GZIP"), 400, "invalid_argument", "BODY_MALFORMED"),
    (refusals.route_unknown(), 404, "not_found", "ROUTE_NOT_FOUND"),
    (refusals.method_not_allowed(("GET",)), 405, "method_not_allowed", "METHOD_NOT_ALLOWED"),
    (refusals.not_acceptable(("a/b",)), 406, "not_acceptable", "NOT_ACCEPTABLE"),
    (refusals.request_timeout("x"), 408, "request_timeout", "REQUEST_TIMEOUT"),
    (refusals.length_required(), 411, "length_required", "LENGTH_REQUIRED"),
    (refusals.payload_too_large(1), 413, "payload_too_large", "PAYLOAD_TOO_LARGE"),
    (refusals.coding_unsupported(), 415, "unsupported_media_type", "UNSUPPORTED_MEDIA_TYPE"),
    (refusals.header_too_large("x"), 431, "header_too_large", "HEADER_TOO_LARGE"),
    (refusals.transfer_coding_unsupported(), 501, "unimplemented", "UNIMPLEMENTED"),
    (refusals.overloaded(), 503, "unavailable", "UNAVAILABLE"),
]


@pytest.mark.parametrize(("refusal", "status", "code", "reason"), ALL_REFUSALS)
def test_refusals_of_the_http_layer(
    refusal: HttpError, status: int, code: str, reason: str
) -> None:
    """Each keeps its HTTP status under a code and a reason of the lists."""
    found, body = render(refusal)
    assert (found, body["error"]["code"], body["error"]["reason"]) == (status, code, reason)


def test_an_error_that_nobody_typed_is_internal_without_its_text() -> None:
    """Not UNKNOWN: the page has one answer for what we didn't foresee."""
    status, body = render(failure_of(RuntimeError("password=hunter2")))
    error = body["error"]
    assert (status, error["code"], error["status"]) == (500, "internal", "INTERNAL")
    assert error["reason"] == "INTERNAL" and "hunter2" not in json.dumps(body)


def test_a_malformed_path_says_so() -> None:
    """It fails before any method is known."""
    fault = errors.InvalidArgument.of("", "holds a malformed escape", errors.MALFORMED_ESCAPE)
    status, body = render(failure_of(fault))
    assert (status, body["error"]["reason"]) == (400, "PATH_INVALID")
    assert body["error"]["status"] == Code.Name(Code.INVALID_ARGUMENT)


def test_the_type_of_a_problem_leads_to_the_page_of_errors() -> None:
    """RFC 9457 wants a URI that explains; ours does."""
    _, body = render(refusals.route_unknown(), "application/problem+json")
    assert body["type"] == f"{DOCS}/errors#route_not_found"


@pytest.mark.parametrize(
    ("code", "status", "reason"),
    [
        (Code.CANCELLED, 499, "CANCELLED"),
        (Code.DEADLINE_EXCEEDED, 504, "DEADLINE_EXCEEDED"),
        (Code.UNAVAILABLE, 503, "SHUTTING_DOWN"),
    ],
)
def test_a_call_that_the_gateway_ends_has_the_reason_of_its_code(
    code: int, status: int, reason: str
) -> None:
    """The client went away, the deadline passed, or the gateway is closing."""
    found, body = render(RpcFailure(Status(code=code, message="x")))
    assert (found, body["error"]["reason"]) == (status, reason)
