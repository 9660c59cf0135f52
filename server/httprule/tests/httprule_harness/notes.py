"""A small service with every kind of method, and a backend for it that tests can steer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from google.protobuf.descriptor import ServiceDescriptor
from google.rpc.status_pb2 import Status

from httprule.asgi import Gateway
from httprule.error_renderer import ErrorRenderer
from httprule.exchange import Exchange
from httprule.failures import ErrorResponse, Failure, RpcFailure
from httprule.headers import RequestHead
from httprule.limits import ConnectionLimits
from httprule.options import GatewayOptions
from httprule.server import HttpServer, Listen
from httprule_harness.protos import compile_pool, new_type

PROTO = """
syntax = "proto3";
package notes.v1;
import "google/api/annotations.proto";
import "google/api/httpbody.proto";
import "google/protobuf/field_mask.proto";

message Note { string note_id = 1; string text = 2; int64 size = 3; string etag = 4; }
message GetNoteRequest { string note_id = 1; }
message UpdateNoteRequest { Note note = 1; google.protobuf.FieldMask update_mask = 2; }
message DeleteNoteRequest { string note_id = 1; string etag = 2; }
message WatchNotesRequest { int32 count = 1; }
message FeedRequest { string board = 1; Note note = 2; }
message Summary { int64 count = 1; string board = 2; }
message FileRequest { string name = 1; google.api.HttpBody file = 2; }
message FilePart { google.api.HttpBody file = 1; int64 number = 2; }

service Notes {
  rpc GetNote(GetNoteRequest) returns (Note) {
    option (google.api.http) = { get: "/v1/notes/{note_id}" };
  }
  rpc PostNote(Note) returns (Note) {
    option (google.api.http) = { post: "/v1/notes" body: "*" };
  }
  rpc UpdateNote(UpdateNoteRequest) returns (Note) {
    option (google.api.http) = { patch: "/v1/notes/{note.note_id}" body: "note" };
  }
  rpc DeleteNote(DeleteNoteRequest) returns (Note) {
    option (google.api.http) = { delete: "/v1/notes/{note_id}" };
  }
  rpc PinNote(GetNoteRequest) returns (Summary) {
    option (google.api.http) = { post: "/v1/notes/{note_id}:pin" };
  }
  rpc WatchNotes(WatchNotesRequest) returns (stream Note) {
    option (google.api.http) = { get: "/v1/notes:watch" };
  }
  rpc FeedNotes(stream FeedRequest) returns (Summary) {
    option (google.api.http) = { post: "/v1/boards/{board}/feed" body: "note" };
  }
  rpc TalkNotes(stream Note) returns (stream Note) {
    option (google.api.http) = { post: "/v1/notes:talk" body: "*" };
  }
  rpc GetFile(FileRequest) returns (google.api.HttpBody) {
    option (google.api.http) = { get: "/v1/files/{name}" };
  }
  rpc PutFile(stream FileRequest) returns (Summary) {
    option (google.api.http) = { put: "/v1/files/{name}" body: "file" };
  }
  rpc ReadFile(FileRequest) returns (stream google.api.HttpBody) {
    option (google.api.http) = { get: "/v1/files/{name}:read" };
  }
  rpc ExportFile(FileRequest) returns (stream FilePart) {
    option (google.api.http) = { get: "/v1/files/{name}:export" response_body: "file" };
  }
  rpc GetFilePart(FileRequest) returns (FilePart) {
    option (google.api.http) = { get: "/v1/files/{name}/part" response_body: "file" };
  }
}
"""


@cache
def service() -> ServiceDescriptor:
    """The service, compiled once."""
    return compile_pool({"notes.proto": PROTO}).FindServiceByName("notes.v1.Notes")


@cache
def _type(name: str) -> Any:
    return new_type(service().file.pool, name)


def note(**fields: Any) -> Any:
    """A `Note`."""
    return _type("notes.v1.Note")(**fields)


def summary(**fields: Any) -> Any:
    """A `Summary`."""
    return _type("notes.v1.Summary")(**fields)


def http_body(data: bytes, content_type: str) -> Any:
    """A `google.api.HttpBody`."""
    return _type("google.api.HttpBody")(data=data, content_type=content_type)


def file_part(body: Any) -> Any:
    """A `FilePart` around a `google.api.HttpBody`."""
    return _type("notes.v1.FilePart")(file=body, number=1)


def failure(code: int, message: str = "It failed.") -> RpcFailure:
    """A call's failure."""
    return RpcFailure(Status(code=code, message=message))


Handler = Callable[[Exchange], Awaitable[Any]]
Streamer = Callable[[Exchange], AsyncIterator[Any]]


class NotesBackend:
    """Answers by method name. `seen` lists the exchanges that came, `ended` how they ended."""

    def __init__(self) -> None:
        self.handlers: dict[str, Any] = {
            "GetNote": self.get_note,
            "PostNote": self.echo,
            "UpdateNote": self.update_note,
            "DeleteNote": self.delete_note,
            "PinNote": self.pin_note,
            "WatchNotes": self.watch_notes,
            "FeedNotes": self.feed_notes,
            "TalkNotes": self.talk_notes,
            "GetFile": self.get_file,
            "PutFile": self.put_file,
            "ReadFile": self.read_file,
            "ExportFile": self.export_file,
            "GetFilePart": self.get_file_part,
        }
        self.seen: list[Exchange] = []
        self.ended: list[str] = []
        self.renderer: ErrorRenderer | None = None
        self.refused_with: list[Failure] = []

    async def unary(self, exchange: Exchange) -> Any:
        self.seen.append(exchange)
        try:
            reply = await self.handlers[exchange.method.name](exchange)
        except BaseException as error:
            self.ended.append(type(error).__name__)
            raise
        self.ended.append("returned")
        return reply

    async def stream(self, exchange: Exchange) -> AsyncIterator[Any]:
        self.seen.append(exchange)
        try:
            async for message in self.handlers[exchange.method.name](exchange):
                yield message
        except BaseException as error:
            self.ended.append(type(error).__name__)
            raise
        self.ended.append("returned")

    def render_error(self, head: RequestHead, failure: Failure) -> ErrorResponse:
        assert self.renderer is not None
        self.refused_with.append(failure)
        return self.renderer.render(head, failure)

    async def get_note(self, exchange: Exchange) -> Any:
        request: Any = await exchange.request()
        return note(note_id=request.note_id, text="hello", etag="v7")

    async def echo(self, exchange: Exchange) -> Any:
        return await exchange.request()

    async def update_note(self, exchange: Exchange) -> Any:
        request: Any = await exchange.request()
        return request.note

    async def delete_note(self, exchange: Exchange) -> Any:
        request: Any = await exchange.request()
        return note(note_id=request.note_id, etag=request.etag)

    async def pin_note(self, exchange: Exchange) -> Any:
        await exchange.request()
        return summary(count=1)

    async def watch_notes(self, exchange: Exchange) -> AsyncIterator[Any]:
        request: Any = await exchange.request()
        for index in range(request.count):
            yield note(note_id=str(index))

    async def feed_notes(self, exchange: Exchange) -> Any:
        boards: list[str] = []
        async for request in exchange.requests():
            boards.append(getattr(request, "board", ""))
        return summary(count=len(boards), board=",".join(each for each in boards if each))

    async def talk_notes(self, exchange: Exchange) -> AsyncIterator[Any]:
        async for request in exchange.requests():
            yield request

    async def get_file(self, exchange: Exchange) -> Any:
        return http_body(b"<h1>Hello</h1>", "text/html; charset=utf-8")

    async def put_file(self, exchange: Exchange) -> Any:
        size, names = 0, []
        async for request in exchange.requests():
            names.append(getattr(request, "name", ""))
            size += len(getattr(request, "file").data)  # noqa: B009 - a message type made at run time
        return summary(count=size, board=names[0] if names else "")

    async def read_file(self, exchange: Exchange) -> AsyncIterator[Any]:
        for piece in (b"one ", b"two ", b"three"):
            yield http_body(piece, "text/plain")

    async def export_file(self, exchange: Exchange) -> AsyncIterator[Any]:
        async for piece in self.read_file(exchange):
            yield file_part(piece)

    async def get_file_part(self, exchange: Exchange) -> Any:
        return file_part(http_body(b"one ", "text/plain"))


class Site:
    """A running server with its backend."""

    def __init__(
        self,
        options: GatewayOptions | None = None,
        limits: ConnectionLimits | None = None,
        tls: tuple[str, str] | None = None,
    ) -> None:
        self.backend = NotesBackend()
        self.gateway = Gateway([service()], self.backend, options=options)
        self.backend.renderer = ErrorRenderer(self.gateway.codec.any_to_json)
        self.server = HttpServer(
            self.gateway,
            render_error=self.backend.render_error,
            listen=Listen(
                port=0,
                certificate=tls[0] if tls else None,
                private_key=tls[1] if tls else None,
            ),
            limits=limits,
            interrupt=self.gateway.interrupt,
        )

    @property
    def address(self) -> tuple[str, int]:
        return self.server.address


def self_signed(folder: Path) -> tuple[str, str]:
    """The files of a certificate for localhost and of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return str(folder / "cert.pem"), str(folder / "key.pem")
