"""Fingerprints of secrets: the first server registers them, the others compare."""

import os
from datetime import UTC, datetime

import pytest

from xaigh_server.db.database import Database
from xaigh_server.identity.fleet_secrets import (
    AUDIT_KEY,
    PEPPER,
    FleetSecrets,
    OwnSecret,
    SecretDiffers,
)

NOW = datetime(2026, 11, 30, tzinfo=UTC)
OLD, NEW, NEWER = (bytes([n]) * 32 for n in (1, 2, 3))


def own(*secrets: bytes, name: str = PEPPER) -> OwnSecret:
    """What a server has under a name, the current secret first."""
    return OwnSecret.of(name, secrets, f"XAIGH_{name.upper()}")


class Servers:
    """Starts of servers with one control database."""

    def __init__(self, control: Database) -> None:
        self._control = control

    async def start(self, *secrets: OwnSecret) -> None:
        """What a start does. SecretDiffers: the server must not serve."""
        await self._control.write(lambda session: FleetSecrets(session).register(secrets, NOW))

    async def registered(self, name: str = PEPPER) -> str:
        """The fingerprint that the fleet has."""
        found = await self._control.read(lambda session: FleetSecrets(session).all())
        return found[name].fingerprint


@pytest.fixture
def servers(control: Database) -> Servers:
    return Servers(control)


async def test_the_first_start_decides(servers: Servers):
    """Another secret is refused by its name, whatever else agrees, and nothing changes."""
    await servers.start(own(OLD), own(OLD, name=AUDIT_KEY))
    await servers.start(own(OLD), own(OLD, name=AUDIT_KEY))
    with pytest.raises(
        SecretDiffers, match=r"^audit_key: XAIGH_AUDIT_KEY .*accept audit_key"
    ) as no:
        await servers.start(own(OLD), own(NEW, name=AUDIT_KEY))
    assert OLD.hex() not in str(no.value)
    assert NEW.hex() not in str(no.value)
    assert await servers.registered(AUDIT_KEY) == own(OLD, name=AUDIT_KEY).fingerprints[0]


async def test_a_rotation_rolls_over_the_fleet(servers: Servers):
    """Both secrets everywhere, the new one in front, the old one out: no step refuses a server."""
    await servers.start(own(OLD))
    await servers.start(own(OLD, NEW))  # may verify by the new one already
    assert await servers.registered() == own(OLD).fingerprints[0]
    await servers.start(own(NEW, OLD))
    assert await servers.registered() == own(NEW).fingerprints[0]
    await servers.start(own(OLD, NEW))  # one that is behind starts, and doesn't turn back
    assert await servers.registered() == own(NEW).fingerprints[0]
    await servers.start(own(NEW))
    with pytest.raises(SecretDiffers):
        await servers.start(own(OLD))
    await servers.start(own(NEWER, NEW))
    with pytest.raises(SecretDiffers):
        await servers.start(own(NEW))


async def test_a_lost_secret_is_replaced_by_command(control: Database, servers: Servers):
    """Then the servers that still had it are the ones to be refused."""
    await servers.start(own(OLD))
    before = await control.write(lambda session: FleetSecrets(session).accept(own(NEW), NOW))
    assert before is not None and before.fingerprint == own(OLD).fingerprints[0]
    await servers.start(own(NEW))
    with pytest.raises(SecretDiffers):
        await servers.start(own(OLD))


def test_a_fingerprint_is_of_one_name():
    """One secret under two names shows nothing in common."""
    secret = os.urandom(32)
    assert own(secret).fingerprints != own(secret, name=AUDIT_KEY).fingerprints
