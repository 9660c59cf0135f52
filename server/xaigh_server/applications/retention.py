"""Retention of applications: erases personal data in time, and keeps it under the current key."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from xaigh_server.applications.model import Application, ForwardSecret
from xaigh_server.applications.repository import Applications, ForwardSecrets, SealedContent
from xaigh_server.db.database import Database
from xaigh_server.db.partition import Partition
from xaigh_server.db.session import Session
from xaigh_server.identity.webhook_secrets import SecretBox, SecretUnreadable

_AT_ONCE = 20
_ROUNDS = 50


class ApplicationRetention:
    """Erases personal data `keep` after the final state; encrypts again after a rotation."""

    def __init__(
        self,
        databases: Iterable[Database],
        *,
        box: SecretBox,
        clock: Callable[[], datetime],
        keep: timedelta,
    ) -> None:
        self._databases = tuple(databases)
        self._box = box
        self._clock = clock
        self._keep = keep

    async def run(self) -> int:
        """Erases what is due, a transaction for each. Returns how many."""
        erased = 0
        for database in self._databases:
            for _ in range(_ROUNDS):
                found = await self._erase(database)
                erased += found
                if found < _AT_ONCE:
                    break
            for _ in range(_ROUNDS):
                if await self._renew(database) < _AT_ONCE:
                    break
        return erased

    async def _erase(self, database: Database) -> int:
        now = self._clock()
        due = await database.read(
            lambda session: Applications(session).to_erase(now - self._keep, limit=_AT_ONCE)
        )
        for each in due:
            partition = Partition.of(database.name, each.organization_id)
            await database.write(partial(_erase_one, each, now), partition=partition)
        return len(due)

    async def _renew(self, database: Database) -> int:
        """Encrypts under the current key what another one encrypted. Returns how many it did."""
        key = self._box.current_key

        def find(session: Session) -> tuple[list[SealedContent], list[ForwardSecret]]:
            return (
                Applications(session).sealed_otherwise(key, limit=_AT_ONCE),
                ForwardSecrets(session).sealed_otherwise(key, limit=_AT_ONCE),
            )

        contents, secrets = await database.read(find)
        renewed = 0
        for content in contents:
            partition = Partition.of(database.name, content.organization_id)
            work = partial(self._renew_content, content)
            renewed += await database.write(work, partition=partition)
        for secret in secrets:
            partition = Partition.of(database.name, secret.organization_id)
            renewed += await database.write(
                partial(self._renew_secret, secret.integration_id), partition=partition
            )
        return renewed

    def _renew_content(self, content: SealedContent, session: Session) -> bool:
        try:
            sealed = self._box.renew(content.sealed, content.application_id)
        except SecretUnreadable:
            return False  # the forwarder says so, where it matters
        if sealed is not None:
            Applications(session).store_content(content.number, sealed)
        return sealed is not None

    def _renew_secret(self, integration_id: str, session: Session) -> bool:
        secrets = ForwardSecrets(session)
        secret = secrets.find(integration_id)
        assert secret is not None  # secrets are replaced, never deleted
        try:
            sealed = self._box.renew(secret.sealed, integration_id)
            previous = secret.previous and self._box.renew(secret.previous, integration_id)
        except SecretUnreadable:
            return False
        if sealed is None:
            return False
        secrets.store(replace(secret, sealed=sealed, previous=previous or secret.previous))
        return True


def _erase_one(seen: Application, now: datetime, session: Session) -> None:
    applications = Applications(session)
    before = applications.get(seen.number)
    if before is None or not before.is_final or before.erased_time is not None:
        return  # sent again, or erased meanwhile
    applications.erase_content(before.number)
    applications.store(before.erased(now))
