"""What is done in rounds, as the settings say."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from prometheus_client import CollectorRegistry

from xaigh_server.ats.events import SyncEvent, SyncEventType
from xaigh_server.ats.repository.events import SyncEvents
from xaigh_server.audit.signing_key import AuditKeys
from xaigh_server.audit.sink_settings import AuditSink
from xaigh_server.db.session import Session
from xaigh_server.identity.environments import Environment
from xaigh_server.jobs.change_log import JobChangeLog, LogEntry
from xaigh_server.jobs.model import ChangeKind
from xaigh_server.net.own_hosts import OwnHosts
from xaigh_server.runtime.background_tasks import HISTORY_SECONDS, add_housekeeping, sink_url
from xaigh_server.runtime.databases import Databases, migrate_or_check, open_databases
from xaigh_server.runtime.leadership import LedTasks
from xaigh_server.runtime.scheduler import Work
from xaigh_server.settings import Settings, SettingsError

NOW = datetime(2026, 3, 1, tzinfo=UTC)


class NotedRounds(LedTasks):
    """Notes what is added."""

    def __init__(self) -> None:
        self.noted: list[tuple[float, Work]] = []

    def every(self, task: str, seconds: float, work: Work, **_: Any) -> None:
        self.noted.append((seconds, work))


@pytest.fixture
async def databases(tmp_path: Path) -> AsyncIterator[Databases]:
    """All three, with two changes of one kind and one sync event in the sandbox."""
    settings = Settings(data_dir=tmp_path)
    async with AsyncExitStack() as stack:
        found = await open_databases(settings, stack)
        await migrate_or_check(settings, found)
        await found.business[Environment.SANDBOX].write(fill)
        yield found


def fill(session: Session) -> None:
    entries = [LogEntry(1, "emp_1", ChangeKind.UPDATED)] * 2
    JobChangeLog(session).append("org_1", entries, NOW)
    event = SyncEvent(
        *("sev_1", SyncEventType.UPDATED, 1, "emp_1", "ain_1", "a", "b", "OPEN", "OPEN"), time=NOW
    )
    SyncEvents(session).add([event], run=1, policy="", request_id="req_1", client_request_id="")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://archive.example/", "https"),
        ("https://127.0.0.1/", "loopback"),
        ("https://10.0.0.1/", "private"),
        ("https://archive.internal/", "inner network"),
    ],
)
def test_a_sink_s_url_passes_the_guard(url: str, said: str) -> None:
    """The start ends with the name of the setting."""
    sink = AuditSink(name="archive", url=url, bearer="x")
    with pytest.raises(SettingsError, match=rf"audit_sinks\.archive\.url: .*{said}"):
        sink_url(Settings(), sink, OwnHosts())


def test_the_development_setting_allows_a_sink_on_this_host() -> None:
    """As for callbacks."""
    sink = AuditSink(name="archive", url="http://127.0.0.1:9/x", bearer="x")
    assert sink_url(Settings(allow_loopback_callbacks=True), sink, OwnHosts()).loopback


@pytest.mark.parametrize(
    ("settings", "forgotten"),
    [
        ({}, 1),
        ({"change_days": 0}, 0),
        ({"change_days": 31}, 0),
        ({"sync_event_days": 30}, 2),
        ({"change_days": 0, "sync_event_days": 30}, 1),
    ],
)
async def test_history_is_kept_for_as_long_as_the_settings_say(
    tmp_path: Path, databases: Databases, settings: dict[str, Any], forgotten: int
) -> None:
    """By default changes are thinned out after 30 days, and sync events stay for ever."""
    rounds = NotedRounds()
    add_housekeeping(
        rounds,
        Settings(data_dir=tmp_path, **settings),
        databases,
        audit_keys=AuditKeys(current=Ed25519PrivateKey.generate()),
        clock=lambda: NOW + timedelta(days=30, microseconds=1),
        new_id=lambda prefix: f"{prefix}_1",
        registry=CollectorRegistry(),
    )
    (sweep,) = [work for seconds, work in rounds.noted if seconds == HISTORY_SECONDS]
    assert await sweep() == forgotten
