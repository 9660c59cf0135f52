"""Codes, statuses and their JSON, and the renderer of errors."""

from __future__ import annotations

import json

import pytest
from google.protobuf import any_pb2
from google.rpc import error_details_pb2
from google.rpc.code_pb2 import Code
from google.rpc.status_pb2 import Status

from httprule import http_errors as http_errors
from httprule import status
from httprule.codec import Codec
from httprule.error_renderer import ErrorFormat, ErrorRenderer
from httprule.failures import RpcFailure
from httprule.headers import RequestHead

CODEC = Codec([], files=[any_pb2.DESCRIPTOR, error_details_pb2.DESCRIPTOR])
INFO = error_details_pb2.ErrorInfo(reason="R", domain="d")
HEAD = RequestHead(http_method="GET", path="/", peer="")
PROBLEM_HEAD = RequestHead(
    http_method="GET", path="/", peer="", headers={"accept": "application/problem+json"}
)


def _json(value: bytes) -> object:
    return json.loads(value)


def test_every_code_has_a_status() -> None:
    """The table is complete, and errors never look like successes."""
    assert set(status.HTTP_OF_CODE) == set(Code.values())
    assert [code for code, http in status.HTTP_OF_CODE.items() if http < 400] == [Code.OK]


@pytest.mark.parametrize(
    ("code", "http"), [(0, 200), (1, 499), (9, 400), (10, 409), (16, 401), (17, 500), (None, 503)]
)
def test_http_status(code: int | None, http: int) -> None:
    """A code that does not exist is 500, a backend without a word is 503."""
    assert status.http_status(code) == http


def test_no_details_no_member() -> None:
    """The bare form leaves empty details out."""
    text = status.status_to_json(Status(code=5, message="m"), CODEC.any_to_json)
    assert _json(text) == {"code": 5, "message": "m"}


def test_aip193() -> None:
    """The envelope has the HTTP status for a code, and the name."""
    page = ErrorRenderer(CODEC.any_to_json).render(HEAD, RpcFailure(status.pack(5, "m", INFO)))
    assert (page.status, page.content_type) == (404, "application/json")
    detail = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "R", "domain": "d"}
    assert _json(page.body) == {
        "error": {"code": 404, "message": "m", "status": "NOT_FOUND", "details": [detail]}
    }


def test_bare_status() -> None:
    """The bare form has the gRPC code, for refusals of the HTTP layer too."""
    renderer = ErrorRenderer(CODEC.any_to_json, ErrorFormat.RPC_STATUS)
    assert _json(renderer.render(HEAD, RpcFailure(Status(code=5, message="m"))).body) == {
        "code": 5,
        "message": "m",
    }
    page = renderer.render(HEAD, http_errors.method_not_allowed(("GET",)))
    assert (page.status, page.headers) == (405, (("allow", "GET"),))
    assert _json(page.body)["code"] == Code.UNIMPLEMENTED  # type: ignore[index]  # an object


@pytest.mark.parametrize(("code", "title"), [(5, "Not Found"), (1, "Client Closed Request")])
def test_problem(code: int, title: str) -> None:
    """RFC 9457 for who names it."""
    page = ErrorRenderer(CODEC.any_to_json).render(
        PROBLEM_HEAD, RpcFailure(Status(code=code, message="m"))
    )
    assert page.content_type == "application/problem+json"
    problem = _json(page.body)
    assert isinstance(problem, dict)
    assert (problem["title"], problem["status"], problem["detail"]) == (title, page.status, "m")


def test_every_refusal_has_a_code() -> None:
    """Each refusal of the HTTP layer is also a gRPC code of its own choice."""
    made = [
        http_errors.malformed("m"),
        http_errors.route_unknown(),
        http_errors.method_not_allowed(()),
        http_errors.not_acceptable(()),
        http_errors.request_timeout("m"),
        http_errors.length_required(),
        http_errors.payload_too_large(1),
        http_errors.message_too_large(1),
        http_errors.media_type_unsupported(()),
        http_errors.coding_unsupported(),
        http_errors.header_too_large("m"),
        http_errors.transfer_coding_unsupported(),
        http_errors.overloaded(),
    ]
    assert {each.status for each in made} == set(status.CODE_OF_HTTP_ERROR)
