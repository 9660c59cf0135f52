"""The composition root: what has to hold before a server listens, and what comes round after."""

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from xaigh_server.app import App, collect_handlers, open_app
from xaigh_server.rpc.handlers import Read
from xaigh_server.rpc.method import Method
from xaigh_server.rpc.method_policy import read_methods
from xaigh_server.rpc.services import SERVICES
from xaigh_server.settings import Settings


async def opened(stack: AsyncExitStack, folder: Path) -> App:
    """A server that is ready to start."""
    settings = Settings(data_dir=folder, rest_address="127.0.0.1:0", grpc_address="127.0.0.1:0")
    return await open_app(settings, stack)


async def test_all_that_comes_round_is_wired(tmp_path: Path):
    """Counts, evidence, ends of keys and requests, retention, anchors."""
    async with AsyncExitStack() as stack:
        app = await opened(stack, tmp_path)
        works = {each.work.__qualname__: each.at_end for each in app.rounds._rounds}
    expected = {
        "UsageMeter.flush": True,
        "SandboxTraffic.flush": True,
        "ExpiryNotices.tell": False,
        "StaleNotices.tell": False,
        "TicketExpiry.expire": False,
        "Retention.sweep": False,
        "AuditAnchor.anchor": True,
    }
    assert expected.items() <= works.items()


async def test_a_server_that_never_started_stops(tmp_path: Path):
    """Half a start leaves nothing behind."""
    async with AsyncExitStack() as stack:
        app = await opened(stack, tmp_path)
        await app.rounds.stop()


class Odd:
    """A service with one handler."""

    def __init__(self, name: str, method: str) -> None:
        self.name = name
        self._method = method

    def handlers(self):
        return {self._method: Read(run=lambda request, unit: request)}


@pytest.mark.parametrize(
    ("service", "method", "said"),
    [
        ("xaigh.jobs.v1.JobsService", "Nothing", "that the protos don't have"),
        ("xaigh.jobs.v1.JobsService", "PostJob", "for methods without side effects"),
        ("xaigh.jobs.v1.JobsService", "WatchJobs", "takes a Stream"),
        ("xaigh.keys.v1.KeyAdminService", "IssueKey", "for methods without side effects"),
    ],
)
def test_a_handler_that_does_not_fit_stops_the_start_by_name(service: str, method: str, said: str):
    """Before anything listens."""
    methods: dict[str, Method] = dict(read_methods(SERVICES))
    with pytest.raises(ValueError, match=said) as refused:
        collect_handlers((Odd(service, method),), methods)
    assert f"{service}/{method}" in str(refused.value)
