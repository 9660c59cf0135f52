"""Metering: what the usage of keys is counted from."""

import contextlib

from tests.harness.call import UNREAD, End, call, principal

from xaigh_server.errors import NotFound
from xaigh_server.rpc.interceptors.meter import Meter


class Ledger:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, bool]] = []

    def used(self, principal, method, *, replayed):
        self.lines.append(("used", method.rpartition(".")[2], replayed))

    def failed(self, principal, method):
        self.lines.append(("failed", method.rpartition(".")[2], False))


async def test_every_ledger_hears_how_a_call_of_a_key_ended():
    """Answered, replayed or refused."""
    ledgers = Ledger(), Ledger()
    link = Meter(ledgers)
    for outcome in ("answered", "replayed", NotFound("job")):
        made = call("GetJob")
        made.principal = principal("jobs:read")
        made.replayed = outcome == "replayed"

        async def answer(request, call, outcome=outcome):
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        with contextlib.suppress(NotFound):
            await link(answer, UNREAD, made)
    assert ledgers[0].lines == ledgers[1].lines
    assert ledgers[0].lines == [
        ("used", "GetJob", False),
        ("used", "GetJob", True),
        ("failed", "GetJob", False),
    ]


async def test_only_keys_are_metered():
    """Operators and passers-by use nothing."""
    ledger = Ledger()
    assert await Meter([ledger])(End(), UNREAD, call("SubmitAccessRequest")) == "answered"
    assert ledger.lines == []
