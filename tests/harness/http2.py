"""A gRPC client that may break the rules: calls as HTTP/2 frames, sent as slowly as one likes."""

from __future__ import annotations

import base64
import socket
import struct
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from google.rpc import error_details_pb2, status_pb2
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
    WindowUpdated,
)
from h2.exceptions import StreamClosedError

LIMIT_SECONDS = 20.0
Pairs = Iterable[tuple[bytes, bytes]]


@dataclass
class Stream:
    """What came back on one stream so far. `headers` holds the trailers as well."""

    id: int
    headers: dict[bytes, bytes] = field(default_factory=dict)
    data: bytes = b""
    ended: bool = False
    unsent: bytes = b""

    @property
    def status(self) -> str:
        """gRPC's code as a number in text; empty while there is none."""
        return self.headers.get(b"grpc-status", b"").decode()


class RawClient:
    """One connection. Nothing happens in the background: `pump` reads and sends what is due."""

    def __init__(self, address: str) -> None:
        host, port = address.rsplit(":", 1)
        self._socket = socket.create_connection((host, int(port)), timeout=LIMIT_SECONDS)
        self._h2 = H2Connection(
            H2Configuration(
                header_encoding=None,
                validate_outbound_headers=False,
                normalize_outbound_headers=False,
            )
        )
        self.streams: dict[int, Stream] = {}
        self.gone = False
        self._h2.initiate_connection()
        self._flush()

    def open(self, path: str, metadata: Pairs = ()) -> Stream:
        """Begins a call; its body may follow."""
        stream = Stream(self._h2.get_next_available_stream_id())
        head = [
            (b":method", b"POST"),
            (b":scheme", b"http"),
            (b":path", path.encode()),
            (b":authority", b"localhost"),
            (b"content-type", b"application/grpc"),
            (b"te", b"trailers"),
        ]
        self.streams[stream.id] = stream
        self._h2.send_headers(stream.id, [*head, *metadata])
        self._flush()
        return stream

    def send(self, stream: Stream, data: bytes, *, end: bool = False) -> None:
        """Sends as much as the windows allow; `pump` sends the rest. `end` once all is sent."""
        stream.unsent += data
        self._send_unsent(stream)
        if end and not stream.unsent and not stream.ended:
            self._h2.end_stream(stream.id)
        self._flush()

    def cancel(self, stream: Stream) -> None:
        """Takes a call back."""
        self._h2.reset_stream(stream.id, error_code=8)
        self._flush()

    def settings(self) -> int | None:
        """How many streams at once the server takes, once it has said so."""
        return self._h2.remote_settings.max_concurrent_streams

    def pump(self, seconds: float) -> None:
        """Takes what comes within some time."""
        self._socket.settimeout(max(seconds, 0.001))
        try:
            data = self._socket.recv(1 << 20)
        except TimeoutError:
            return
        except ConnectionError:
            data = b""
        if not data:
            self.gone = True
            return
        for event in self._h2.receive_data(data):
            self._take(event)
        self._flush()

    def wait(self, *streams: Stream, seconds: float = LIMIT_SECONDS) -> None:
        """Until the streams have ended. AssertionError where they don't."""
        deadline = time.monotonic() + seconds
        while not all(stream.ended for stream in streams):
            assert time.monotonic() < deadline and not self.gone, "a call never ended"
            self.pump(0.1)

    def close(self) -> None:
        """Hangs up."""
        self._socket.close()

    def _take(self, event: object) -> None:
        if isinstance(event, ConnectionTerminated):
            self.gone = True
        stream = self.streams.get(getattr(event, "stream_id", 0) or 0)
        if isinstance(event, WindowUpdated):
            for each in self.streams.values() if stream is None else [stream]:
                self._send_unsent(each)
        if stream is None:
            return
        if isinstance(event, ResponseReceived | TrailersReceived):
            stream.headers.update(event.headers or ())
        elif isinstance(event, DataReceived):
            stream.data += event.data
            self._h2.acknowledge_received_data(event.flow_controlled_length, stream.id)
        elif isinstance(event, StreamEnded | StreamReset):
            stream.ended = True

    def _send_unsent(self, stream: Stream) -> None:
        try:
            while stream.unsent and not stream.ended:
                window = self._h2.local_flow_control_window(stream.id)
                room = min(window, self._h2.max_outbound_frame_size)
                if room <= 0:
                    return
                self._h2.send_data(stream.id, stream.unsent[:room])
                stream.unsent = stream.unsent[room:]
        except StreamClosedError:  # the server has reset it; the event is on its way
            stream.unsent = b""

    def _flush(self) -> None:
        self._socket.settimeout(LIMIT_SECONDS)
        self._socket.sendall(self._h2.data_to_send())


@contextmanager
def raw_client(address: str) -> Iterator[RawClient]:
    """A connection for a while."""
    client = RawClient(address)
    try:
        yield client
    finally:
        client.close()


def message(data: bytes) -> bytes:
    """One message of gRPC's framing."""
    return struct.pack(">BI", 0, len(data)) + data


def reason(stream: Stream) -> str:
    """The reason in the ErrorInfo of a call that failed."""
    packed = stream.headers[b"grpc-status-details-bin"]
    status = status_pb2.Status.FromString(base64.b64decode(packed + b"=" * (-len(packed) % 4)))
    info = error_details_pb2.ErrorInfo()
    assert status.details[0].Unpack(info)
    assert info.metadata["requestId"].startswith("req_")
    return info.reason
