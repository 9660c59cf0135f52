"""A model of rights against a whole server in process, on both engines.

The machine takes random steps: it issues, rotates, revokes and rolls back keys, narrows and revokes
grants, suspends and resumes an organization, lets the clock pass expiries, posts jobs, holds bodies
back, and opens watches and feeds. The model says who may do what *now*. After the reply of a step
that takes rights away, nothing that is sent may take effect; what keeps its rights keeps working.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.harness.call import Source
from tests.harness.rights_server import (
    Clock,
    FeedSource,
    GrantModel,
    HeldPost,
    HeldSource,
    KeyModel,
    OpenStream,
    RightsServer,
    either,
    job_form,
    numbers,
    open_rights_server,
    reason_of,
    record,
    request,
    seed,
    send_rest,
)

from xaigh_server import app as composition
from xaigh_server.identity import leased_epoch
from xaigh_server.rpc import stream_guard
from xaigh_server.rpc.interceptors.errors import CallFailed

PATIENCE = 20.0  # seconds
GRACE = timedelta(minutes=10)
SCOPES = ("ats:read", "ats:sync", "jobs:read", "jobs:write")
EMPLOYERS = ("emp_a", "emp_b")
FED = tuple(f"emp_fed_{number}" for number in range(8))
PICK = st.integers(0, 99)


class RightsMachine(RuleBasedStateMachine):
    """One organization with two grants. Each step's outcome is compared with the model's."""

    server: ClassVar[RightsServer]
    runner: ClassVar[asyncio.Runner]

    def run(self, work: Awaitable[Any]) -> Any:
        async def bounded() -> Any:
            return await asyncio.wait_for(work, PATIENCE)

        return self.runner.run(bounded())

    @initialize()
    def begin(self) -> None:
        number = next(numbers)
        self.organization_id = f"org_{number}"
        self.suspended = False
        self.jobs: dict[str, str] = {}
        self.held: list[HeldPost] = []
        self.watches: list[OpenStream] = []
        self.feeds: list[OpenStream] = []
        self.fed = iter(FED)
        self.grants = [
            GrantModel(
                grant_id=f"grt_{number}_{each}",
                scopes=set(SCOPES),
                employers={*EMPLOYERS, *FED},
            )
            for each in range(2)
        ]
        control = self.server.app.databases.control
        self.run(control.write(lambda session: seed(session, self.organization_id, self.grants)))
        self.run(asyncio.sleep(leased_epoch.SETTLING_SECONDS))  # no call has waited for the grants
        self.keys: list[KeyModel] = []
        for index in range(4):
            self.issue(index, brief=False)

    # --- what rights allow -------------------------------------------------------------------

    def refusal(self, key: KeyModel, scope: str, employer: str = "") -> str:
        """Why the key may not do it now; empty where it may."""
        if key.revoked:
            return "KEY_REVOKED"
        if key.grant.revoked:
            return "GRANT_REVOKED"
        if key.ends is not None and key.ends <= self.server.clock():
            return "KEY_ROTATED" if key.rotated else "KEY_EXPIRED"
        if self.suspended:
            return "SUSPENDED"
        if scope not in key.grant.scopes:
            return "SCOPE_NOT_GRANTED"
        return "NOT_FOUND" if employer and employer not in key.grant.employers else ""

    @rule(pick=PICK, employer=st.sampled_from(EMPLOYERS))
    def post(self, pick: int, employer: str) -> None:
        key, title = self._key(pick), f"Job {next(numbers)}"
        reason, _ = self.run(self.server.call("PostJob", job_form(title, employer), key.text))
        assert reason == self.refusal(key, "jobs:write", employer)
        if not reason:
            self._posted(title, employer)

    @rule(pick=PICK, employer=st.sampled_from(EMPLOYERS))
    def hold(self, pick: int, employer: str) -> None:
        key, title = self._key(pick), f"Held {next(numbers)}"
        source = HeldSource(request("PostJob", job_form(title, employer)))

        async def begin() -> asyncio.Task[Any]:
            reply = asyncio.create_task(self.server.send("PostJob", source, key.text))
            await either(reply, source.asked.wait())
            return reply

        reply = self.run(begin())
        expected = self.refusal(key, "jobs:write")
        if expected:
            assert self.run(reason_of(reply)) == expected
            return
        assert not reply.done()
        self.held.append(
            HeldPost(key=key, employer=employer, title=title, source=source, reply=reply)
        )

    @precondition(lambda self: self.held)
    @rule(pick=PICK)
    def complete(self, pick: int) -> None:
        held = self.held.pop(pick % len(self.held))
        expected = self.refusal(held.key, "jobs:write", held.employer)
        held.source.arrived.set()
        assert self.run(reason_of(held.reply)) == expected
        if not expected:
            self._posted(held.title, held.employer)

    @precondition(lambda self: len(self.watches) < 3)
    @rule(pick=PICK)
    def watch(self, pick: int) -> None:
        key = self._key(pick)
        source = Source(request("WatchJobs", {}))
        stream = self.run(self._open("WatchJobs", key, "jobs:read", source))
        stream.told = {
            title for title, employer in self.jobs.items() if employer in key.grant.employers
        }
        expected = self.refusal(key, "jobs:read")
        if expected:
            assert self.run(stream.reading) == expected
            return
        self._until(lambda: bool(stream.replies) or stream.reading.done())
        assert not stream.reading.done()
        self.watches.append(stream)

    @rule(pick=PICK)
    def feed(self, pick: int) -> None:
        key, employer = self._key(pick), next(self.fed, "")
        if not employer:
            return
        wanted = {"provider": "CUSTOM", "board": employer, "employerUserIds": [employer]}
        body = {"integration": wanted}
        reason, _ = self.run(self.server.call("CreateIntegration", body, key.text))
        assert reason == self.refusal(key, "ats:sync")
        if reason:
            return
        source, titles = FeedSource(), tuple(f"Fed {next(numbers)}" for _ in range(2))
        stream = self.run(self._open("SyncFeed", key, "ats:sync", source))
        stream.titles = titles
        opening = {"provider": "CUSTOM", "employerUserId": employer}
        source.sent.put_nowait(request("SyncFeed", {"open": opening}))
        source.sent.put_nowait(record(titles[0]))
        self.feeds.append(stream)

    @precondition(lambda self: self.feeds)
    @rule(pick=PICK)
    def finish(self, pick: int) -> None:
        stream = self.feeds.pop(pick % len(self.feeds))
        send_rest(stream)
        assert self.run(stream.reading) == ""  # one that lost its rights has ended before
        assert stream.replies[-1].HasField("summary")
        for title in stream.titles:
            self._posted(title, FED[0])

    # --- what changes rights -----------------------------------------------------------------

    @precondition(lambda self: not self.suspended)
    @rule(pick=PICK, brief=st.booleans())
    def issue(self, pick: int, brief: bool) -> None:
        grant = self.grants[pick % 2]
        if grant.revoked or len(self.keys) > 9:
            return
        ends = self.server.clock() + GRACE if brief else None
        order: dict[str, Any] = {"grantId": grant.grant_id, "name": "model"}
        if ends is not None:
            order["expireTime"] = ends.isoformat()
        text = self._operate("IssueKey", order).api_key
        self.keys.append(KeyModel(text=text, grant=grant, ends=ends))

    @precondition(lambda self: not self.suspended)
    @rule(pick=PICK, graceful=st.booleans())
    def rotate(self, pick: int, graceful: bool) -> None:
        key = self._key(pick)
        before = key.replaces
        if self.refusal(key, "ats:read") or key.rotated or len(self.keys) > 9:
            return
        if before is not None and not self.refusal(before, "ats:read"):
            return  # a rotation is open
        grace = GRACE if graceful else timedelta()
        body = {"keyId": key.id, "grace": f"{int(grace.total_seconds())}s"}
        new = self._operate("RotateKey", body)
        successor = KeyModel(text=new.api_key, grant=key.grant, ends=key.ends, replaces=key)
        self.keys.append(successor)
        key.ends = min(self.server.clock() + grace, key.ends or datetime.max.replace(tzinfo=UTC))
        key.rotated = True
        self._taken()

    @rule(pick=PICK, with_its_jobs=st.booleans())
    def revoke(self, pick: int, with_its_jobs: bool) -> None:
        key = self._key(pick)
        if key.revoked or key.grant.revoked:
            return
        body = {"keyId": key.id, "reason": "model"}
        if with_its_jobs and not key.rotated and key.replaces is None:
            since = (self.server.clock() - timedelta(hours=1)).isoformat()
            self._operate("RollbackKey", {**body, "since": since})
        else:
            self._operate("RevokeKey", body)
        key.revoked = True
        self._taken()

    @precondition(lambda self: not self.suspended)
    @rule(pick=PICK, right=st.sampled_from((*SCOPES[1:], *EMPLOYERS)))
    def narrow(self, pick: int, right: str) -> None:
        grant = self.grants[pick % 2]
        held, member = (
            (grant.scopes, "scopes") if right in SCOPES else (grant.employers, "employerUserIds")
        )
        if grant.revoked or right not in held:
            return
        left = sorted(held - {right})
        self._operate("NarrowGrant", {"grantId": grant.grant_id, member: left, "reason": "model"})
        held.discard(right)
        self._taken()

    @rule(pick=PICK)
    def revoke_grant(self, pick: int) -> None:
        grant = self.grants[pick % 2]
        # One of them stays, so that the rest of the steps has keys to call with.
        if any(each.revoked for each in self.grants):
            return
        self._operate("RevokeGrant", {"grantId": grant.grant_id, "reason": "model"})
        grant.revoked = True
        self._taken()

    @precondition(lambda self: not self.suspended)
    @rule()
    def suspend(self) -> None:
        body = {"organizationId": self.organization_id, "reason": "model"}
        self._operate("SuspendOrganization", body)
        self.suspended = True
        self._taken()

    @precondition(lambda self: self.suspended)
    @rule()
    def resume(self) -> None:
        self._operate("ResumeOrganization", {"organizationId": self.organization_id})
        self.suspended = False

    @rule()
    def pass_time(self) -> None:
        self.server.clock.ahead += GRACE + timedelta(seconds=1)
        self._taken()

    # --- comparisons -------------------------------------------------------------------------

    @invariant()
    def nothing_else_was_written(self) -> None:
        """All jobs are those that the model let in."""
        assert self.run(self.server.titles(self.organization_id)) == sorted(self.jobs)

    @invariant()
    def watches_tell_what_they_may(self) -> None:
        """Only of jobs that their grant had when they were posted."""
        for stream in self.watches:
            assert stream.seen() <= stream.told

    def teardown(self) -> None:
        calls = [each.reply for each in self.held]
        calls += [each.reading for each in (*self.watches, *self.feeds)]
        for each in calls:
            each.cancel()
        if calls:
            self.run(asyncio.wait(calls))

    # --- steps in common ---------------------------------------------------------------------

    def _key(self, pick: int) -> KeyModel:
        return self.keys[pick % len(self.keys)]

    def _posted(self, title: str, employer: str) -> None:
        """Each open watch that may see the job tells of it."""
        self.jobs[title] = employer
        for stream in self.watches:
            if employer in stream.key.grant.employers:
                stream.told.add(title)
                self._until(lambda stream=stream: title in stream.seen())  # type: ignore[misc]

    def _taken(self) -> None:
        """Streams without rights end with the reason, whatever is sent; the others go on."""
        for stream in (*self.watches, *self.feeds):
            expected = self.refusal(stream.key, stream.scope)
            if not expected:
                assert not stream.reading.done()
                continue
            if stream in self.feeds:
                self.feeds.remove(stream)
                send_rest(stream)
            else:
                self.watches.remove(stream)
                assert stream.seen() <= stream.told
            assert self.run(stream.reading) == expected

    def _operate(self, method: str, body: dict[str, Any]) -> Any:
        reason, reply = self.run(self.server.call(method, body, self.server.founder))
        assert reason == ""
        return reply

    async def _open(self, method: str, key: KeyModel, scope: str, source: Source) -> OpenStream:
        replies: list[Any] = []

        async def read() -> str:
            try:
                async for reply in await self.server.send(method, source, key.text):
                    replies.append(reply)
            except CallFailed as failed:
                return failed.reason
            return ""

        reading = asyncio.create_task(read())
        return OpenStream(key=key, scope=scope, source=source, replies=replies, reading=reading)

    def _until(self, holds: Callable[[], bool]) -> None:
        async def wait() -> None:
            while not holds():  # noqa: ASYNC110  # the server has no event for a reply that is read
                await asyncio.sleep(0.005)

        self.run(wait())


@pytest.fixture
def urls(location: Path | str, request: pytest.FixtureRequest) -> dict[str, str]:
    """Where the three databases are, as settings."""
    if isinstance(location, Path):
        return {}
    new = request.getfixturevalue("new_postgres")
    return {"control_url": location, "sandbox_url": new(), "production_url": new()}


@pytest.fixture
def machine(
    tmp_path: Path, urls: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[type[RightsMachine]]:
    """The machine over a server that has just started."""
    clock = Clock()
    monkeypatch.setattr(composition, "now", clock)
    monkeypatch.setattr(leased_epoch, "LEASE_SECONDS", 0.02)
    monkeypatch.setattr(leased_epoch, "SETTLING_SECONDS", 0.025)
    monkeypatch.setattr(stream_guard, "RECHECK_SECONDS", 0.02)
    stack = AsyncExitStack()
    with asyncio.Runner() as runner:
        server = runner.run(open_rights_server(stack, tmp_path, clock, urls))
        yield type("Bound", (RightsMachine,), {"server": server, "runner": runner})
        runner.run(stack.aclose())


def test_rights_are_those_of_now(machine: type[RightsMachine]) -> None:
    """Whatever the order of the steps."""
    few = settings(max_examples=25, stateful_step_count=40, deadline=None)
    run_state_machine_as_test(machine, settings=few)
