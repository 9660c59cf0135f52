"""A whole server in process for the model of rights, and what the model keeps.

Its calls come through all interceptors, without sockets. Bodies and feeds arrive when a test lets
them.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from google.protobuf.json_format import ParseDict
from google.protobuf.message import Message
from sqlalchemy import bindparam, select
from tests.harness.call import BY_NAME, Source, call
from tests.harness.control_rows import GRANT, ORGANIZATION, add_ticket
from tests.harness.full_chain import settings_of

from xaigh_server.app import App, open_app
from xaigh_server.db import migrate
from xaigh_server.db.session import Session
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.fleet_secrets import NAMES
from xaigh_server.identity.operator_admin import OperatorAdmin
from xaigh_server.identity.scopes import Role
from xaigh_server.jobs.tables import job_postings
from xaigh_server.keys.grant_repository import Grants
from xaigh_server.organizations.repository import Organizations
from xaigh_server.rpc.interceptors.errors import CallFailed
from xaigh_server.runtime.databases import open_databases
from xaigh_server.runtime.secrets import load_peppers
from xaigh_server.runtime.system import new_id

numbers = count(1)
_TITLES = select(job_postings.c.title).where(
    job_postings.c.organization_id == bindparam("organization_id")
)


class Clock:
    """The real time, and what a test adds to it."""

    ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class HeldSource(Source):
    """A request whose body arrives when the test lets it."""

    def __init__(self, request: Message) -> None:
        super().__init__(request)
        self.asked = asyncio.Event()
        self.arrived = asyncio.Event()

    async def message(self) -> Message:
        self.asked.set()
        await self.arrived.wait()
        return await super().message()


class FeedSource(Source):
    """A stream of requests; None ends it."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: asyncio.Queue[Message | None] = asyncio.Queue()

    async def messages(self) -> AsyncIterator[Message]:
        while (message := await self.sent.get()) is not None:
            yield message


class RightsServer:
    """A server in process, whose calls come through all of its interceptors."""

    def __init__(self, app: App, clock: Clock, founder: str) -> None:
        self.app = app
        self.clock = clock
        self.founder = founder

    async def send(self, method: str, source: Source, key: str) -> Any:
        """The reply of a call. Raises CallFailed."""
        made = call(method, key=key, idempotency_key=f"step-{next(numbers)}")
        return await self.app.answer(source, replace(made, received=self.clock()))

    async def call(self, method: str, body: dict[str, Any], key: str) -> tuple[str, Any]:
        """The reason of the refusal, empty where there is none, and the reply."""
        try:
            return "", await self.send(method, Source(request(method, body)), key)
        except CallFailed as failed:
            return failed.reason, None

    async def titles(self, organization_id: str) -> list[str]:
        """The titles of all jobs of the organization, as stored."""
        database = self.app.databases.business[Environment.SANDBOX]

        def read(session: Session) -> list[str]:
            rows = session.all(_TITLES, organization_id=organization_id)
            return sorted(row.title for row in rows)

        return await database.read(read)


@dataclass(eq=False, kw_only=True)
class GrantModel:
    """What a grant allows now."""

    grant_id: str
    scopes: set[str]
    employers: set[str]
    revoked: bool = False


@dataclass(eq=False, kw_only=True)
class KeyModel:
    """A key: it ends by the clock, by a rotation, by a revocation, or with its grant."""

    text: str = field(repr=False)
    grant: GrantModel
    ends: datetime | None = None
    rotated: bool = False
    revoked: bool = False
    replaces: KeyModel | None = None

    @property
    def id(self) -> str:
        return self.text[8:18]


@dataclass(eq=False, kw_only=True)
class HeldPost:
    """A PostJob that was let in, whose body is held back."""

    key: KeyModel
    employer: str
    title: str
    source: HeldSource
    reply: asyncio.Task[Any]


@dataclass(eq=False, kw_only=True)
class OpenStream:
    """A watch or a feed that was let in."""

    key: KeyModel
    scope: str
    source: Source
    replies: list[Any] = field(default_factory=list)
    told: set[str] = field(default_factory=set)
    """Titles that a watch may tell of."""
    titles: tuple[str, ...] = ()
    """Titles of the records of a feed."""
    reading: asyncio.Task[str]

    def seen(self) -> set[str]:
        """The titles that a watch has told of."""
        jobs = (reply.job for reply in self.replies if reply.HasField("job"))
        return {job.job_content.title for job in jobs}


def seed(session: Session, organization_id: str, grants: list[GrantModel]) -> None:
    """An organization, its ticket and its grants."""
    named = replace(ORGANIZATION, organization_id=organization_id, display_name=organization_id)
    Organizations(session).add(named)
    ticket_id = f"tkt_{organization_id}"
    add_ticket(session, ticket_id, named)
    for each in grants:
        terms = replace(
            GRANT.terms,
            scopes=tuple(sorted(each.scopes)),
            employer_user_ids=tuple(sorted(each.employers)),
            key_allowance=50,
            tier="enterprise",
        )
        grant = replace(GRANT, grant_id=each.grant_id, organization_id=organization_id, terms=terms)
        Grants(session).add(replace(grant, ticket_id=ticket_id))


def request(method: str, body: dict[str, Any]) -> Message:
    message: Message = ParseDict(body, BY_NAME[method].request_type())
    return message


def job_form(title: str, employer: str) -> dict[str, Any]:
    starts = "2027-06-18T08:00:00Z"
    return {"employerUserId": employer, "title": title, "slots": 1, "startsAt": starts}


def send_rest(feed: OpenStream) -> None:
    """Sends the second record of a feed and its end."""
    assert isinstance(feed.source, FeedSource)
    ends = request("SyncFeed", {"complete": {"expectedTotal": 2}})
    for message in (record(feed.titles[1]), ends, None):
        feed.source.sent.put_nowait(message)


def record(title: str) -> Message:
    job = {"externalJobId": title, "title": title, "status": "OPEN"}
    return request("SyncFeed", {"normalizedJob": job})


async def either(reply: asyncio.Task[Any], other: Any) -> None:
    """Waits until the call is over or the other thing has happened."""
    happened = asyncio.ensure_future(other)
    await asyncio.wait({reply, happened}, return_when=asyncio.FIRST_COMPLETED)
    happened.cancel()


async def reason_of(reply: asyncio.Task[Any]) -> str:
    """Why a call was refused; empty where it wasn't."""
    try:
        await reply
    except CallFailed as failed:
        return failed.reason
    return ""


async def open_rights_server(
    stack: AsyncExitStack, folder: Path, clock: Clock, urls: dict[str, str]
) -> RightsServer:
    endless = {"bad_credential_limit_per_minute": 10**9}
    secrets = {name: os.urandom(32).hex() for name in NAMES}
    chosen = settings_of(folder, **endless, **urls, **secrets)
    async with AsyncExitStack() as first:
        await migrate.upgrade(*(await open_databases(chosen, first)).all)
    app = await open_app(chosen, stack)
    admin = OperatorAdmin(
        peppers=load_peppers(app.settings),
        random=lambda length: bytes(range(length)),
        new_id=new_id,
        clock=clock,
        actor="test",
    )
    made = await app.databases.control.write(
        lambda session: admin.add(session, "founder", Role.FOUNDER)
    )
    return RightsServer(app, clock, made.text)
