"""The vectors of the HTTP half: statuses, streams, metadata and deadlines."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import unquote

import pytest
from google.protobuf import json_format
from tests.vectors.conftest import SHARED_DATA
from tests.vectors.test_transcoding import _type

from httprule.codec import Codec
from httprule.error_renderer import ErrorFormat, ErrorRenderer
from httprule.failures import HttpError, RpcFailure
from httprule.headers import HeaderRules, parse_grpc_timeout
from httprule.status import http_status, pack
from httprule.streaming import Framing, StreamFramer
from httprule_harness.notes import Site, failure
from httprule_harness.raw import Connection, RawReply, request

FOLDER = SHARED_DATA / "transcoding"
VECTORS = json.loads((FOLDER / "vectors.json").read_text())
EXTRA = json.loads((FOLDER / "vectors_extra.json").read_text())

# sm-020 to sm-023 and sm-043 to sm-050 are about a health probe and about a gRPC client that reads
# HTTP statuses; httprule is neither.
# hm-007: the caller's address and host are not metadata here: `Exchange.peer` is the address.
CHOSEN_OTHERWISE = {
    "hm-007",
    *(f"sm-{number:03d}" for number in (*range(20, 24), *range(43, 51))),
}
FRAMINGS = {"json_array": Framing.ARRAY, "ndjson": Framing.NDJSON, "sse": Framing.SSE}


def _of(kind: str, *needed: str) -> list[Any]:
    return [
        pytest.param(vector, id=vector["id"])
        for vector in (*VECTORS, *EXTRA)
        if vector["kind"] == kind
        and vector.get("adopt", True)
        and vector["id"] not in CHOSEN_OTHERWISE
        and all(name in vector for name in needed)
    ]


async def _ask(site: Site, data: bytes) -> RawReply:
    connection = await Connection.open(site.address)
    try:
        await connection.send(data)
        return await connection.reply()
    finally:
        await connection.close()


def _request(given: dict[str, Any]) -> bytes:
    """The HTTP request that brings about a condition."""
    json_type = "Content-Type: application/json"
    condition = given.get("condition")
    if condition == "malformed_json_body":
        return request("POST", "/v1/notes", json_type, body=b"{")
    if condition == "path_known_method_not":
        return request("PUT", "/v1/notes")
    if condition == "unknown_query_parameter":
        return request("GET", "/v1/notes/a?nope=1")
    if condition == "content_type":
        kinds = given.get("values") or [given["value"]]
        return request("POST", "/v1/notes", *(f"Content-Type: {k}" for k in kinds), body=b"{}")
    if condition == "content_encoding":
        coding = f"Content-Encoding: {given['value']}"
        return request("POST", "/v1/notes", json_type, coding, body=b"{}")
    if condition == "path_without_leading_slash":
        return request("GET", "v1/notes/a")
    if condition == "malformed_percent_escape_in_path":
        return request("GET", "/v1/notes/%ZZ")
    if given.get("stream_format") or "stream_error_after_first_message" in given:
        return request("GET", "/v1/notes:watch", "Accept: application/json")
    return request("GET", "/v1/notes/a")


def _failing(given: dict[str, Any]) -> Exception | None:
    """What the backend raises."""
    if "exception" in given:
        return ValueError(given["exception"])
    if given.get("condition") == "backend_unreachable":
        return failure(14, "unreachable")
    if "grpc_status_header" in given:
        # As a gRPC client reads it: the message is percent-encoded in the trailer.
        message = unquote(given.get("grpc_message_header", ""))
        return RpcFailure(pack(int(given["grpc_status_header"]), message))
    if given.get("grpc_code"):
        status = pack(given["grpc_code"], given.get("grpc_message", ""))
        for detail in given.get("details", ()):
            status.details.append(json_format.ParseDict(detail, status.details.add()))
        return RpcFailure(status)
    return None


async def _run(given: dict[str, Any]) -> RawReply:
    site = Site()
    kind = ErrorFormat.AIP193 if given.get("error_format") == "aip193" else ErrorFormat.RPC_STATUS
    site.backend.renderer = ErrorRenderer(site.gateway.codec.any_to_json, kind)
    error = _failing(given)

    async def unary(exchange: Any) -> Any:
        raise error  # type: ignore[misc]  # only set where there is one

    async def stream(exchange: Any) -> Any:
        raise error  # type: ignore[misc]  # only set where there is one
        yield

    if error is not None:
        site.backend.handlers.update(GetNote=unary, WatchNotes=stream)
    await site.server.start()
    try:
        return await _ask(site, _request(given))
    finally:
        await site.server.stop(0)


@pytest.mark.parametrize("vector", _of("status_mapping"))
async def test_status(vector: dict[str, Any]) -> None:
    """Codes and conditions as HTTP."""
    given, expect = vector["input"], vector["expect"]
    if "grpc_code" in given and given["grpc_code"] is None:
        assert http_status(None) == expect["http_status"]
        return
    if given.get("condition") == "response_message_too_large":
        return  # server/httprule/tests/integration: a stream that fails is cut, never ended cleanly
    reply = await _run(given)
    if expect.get("accepted"):
        assert reply.status == 200
    if "http_status" in expect:
        assert reply.status == expect["http_status"]
    if "content_type" in expect:
        assert reply.header("content-type") == expect["content_type"]
    for name, value in expect.get("headers", {}).items():
        assert reply.header(name) == value
    for name in expect.get("absent_headers", ()):
        assert reply.header(name) is None
    _check_body(reply, expect)


def _check_body(reply: RawReply, expect: dict[str, Any]) -> None:
    if "body" in expect:
        assert _without_details(reply.json) == _without_details(expect["body"])
    for name, value in expect.get("body_contains", {}).items():
        assert reply.json[name] == value
    for name in expect.get("body_contains_keys", ()):
        assert name in reply.json


def _without_details(tree: Any) -> Any:
    """Empty details may be present or absent."""
    if isinstance(tree, dict):
        return {k: _without_details(v) for k, v in tree.items() if not (k == "details" and not v)}
    return tree


@pytest.mark.parametrize("vector", _of("response_encoding", "messages", "stream_format"))
def test_stream(vector: dict[str, Any]) -> None:
    """Streams, frame by frame."""
    kind = _type(vector["message_type"])
    codec = Codec([kind]).of(kind)
    frames = StreamFramer(FRAMINGS[vector["stream_format"]])
    chunks = [
        frames.message(codec.encode(json_format.ParseDict(each, codec.new())))
        for each in vector["messages"]
    ]
    chunks.append(frames.end())
    expect = vector["expect"]
    assert b"".join(chunks).decode() == expect["raw"]
    if "chunks" in expect:
        assert [chunk.decode() for chunk in chunks] == expect["chunks"]
    if "content-type" in expect.get("headers", {}):
        assert frames.framing.value == expect["headers"]["content-type"]


@pytest.mark.parametrize("vector", _of("header_mapping"))
def test_metadata(vector: dict[str, Any]) -> None:
    """Headers behind the prefix, in the mode that lets them pass."""
    raw = [(name.lower().encode(), value.encode()) for name, value in vector["headers"]]
    scanned = HeaderRules(metadata_prefix="grpc-metadata-").scan(raw)
    found: dict[str, list[Any]] = {}
    for name, value in scanned.metadata:
        shown = {"base64": base64.b64encode(value).decode()} if isinstance(value, bytes) else value
        found.setdefault(name, []).append(shown)
    assert found == vector["expect"]["metadata"]


@pytest.mark.parametrize("vector", _of("grpc_timeout"))
def test_timeout(vector: dict[str, Any]) -> None:
    """grpc-timeout in all its units, and what is none."""
    text = vector["headers"]["grpc-timeout"]
    if "error" in vector["expect"]:
        with pytest.raises(HttpError):
            parse_grpc_timeout(text)
    else:
        assert round(parse_grpc_timeout(text) * 1e9) == vector["expect"]["timeout_ns"]


def test_the_vectors_are_there() -> None:
    """No kind of vector is empty by mistake."""
    assert len(_of("status_mapping")) >= 25
    assert len(_of("grpc_timeout")) >= 5
