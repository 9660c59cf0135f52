"""Secrets of a server, from settings or from files of the data folder.

On SQLite the first start makes the files. On PostgreSQL nothing makes them, since every server of a
fleet needs the same ones: they are given.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from xaigh_server.audit import signing_key
from xaigh_server.audit.signing_key import AuditKeys
from xaigh_server.db.database import Database
from xaigh_server.db.partition import CONTROL, Partition
from xaigh_server.identity import pepper_file
from xaigh_server.identity.fleet_secrets import (
    APPLICATION_KEY,
    AUDIT_KEY,
    NAMES,
    PEPPER,
    WEBHOOK_KEY,
    FleetSecrets,
    OwnSecret,
)
from xaigh_server.identity.pepper_file import PepperError
from xaigh_server.identity.peppers import PepperRing
from xaigh_server.settings import Settings

_FILES = {
    PEPPER: "pepper",
    WEBHOOK_KEY: "webhook-key",
    APPLICATION_KEY: "application-key",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """Everything that a server knows and no database may hold."""

    peppers: PepperRing
    webhook_keys: PepperRing
    application_keys: PepperRing
    audit_keys: AuditKeys


def load_secrets(settings: Settings) -> Secrets:
    """Loads all secrets. PepperError, AuditKeyError, OSError: one is missing or can't be used."""
    return Secrets(
        peppers=load_peppers(settings),
        webhook_keys=load_sealing_keys(settings, WEBHOOK_KEY),
        application_keys=load_sealing_keys(settings, APPLICATION_KEY),
        audit_keys=load_audit_keys(settings),
    )


def own_secret(settings: Settings, name: str) -> OwnSecret:
    """Returns the fingerprints of what the settings or the files have under a name."""
    if name == AUDIT_KEY:
        secrets = [key.private_bytes_raw() for key in load_audit_keys(settings).all]
    else:
        ring = load_peppers(settings) if name == PEPPER else load_sealing_keys(settings, name)
        secrets = [each.secret for each in ring.peppers]
    return OwnSecret.of(name, secrets, _source(settings, name))


def is_given(settings: Settings, name: str) -> bool:
    """Whether the settings or a file have the secret, so that nothing has to make it."""
    file = settings.audit_dir / signing_key.PRIVATE_KEY
    if name in _FILES:
        file = settings.data_dir / _FILES[name]
    return bool(getattr(settings, name)) or file.exists()


async def agree(
    settings: Settings,
    control: Database,
    *,
    clock: Callable[[], datetime],
    names: Iterable[str] = NAMES,
) -> None:
    """Compares secrets with the fleet's; registers them where it has none. SecretDiffers."""
    own = [own_secret(settings, name) for name in names]
    if await control.read(lambda session: FleetSecrets(session).compare(own)):
        await control.write(
            lambda session: FleetSecrets(session).register(own, clock()),
            partition=Partition(CONTROL),
        )


def load_peppers(settings: Settings) -> PepperRing:
    """Returns the peppers under which credentials are hashed. PepperError and OSError."""
    if settings.pepper:
        return pepper_file.ring_from_settings(
            (PEPPER, settings.pepper), ("previous_pepper", settings.previous_pepper)
        )
    return _ring_of_file(settings, PEPPER)


def load_sealing_keys(settings: Settings, name: str) -> PepperRing:
    """Returns the keys of a kind that seal what is kept; an older one may follow behind a comma.

    PepperError and OSError.
    """
    given = getattr(settings, name)
    if given:
        current, _, older = given.partition(",")
        return pepper_file.ring_from_settings((name, current), (name, older))
    return _ring_of_file(settings, name)


def load_audit_keys(settings: Settings) -> AuditKeys:
    """Returns the keys that sign anchors of the audit log. PepperError and AuditKeyError."""
    if settings.audit_key:
        previous = settings.previous_audit_key
        return AuditKeys(
            current=signing_key.from_setting(settings.audit_key, settings.audit_dir),
            previous=signing_key.parse("previous_audit_key", previous) if previous else None,
        )
    _require(settings, AUDIT_KEY, settings.audit_dir / signing_key.PRIVATE_KEY)
    return AuditKeys(
        current=signing_key.load_or_create(settings.audit_dir),
        previous=signing_key.load_previous(settings.audit_dir),
    )


def new_secrets(random: Callable[[int], bytes] = os.urandom) -> str:
    """Returns a fresh secret of each kind, as lines for the environment."""
    return "".join(f"XAIGH_{name.upper()}={random(32).hex()}\n" for name in NAMES)


def _ring_of_file(settings: Settings, name: str) -> PepperRing:
    path = settings.data_dir / _FILES[name]
    _require(settings, name, path)
    return pepper_file.load_or_make(path, os.urandom)


def _require(settings: Settings, name: str, path: Path) -> None:
    """Raises PepperError where the file would have to be made, and every server makes its own."""
    if settings.control_url and not path.exists():
        raise PepperError(
            f"{name}: a server on PostgreSQL must be given it. Make one for the whole fleet with"
            f" `xaigh-server secrets new FILE`, and give every server the same XAIGH_{name.upper()}"
            f" or the same file {path}"
        )


def _source(settings: Settings, name: str) -> str:
    if getattr(settings, name):
        return f"XAIGH_{name.upper()}"
    file = settings.data_dir / _FILES[name] if name in _FILES else settings.audit_dir
    return str(file)
