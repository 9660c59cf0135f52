"""What the gate costs a call, in process: everything between the transport and the handler.

The chain of the server itself, with a key that it knows, before a handler that returns a constant
in its unit of work; beside the same number of links that do nothing, and in turns with a chain that
has 10,000 keys of 1,000 organizations in its database and keyring. Costs are of processor time, so
that a busy machine counts less; eight calls share a turn of the event loop, as under load.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, redirect_stderr
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import uvloop
from google.protobuf.message import Message
from tests.bench.bars import Bar
from tests.harness.access import grant_access
from tests.harness.api_client import RestClient
from tests.harness.call import Source
from tests.harness.server import server

from xaigh.jobs.v1 import job_pb2, jobs_service_pb2
from xaigh_server.app import App, open_app
from xaigh_server.cli.serve import tune_collector
from xaigh_server.db.session import Session
from xaigh_server.identity import base62
from xaigh_server.identity import key_format as keys
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.key_format import KeyType
from xaigh_server.identity.key_tags import KeyTags
from xaigh_server.keys.grant_repository import Grants
from xaigh_server.keys.repository import Keys
from xaigh_server.organizations.repository import Organizations
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.handlers import Read
from xaigh_server.rpc.interceptor import Next, NextDecoded, chain
from xaigh_server.runtime.secrets import load_peppers
from xaigh_server.settings import Settings, load

METHOD = "/xaigh.jobs.v1.JobsService/GetJob"
ORGANIZATIONS, KEYS_EACH = 1_000, 10
ROUNDS, CALLS, AT_ONCE, LINKS = 15, 1_000, 8, 12

Caller: TypeAlias = Callable[[str], Awaitable[Any]]


def measure() -> list[Bar]:
    """The gate's own cost, and that the number of tenants doesn't change it."""
    with tempfile.TemporaryDirectory(prefix="xaigh-bench-") as folder:
        settings, key, grant_id = _prepared(Path(folder))
        with (Path(folder) / "bench.log").open("w") as log, redirect_stderr(log):
            nothing, few, many, other = uvloop.run(_run(settings, key, grant_id))
    return [
        Bar(name="the gate's own cost", value=few - nothing, wanted=60, unit="µs",
            detail=f"{few:.1f} µs a call, {nothing:.1f} µs of them for {LINKS} empty links",
            higher=False),
        Bar(name="the gate with 10,000 keys of 1,000 organizations", value=many / few, wanted=1.05,
            unit="×", higher=False,
            detail=f"{many:.1f} µs a call; {other:.1f} µs where each call is of another key"),
    ]  # fmt: skip


def _prepared(folder: Path) -> tuple[Settings, str, str]:
    """A data folder with one key, made by a server."""
    path = folder / "settings.toml"
    path.write_text("[tiers.bench]\nminute = {calls = 1000000000, seconds = 60}\n")
    environ = {"XAIGH_SETTINGS": str(path), "XAIGH_DEFAULT_TIER": "bench"}
    data = folder / "data"
    data.mkdir()
    with server(data, **environ) as running:
        api = RestClient(running.rest)
        access = grant_access(api, running.founder)
        api.close()
    settings = load({**environ, "XAIGH_DATA_DIR": str(data), "XAIGH_LOG_FORMAT": "json"})
    return settings, access.key, access.grant_id


async def _run(settings: Settings, key: str, grant_id: str) -> tuple[float, ...]:
    """Costs of: no links, the gate, the gate with many keys, and by another key each time."""
    reply = job_pb2.Job(job_id="job_1")
    request = jobs_service_pb2.GetJobRequest(job_id="job_1")
    handlers = {METHOD: Read(lambda asked, unit: reply, point=True)}
    large = replace(settings, data_dir=settings.data_dir.with_name("large"))
    shutil.copytree(settings.data_dir, large.data_dir)
    async with AsyncExitStack() as stack:
        app, crowded = await open_app(settings, stack), await open_app(large, stack)
        empty = _caller(app, chain([_Link()] * LINKS, _constant(reply)), request)
        few = _caller(app, app.gate(handlers), request)
        many = _caller(crowded, crowded.gate(handlers), request)
        others = await _populate(crowded, large, grant_id)
        for each in others:
            await many(each)
        tune_collector()
        drawn = random.Random(1).choices(others, k=ROUNDS * CALLS)
        return await _costs(
            (empty, _same(key)), (few, _same(key)), (many, _same(key)), (many, iter(drawn))
        )


class _Link:
    async def __call__(self, call_next: Next, request: Any, call: Call) -> Any:
        return await call_next(request, call)


def _constant(reply: Message) -> NextDecoded:
    async def answer(request: Any, call: Call) -> Message:
        return reply

    return answer


def _caller(app: App, answer: Next, request: Message) -> Caller:
    """Makes one call by a key, as a transport does."""
    method, source = app.methods[METHOD], Source(request)

    async def call(key: str) -> Any:
        return await answer(
            source,
            Call(
                method=method,
                transport="grpc",
                metadata=(("user-agent", "bench"), ("authorization", f"Bearer {key}")),
                peer="127.0.0.1",
                received=datetime.now(UTC),
            ),
        )

    return call


def _same(key: str) -> Iterator[str]:
    while True:
        yield key


async def _costs(*what: tuple[Caller, Iterator[str]]) -> tuple[float, ...]:
    """Microseconds of processor time a call, medians of rounds that alternate."""
    rounds: list[list[float]] = [[] for _ in what]
    for _ in range(ROUNDS):
        for (call, by), found in zip(what, rounds, strict=True):
            found.append(await _round(call, by))
    return tuple(statistics.median(found) for found in rounds)


async def _round(call: Caller, by: Iterator[str]) -> float:
    began = time.process_time()
    for number in range(CALLS):
        await call(next(by))
        if number % AT_ONCE == 0:
            await asyncio.sleep(0)
    return (time.process_time() - began) / CALLS * 1e6


async def _populate(app: App, settings: Settings, grant_id: str) -> list[str]:
    """Adds organizations with a grant and some keys each, in the likeness of the first."""
    peppers = load_peppers(settings)
    tags = KeyTags(peppers)
    made: list[str] = []

    def work(session: Session) -> None:
        grants, organizations, book = Grants(session), Organizations(session), Keys(session)
        grant = grants.current(grant_id)
        assert grant is not None
        organization = organizations.get(grant.organization_id)
        first = book.unrevoked_of(grant_id)[0]
        assert organization is not None
        for _ in range(ORGANIZATIONS):
            owner, right = _id("org"), _id("grt")
            organizations.add(replace(organization, organization_id=owner))
            grants.add(replace(grant, grant_id=right, organization_id=owner))
            for _ in range(KEYS_EACH):
                new = keys.mint(Environment.SANDBOX, KeyType.SECRET, os.urandom, tags.make)
                record = replace(first, key_id=new.id, organization_id=owner, grant_id=right)
                book.add(record, peppers.digest(new.text))
                made.append(new.text)

    await app.databases.control.write(work)
    return made


def _id(prefix: str) -> str:
    return f"{prefix}_{base62.random_string(20, os.urandom)}"
