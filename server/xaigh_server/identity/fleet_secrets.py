"""Agreement of a fleet on its secrets: the first server registers fingerprints, others compare.

A server with another pepper would refuse the keys of the fleet and issue keys that no other server
knows. So each server compares its secrets with those of the control database before it does
anything, and one transaction decides which of two first servers is the first.

A fingerprint is an HMAC under the secret with a fixed label: it shows equality and nothing else.
During a rotation a server has two secrets of a name. One that puts a new secret in front moves the
fleet to it; one that still has the older one in front goes on beside it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from xaigh_server.db.session import Session, upsert
from xaigh_server.db.times import from_micros, to_micros
from xaigh_server.identity.fleet_secrets_table import fleet_secrets as _T
from xaigh_server.identity.pepper_file import PepperError

PEPPER, WEBHOOK_KEY, AUDIT_KEY = "pepper", "webhook_key", "audit_key"
APPLICATION_KEY = "application_key"
NAMES = (PEPPER, WEBHOOK_KEY, AUDIT_KEY, APPLICATION_KEY)

_ALL = select(_T.c.name, _T.c.fingerprint, _T.c.previous_fingerprint, _T.c.register_time).limit(
    len(NAMES)
)
_SAVE = upsert(_T, key=("name",), update=("fingerprint", "previous_fingerprint", "register_time"))


class SecretDiffers(PepperError):
    """A secret of this server isn't the fleet's. The text names it, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSecret:
    """The secrets that this server has under one name, as fingerprints, the current one first."""

    name: str
    fingerprints: tuple[str, ...]
    source: str
    """Where they come from: a setting, or a file."""

    @classmethod
    def of(cls, name: str, secrets: Sequence[bytes], source: str) -> OwnSecret:
        """Makes the fingerprints."""
        made = tuple(_fingerprint(name, secret) for secret in secrets)
        return cls(name=name, fingerprints=made, source=source)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredSecret:
    """What the fleet has under one name. `previous` is empty before the first rotation."""

    name: str
    fingerprint: str
    previous: str
    time: datetime

    def agrees_with(self, own: OwnSecret) -> bool:
        """Whether the server has the fleet's secret, in front or behind."""
        return self.fingerprint in own.fingerprints

    def is_behind(self, own: OwnSecret) -> bool:
        """Whether the server puts a new secret in front, to which the fleet has to move."""
        first = own.fingerprints[0]
        return self.agrees_with(own) and first not in (self.fingerprint, self.previous)


class FleetSecrets:
    """Registered fingerprints, in a session of the control database."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def all(self) -> dict[str, RegisteredSecret]:
        """What is registered, by name."""
        return {
            row.name: RegisteredSecret(
                name=row.name,
                fingerprint=row.fingerprint,
                previous=row.previous_fingerprint,
                time=from_micros(row.register_time),
            )
            for row in self._session.all(_ALL)
        }

    def compare(self, own: Sequence[OwnSecret]) -> bool:
        """Returns whether something is to be registered. SecretDiffers: one isn't the fleet's."""
        found = self.all()
        for each in own:
            registered = found.get(each.name)
            if registered is not None and not registered.agrees_with(each):
                raise SecretDiffers(_difference(each, registered))
        return any(each.name not in found or found[each.name].is_behind(each) for each in own)

    def register(self, own: Sequence[OwnSecret], now: datetime) -> None:
        """Registers what is new, under the lock of a write. SecretDiffers: as for `compare`."""
        if not self.compare(own):
            return
        found = self.all()
        for each in own:
            registered = found.get(each.name)
            if registered is None or registered.is_behind(each):
                self._save(each, registered.fingerprint if registered else "", now)

    def accept(self, own: OwnSecret, now: datetime) -> RegisteredSecret | None:
        """Makes a server's secret the fleet's, whatever was registered. Returns what was."""
        before = self.all().get(own.name)
        self._save(own, "", now)
        return before

    def _save(self, own: OwnSecret, previous: str, now: datetime) -> None:
        self._session.run(
            _SAVE,
            name=own.name,
            fingerprint=own.fingerprints[0],
            previous_fingerprint=previous,
            register_time=to_micros(now),
        )


def _fingerprint(name: str, secret: bytes) -> str:
    label = b"xaigh.fleet-secret.v1:" + name.encode()
    return hmac.digest(secret, label, hashlib.sha256)[:16].hex()


def _difference(own: OwnSecret, registered: RegisteredSecret) -> str:
    return (
        f"{own.name}: {own.source} isn't the fleet's (fingerprint {own.fingerprints[0][:8]}, the"
        f" fleet has {registered.fingerprint[:8]} since {registered.time:%Y-%m-%d %H:%M} UTC). Give"
        " this server the secret of the others. To replace a secret, give the new one and the"
        " fleet's as the previous one. If the fleet's is lost for good, run `xaigh-server secrets"
        f" accept {own.name}`"
    )
