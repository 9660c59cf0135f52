"""Evidence of drills: what the request log, the runs, the keys and the rollbacks show of each.

Each function looks for one drill and returns its facts in the order of events, or None. What a
client says is no evidence.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from xaigh_server.access.drills import Fact
from xaigh_server.ats.runs import CloseState, Run, RunState
from xaigh_server.keys.model import KeyRecord
from xaigh_server.keys.rollbacks import Rollback
from xaigh_server.request_log.model import LoggedCall

Facts = Sequence[Fact]

_GIVEN_UP = ("cancelled", "deadline_exceeded")
_BROKEN_OFF = (RunState.INCOMPLETE, RunState.SUPERSEDED, RunState.EXPIRED)
_SETTLED = (CloseState.CONFIRMED, CloseState.SUPERSEDED)


def replay(calls: Iterable[LoggedCall]) -> Facts | None:
    """A write that was answered, and a repeat that got the same reply."""
    for first, later in _pairs(calls):
        if first.code == "ok" and not first.replayed and later.replayed:
            return _repeat(first, later, "replayed as")
    return None


def time_out(calls: Iterable[LoggedCall]) -> Facts | None:
    """A write that its client gave up, and a repeat that was answered."""
    for first, later in _pairs(calls):
        if first.code in _GIVEN_UP:
            return _repeat(first, later, "answered as")
    return None


def recovery(calls: Iterable[LoggedCall], recoverable: Collection[str]) -> Facts | None:
    """A write that was refused in a way to recover from, and a repeat that was answered."""
    for first, later in _pairs(calls):
        if first.reason in recoverable and first.code not in _GIVEN_UP:
            return [*_repeat(first, later, "answered as"), Fact("refused for", first.reason)]
    return None


def half_feed(runs: Iterable[Run]) -> Facts | None:
    """A run that asked to close and ended incomplete, and a completed one after it."""
    for half, later in _run_pairs(runs):
        if half.state in _BROKEN_OFF and half.close.state is CloseState.SKIPPED:
            return [
                Fact("incomplete run", half.sync_run_id),
                Fact("ids seen", f"{half.seen_total} of {half.expected_total or 0}"),
                Fact("roles closed", "0"),
                Fact("completed run", later.sync_run_id),
            ]
    return None


def held_close(runs: Iterable[Run]) -> Facts | None:
    """A run whose close was held back, and is settled."""
    for run in runs:
        if run.close.state in _SETTLED:
            return [
                Fact("run", run.sync_run_id),
                Fact("roles held back", str(run.close.count)),
                Fact("settled", run.close.state.value.lower()),
            ]
    return None


def rotation(keys: Iterable[KeyRecord], used: Mapping[str, int]) -> Facts | None:
    """A key that took another one's place. `used` counts the calls answered to each key."""
    for key in keys:
        calls = used.get(key.key_id, 0)
        if key.replaces and calls:
            return [
                Fact("old key", key.replaces),
                Fact("new key", key.key_id),
                Fact("calls of the new key", str(calls)),
            ]
    return None


def rollback(found: Rollback | None) -> Facts | None:
    """A rollback that held jobs."""
    if found is None:
        return None
    return [
        Fact("rollback", found.rollback_id),
        Fact("key", found.key_id),
        Fact("jobs held", str(found.job_count)),
        Fact("holds", found.state.value.lower()),
    ]


def _pairs(calls: Iterable[LoggedCall]) -> Iterable[tuple[LoggedCall, LoggedCall]]:
    """Each call with each answered one begun after it, of the same method and idempotency key.

    The server may notice that a client gave a call up when the next one is answered already.
    """
    before: defaultdict[tuple[str, str], list[LoggedCall]] = defaultdict(list)
    for call in sorted(calls, key=lambda each: (each.ended_at - each.duration, each.sequence)):
        alike = before[call.method, call.idempotency_key]
        if call.code == "ok":
            yield from ((earlier, call) for earlier in alike)
        alike.append(call)


def _run_pairs(runs: Iterable[Run]) -> Iterable[tuple[Run, Run]]:
    """Each run with each completed one of its integration after it."""
    before: defaultdict[str, list[Run]] = defaultdict(list)
    for run in sorted(runs, key=lambda each: each.number):
        alike = before[run.integration_id]
        if run.state is RunState.COMPLETED:
            yield from ((earlier, run) for earlier in alike)
        alike.append(run)


def _repeat(first: LoggedCall, later: LoggedCall, verb: str) -> list[Fact]:
    return [
        Fact("method", first.method.rpartition(".")[2]),
        Fact("idempotency key", first.idempotency_key),
        Fact("request", first.request_id),
        Fact(verb, later.request_id),
    ]
