"""Codes, statuses and how they look as JSON."""

from __future__ import annotations

import json
from base64 import b64encode

import pytest
from google.protobuf import any_pb2
from google.rpc import error_details_pb2
from google.rpc.code_pb2 import Code
from google.rpc.status_pb2 import Status

from httprule import http_errors as refusals
from httprule import status
from httprule.backend import RequestHead, RpcFailure
from httprule.codec import Codec
from httprule.pages import ErrorFormat, Pages

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


@pytest.mark.parametrize(
    ("http", "code"), [(200, 0), (400, 13), (401, 16), (404, 12), (418, 2), (429, 14), (504, 14)]
)
def test_grpc_code(http: int, code: int) -> None:
    """The way back is that of the gRPC protocol."""
    assert status.grpc_code(http) == code


def test_from_trailers() -> None:
    """Messages are percent-decoded; details win where they agree."""
    plain = status.from_trailers("5", "No%20such%20thing")
    assert (plain.code, plain.message) == (5, "No such thing")
    rich = status.pack(5, "rich", INFO)
    packed = b64encode(rich.SerializeToString()).decode().rstrip("=")
    assert status.from_trailers("5", "poor", packed) == rich
    assert status.from_trailers("6", "poor", packed).message == "poor"
    assert status.from_trailers("5", "poor", "!").message == "poor"
    assert status.from_trailers("x").code == status.from_trailers(None).code == Code.UNKNOWN


def test_there_and_back() -> None:
    """A status survives its JSON, with details of known and of unknown types."""
    whole = status.pack(5, "No “such” thing.", INFO, error_details_pb2.RetryInfo())
    whole.details.add(type_url="type.googleapis.com/unknown.Type", value=b"\x00\x01")
    assert status.status_from_json(status.status_to_json(whole, CODEC.any_to_json)) == whole
    page = Pages(CODEC.any_to_json).render(HEAD, RpcFailure(whole))
    assert status.status_from_json(page.body) == whole


def test_no_details_no_member() -> None:
    """The bare form leaves empty details out."""
    text = status.status_to_json(Status(code=5, message="m"), CODEC.any_to_json)
    assert _json(text) == {"code": 5, "message": "m"}


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "1",
        '{"code":"x"}',
        '{"message":1}',
        '{"details":[1]}',
        '{"details":[{"a":1}]}',
        '{"details":[{"@type":"t/u","value":"!"}]}',
        '{"details":[{"@type":"t/u","value":7}]}',
    ],
)
def test_what_is_no_status(text: str) -> None:
    """Anything else is a ValueError."""
    with pytest.raises(ValueError, match=r"."):
        status.status_from_json(text)


def test_aip193() -> None:
    """The envelope has the HTTP status for a code, and the name."""
    page = Pages(CODEC.any_to_json).render(HEAD, RpcFailure(status.pack(5, "m", INFO)))
    assert (page.status, page.content_type) == (404, "application/json")
    detail = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "R", "domain": "d"}
    assert _json(page.body) == {
        "error": {"code": 404, "message": "m", "status": "NOT_FOUND", "details": [detail]}
    }


def test_bare_status() -> None:
    """The bare form has the gRPC code, for refusals of the HTTP layer too."""
    pages = Pages(CODEC.any_to_json, ErrorFormat.RPC_STATUS)
    assert _json(pages.render(HEAD, RpcFailure(Status(code=5, message="m"))).body) == {
        "code": 5,
        "message": "m",
    }
    page = pages.render(HEAD, refusals.method_not_allowed(("GET",)))
    assert (page.status, page.headers) == (405, (("allow", "GET"),))
    assert _json(page.body)["code"] == Code.UNIMPLEMENTED  # type: ignore[index]  # an object


@pytest.mark.parametrize(("code", "title"), [(5, "Not Found"), (1, "Client Closed Request")])
def test_problem(code: int, title: str) -> None:
    """RFC 9457 for who names it."""
    page = Pages(CODEC.any_to_json).render(PROBLEM_HEAD, RpcFailure(Status(code=code, message="m")))
    assert page.content_type == "application/problem+json"
    problem = _json(page.body)
    assert isinstance(problem, dict)
    assert (problem["title"], problem["status"], problem["detail"]) == (title, page.status, "m")


def test_every_refusal_has_a_code() -> None:
    """Each refusal of the HTTP layer is also a gRPC code of its own choice."""
    made = [
        refusals.malformed("m"),
        refusals.route_unknown(),
        refusals.method_not_allowed(()),
        refusals.not_acceptable(()),
        refusals.request_timeout("m"),
        refusals.length_required(),
        refusals.payload_too_large(1),
        refusals.message_too_large(1),
        refusals.media_type_unsupported(()),
        refusals.coding_unsupported(),
        refusals.header_too_large("m"),
        refusals.transfer_coding_unsupported(),
        refusals.overloaded(),
    ]
    assert {each.status for each in made} == set(status.CODE_OF_REFUSAL)
