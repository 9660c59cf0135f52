"""Limits over two servers: processes of their own, with one Redis."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing

import httpx
import pytest
from tests.acceptance.fleet.conftest import Fleet
from tests.harness.access import grant_access
from tests.harness.api_client import GrpcClient, RestClient
from tests.harness.waiting import until


def tiny_key(fleet: Fleet, name: str) -> str:
    """A key with 40 calls in half an hour."""
    with closing(RestClient(fleet.servers[0].rest)) as api:
        terms = {"tier": "tiny"}
        return grant_access(api, fleet.founder, approval_terms=terms, companyName=name).key


def metric(address: str, name: str) -> float:
    """The value of a metric, 0 where it isn't there."""
    text = httpx.get(f"http://{address}/metrics", timeout=20).text
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def test_twice_the_limit_over_both_servers(fleet: Fleet):
    """Over both transports: exactly the limit passes, and no value of `RateLimit` comes twice."""
    key = tiny_key(fleet, "Both Inc")
    with ExitStack() as stack:
        clients = [
            stack.enter_context(closing(made(address)))
            for each in fleet.servers
            for made, address in ((RestClient, each.rest), (GrpcClient, each.grpc))
        ]
        with ThreadPoolExecutor(8) as pool:
            replies = list(
                pool.map(lambda n: clients[n % 4].call("ListJobs", {}, key=key), range(80))
            )
    passed = [reply for reply in replies if reply.code == "ok"]
    refused = [reply for reply in replies if reply.code != "ok"]
    assert (len(passed), len(refused)) == (40, 40)
    assert {reply.reason for reply in refused} == {"RATE_LIMITED"}
    rest = [reply.headers["ratelimit"] for reply in replies if "ratelimit" in reply.headers]
    left = [re.fullmatch(r'"burst";r=(\d+);t=\d+, "hour";r=(\d+);t=\d+', each) for each in rest]
    both = [(int(each[1]), int(each[2])) for each in left if each is not None]
    assert len(both) == len(rest) > 0
    assert all(hour == burst + 10 for burst, hour in both)
    spent = [burst for burst, _ in both if burst]
    assert len(spent) == len(set(spent))


def test_one_round_trip_a_call(fleet: Fleet):
    """A call of a key whose credential is cached asks Redis once."""
    key = tiny_key(fleet, "Once Inc")
    with closing(RestClient(fleet.servers[0].rest)) as api:
        api.call("ListJobs", {}, key=key)
        before = fleet.store.scripts_run()
        for _ in range(10):
            assert api.call("ListJobs", {}, key=key).code == "ok"
    assert fleet.store.scripts_run() - before == 10


@pytest.mark.parametrize("number", [0, 1])
def test_a_store_away_lets_each_machine_count(fleet: Fleet, number: int):
    """By default calls go on, `/metrics` shows it, and the store is used again once it is back."""
    rest, admin = fleet.servers[number].rest, fleet.servers[number].admin
    with closing(RestClient(rest)) as api:
        key = tiny_key(fleet, f"Away {number} Inc")
        fleet.store.stop()
        try:
            codes = [api.call("ListJobs", {}, key=key).code for _ in range(50)]
            assert codes.count("ok") == 40
            assert metric(admin, 'xaigh_limits_processes{counted_by="machine"}') == 1
            assert metric(admin, 'xaigh_limits_without_store_total{policy="open"}') > 0
        finally:
            fleet.store.start()

        def counted_by_fleet() -> bool:
            api.call("ListJobs", {}, key=key)
            return metric(admin, 'xaigh_limits_processes{counted_by="fleet"}') == 1

        until(counted_by_fleet, "the store is used again")
