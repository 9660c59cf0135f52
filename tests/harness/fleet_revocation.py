"""Revocations in a fleet of two: how long the reply takes, and whether any later call is served.

The key is revoked at the first server while callers use it without pause at both, over both
transports. Meanwhile the other server runs, is stopped (SIGSTOP), or is cut off from its database.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.harness.access import grant_access, ok
from tests.harness.api_client import ApiClient, GrpcClient, RestClient
from tests.harness.database_proxy import DatabaseProxy, database_proxy, through
from tests.harness.postgres import empty_database
from tests.harness.server import Running, children, migrate, new_secrets, server
from tests.harness.waiting import until

STATES = ("running", "stopped", "cut off")


@dataclass(slots=True)
class _Caller:
    """Calls of one client, by when each began."""

    api: ApiClient
    ends: threading.Event
    calls: list[tuple[float, str]] = field(default_factory=list)

    def run(self, key: str) -> None:
        while not self.ends.is_set():
            self.call(key)
            time.sleep(0.005)

    def call(self, key: str) -> None:
        began = time.monotonic()
        reply = self.api.call("WhoAmI", {}, key=key)
        self.calls.append((began, reply.code))

    def codes(self, since: float) -> list[str]:
        """What the calls came to that began after a moment."""
        return [code for began, code in self.calls if began > since]


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationOutcome:
    """What one try showed."""

    seconds: float
    """From the call of RevokeKey to its reply."""

    served: int
    """Calls that began after the reply, and were served all the same."""

    busy: int
    """Tries of RevokeKey that were refused before: the stopped server held the database's lock."""


class RevocationFleet:
    """Two servers, the second behind a proxy of its own, and a grant with keys to revoke."""

    def __init__(
        self,
        servers: tuple[Running, Running],
        network: DatabaseProxy,
        *,
        founder: str,
        grant_id: str,
        stack: ExitStack,
    ) -> None:
        self._servers = servers
        self._network = network
        self._founder = founder
        self._grant_id = grant_id
        first = servers[0]
        self._admins: dict[str, ApiClient] = {
            "REST": RestClient(first.rest, checked=False),
            "gRPC": GrpcClient(first.grpc),
        }
        self._clients: list[ApiClient] = [
            make
            for each in servers
            for make in (RestClient(each.rest, checked=False), GrpcClient(each.grpc))
        ]
        for each in (*self._admins.values(), *self._clients):
            stack.callback(each.close)

    def revoke(self, transport: str, state: str) -> RevocationOutcome:
        """Issues a key, lets it be used, brings the other server into a state, and revokes it."""
        api = self._admins[transport]
        order = {"grantId": self._grant_id, "name": "test"}
        key = ok(api.call("IssueKey", order, key=self._founder))["apiKey"]
        ends = threading.Event()
        callers = [_Caller(each, ends) for each in self._clients]
        with ThreadPoolExecutor(len(callers)) as pool, ThreadPoolExecutor(2) as late:
            try:
                running = [pool.submit(each.run, key) for each in callers]
                _await(callers, lambda each: "ok" in each.codes(0), "each caller is served")
                with ExitStack() as fault:
                    fault.enter_context(self._other(state))
                    seconds, answered, busy = self._revoke(api, key)
                    extra = [_Caller(each.api, ends) for each in callers[2:]]
                    asked = [late.submit(each.call, key) for each in extra]
                    if state == "stopped":
                        fault.close()  # it has calls waiting that were sent after the reply
                    for each in asked:
                        each.result()
                    _await(callers, lambda each: bool(each.codes(answered)), "each caller calls")
                _await(
                    callers,
                    lambda each: "unauthenticated" in each.codes(answered),
                    "each caller hears that the key has ended",
                )
            finally:
                ends.set()
        for done in running:
            done.result()
        codes = [code for each in (*callers, *extra) for code in each.codes(answered)]
        return RevocationOutcome(seconds=seconds, served=codes.count("ok"), busy=busy)

    def _revoke(self, api: ApiClient, key: str) -> tuple[float, float, int]:
        """How long the reply took, when it was there, and how often the call was refused before."""
        order: dict[str, Any] = {"keyId": key[8:18], "reason": "test"}
        for busy in range(10):
            sent = time.monotonic()
            reply = api.call("RevokeKey", order, key=self._founder)
            answered = time.monotonic()
            if reply.code != "unavailable":
                ok(reply)
                return answered - sent, answered, busy
        raise AssertionError(reply.body)

    @contextmanager
    def _other(self, state: str) -> Iterator[None]:
        """The second server, stopped or cut off within the block."""
        process = self._servers[1].process.pid
        if state == "stopped":
            stopped = [process, *children(process)]
            try:
                for each in stopped:
                    os.kill(each, signal.SIGSTOP)
                yield
            finally:
                for each in stopped:
                    os.kill(each, signal.SIGCONT)
        elif state == "cut off":
            self._network.refuses = True
            try:
                self._network.cut()
                yield
            finally:
                self._network.refuses = False
        else:
            yield


def _await(callers: list[_Caller], holds: Callable[[_Caller], bool], what: str) -> None:
    until(lambda: all(holds(each) for each in callers), what)


@contextmanager
def revocation_fleet(
    postgres_server: str, folder: Path, *, keys: int, **environ: str
) -> Iterator[RevocationFleet]:
    """Starts the servers on databases of their own, with an allowance of so many keys."""
    with ExitStack() as stack:
        network = stack.enter_context(database_proxy(postgres_server))
        names = ("CONTROL", "SANDBOX", "PRODUCTION")
        direct = {name: stack.enter_context(empty_database(postgres_server)) for name in names}
        urls = {f"XAIGH_{name}_URL": url for name, url in direct.items()}
        migrate(folder, **urls)
        environ = {**environ, **new_secrets()}
        running = []
        for number, place in enumerate(
            (urls, {name: through(network, url) for name, url in urls.items()})
        ):
            own = folder / f"server{number}"
            own.mkdir()
            running.append(stack.enter_context(server(own, **environ, **place)))
        first, second = running
        api = stack.enter_context(closing(RestClient(first.rest)))
        access = grant_access(api, first.founder, approval_terms={"keyAllowance": keys + 1})
        yield RevocationFleet(
            (first, second),
            network,
            founder=first.founder,
            grant_id=access.grant_id,
            stack=stack,
        )
