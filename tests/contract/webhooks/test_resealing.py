"""Webhook secrets under a new key."""

import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.contract.conftest import opened

from xaigh_server.access.callback_secrets import CallbackSecrets
from xaigh_server.db.database import Database
from xaigh_server.db.metadata import business_metadata
from xaigh_server.db.session import Session
from xaigh_server.identity.webhook_secrets import SecretBox
from xaigh_server.webhooks.model import Endpoint, SealedSecrets
from xaigh_server.webhooks.repository.endpoints import WebhookEndpoints
from xaigh_server.webhooks.resealing import Resealed, Resealing

NOW = datetime(2026, 3, 1, tzinfo=UTC)
OLD, NEW, LOST = (letter * 32 for letter in (b"o", b"n", b"l"))
SECRET, PREVIOUS = b"s" * 32, b"p" * 32
MANY = 250  # more than go in one transaction


def box(*keys: bytes) -> SecretBox:
    return SecretBox(keys, secrets.token_bytes)


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Database]:
    """A second database beside the control one."""
    async with opened(tmp_path / "sandbox.db", business_metadata, name="sandbox") as database:
        yield database


def endpoint(number: int, key: bytes) -> Endpoint:
    name = f"we_{number:04}"
    return Endpoint(
        id=name,
        organization_id="org_1",
        url="https://hooks.example.com/",
        description="",
        event_types=(),
        scopes=frozenset(),
        grant_id="",
        origin="",
        secrets=SealedSecrets(
            current=box(key).seal(SECRET, name),
            previous=box(key).seal(PREVIOUS, name) if number % 2 else None,
            previous_expires_at=NOW if number % 2 else None,
        ),
        created_at=NOW,
        updated_at=NOW,
    )


async def test_every_secret_opens_without_the_older_key(
    control: Database, sandbox: Database
) -> None:
    """Those of endpoints, of rotations under way, and of callbacks; a second round has no work."""
    kept = [endpoint(number, OLD) for number in range(MANY)]

    def add(session: Session) -> None:
        for each in kept:
            WebhookEndpoints(session).add(each)

    def add_callbacks(session: Session) -> None:
        for number in range(MANY):
            sealed = box(OLD).seal(SECRET, f"tkt_{number:04}")
            CallbackSecrets(session).add(f"tkt_{number:04}", sealed)

    await sandbox.write(add)
    await control.write(add_callbacks)
    resealing = Resealing(control=control, business=[sandbox], box=box(NEW, OLD))
    both = MANY + MANY // 2
    assert await resealing.run() == {
        "control": Resealed(renewed=MANY),
        "sandbox": Resealed(renewed=both),
    }
    assert await resealing.run() == {
        "control": Resealed(current=MANY),
        "sandbox": Resealed(current=both),
    }

    after = await sandbox.read(lambda session: WebhookEndpoints(session).enabled_of(["org_1"]))
    assert len(after) == MANY
    for was, now in zip(kept, after, strict=True):
        assert box(NEW).open(now.secrets.current, now.id) == SECRET
        assert (was.secrets.previous is None) == (now.secrets.previous is None)
        if now.secrets.previous is not None:
            assert box(NEW).open(now.secrets.previous, now.id) == PREVIOUS
        assert (now.revision, now.updated_at) == (was.revision, was.updated_at)
    last = await control.read(lambda session: CallbackSecrets(session).get("tkt_0249"))
    assert last is not None
    assert box(NEW).open(last, "tkt_0249") == SECRET


async def test_what_no_key_opens_is_named_and_left(control: Database, sandbox: Database) -> None:
    """The rest is sealed anew all the same."""
    lost = endpoint(1, LOST)

    def add(session: Session) -> None:
        for each in (lost, endpoint(2, OLD)):
            WebhookEndpoints(session).add(each)

    await sandbox.write(add)
    resealing = Resealing(control=control, business=[sandbox], box=box(NEW, OLD))
    done = await resealing.run()
    assert done["sandbox"] == Resealed(renewed=1, unreadable=[lost.id, lost.id])
    standing = await sandbox.read(lambda session: WebhookEndpoints(session).find(lost.id))
    assert standing is not None
    assert standing.secrets == lost.secrets
