"""Both servers restarted one after the other behind a real Envoy, under steady load and watched."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import grpc
import httpx
import pytest
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message_factory import GetMessageClass
from tests.acceptance.conftest import ENVIRON
from tests.acceptance.fleet.conftest import fleet_databases
from tests.harness.access import grant_access, job_form
from tests.harness.api_client import METHODS, ApiClient, GrpcClient, RestClient
from tests.harness.envoy import fronted
from tests.harness.server import Running, new_secrets, operator, server
from tests.harness.waiting import until

CALLERS = 4  # of each transport, half of which post
ENDED = ("SHUTTING_DOWN", "UNAVAILABLE")  # why a watch may end


def _ready(address: str) -> bool:
    try:
        return httpx.get(f"http://{address}/readyz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def test_restarting_both_servers_fails_no_call_and_no_watch(
    postgres_server: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Every call over both transports is answered, and each job is there once.

    A watch that goes on by its cursor hears of each job once: of one organization, and of all.
    """
    folders = [tmp_path_factory.mktemp(name) for name in ("shared", "one", "two", "envoy")]
    with ExitStack() as stack:
        environ = {
            **ENVIRON,
            **stack.enter_context(fleet_databases(postgres_server, folders[0])),
            **new_secrets(),
            "XAIGH_TRUSTED_PROXIES": "127.0.0.1/32",
            "XAIGH_DRAIN_DELAY_SECONDS": "3",
        }
        founder = operator(folders[0], "founder", "founder", **environ)
        service = operator(folders[0], "matching", "service", **environ)
        opened = [stack.enter_context(_restartable(each, environ)) for each in folders[1:3]]
        servers = [each[0] for each in opened]
        address = stack.enter_context(fronted(folders[3], servers))
        with closing(RestClient(servers[0].rest)) as api:
            scopes = ["jobs:write", "jobs:read", "employer:read"]
            key = grant_access(api, founder, requestedScopes=scopes).key
        load = Load(address, key)
        watches = [
            stack.enter_context(made(address, *whose).running())
            for made in (RestWatch, GrpcWatch)
            for whose in (("WatchJobs", key), ("OperationsService.WatchJobs", service))
        ]
        with load.running():
            until(lambda: load.codes["ok"] > 200, "calls are answered")
            for _, restart in opened:
                restart()
                time.sleep(3)  # Envoy asks each second, and takes the server back
        assert set(load.codes) == {"ok"}, (load.codes, load.wrong[:3])
        assert load.codes["ok"] > 1000
        assert len(set(load.jobs.values())) == len(load.jobs)
        for watch in watches:
            posted = Counter(load.jobs.values())
            until(lambda: watch.heard.keys() >= posted.keys(), f"{watch} heard of every job")  # noqa: B023
            assert watch.heard == posted, watch
            assert watch.connections > 1, f"{watch} was never cut off"


class Load:
    """Callers that go on until the end."""

    def __init__(self, address: str, key: str) -> None:
        self._address = address
        self._key = key
        self._ends = threading.Event()
        self.codes: Counter[str] = Counter()
        self.jobs: dict[str, str] = {}
        self.wrong: list[str] = []

    @contextmanager
    def running(self) -> Iterator[None]:
        """Runs them during the block."""
        threads = [
            threading.Thread(target=self._calls, args=(make, f"{made}-{number}", number % 2 == 0))
            for made, make in enumerate((RestClient, GrpcClient))
            for number in range(CALLERS)
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._ends.set()
            for thread in threads:
                thread.join(timeout=30)

    def _calls(self, make: Callable[[str], ApiClient], name: str, posts: bool) -> None:
        with closing(make(self._address)) as api:
            number = 0
            while not self._ends.is_set():
                number += 1
                try:
                    if posts:
                        again = f"roll-{name}-{number}"
                        reply = api.call(
                            "PostJob", job_form(), key=self._key, idempotency_key=again
                        )
                        if reply.code == "ok":
                            self.jobs[again] = reply.body["jobId"]
                    else:
                        reply = api.call("ListJobs", {"pageSize": 1}, key=self._key)
                    self.codes[reply.code] += 1
                    if reply.code != "ok":
                        self.wrong.append(f"{name}: {reply.body}")
                except httpx.TransportError as error:
                    self.codes[type(error).__name__] += 1
                time.sleep(0.005)


class Watch:
    """A watch that begins again with its last cursor whenever it ends. Counts new jobs by id."""

    def __init__(self, address: str, method: str, credential: str) -> None:
        self.heard: Counter[str] = Counter()
        self.connections = 0
        self._address = address
        self._method = method
        self._headers = {"authorization": f"Bearer {credential}"}
        self._query = {"environment": "sandbox"} if method.startswith("Operations") else {}
        self._ends = threading.Event()
        self._cut: Callable[[], object] = lambda: None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._method})"

    @contextmanager
    def running(self) -> Iterator[Watch]:
        """Watches during the block, from its first line on."""
        thread = threading.Thread(target=self._watch)
        thread.start()
        try:
            until(lambda: "cursor" in self._query, f"{self} has begun")
            yield self
        finally:
            self._ends.set()
            with suppress(OSError):
                self._cut()
            thread.join(timeout=30)

    def _watch(self) -> None:
        while not self._ends.is_set():
            with suppress(grpc.RpcError, OSError, HTTPException):
                for number, change in enumerate(self._changes()):
                    self.connections += not number
                    if self._ends.is_set():
                        return
                    if change["kind"] == "CREATED":
                        self.heard[change["job"]["jobId"]] += 1
                    self._query["cursor"] = change["cursor"]
            time.sleep(0.05)

    def _changes(self) -> Iterator[dict[str, Any]]:
        raise NotImplementedError


class RestWatch(Watch):
    """By lines of JSON."""

    def _changes(self) -> Iterator[dict[str, Any]]:
        path = "/v1/operations/jobs:watch" if "environment" in self._query else "/v1/jobs:watch"
        with closing(HTTPConnection(self._address, timeout=60)) as connection:
            headers = {**self._headers, "accept": "application/x-ndjson"}
            connection.request("GET", f"{path}?{urlencode(self._query)}", headers=headers)
            held = connection.sock
            self._cut = lambda: held.shutdown(socket.SHUT_RDWR)
            with connection.getresponse() as reply:
                for line in reply:
                    message = json.loads(line)
                    if "error" in message:
                        assert message["error"]["reason"] in ENDED, message
                        return
                    yield message


class GrpcWatch(Watch):
    """By a stream of messages."""

    def _changes(self) -> Iterator[dict[str, Any]]:
        method = METHODS[self._method]
        with grpc.insecure_channel(self._address) as channel:
            rpc: Any = channel.unary_stream(
                f"/{method.containing_service.full_name}/{method.name}",
                request_serializer=lambda message: message.SerializeToString(),
                response_deserializer=GetMessageClass(method.output_type).FromString,
            )
            request = ParseDict(self._query, GetMessageClass(method.input_type)())
            stream = rpc(request, metadata=tuple(self._headers.items()))
            self._cut = stream.cancel
            for message in stream:
                yield MessageToDict(message)


@contextmanager
def _restartable(
    folder: Path, environ: dict[str, str]
) -> Iterator[tuple[Running, Callable[[], None]]]:
    """A server, and a function that ends it and starts it again at the same addresses."""
    with ExitStack() as stack:
        held = stack.enter_context(ExitStack())
        first = held.enter_context(server(folder, **environ))

        def restart() -> None:
            nonlocal held
            held.close()
            held = stack.enter_context(ExitStack())
            held.enter_context(server(folder, rest=first.rest, grpc=first.grpc, **environ))
            until(lambda: _ready(first.rest), "the server is ready again")

        yield first, restart
