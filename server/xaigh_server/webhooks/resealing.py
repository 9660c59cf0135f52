"""Re-encryption of webhook secrets under the current key, so that old keys can be removed.

Servers may keep running: they decrypt with any of their keys. A secret is replaced only where it is
still the one that was read, so no rotation is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias

from xaigh_server.access.callback_secrets import CallbackSecrets
from xaigh_server.db.database import Database
from xaigh_server.db.partition import Partition
from xaigh_server.db.session import Session
from xaigh_server.identity.webhook_secrets import SecretBox, SecretUnreadable
from xaigh_server.webhooks.repository.endpoints import WebhookEndpoints

_PAGE = 200

Page: TypeAlias = "Callable[[Session, str, Resealed], str]"
"""Re-encrypts a page of secrets behind an id. Returns the last id; "" at the end."""


@dataclass(slots=True)
class Resealed:
    """Counts of one database. `unreadable` lists owners whose secret no key decrypts."""

    renewed: int = 0
    current: int = 0
    unreadable: list[str] = field(default_factory=list)

    def add(self, other: Resealed) -> None:
        """Adds another result."""
        self.renewed += other.renewed
        self.current += other.current
        self.unreadable += other.unreadable


class Resealing:
    """Re-encrypts all sealed secrets."""

    def __init__(self, *, control: Database, business: Sequence[Database], box: SecretBox) -> None:
        self._control = control
        self._databases = (control, *business)
        self._box = box

    async def run(self) -> dict[str, Resealed]:
        """Re-encrypts secrets under old keys. Returns the results by database."""
        done: dict[str, Resealed] = {}
        for database in self._databases:
            found = done[database.name] = Resealed()
            await self._each(database, self._endpoints, found)
            if database is self._control:
                await self._each(database, self._callbacks, found)
        return done

    async def _each(self, database: Database, page: Page, found: Resealed) -> None:
        after = ""
        while True:
            after, there = await database.write(
                partial(_counted, page, after), partition=Partition(database.name)
            )
            found.add(there)
            if not after:
                return

    def _endpoints(self, session: Session, after: str, found: Resealed) -> str:
        endpoints = WebhookEndpoints(session)
        page = endpoints.sealed(after=after, limit=_PAGE)
        for endpoint_id, secret, previous in page:
            renewed = self._renewed(secret, endpoint_id, found)
            before = None if previous is None else self._renewed(previous, endpoint_id, found)
            if renewed is not None or before is not None:
                endpoints.reseal(
                    endpoint_id, (secret, previous), (renewed or secret, before or previous)
                )
        return page[-1][0] if page else ""

    def _callbacks(self, session: Session, after: str, found: Resealed) -> str:
        callbacks = CallbackSecrets(session)
        page = callbacks.sealed(after=after, limit=_PAGE)
        for ticket_id, secret in page:
            renewed = self._renewed(secret, ticket_id, found)
            if renewed is not None:
                callbacks.reseal(ticket_id, renewed)
        return page[-1][0] if page else ""

    def _renewed(self, sealed: bytes, owner: str, found: Resealed) -> bytes | None:
        """Returns the secret under the current key; None where it already is."""
        try:
            renewed = self._box.renew(sealed, owner)
        except SecretUnreadable:
            found.unreadable.append(owner)
            return None
        if renewed is None:
            found.current += 1
        else:
            found.renewed += 1
        return renewed


def _counted(page: Page, after: str, session: Session) -> tuple[str, Resealed]:
    """Runs a page with fresh counts, so that a retried transaction is counted once."""
    found = Resealed()
    return page(session, after, found), found
