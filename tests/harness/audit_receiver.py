"""Receiver of an audit sink: it keeps what it got, and proves by itself that nothing is missing.

It shares no code with the server but the key: hashes, the tree and signatures are its own.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

GENESIS = "0" * 64


@dataclass(slots=True)
class AuditReceiver:
    """The chains and the heads that were proven, by the batches taken so far."""

    key: Ed25519PublicKey
    """Known from elsewhere; an anchor that this key signs, too, hands over to another one."""
    chains: dict[str, list[str]] = field(default_factory=dict)
    heads: dict[str, tuple[int, str]] = field(default_factory=dict)
    anchors: int = 0
    repeated: int = 0
    newest: int = 0
    digest: str = GENESIS

    def take(self, body: bytes) -> None:
        """Takes a batch. AssertionError: something is missing, altered or not signed."""
        header, *lines = map(json.loads, body.splitlines())
        assert (header["type"], header["format"]) == ("header", "xaigh-audit-batch/1")
        for line in lines:
            kind = line.pop("type")
            if kind == "event":
                self._event(line)
            elif kind == "anchor":
                self._anchor(line, line.pop("moved"))
            else:
                assert kind == "anchor_header"
                self._signed(line, kind)  # maybe under a key whose first anchor is yet to come
                self.newest = line["number"]

    @property
    def complete(self) -> bool:
        """Whether every event under the newest anchor is there."""
        return self.anchors == self.newest

    def _event(self, event: dict[str, Any]) -> None:
        stated = event.pop("hash")
        chain = self.chains.setdefault(event["chain"], [])
        assert hashlib.sha256(rfc8785.dumps(event)).hexdigest() == stated
        sequence = event["sequence"]
        if sequence <= len(chain):
            assert chain[sequence - 1] == stated, "a repeated event is the same"
            self.repeated += 1
            return
        assert sequence == len(chain) + 1, "no event is left out"
        assert event["prevHash"] == (chain[-1] if chain else GENESIS)
        chain.append(stated)

    def _anchor(self, anchor: dict[str, Any], moved: list[list[Any]]) -> None:
        digest = self._signed(anchor, "anchor")
        if anchor["number"] <= self.anchors:
            self.repeated += 1
            return
        assert (anchor["number"], anchor["previous"]) == (self.anchors + 1, self.digest)
        for chain, sequence, head in moved:
            assert self.chains[chain][sequence - 1] == head, "every event under it came before"
            self.heads[chain] = (sequence, head)
        level = [
            hashlib.sha256(b"\0" + rfc8785.dumps([chain, *self.heads[chain]])).digest()
            for chain in sorted(self.heads)
        ]
        assert (anchor["chains"], anchor["root"]) == (len(self.heads), _root(level).hex())
        self.anchors, self.digest = anchor["number"], digest

    def _signed(self, anchor: dict[str, Any], kind: str) -> str:
        unsigned = ("signature", "formerSignature")
        form = rfc8785.dumps({name: anchor[name] for name in anchor if name not in unsigned})
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(anchor["key"]))
        key.verify(base64.b64decode(anchor["signature"]), b"xaigh-audit-anchor/1\n" + form)
        if kind == "anchor" and key != self.key and anchor["number"] > self.anchors:
            former = base64.b64decode(anchor["formerSignature"])
            self.key.verify(former, b"xaigh-audit-anchor/1\n" + form)
            self.key = key
        return hashlib.sha256(form).hexdigest()


def _root(leaves: list[bytes]) -> bytes:
    """As RFC 6962 defines it: split at the largest power of two below the length."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\1" + _root(leaves[:split]) + _root(leaves[split:])).digest()


def serve(port: int, certificate: Path, kept: Path, dies_at: int, stores_first: bool) -> None:
    """Serves HTTPS and appends each body to a file, one line of base64 each.

    The post `dies_at` kills the process before it is answered, stored or not. 0: none does.
    """
    posts = 0

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            nonlocal posts
            posts += 1
            body = self.rfile.read(int(self.headers["content-length"]))
            if posts == dies_at and not stores_first:
                os.kill(os.getpid(), signal.SIGKILL)
            with kept.open("ab") as file:
                file.write(base64.b64encode(body) + b"\n")
                file.flush()
                os.fsync(file.fileno())
            if posts == dies_at:
                os.kill(os.getpid(), signal.SIGKILL)
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing."""

    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        sys.stdout.write(f"{server.server_address[1]}\n")
        sys.stdout.flush()
        server.serve_forever()


@contextmanager
def receiver_process(
    certificate: Path, kept: Path, *, port: int = 0, dies_at: int = 0, stores_first: bool = False
) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A process that serves, and its port."""
    arguments = [str(port), str(certificate), str(kept), str(dies_at), "1" if stores_first else ""]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.harness.audit_receiver", *arguments],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        try:
            yield process, int(process.stdout.readline())
        finally:
            process.kill()


def bodies(kept: Path) -> list[bytes]:
    """The bodies that a process has stored."""
    return [base64.b64decode(line) for line in kept.read_bytes().splitlines()]


if __name__ == "__main__":
    _port, _certificate, _kept, _dies_at, _stores_first = sys.argv[1:]
    serve(int(_port), Path(_certificate), Path(_kept), int(_dies_at), bool(_stores_first))
