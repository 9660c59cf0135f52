"""The shared counts, over processes: forked from a program of one thread, as the server's are."""

import subprocess
import sys
import textwrap

import pytest

pytestmark = pytest.mark.process

PROCESSES, HITS, LIMIT = 4, 500, 777


def run(text: str) -> str:
    """Runs a program of its own: a test's own process has threads, and must not fork."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(text)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


PARTING = f"""
    import asyncio, os, signal, time
    from xaigh_server.identity.rate_limit.model import Tier, Window
    from xaigh_server.identity.rate_limit.shared_limiter import SharedCounts, SharedLimiter

    tier = Tier(name="t", windows=(Window(name="hour", calls={LIMIT}, seconds=3600),))
    counts = SharedCounts()

    async def hits(number):
        limiter = SharedLimiter(counts, time.monotonic)
        return sum([(await limiter.hit("grant", tier)).allowed for _ in range(number)])
"""


def test_processes_together_let_exactly_the_limit_through() -> None:
    """Not one too many, and not one too few, however they come in between one another."""
    said = run(
        PARTING
        + f"""
    pipes, (wait, go) = [], os.pipe()
    for _ in range({PROCESSES}):
        heard, tells = os.pipe()
        if os.fork() == 0:
            os.read(wait, 1)  # for all to begin at once
            os.write(tells, str(asyncio.run(hits({HITS}))).encode())
            os._exit(0)
        os.close(tells)
        pipes.append(heard)
    os.write(go, b"." * {PROCESSES})
    print(sum(int(os.read(heard, 100)) for heard in pipes))
    """
    )
    assert int(said) == LIMIT


def test_a_process_that_dies_while_it_counts_stops_nobody() -> None:
    """The kernel takes its lock back; what was counted stays counted."""
    said = run(
        PARTING
        + """
    asyncio.run(hits(10))
    heard, tells = os.pipe()
    child = os.fork()
    if child == 0:
        with counts:
            os.write(tells, b"held")
            signal.pause()
    os.read(heard, 4)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    asyncio.run(hits(5))
    limiter = SharedLimiter(counts, time.monotonic)
    print(asyncio.run(limiter.peek("grant", tier)).standings[0].remaining)
    """
    )
    assert int(said) == LIMIT - 15
