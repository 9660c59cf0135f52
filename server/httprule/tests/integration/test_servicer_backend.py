"""An ordinary grpc.aio servicer answers the same over HTTP as over gRPC."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from functools import cache
from typing import Any

import grpc
import grpc.aio
import pytest
import pytest_asyncio
from google.protobuf.descriptor import ServiceDescriptor
from google.rpc import error_details_pb2

from httprule import Gateway, GatewayOptions, HeaderRules, ServicerBackend
from httprule.server import HttpServer, Listen
from httprule.status import code_name, http_status, pack
from httprule_harness.protos import compile_pool, new_type
from httprule_harness.raw import Connection, RawReply, request
from httprule_harness.waiting import until

PROTO = """
syntax = "proto3";
package echo.v1;
import "google/api/annotations.proto";
message Word { string text = 1; }
service Echo {
  rpc Say(Word) returns (Word) { option (google.api.http) = { get: "/say/{text}" }; }
  rpc Repeat(Word) returns (stream Word) { option (google.api.http) = { get: "/repeat/{text}" }; }
  rpc Join(stream Word) returns (Word) { option (google.api.http) = { post: "/join" body: "*" }; }
  rpc Talk(stream Word) returns (stream Word) {
    option (google.api.http) = { post: "/talk" body: "*" };
  }
}
"""


@cache
def echo() -> ServiceDescriptor:
    """The service, compiled once."""
    return compile_pool({"echo.proto": PROTO}).FindServiceByName("echo.v1.Echo")


def word(text: str) -> Any:
    """A `Word`."""
    return new_type(echo().file.pool, "echo.v1.Word")(text=text)


RICH = pack(5, "no such word", error_details_pb2.ErrorInfo(reason="NO_WORD", domain="echo.example"))


class Echo:
    """A servicer that does what the text of its request says."""

    def __init__(self) -> None:
        self.contexts: list[Any] = []
        self.ended: list[str] = []

    async def Say(self, request: Any, context: Any) -> Any:
        self.contexts.append(context)
        return await self._obey(request.text, context)

    async def Repeat(self, request: Any, context: Any) -> AsyncIterator[Any]:
        self.contexts.append(context)
        try:
            for number in range(3):
                yield word(f"{request.text}{number}")
            if request.text == "forever":
                await asyncio.Event().wait()
            await self._obey(request.text, context)
        finally:
            self.ended.append("Repeat")

    async def Join(self, requests: AsyncIterator[Any], context: Any) -> Any:
        return word(" ".join([each.text async for each in requests]))

    async def Talk(self, requests: Any, context: Any) -> None:
        try:
            while (message := await context.read()) is not grpc.aio.EOF:
                await context.write(word(message.text.upper()))
                await self._obey(message.text, context)
        finally:
            self.ended.append("Talk")

    async def _obey(self, text: str, context: Any) -> Any:
        if text == "abort":
            await context.abort(grpc.StatusCode.NOT_FOUND, "no such word")
        if text == "rich":
            trailer = (("grpc-status-details-bin", RICH.SerializeToString()),)
            await context.abort(grpc.StatusCode.NOT_FOUND, "no such word", trailer)
        if text == "code":
            context.set_code(grpc.StatusCode.OUT_OF_RANGE)
            context.set_details("too far")
        if text == "unimplemented":
            context.set_code(grpc.StatusCode.UNIMPLEMENTED)
            raise NotImplementedError("Say")
        if text == "bug":
            raise RuntimeError("secret")
        return word(text)


class Site:
    """A gateway with the servicer behind it, on a free port."""

    def __init__(self, servicer: object) -> None:
        backend = ServicerBackend({echo(): servicer})
        headers = HeaderRules(
            pass_in=frozenset({"authorization"}), pass_out=frozenset({"x-word", "x-end"})
        )
        self.gateway = Gateway([echo()], backend, options=GatewayOptions(headers=headers))
        self.server = HttpServer.of_gateway(self.gateway, listen=Listen(port=0))

    async def ask(self, method: str, path: str, *lines: str, body: bytes | None = None) -> RawReply:
        connection = await Connection.open(self.server.address)
        try:
            await connection.send(request(method, path, *lines, body=body))
            return await connection.reply(method)
        finally:
            await connection.close()


@pytest.fixture
def servicer() -> Echo:
    return Echo()


@pytest_asyncio.fixture
async def site(servicer: Echo) -> AsyncIterator[Site]:
    """A running gateway."""
    started = Site(servicer)
    await started.server.start()
    yield started
    await started.server.stop(0)


@pytest_asyncio.fixture
async def channel(servicer: Echo) -> AsyncIterator[grpc.aio.Channel]:
    """The same servicer behind a real grpc.aio server."""
    kinds = {
        "Say": grpc.unary_unary_rpc_method_handler,
        "Repeat": grpc.unary_stream_rpc_method_handler,
        "Join": grpc.stream_unary_rpc_method_handler,
        "Talk": grpc.stream_stream_rpc_method_handler,
    }
    handlers = {
        name: kind(
            getattr(servicer, name),
            request_deserializer=type(word("")).FromString,
            response_serializer=type(word("")).SerializeToString,
        )
        for name, kind in kinds.items()
    }
    server = grpc.aio.server()
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler("echo.v1.Echo", handlers),)
    )
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as opened:
        yield opened
    await server.stop(0)


async def over_grpc(channel: grpc.aio.Channel, text: str) -> tuple[str, str]:
    """The code and the message of a call of `Say`."""
    call = channel.unary_unary(
        "/echo.v1.Echo/Say",
        request_serializer=type(word("")).SerializeToString,
        response_deserializer=type(word("")).FromString,
    )
    try:
        reply = await call(word(text))
    except grpc.aio.AioRpcError as error:
        return error.code().name, error.details() or ""
    return "OK", reply.text


@pytest.mark.parametrize("text", ["hello", "abort", "rich", "code", "unimplemented", "bug"])
async def test_a_status_is_the_same_on_both_transports(
    site: Site, channel: grpc.aio.Channel, text: str
) -> None:
    """A code that the servicer sets has its HTTP status, and its message unless it is a bug."""
    code, message = await over_grpc(channel, text)
    reply = await site.ask("GET", f"/say/{text}")
    if code == "OK":
        assert (reply.status, reply.json) == (200, {"text": message})
        return
    error = reply.json["error"]
    assert error["status"] == code
    assert reply.status == http_status(getattr(grpc.StatusCode, code).value[0])
    if text not in ("unimplemented", "bug"):
        assert error["message"] == message
    assert "secret" not in reply.body.decode()


async def test_details_of_a_status(site: Site) -> None:
    """Details in `grpc-status-details-bin` are printed with their type."""
    reply = await site.ask("GET", "/say/rich")
    assert reply.json["error"]["details"] == [
        {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "NO_WORD",
            "domain": "echo.example",
        }
    ]


async def test_metadata_cross(site: Site, servicer: Echo) -> None:
    """Listed headers are the metadata of the call; listed metadata are headers of the reply."""

    async def say(request: Any, context: Any) -> Any:
        known = dict(context.invocation_metadata())
        await context.send_initial_metadata((("x-word", known["authorization"]), ("x-no", "n")))
        context.set_trailing_metadata((("x-end", "after"),))
        assert isinstance(context, grpc.aio.ServicerContext)
        assert context.peer() == "ipv4:127.0.0.1"
        assert 0 < context.time_remaining() <= 60
        return request

    servicer.Say = say  # type: ignore[method-assign]  # before the gateway looks it up
    other = Site(servicer)
    await other.server.start()
    try:
        reply = await other.ask("GET", "/say/a", "Authorization: Bearer t")
    finally:
        await other.server.stop(0)
    assert (reply.header("x-word"), reply.header("x-end")) == ("Bearer t", "after")
    assert reply.header("x-no") is None


async def test_trailing_metadata_of_a_failure(servicer: Echo) -> None:
    """They pass the list of reply headers too, once each."""

    async def say(request: Any, context: Any) -> Any:
        trailing = (("x-end", "after"), ("x-no", "n"))
        await context.abort(grpc.StatusCode.NOT_FOUND, "no such word", trailing)

    servicer.Say = say  # type: ignore[method-assign]  # before the gateway looks it up
    site = Site(servicer)
    await site.server.start()
    try:
        reply = await site.ask("GET", "/say/a")
    finally:
        await site.server.stop(0)
    assert (reply.status, reply.header("x-end"), reply.header("x-no")) == (404, "after", None)


async def test_a_server_stream(site: Site, servicer: Echo) -> None:
    """An async generator's messages are lines; a later abort is the last line."""
    reply = await site.ask("GET", "/repeat/a")
    assert reply.body == b'{"text":"a0"}\n{"text":"a1"}\n{"text":"a2"}\n'
    reply = await site.ask("GET", "/repeat/abort")
    *lines, last = reply.body.splitlines()
    assert len(lines) == 3
    assert json.loads(last)["error"]["status"] == "NOT_FOUND"
    assert servicer.ended == ["Repeat", "Repeat"]


async def test_a_client_stream(site: Site) -> None:
    """The messages of the body are the servicer's request iterator."""
    body = b'{"text":"a"}\n{"text":"b"}\n'
    reply = await site.ask("POST", "/join", "Content-Type: application/x-ndjson", body=body)
    assert reply.json == {"text": "a b"}


async def test_read_and_write(site: Site, servicer: Echo) -> None:
    """A coroutine that reads and writes by its context streams both ways, and may abort."""
    ndjson = "Content-Type: application/x-ndjson"
    reply = await site.ask("POST", "/talk", ndjson, body=b'{"text":"a"}\n{"text":"b"}\n')
    assert reply.body == b'{"text":"A"}\n{"text":"B"}\n'
    reply = await site.ask("POST", "/talk", ndjson, body=b'{"text":"abort"}\n{"text":"b"}\n')
    first, last = reply.body.splitlines()
    assert first == b'{"text":"ABORT"}'
    assert json.loads(last)["error"]["status"] == "NOT_FOUND"
    assert servicer.ended == ["Talk", "Talk"]


@pytest.mark.parametrize(("method", "path"), [("GET", "/repeat/forever"), ("POST", "/talk")])
async def test_a_client_that_hangs_up_ends_the_call(
    site: Site, servicer: Echo, method: str, path: str
) -> None:
    """The servicer's coroutine or generator ends, and its context is cancelled."""
    connection = await Connection.open(site.server.address)
    lines = ["Content-Type: application/x-ndjson", "Transfer-Encoding: chunked"]
    await connection.send(request(method, path, *(lines if method == "POST" else [])))
    if method == "POST":
        await connection.send(b'd\r\n{"text":"a"}\n\r\n')
    await connection.head()
    await connection.close()
    await until(lambda: len(servicer.ended) == 1)
    if servicer.contexts:
        await until(lambda: servicer.contexts[0].done())
        assert servicer.contexts[0].cancelled()


async def test_faults_of_the_request_are_not_the_servicers(site: Site) -> None:
    """What is wrong with a body is refused in the shape of all errors, before or in a stream."""
    reply = await site.ask(
        "POST", "/join", "Content-Type: application/x-ndjson", body=b'{"text":1}\n'
    )
    assert (reply.status, reply.json["error"]["status"]) == (400, "INVALID_ARGUMENT")


async def test_callbacks(servicer: Echo) -> None:
    """Callbacks are called once, when the call has ended."""
    ended: list[Any] = []

    async def say(request: Any, context: Any) -> Any:
        context.add_done_callback(ended.append)
        assert not context.done()
        return request

    servicer.Say = say  # type: ignore[method-assign]  # before the gateway looks it up
    site = Site(servicer)
    await site.server.start()
    try:
        assert (await site.ask("GET", "/say/a")).status == 200
    finally:
        await site.server.stop(0)
    (context,) = ended
    assert context.done() and not context.cancelled()
    assert code_name(context.code().value[0]) == "OK"


def test_a_servicer_lacks_a_method() -> None:
    """The start fails, by the name of the method."""
    with pytest.raises(ValueError, match="object has no method Say"):
        ServicerBackend({echo(): object()})
