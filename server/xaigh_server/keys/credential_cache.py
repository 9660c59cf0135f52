"""Cache of verified credentials, valid for one credential epoch.

A cached key costs a keyed hash and an epoch read, no query. A revocation increments the epoch in
its own transaction, so all processes drop their entries before the revocation is answered. Refusals
aren't cached: a key that is tried before it is issued works as soon as it is issued.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from datetime import datetime

from xaigh_server.db.database import Database
from xaigh_server.db.partition import CONTROL
from xaigh_server.db.session import Session
from xaigh_server.identity.credentials import Credential, parse_credential
from xaigh_server.identity.epoch import NO_EPOCH, Epoch
from xaigh_server.identity.key_format import PresentedKey
from xaigh_server.identity.key_tags import KeyTags
from xaigh_server.identity.peppers import PepperRing
from xaigh_server.identity.principal import KeyPrincipal, OperatorPrincipal, Verified
from xaigh_server.keys.credential_lookup import read_key, read_operator

CAPACITY = 20_000
_SALT_BYTES = 32
_NAME_BYTES = 32


class CredentialCache:
    """Finds the principals of credentials. Used on one event loop.

    Entries are keyed by a hash with a random key of this process, so memory holds neither
    credentials nor digests that the database stores.
    """

    def __init__(
        self,
        control: Database,
        epoch: Epoch,
        peppers: PepperRing,
        *,
        clock: Callable[[], datetime],
        random: Callable[[int], bytes] = os.urandom,
        capacity: int = CAPACITY,
    ) -> None:
        self._control = control
        self._epoch = epoch
        self._peppers = peppers
        self._tags = KeyTags(peppers)
        self._clock = clock
        self._capacity = capacity
        self._salt = random(_SALT_BYTES)
        self._entries: dict[bytes, Verified] = {}
        self._entries_epoch: int | None = None

    async def cached(self, text: str) -> Verified | None:
        """Returns the cached principal, or None if there is none in this epoch.

        `text` is the presented credential, well-formed or not. Raises `DatabaseUnavailable`
        where the epoch can't be read.
        """
        await self._refresh()
        name = self._name(text)
        found = self._entries.get(name)
        if found is None:
            return None
        expires = found.principal.expires_at
        if expires is not None and expires <= self._clock():
            del self._entries[name]
            return None
        return found

    def lease_left(self, found: Verified) -> float:
        """Returns for how many seconds another service may use what was found without asking.

        No change of rights is answered before that has passed; 0 where that can't be said.
        """
        left = self._epoch.lease_left(found.epoch)
        expires = found.principal.expires_at
        if expires is None or not left:
            return left
        return min(left, max(0.0, (expires - self._clock()).total_seconds()))

    def parse(self, text: str) -> Credential:
        """Reads a credential by form, checksum and tag. Raises `Unauthenticated`."""
        return parse_credential(text, self._tags)

    async def look_up(self, credential: Credential) -> Verified:
        """Reads the principal from the database. Raises `Unauthenticated` with the reason."""
        epoch = await self._refresh()
        now = self._clock()

        def read(session: Session) -> Verified:
            principal: KeyPrincipal | OperatorPrincipal
            if isinstance(credential, PresentedKey):
                principal = read_key(session, credential, self._peppers, now)
            else:
                principal = read_operator(session, credential, self._peppers, now)
            # Point reads of one turn share a snapshot, so it may be older than the epoch.
            moved = self._epoch.has_moved(epoch, session, CONTROL)
            return Verified(principal=principal, epoch=NO_EPOCH if moved else epoch)

        found = await self._control.point(read)
        # Not cached if the epoch has moved meanwhile: the principal may have changed.
        if found.epoch == epoch == self._entries_epoch:
            self._put(self._name(credential.text), found)
        return found

    def _put(self, name: bytes, found: Verified) -> None:
        """Adds an entry, and drops the oldest ones beyond the capacity."""
        self._entries.pop(name, None)
        while len(self._entries) >= self._capacity:
            del self._entries[next(iter(self._entries))]
        self._entries[name] = found

    async def _refresh(self) -> int:
        epoch = await self._epoch.current()
        if epoch != self._entries_epoch:
            self._entries.clear()
            self._entries_epoch = epoch
        return epoch

    def _name(self, text: str) -> bytes:
        # A credential's own digest takes three times as long, and only the database needs it.
        return hashlib.blake2b(text.encode(), key=self._salt, digest_size=_NAME_BYTES).digest()
