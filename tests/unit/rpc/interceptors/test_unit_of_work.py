"""The end of the chain: one transaction, once per idempotency key, in the one right database."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from tests.harness.call import METHODS, NOW, Directory, method
from tests.harness.rights import FixedRights

from xaigh.jobs.v1 import job_pb2, jobs_service_pb2
from xaigh_server.audit.repository import AuditFilter, AuditLog
from xaigh_server.db import schema
from xaigh_server.db.database import Database, open_database
from xaigh_server.db.outbox import Outbox
from xaigh_server.db.partition import Partition
from xaigh_server.db.sqlite.database import SqliteDatabase
from xaigh_server.errors import FieldInvalid, NotFound
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.principal import Principal
from xaigh_server.identity.scopes import Audience
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.errors import (
    IdempotencyKeyInvalid,
    IdempotencyKeyMissing,
    IdempotencyKeyReused,
    Unimplemented,
)
from xaigh_server.rpc.handlers import Handler, Read, Write
from xaigh_server.rpc.interceptors.invoke_handler import InvokeHandler, check_handlers
from xaigh_server.rpc.unit_of_work import UnitOfWork
from xaigh_server.rpc.unit_of_work_factory import UnitOfWorkFactory
from xaigh_server.runtime.tables import business_metadata

POST = method("PostJob")


class Bench:
    """Both environments, a handler that counts, and calls of keys."""

    def __init__(self, databases: dict[Environment, Database]) -> None:
        self.databases = databases
        self.ran = 0
        self.prepared = 0
        self.fails = False
        self._ids = count(1)
        self._directory = Directory()

    def post(self, request: Any, unit: UnitOfWork) -> job_pb2.Job:
        """A write: an event, an audit event, a reply that differs every time."""
        self.ran += 1
        unit.audit("job_x", after={"ran": self.ran})
        unit.emit("job.created", {"ran": self.ran})
        if self.fails:
            raise NotFound("job")
        return job_pb2.Job(job_id=f"job_{self.ran}", employer_user_id=request.employer_user_id)

    async def prepare(self, request: Any, call: Call) -> int:
        self.prepared += 1
        return self.prepared

    def key(self, environment: Environment = Environment.SANDBOX) -> Principal:
        text = self._directory.add_key("jobs:write", environment=environment)
        return self._directory.principals[text]

    def end(self, handler: Handler) -> InvokeHandler:
        units = UnitOfWorkFactory(
            control=None,  # type: ignore[arg-type]  # no business method may want it
            business=self.databases,
            rights=FixedRights(),
            clock=lambda: NOW,
            new_id=lambda prefix: f"{prefix}_{next(self._ids)}",
        )
        return InvokeHandler({POST.path: handler}, units=units, keep_replies=timedelta(days=1))

    async def call(
        self,
        *keys: str,
        handler: Handler | None = None,
        principal: Principal | None = None,
        of: Any = POST,
        **members: Any,
    ) -> tuple[Any, Call]:
        """One call with these idempotency keys."""
        caller = principal or self.key()
        made = Call(
            method=of,
            transport="grpc",
            metadata=tuple(("idempotency-key", each) for each in keys),
            peer="192.0.2.7",
            received=NOW,
            principal=caller,
            environment=getattr(caller, "environment", ""),
        )
        request = jobs_service_pb2.PostJobRequest(**{"employer_user_id": "emp_1", **members})
        return await self.end(handler or Write(run=self.post))(request, made), made

    async def written(self, environment: Environment = Environment.SANDBOX) -> tuple[int, int]:
        """How many audit events and outgoing events there are."""
        name = environment.value

        def both(session):
            log = AuditLog(session, name).listing(AuditFilter(), before=None, limit=99)
            return len(log), len(Outbox(session).after(0, limit=99))

        return await self.databases[environment].read(both)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    databases: dict[Environment, Database] = {}
    for environment in Environment:
        file = tmp_path / f"{environment}.db"
        database = open_database(environment.value, file, business_metadata)
        await database.start()
        await database.write(lambda session: schema.create(session, business_metadata))
        databases[environment] = database
    yield Bench(databases)
    for database in databases.values():
        await database.close()


async def test_a_repeat_is_answered_and_runs_nothing(bench: Bench):
    """The same reply, marked as a replay; one event of each kind."""
    first, plain = await bench.call("k1")
    again, replayed = await bench.call('"k1"')
    assert again == first and bench.ran == 1
    assert not plain.replayed and replayed.replayed
    assert ("idempotent-replayed", "true") in replayed.reply_metadata
    assert await bench.written() == (1, 1)


async def test_another_key_is_another_call(bench: Bench):
    """Also with the same content."""
    first, _ = await bench.call("k1")
    other, _ = await bench.call("k2")
    assert other != first and bench.ran == 2


async def test_another_content_under_a_key_is_refused(bench: Bench):
    """Nothing of it runs."""
    await bench.call("k1")
    with pytest.raises(IdempotencyKeyReused):
        await bench.call("k1", title="Other")
    assert bench.ran == 1


async def test_a_failed_call_leaves_nothing(bench: Bench):
    """No event, no record: the repeat runs anew."""
    bench.fails = True
    with pytest.raises(NotFound):
        await bench.call("k1")
    assert await bench.written() == (0, 0)
    bench.fails = False
    _, made = await bench.call("k1")
    assert not made.replayed and await bench.written() == (1, 1)


async def test_the_environments_know_nothing_of_each_other(bench: Bench):
    """The same key of the same organization is another call there, in another database."""
    await bench.call("k1")
    _, live = await bench.call("k1", principal=bench.key(Environment.PRODUCTION))
    assert not live.replayed
    assert await bench.written() == await bench.written(Environment.PRODUCTION) == (1, 1)


@pytest.mark.parametrize(
    ("keys", "error"),
    [
        ((), IdempotencyKeyMissing),
        (("",), IdempotencyKeyInvalid),
        (("two words",), IdempotencyKeyInvalid),
        (("a" * 256,), IdempotencyKeyInvalid),
        (("ä",), IdempotencyKeyInvalid),
        (("a", "b"), IdempotencyKeyInvalid),
        (('"open',), IdempotencyKeyInvalid),
    ],
)
async def test_what_is_no_key_is_refused(bench: Bench, keys: tuple[str, ...], error: type):
    """Before the handler."""
    with pytest.raises(error):
        await bench.call(*keys)
    assert bench.ran == 0


async def test_where_a_key_is_optional_none_is_needed(bench: Bench):
    """Each call is one of its own then; where none is possible it is ignored."""
    for idempotency in ("optional", "none"):
        of = method("PostJob", idempotency=idempotency)
        await bench.call(of=of)
    await bench.call("k1", of=of)
    await bench.call("k1", of=of)
    assert bench.ran == 4


async def test_a_secret_is_not_kept_for_the_replay(bench: Bench):
    """What is shown once is taken out of the kept reply, and the first reply has it."""

    def redact(reply: Any) -> None:
        reply.job_id = "withheld"

    handler = Write(run=bench.post, redact=redact)
    first, _ = await bench.call("k1", handler=handler)
    again, _ = await bench.call("k1", handler=handler)
    assert (first.job_id, again.job_id) == ("job_1", "withheld")


@pytest.mark.parametrize("prepares", [False, True])
async def test_a_repeat_proves_that_its_caller_may_see_the_reply(bench: Bench, prepares: bool):
    """By the stored reply, in the unit that found it; a first call proves nothing."""
    proven: list[tuple[str, str]] = []

    def prove(request: Any, reply: Any, unit: UnitOfWork) -> None:
        proven.append((request.employer_user_id, reply.job_id))
        if len(proven) > 1:
            raise NotFound("job", reply.job_id)

    prepare = bench.prepare if prepares else None
    handler = Write(run=bench.post, prepare=prepare, prove=prove)
    first, _ = await bench.call("k1", handler=handler)
    assert proven == []
    again, _ = await bench.call("k1", handler=handler)
    assert again == first
    with pytest.raises(NotFound):
        await bench.call("k1", handler=handler)
    assert proven == [("emp_1", "job_1")] * 2 and bench.ran == 1


async def test_another_content_is_refused_before_it_proves_anything(bench: Bench):
    """Else the refusal would name an object that the request doesn't."""

    def prove(request: Any, reply: Any, unit: UnitOfWork) -> None:
        raise NotFound("job", reply.job_id)

    handler = Write(run=bench.post, prove=prove)
    await bench.call("k1", handler=handler)
    with pytest.raises(IdempotencyKeyReused):
        await bench.call("k1", handler=handler, title="other")


async def test_a_repeat_prepares_nothing(bench: Bench):
    """What was true at the first call may not be now."""
    handler = Write(run=bench.post, prepare=bench.prepare)
    first, _ = await bench.call("k1", handler=handler)
    again, made = await bench.call("k1", handler=handler)
    assert again == first and made.replayed and bench.prepared == 1


async def test_the_digest_of_detached_fields_is_made_once_a_call(bench: Bench):
    """Before anything is prepared: a repeat prepares nothing."""
    asked_after: list[int] = []

    async def detach(request: Any, call: Call) -> bytes:
        asked_after.append(bench.prepared)
        return call.metadata[-1][1].encode()

    handler = Write(run=bench.post, prepare=bench.prepare, detach=detach)
    first, _ = await bench.call("k1", handler=handler)
    assert asked_after == [0]
    again, made = await bench.call("k1", handler=handler)
    assert again == first and made.replayed and bench.prepared == 1
    assert asked_after == [0, 1]


def detaching(digest: bytes) -> Callable[[Any, Call], Awaitable[bytes]]:
    async def detach(request: Any, call: Call) -> bytes:
        return digest

    return detach


async def test_other_detached_fields_under_a_key_are_refused(bench: Bench):
    """Also where the message is the same, and whatever was prepared."""
    for prepare in (bench.prepare, None):
        handlers = [
            Write(run=bench.post, prepare=prepare, detach=detaching(each))
            for each in (b"one", b"two")
        ]
        await bench.call("k1", handler=handlers[0])
        with pytest.raises(IdempotencyKeyReused):
            await bench.call("k1", handler=handlers[1])
    assert (bench.ran, bench.prepared) == (1, 1)


async def test_a_read_can_not_write(bench: Bench):
    """Not even by mistake: the transaction is read-only."""

    def writes(request: Any, unit: UnitOfWork) -> Any:
        unit.audit("x")
        unit.close()
        return job_pb2.Job()

    of = method("PostJob", idempotency="none", audit="")
    with pytest.raises(Exception, match=r"(?i)read-?only"):
        await bench.call(handler=Read(run=writes), of=of)
    assert await bench.written() == (0, 0)


async def test_a_method_without_a_handler_is_unimplemented(bench: Bench):
    """And says so."""
    with pytest.raises(Unimplemented):
        await bench.call("k1", of=method("CloseJob"))


def _choice(named: str | None, environment: str) -> tuple[Any, Call]:
    """A request that may name an environment, and its call."""
    of = method("ActivateIntegration")
    made = Call(
        method=of, transport="grpc", metadata=(), peer="", received=NOW, environment=environment
    )
    return of.request_type(environment=named or ""), made


@pytest.mark.parametrize(
    ("named", "environment", "chosen"),
    [
        ("sandbox", "", "sandbox"),
        ("production", "", "production"),
        ("sandbox", "sandbox", "sandbox"),
        (None, "production", "production"),
        (None, "", FieldInvalid),
        ("staging", "", FieldInvalid),
    ],
)
def test_the_key_or_the_request_says_which_environment(named, environment, chosen):
    """And never two."""
    from xaigh_server.rpc.interceptors.invoke_handler import choose_environment

    request, made = _choice(named, environment)
    if isinstance(chosen, str):
        choose_environment(request, made)
        assert made.environment == chosen
        return
    with pytest.raises(chosen):
        choose_environment(request, made)


def test_only_what_services_call_as_well_lets_keys_name_an_environment():
    """The prefix of a key says which one is meant; a request can't say another."""
    for declared in METHODS.values():
        takes_keys = declared.rule.access == "self" or declared.rule.audience is Audience.INTEGRATOR
        if takes_keys and declared.rule.database == "business":
            shared = declared.rule.or_scope is not None
            assert declared.names_environment == shared, declared.full_name


async def test_what_needs_no_writing_waits_for_no_writer(bench: Bench):
    """The answer comes while the one writer is held up; where there is something to write, not."""
    free = method("PostJob", idempotency="none", audit="")
    begun, go_on = threading.Event(), threading.Event()

    def hold(session):
        begun.set()
        assert go_on.wait(timeout=10)

    held = asyncio.create_task(bench.databases[Environment.SANDBOX].write(hold))
    await asyncio.to_thread(begun.wait, 10)
    handler = Write(
        run=bench.post,
        prepare=bench.prepare,
        answer=lambda found: job_pb2.Job(job_id="answered") if found == 1 else None,
    )
    try:
        reply, _ = await bench.call(handler=handler, of=free)
        assert (reply.job_id, bench.ran) == ("answered", 0)
        waits = asyncio.create_task(bench.call(handler=handler, of=free))
        await asyncio.wait({waits}, timeout=0.05)
        assert bench.prepared == 2 and not waits.done()
    finally:
        go_on.set()
    reply, _ = await waits
    await held
    assert (reply.job_id, bench.ran) == ("job_1", 1)


def _unused(*arguments: Any) -> Any:
    """Stands where a handler is asked for and never runs."""
    raise AssertionError


@pytest.mark.parametrize("rule", [{"audit": "job.post"}, {"idempotency": "required"}])
def test_nothing_that_is_to_be_kept_is_answered_beside_the_transaction(rule: dict[str, str]):
    """Nor anything that nobody has found out before it."""
    free = method("PostJob", idempotency="none", replay="none", audit="")
    kept = method("PostJob", **{"idempotency": "none", "replay": "none", "audit": "", **rule})
    asks = Write(run=_unused, prepare=_unused, answer=lambda found: None)
    check_handlers({free.path: asks}, {free.path: free})
    with pytest.raises(ValueError, match="PostJob"):
        check_handlers({kept.path: asks}, {kept.path: kept})
    with pytest.raises(ValueError, match="PostJob"):
        check_handlers({free.path: replace(asks, prepare=None)}, {free.path: free})


def test_what_a_replay_proves_is_proven_by_its_handler():
    """By each whose rule says so, and by no other; or the server doesn't start."""

    def prove(request: Any, reply: Any, unit: UnitOfWork) -> None:
        """Proves anything."""

    proving, plain = Write(run=_unused, prove=prove), Write(run=_unused)
    for replay, fits in (("employers", proving), ("status_token", proving), ("caller", plain)):
        of = method("PostJob", replay=replay)
        check_handlers({of.path: fits}, {of.path: of})
        with pytest.raises(ValueError, match="PostJob"):
            check_handlers({of.path: plain if fits is proving else proving}, {of.path: of})


def test_a_write_in_the_partition_of_an_object_finds_its_owner():
    """By each whose rule says so, and by no other; or the server doesn't start."""
    finding, plain = Write(run=_unused, owner=_unused), Write(run=_unused)
    for partition, fits in (("object", finding), ("caller", plain)):
        of = method("PostJob", partition=partition, replay="caller")
        check_handlers({of.path: fits}, {of.path: of})
        with pytest.raises(ValueError, match="PostJob"):
            check_handlers({of.path: plain if fits is finding else finding}, {of.path: of})


async def test_a_write_names_its_partition(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    """That of the calling key's organization, or of the object's where the rule goes by it."""
    sandbox = bench.databases[Environment.SANDBOX]
    named: list[str] = []

    async def write(fn: Any, *, partition: Partition, urgent: bool) -> Any:
        named.append(str(partition))
        return await SqliteDatabase.write(sandbox, fn, partition=partition)  # type: ignore[arg-type]  # it is one

    monkeypatch.setattr(sandbox, "write", write)
    key = bench.key()
    await bench.call("k1", principal=key)
    finding = Write(
        run=lambda request, unit: job_pb2.Job(),
        owner=lambda request, unit: request.employer_user_id,
    )
    of_object = method("PostJob", partition="object", audit="")
    await bench.call("k2", principal=key, handler=finding, of=of_object, employer_user_id="org_9")
    assert named == [f"sandbox/{getattr(key, 'organization_id', '')}", "sandbox/org_9"]


async def test_an_event_of_another_organization_is_refused(bench: Bench):
    """Its chain and its queue are written under another lock."""
    finding = Write(run=bench.post, owner=lambda request, unit: "org_9")
    of_object = method("PostJob", partition="object")
    with pytest.raises(RuntimeError, match="can't be written in sandbox/org_9"):
        await bench.call("k1", handler=finding, of=of_object)
    assert await bench.written() == (0, 0)


def test_a_reply_with_a_secret_needs_a_redaction():
    """Or the server doesn't start."""
    of = method("IssueKey")
    with pytest.raises(ValueError, match="IssueKey"):
        check_handlers({of.path: Write(run=lambda request, unit: request)}, {of.path: of})
