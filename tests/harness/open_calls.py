"""Calls that a test keeps open, over REST and gRPC: feeds, watches and held bodies."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from queue import SimpleQueue
from typing import Any, Protocol
from urllib.parse import urlencode

import grpc
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message_factory import GetMessageClass
from tests.harness.api_client import METHODS, _failed

PATIENCE = 20.0  # seconds
_NDJSON = "application/x-ndjson"
_ROUTES = {
    "SyncFeed": ("POST", "/v1/jobs/ats/feed"),
    "WatchJobs": ("GET", "/v1/jobs:watch"),
    "OperationsService.WatchJobs": ("GET", "/v1/operations/jobs:watch"),
    "ReceiveApplications": ("POST", "/v1/applications:receive"),
    "WatchEvents": ("GET", "/v1/webhooks/events:watch"),
}


class OpenCall(Protocol):
    """A call with a stream of replies; `send` is for a call with a stream of requests."""

    replies: list[dict[str, Any]]
    reason: str
    """Why the call ended, empty while it is open or where it ended well."""

    def send(self, *messages: Mapping[str, Any]) -> None: ...

    def finish(self) -> None:
        """Ends the requests."""

    def wait(self) -> str:
        """The reason why the call ended, once it has."""


class _Reading:
    """Reads the replies in a thread of its own."""

    def __init__(self) -> None:
        self.replies: list[dict[str, Any]] = []
        self.reason = ""
        self._thread = threading.Thread(target=self._read, daemon=True)

    def wait(self) -> str:
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), "the call goes on"
        return self.reason

    def _read(self) -> None:
        raise NotImplementedError


class GrpcOpenCall(_Reading):
    """Over a channel of its own."""

    def __init__(self, address: str, method: str, key: str, **request: Any) -> None:
        super().__init__()
        descriptor = METHODS[method]
        self._request_type = GetMessageClass(descriptor.input_type)
        self._path = f"/{descriptor.containing_service.full_name}/{descriptor.name}"
        self._sent: SimpleQueue[Any] = SimpleQueue()
        self._channel = grpc.insecure_channel(address)
        streams = descriptor.client_streaming
        made = self._channel.stream_stream if streams else self._channel.unary_stream
        rpc: Any = made(
            self._path,
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=GetMessageClass(descriptor.output_type).FromString,
        )
        requests = iter(self._sent.get, None) if streams else self._message(request)
        metadata = (("authorization", f"Bearer {key}"),)
        self._stream = rpc(requests, metadata=metadata, timeout=3 * PATIENCE)
        self._thread.start()

    def send(self, *messages: Mapping[str, Any]) -> None:
        for message in messages:
            self._sent.put(self._message(message))

    def finish(self) -> None:
        self._sent.put(None)

    def close(self) -> None:
        """Leaves the call."""
        self._sent.put(None)
        self._stream.cancel()
        self._channel.close()

    def _message(self, members: Mapping[str, Any]) -> Any:
        return ParseDict(dict(members), self._request_type())

    def _read(self) -> None:
        try:
            for reply in self._stream:
                self.replies.append(MessageToDict(reply))
        except grpc.RpcError as error:
            if error.code() is not grpc.StatusCode.CANCELLED:
                self.reason = _failed(error, self._path).body["reason"]


class RestOpenCall(_Reading):
    """Over a connection of its own. `accept` chooses the form of the replies."""

    def __init__(
        self, address: str, method: str, key: str, *, accept: str = _NDJSON, **query: Any
    ) -> None:
        super().__init__()
        verb, path = _ROUTES[method]
        self.status = 0
        self._http = HTTPConnection(address, timeout=3 * PATIENCE)
        self._http.putrequest(verb, f"{path}?{urlencode(query, doseq=True)}" if query else path)
        self._http.putheader("authorization", f"Bearer {key}")
        self._http.putheader("accept", accept)
        if METHODS[method].client_streaming:
            self._http.putheader("content-type", _NDJSON)
            self._http.putheader("transfer-encoding", "chunked")
            self._http.endheaders()
        elif verb == "POST":
            self._http.putheader("content-type", "application/json")
            self._http.putheader("content-length", "2")
            self._http.endheaders(b"{}")
        else:
            self._http.endheaders()
        # The connection lets go of its socket with the head of the reply; requests go on.
        self._socket: socket.socket = self._http.sock
        self._thread.start()

    def send(self, *messages: Mapping[str, Any]) -> None:
        lines = b"".join(json.dumps(message).encode() + b"\n" for message in messages)
        self._write(b"%x\r\n%b\r\n" % (len(lines), lines))

    def finish(self) -> None:
        self._write(b"0\r\n\r\n")

    def close(self) -> None:
        """Leaves the call."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(PATIENCE)
        self._http.close()

    def _write(self, data: bytes) -> None:
        with suppress(OSError):  # the server may have ended the call already
            self._socket.sendall(data)

    def _read(self) -> None:
        with suppress(OSError, HTTPException):
            response = self._http.getresponse()
            self.status = response.status
            for found in _objects(response):
                if "error" in found:
                    self.reason = found["error"]["reason"]
                else:
                    self.replies.append(found)


def _objects(response: HTTPResponse) -> Iterator[dict[str, Any]]:
    """The objects of NDJSON, of Server-Sent Events, or of one document."""
    while line := response.readline():
        text = line.strip().removeprefix(b"data: ")
        if text.startswith(b"{"):
            yield json.loads(text)


class HeldBody:
    """A POST over REST whose head the server has judged, and whose body isn't complete.

    The server asks for the body (100 Continue) once the chain has authorized the call.
    """

    def __init__(self, address: str, path: str, key: str, body: Mapping[str, Any]) -> None:
        host, port = address.rsplit(":", 1)
        self._rest = json.dumps(body).encode()
        self._socket = socket.create_connection((host, int(port)), timeout=PATIENCE)
        self._socket.sendall(
            f"POST {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {key}\r\n"
            f"content-type: application/json\r\ncontent-length: {len(self._rest)}\r\n"
            f"idempotency-key: held\r\nexpect: 100-continue\r\n\r\n".encode()
        )
        said = self._socket.recv(1000)
        assert said.startswith(b"HTTP/1.1 100 "), said
        self._socket.sendall(self._rest[:-1])

    def complete(self) -> tuple[int, dict[str, Any]]:
        """Sends the last byte. Returns status and body of the reply."""
        with self._socket:
            self._socket.sendall(self._rest[-1:])
            response = HTTPResponse(self._socket)
            response.begin()
            return response.status, json.loads(response.read())
