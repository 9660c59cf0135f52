"""The composition root: the order of the interceptors, the checks at start, the periodic tasks."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.harness import full_chain
from tests.harness.call import Source, call
from tests.harness.full_chain import FullChain, settings_of

from xaigh.access.v1 import access_request_service_pb2
from xaigh.keys.v1 import scopes_service_pb2
from xaigh.organizations.v1 import organization_service_pb2
from xaigh_server.app import App, collect_handlers, open_app
from xaigh_server.identity.scopes import Role
from xaigh_server.rpc.handlers import Read
from xaigh_server.rpc.interceptors.errors import CallFailed
from xaigh_server.rpc.method import Method
from xaigh_server.rpc.method_policy import read_methods
from xaigh_server.rpc.services import SERVICES
from xaigh_server.webhooks.service import WebhooksService


async def opened(stack: AsyncExitStack, folder: Path) -> App:
    """A server that is ready to start."""
    return await open_app(settings_of(folder), stack)


async def test_all_that_comes_round_is_wired(tmp_path: Path):
    """Counts, evidence, ends of keys and requests, retention, anchors."""
    async with AsyncExitStack() as stack:
        app = await opened(stack, tmp_path)
        works = {each.work.__qualname__: each.at_end for each in app.scheduler._rounds}
    expected = {
        "UsageMeter.flush": True,
        "SandboxTraffic.flush": True,
        "ExpiryNotices.send": False,
        "StaleNotices.publish": False,
        "TicketExpiry.expire": False,
        "Retention.sweep": False,
        "AuditAnchor.anchor": True,
    }
    assert expected.items() <= works.items()


async def test_a_scope_that_guards_nothing_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """It could be granted and would open nothing."""
    monkeypatch.setattr(WebhooksService, "handlers", lambda self: {})
    async with AsyncExitStack() as stack:
        with pytest.raises(ValueError, match=r"webhooks:.* can be granted but guards no method"):
            await opened(stack, tmp_path)


async def test_a_server_that_never_started_stops(tmp_path: Path):
    """Half a start leaves nothing behind."""
    async with AsyncExitStack() as stack:
        app = await opened(stack, tmp_path)
        await app.scheduler.stop()


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


ORDER = [
    "request_id",
    "observe",
    "errors",
    "drain",
    "deadline",
    "open_calls",
    "denied_requests",
    "authenticate",
    "browser_rule",
    "note_traffic",
    "rate_limit",
    "authorize",
    "open_calls",
    "meter",
    "decode",
    "validate",
    "public_storage",
    "invoke_handler",
]
"""The modules of the interceptors, the outermost first."""


def modules_of(step: Any) -> Iterator[str]:
    """The module of each interceptor of a chain, down to its end."""
    while isinstance(step, partial):
        interceptor = getattr(step.func, "__self__", None)
        yield type(interceptor).__module__.rpartition(".")[2]
        (step,) = step.args
    yield type(step).__module__.rpartition(".")[2]


@pytest.mark.parametrize("tracing", [False, True])
async def test_the_interceptors_stand_in_the_order_of_the_contract(
    tmp_path: Path, tracing: bool
) -> None:
    """What needs no body runs before the body is read; spans see the code that the caller sees."""
    async with AsyncExitStack() as stack:
        app = await open_app(settings_of(tmp_path, tracing=tracing), stack)
        found = list(modules_of(app.gate({})))
    expected = [*ORDER[:2], "tracing", *ORDER[2:]] if tracing else ORDER
    assert found == expected


@pytest.fixture
async def chain(tmp_path: Path) -> AsyncIterator[FullChain]:
    """The control services behind every interceptor."""
    async with full_chain.opened(tmp_path, public_limit_per_minute=2) as made:
        yield made


GET = organization_service_pb2.GetOrganizationRequest
GOOD, BAD = GET(organization_id="org_x"), GET()
STATUS = access_request_service_pb2.GetTicketStatusRequest(ticket_id="tkt_x")


@pytest.mark.parametrize(
    ("role", "request_", "headers", "reason", "reads"),
    [
        # Each case breaks the rule that is named, and those of the cases below it.
        ("", BAD, {}, "CREDENTIALS_MISSING", 0),
        ("", BAD, {"authorization": "Bearer nonsense"}, "CREDENTIALS_MALFORMED", 0),
        (Role.SERVICE, BAD, {"origin": "https://a.example"}, "SECRET_KEY_IN_BROWSER", 0),
        (Role.SERVICE, BAD, {}, "SCOPE_NOT_GRANTED", 0),
        (Role.FOUNDER, BAD, {}, "FIELD_INVALID", 1),
        (Role.FOUNDER, GOOD, {}, "NOT_FOUND", 1),
    ],
)
async def test_a_call_is_refused_by_the_first_rule_that_it_breaks(
    chain: FullChain,
    role: str,
    request_: GET,
    headers: dict[str, Any],
    reason: str,
    reads: int,
) -> None:
    """Who calls comes before what is asked: the body of a refused caller is never read."""
    if role:
        headers = {**headers, "key": await chain.operator("maya", Role(role))}
    source = Source(request_)
    with pytest.raises(CallFailed) as failed:
        await chain.answer(source, call("GetOrganization", **headers))
    assert (failed.value.reason, source.reads) == (reason, reads)


async def test_a_public_call_over_its_limit_is_not_read(chain: FullChain) -> None:
    """The limit counts calls by their peer, whatever they ask for."""
    await chain.call("ListScopes", scopes_service_pb2.ListScopesRequest())
    with pytest.raises(CallFailed, match="NOT_FOUND"):
        await chain.call("GetTicketStatus", STATUS)
    source = Source(STATUS)
    with pytest.raises(CallFailed, match="PEER_RATE_LIMITED"):
        await chain.answer(source, call("GetTicketStatus"))
    assert source.reads == 0


async def test_a_draining_server_refuses_before_anybody_is_asked_who_they_are(
    chain: FullChain,
) -> None:
    """With an error of the one shape."""
    await chain.app.drain.close(0)
    with pytest.raises(CallFailed, match="SHUTTING_DOWN"):
        await chain.call("GetOrganization", BAD)
