"""The figures of a trace."""

from __future__ import annotations

import trace_call
from trace_call import SERVER, Trace


def _trace(name: str, *files: str, others: tuple[str, ...] = ()) -> Trace:
    calls = [(str(SERVER / file), "run") for file in files]
    return Trace(name, calls, [[(str(SERVER / file), "run") for file in others]])


APP, SETTINGS = "app.py", "settings.py"
DECODE, METER = "rpc/interceptors/decode.py", "rpc/interceptors/meter.py"


def test_a_move_is_a_call_in_another_file() -> None:
    """Calls within a file are none, and no move leads from one process to another."""
    trace = _trace("POST /v1/jobs/post", APP, APP, SETTINGS, APP, others=(METER, METER))
    assert sum(trace.moves.values()) == 2
    assert len(trace.files) == 3
    assert "files            3   target 45, 1 of them only in another process" in (
        trace_call.report(trace)
    )


def test_a_small_file_is_proposed_beside_the_neighbour_that_is_always_there() -> None:
    """Not beside a file of another folder, nor beside one that another call does without."""
    both = [_trace("a", DECODE, METER, APP), _trace("b", DECODE, METER)]
    assert f"{DECODE} (" in trace_call.merges(both, 40)
    assert f"-> {METER} (" in trace_call.merges(both, 40)
    apart = [_trace("a", DECODE, METER), _trace("b", DECODE, APP)]
    assert DECODE not in trace_call.merges(apart, 40)
