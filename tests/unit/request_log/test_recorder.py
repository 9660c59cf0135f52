"""The recorder: whose calls it notes, what of them, and what it does when it can't write."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from tests.harness.call import METHODS, NOW, call, principal

from xaigh_server.db import schema
from xaigh_server.db.database import Database, open_database
from xaigh_server.db.errors import DatabaseUnavailable
from xaigh_server.db.times import to_micros
from xaigh_server.errors import DomainError, FieldInvalid, FieldViolation
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.errors import KeyRevoked, KeyUnknown, KnownKey
from xaigh_server.request_log import recorder as module
from xaigh_server.request_log.model import CallFilter, LoggedCall
from xaigh_server.request_log.recorder import RequestRecorder
from xaigh_server.request_log.repository import RequestLogs
from xaigh_server.request_log.service import OWN_METHODS
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.docs_links import DocsLinks
from xaigh_server.rpc.error_reasons import read_reasons
from xaigh_server.rpc.interceptors.errors import Failures
from xaigh_server.runtime.tables import business_metadata

_FAILURES = Failures(read_reasons(), DocsLinks("/docs"))


class Slow:
    """A database that is away as long as `away` says so."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.name = database.name
        self.away = False

    async def write(self, fn: Callable[..., Any], **partition: Any) -> Any:
        if self.away:
            raise DatabaseUnavailable("away")
        return await self._database.write(fn, **partition)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """An empty business database."""
    found = open_database("sandbox", tmp_path / "sandbox.db", business_metadata)
    await found.start()
    await found.write(lambda session: schema.create(session, business_metadata))
    yield found
    await found.close()


def recorder_of(database: Any, registry: CollectorRegistry | None = None) -> RequestRecorder:
    return RequestRecorder(
        {Environment.SANDBOX: database},
        registry or CollectorRegistry(),
        clock=lambda: to_micros(NOW),
        left_out=OWN_METHODS,
    )


def called(name: str = "GetJob", *, key: bool = True, idempotency_key: str = "") -> Call:
    """A call that has an id, and a key unless told otherwise."""
    made = call(name, idempotency_key=idempotency_key) if idempotency_key else call(name)
    made.request_id = "req_1"
    if key:
        made.principal = principal()
    return made


def end(recorder: RequestRecorder, made: Call, error: DomainError | None = None) -> None:
    """Ends a call as Observe does."""
    if error is None:
        recorder.record(made, "ok", "", 0.25, None)
        return
    failure = _FAILURES.of(error, request_id="req_1")
    failure.__cause__ = error
    recorder.record(made, failure.view.code, failure.reason, 0.25, failure)


async def written(recorder: RequestRecorder, database: Database) -> list[LoggedCall]:
    await recorder.flush()
    return await database.read(
        lambda session: RequestLogs(session).page(CallFilter(), before=None, limit=99)
    )


async def test_an_answered_call(database: Database) -> None:
    """Who, what, when, how long, and whether it was a replay."""
    recorder, made = recorder_of(database), called("PostJob")
    made.client_request_id, made.idempotency_key, made.replayed = "mine", "abc", True
    end(recorder, made)
    (found,) = await written(recorder, database)
    assert (found.organization_id, found.code, found.reason) == ("org_1", "ok", "")
    assert found.method == "xaigh.jobs.v1.JobsService.PostJob"
    assert (found.client_request_id, found.idempotency_key, found.replayed) == ("mine", "abc", True)
    assert (found.ended_at, found.duration.total_seconds()) == (NOW, 0.25)


async def test_a_refusal_names_fields_and_no_values(database: Database) -> None:
    """Keys of maps, quoted values and credentials are left out; the rest says what broke."""
    violations = [
        FieldViolation(path='labels["Jane Roe"].x', description="'Jane' isn't a \"Roe\" label."),
        FieldViolation(path="jobs[3].title", description="Is required."),
    ]
    recorder = recorder_of(database)
    end(recorder, called("PostJob", idempotency_key='"abc"'), FieldInvalid(violations))
    (found,) = await written(recorder, database)
    assert (found.code, found.reason) == ("invalid_argument", "FIELD_INVALID")
    assert found.idempotency_key == "abc"
    assert [(each.path, each.description) for each in found.violations] == [
        ("labels[…].x", "… isn't a … label."),
        ("jobs[3].title", "Is required."),
    ]


async def test_twenty_violations_at_most(database: Database) -> None:
    """A batch of bad records leaves a short row."""
    many = [FieldViolation(path="x" * 900, description="y" * 900)] * 500
    recorder = recorder_of(database)
    end(recorder, called(), FieldInvalid(many))
    (found,) = await written(recorder, database)
    assert len(found.violations) == module.MOST_VIOLATIONS
    assert len(found.violations[0].path) == 300


async def test_an_ended_key_is_known(database: Database) -> None:
    """Its organization sees that somebody still uses it."""
    refusal = KeyRevoked(metadata={"keyId": "key_9"})
    refusal.key = KnownKey(key_id="key_9", organization_id="org_9", environment=Environment.SANDBOX)
    recorder = recorder_of(database)
    end(recorder, called(key=False), refusal)
    (found,) = await written(recorder, database)
    assert (found.organization_id, found.key_id) == ("org_9", "key_9")
    assert found.reason == "KEY_REVOKED"


async def test_nobody_known_leaves_nothing(database: Database) -> None:
    """Neither an unknown key nor a call without one."""
    recorder = recorder_of(database)
    end(recorder, called(key=False), KeyUnknown())
    end(recorder, called(key=False))
    assert await written(recorder, database) == []


async def test_reads_of_the_log_are_left_out_unless_refused(database: Database) -> None:
    """Following the log doesn't fill it."""
    assert set(OWN_METHODS) <= {method.full_name for method in METHODS.values()}
    recorder = recorder_of(database)
    end(recorder, called("ListRequestLogs"))
    end(recorder, called("GetRequestLog"), FieldInvalid.at("requestId", "Is required."))
    assert [each.method.rpartition(".")[2] for each in await written(recorder, database)] == [
        "GetRequestLog"
    ]


async def test_calls_wait_for_a_database_that_is_away(database: Database) -> None:
    """In their order, over more than one batch."""
    slow = Slow(database)
    recorder = recorder_of(slow)
    slow.away = True
    for at in range(module.BATCH + 3):
        made = called()
        made.request_id = f"req_{at}"
        end(recorder, made)
    await recorder.flush()
    slow.away = False
    found = await written(recorder, database)
    assert found[0].request_id == f"req_{module.BATCH + 2}"
    total = await database.read(
        lambda session: len(RequestLogs(session).page(CallFilter(), before=None, limit=9999))
    )
    assert total == module.BATCH + 3


async def test_the_oldest_are_dropped_and_counted(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory is bounded; the metric says what was lost."""
    monkeypatch.setattr(module, "MOST_WAITING", 10)
    registry, slow = CollectorRegistry(), Slow(database)
    recorder = recorder_of(slow, registry)
    slow.away = True
    for at in range(12):
        made = called()
        made.request_id = f"req_{at}"
        end(recorder, made)
    await recorder.flush()
    slow.away = False
    found = await written(recorder, database)
    assert {each.request_id for each in found} == {f"req_{at}" for at in range(2, 12)}
    assert registry.get_sample_value("xaigh_request_log_dropped_total") == 2
