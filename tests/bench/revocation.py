"""How long a revoked key goes on working: in the process that revoked it, and in a second one.

Two servers, on one data folder and as a fleet on PostgreSQL. Callers use a key without pause at
both; then it is revoked at the first server. What counts is a call that began after the reply of
the revocation and was still served: none may be.
"""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.bars import Bar
from tests.harness.access import grant_access, ok
from tests.harness.api_client import RestClient
from tests.harness.fleet_revocation import STATES, RevocationOutcome, revocation_fleet
from tests.harness.postgres import postgres
from tests.harness.server import Running, server

ROUNDS, CALLERS = 20, 2
FLEET_TRIES = 200
_BENCH = "[tiers.bench]\nminute = {calls = 1000000000, seconds = 60}\n"


@dataclass(slots=True, kw_only=True)
class Watch:
    """What callers saw: when served calls began, and when the first refusal was there."""

    served: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)


def measure() -> list[Bar]:
    """Calls served after a revocation, in each of two processes; and bar 10."""
    return [*_on_sqlite(), *_in_a_fleet()]


def _in_a_fleet() -> list[Bar]:
    found: dict[str, list[RevocationOutcome]] = {state: [] for state in STATES}
    with tempfile.TemporaryDirectory(prefix="xaigh-bench-") as folder, postgres() as url:
        settings = Path(folder) / "settings.toml"
        settings.write_text(_BENCH)
        environ = {
            "XAIGH_SETTINGS": str(settings),
            "XAIGH_DEFAULT_TIER": "bench",
            "XAIGH_BAD_CREDENTIAL_LIMIT_PER_MINUTE": "1000000",
        }
        with revocation_fleet(url, Path(folder), keys=FLEET_TRIES, **environ) as fleet:
            for number in range(FLEET_TRIES):
                state = STATES[number % len(STATES)]
                found[state].append(fleet.revoke("gRPC" if number % 2 else "REST", state))
    tries = [each for outcomes in found.values() for each in outcomes]
    medians = ", ".join(
        f"{state}: {statistics.median(each.seconds for each in outcomes):.3f} s (median)"
        for state, outcomes in found.items()
    )
    over = sum(each.seconds > 0.35 for each in tries)
    busy = sum(each.busy for each in tries)
    return [
        Bar(name="10 RevokeKey's reply in a fleet of two", value=max(t.seconds for t in tries),
            wanted=0.35, unit="s", higher=False,
            detail=f"the longest of {len(tries)}, {over} over; the other server {medians}; "
            f"refused {busy}"),
        Bar(name="10 served after the reply", value=sum(t.served for t in tries), wanted=0,
            unit="calls", higher=False, detail="both servers, both transports"),
    ]  # fmt: skip


def _on_sqlite() -> list[Bar]:
    with tempfile.TemporaryDirectory(prefix="xaigh-bench-") as folder:
        path = Path(folder)
        settings = path / "settings.toml"
        settings.write_text(_BENCH)
        environ = {"XAIGH_SETTINGS": str(settings), "XAIGH_DEFAULT_TIER": "bench"}
        with server(path, **environ) as first, server(path, **environ) as second:
            late, lags = _measure(first, second)
    return [
        Bar(name=f"served after a revocation, {name}", value=late[name], wanted=0, unit="calls",
            detail=f"{ROUNDS} revocations; refused {statistics.median(lags[name]):.1f} ms after "
                   f"the revocation was sent (median), {max(lags[name]):.1f} at most",
            higher=False)
        for name in late
    ]  # fmt: skip


def _measure(first: Running, second: Running) -> tuple[dict[str, int], dict[str, list[float]]]:
    late: dict[str, int] = {}
    lags: dict[str, list[float]] = {}
    api = RestClient(first.rest, checked=False)
    access = grant_access(api, first.founder, approval_terms={"keyAllowance": ROUNDS + 1})
    for _ in range(ROUNDS):
        order = {"grantId": access.grant_id, "name": "bench"}
        key = ok(api.call("IssueKey", order, key=first.founder))["apiKey"]
        with (
            _calling(first.rest, key) as same,
            _calling(second.rest, key) as other,
        ):
            sent = time.perf_counter()
            ok(api.call("RevokeKey", {"keyId": key[8:18], "reason": "bench"}, key=first.founder))
            answered = time.perf_counter()
        for name, seen in (("same process", same), ("second process", other)):
            late[name] = late.get(name, 0) + sum(began > answered for began in seen.served)
            lags.setdefault(name, []).append((min(seen.refused) - sent) * 1000)
    api.close()
    return late, lags


@contextmanager
def _calling(address: str, key: str) -> Iterator[Watch]:
    """Callers that stop at their first refusal. Begins when each of them has been served."""
    watch = Watch()
    warm = threading.Barrier(CALLERS + 1)
    callers = [
        threading.Thread(target=_call, args=(address, key, watch, warm)) for _ in range(CALLERS)
    ]
    for caller in callers:
        caller.start()
    warm.wait(timeout=30)
    yield watch
    for caller in callers:
        caller.join(timeout=30)


def _call(address: str, key: str, watch: Watch, warm: threading.Barrier) -> None:
    api = RestClient(address, checked=False)
    is_first = True
    while True:
        began = time.perf_counter()
        reply = api.call("WhoAmI", {}, key=key)
        if reply.code != "ok":
            watch.refused.append(time.perf_counter())
            break
        watch.served.append(began)
        if is_first:
            is_first = False
            warm.wait(timeout=30)
    api.close()
