"""Recorder of calls: a bounded buffer in memory, written in batches.

A call waits for no database: `record` appends a row to the buffer of the key's environment. Where
the database can't keep up, the oldest rows are dropped and counted. A SIGKILL loses what wasn't
flushed, a second of calls at most.

Recorded are calls of keys, refused ones included, also those of keys that have ended. What was sent
isn't: of violations only the path and the rule, without keys of maps and quoted values. Employers
that a check found on the grant are kept, for simulations of a narrower one.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, TypeAlias

from prometheus_client import CollectorRegistry, Counter

from xaigh_server.db.database import Database
from xaigh_server.db.errors import DatabaseUnavailable
from xaigh_server.db.partition import Partition
from xaigh_server.db.session import Session
from xaigh_server.errors import DomainError, FieldViolation
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.errors import KnownKey, Unauthenticated
from xaigh_server.identity.principal import KeyPrincipal
from xaigh_server.identity.redaction import redact
from xaigh_server.request_log.employers import employers_text
from xaigh_server.request_log.repository import RequestLogs
from xaigh_server.rpc.call import Call, EmployersOf
from xaigh_server.rpc.errors import IdempotencyKeyInvalid
from xaigh_server.rpc.idempotency import HEADER, parse_key

MOST_WAITING = 20_000
"""Rows of one environment in memory, at most."""
BATCH = 1000
"""Rows of one transaction, 3 to 10 ms: other writes wait behind it. A commit costs as much as some
hundred rows."""
MOST_VIOLATIONS = 20
MOST_EMPLOYERS = 100
_LONGEST = 300  # characters of a path or a rule

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_SUBSCRIPT = re.compile(r'\["(?:[^"\\]|\\.)*"\]')


Row: TypeAlias = tuple[Any, ...]
"""The values of a CallRow."""


class RequestRecorder:
    """Writes calls to the log of their environment. `record` never waits and never fails.

    `clock` gives microseconds since 1970. Successful calls of the methods `left_out` aren't
    recorded.
    """

    def __init__(
        self,
        business: Mapping[Environment, Database],
        registry: CollectorRegistry,
        *,
        clock: Callable[[], int],
        left_out: Iterable[str] = (),
    ) -> None:
        self._business = business
        self._clock = clock
        self._left_out = frozenset(left_out)
        self._waiting: dict[Environment, deque[Row]] = {
            environment: deque(maxlen=MOST_WAITING) for environment in business
        }
        self._dropped = Counter(
            "xaigh_request_log_dropped",
            "Calls that the request log lost since the database couldn't keep up.",
            registry=registry,
        )
        self._writing = asyncio.Lock()

    def record(
        self, call: Call, code: str, reason: str, seconds: float, error: BaseException | None
    ) -> None:
        """Notes a call that has ended, if a known key made it."""
        principal = call.principal
        cause = None if error is None else error.__cause__
        if isinstance(principal, KeyPrincipal):
            key_id, owner = principal.key_id, principal.organization_id
            environment = principal.environment
        elif isinstance(cause, Unauthenticated) and cause.key is not None:
            key_id, owner, environment = _parts(cause.key)
        else:
            return
        method = call.method.full_name
        if error is None and method in self._left_out:
            return
        waiting = self._waiting[environment]
        if len(waiting) == MOST_WAITING:
            self._dropped.inc()
        waiting.append(
            (  # in the order of CallRow, which takes four times as long to make
                call.request_id,
                owner,
                key_id,
                call.client_request_id,
                call.transport,
                method,
                code,
                reason,
                _violations(cause) if isinstance(cause, DomainError) else "",
                call.idempotency_key or ("" if error is None else _sent_key(call)),
                int(call.replayed),
                "" if call.employers is None else _employers(call.employers),
                self._clock(),
                int(seconds * 1e6),
            )
        )

    async def flush(self) -> None:
        """Writes what waits, after a running flush. What can't be written stays for the next."""
        async with self._writing:
            for environment, waiting in self._waiting.items():
                while waiting and await self._write(self._business[environment], waiting):
                    pass

    async def _write(self, database: Database, waiting: deque[Row]) -> bool:
        batch = [waiting.popleft() for _ in range(min(BATCH, len(waiting)))]
        try:
            await database.write(partial(_add, batch), partition=Partition(database.name))
        except DatabaseUnavailable:
            room = MOST_WAITING - len(waiting)
            kept = batch[-room:] if room else []
            self._dropped.inc(len(batch) - len(kept))
            waiting.extendleft(reversed(kept))
            return False
        return True


def _add(batch: list[Row], session: Session) -> None:
    RequestLogs(session).add(batch)


def _parts(key: KnownKey) -> tuple[str, str, Environment]:
    return key.key_id, key.organization_id, key.environment


def _sent_key(call: Call) -> str:
    """The idempotency key of a call that was refused before anybody looked at it."""
    try:
        return parse_key(call.headers(HEADER)) or ""
    except IdempotencyKeyInvalid:
        return ""


def _violations(error: DomainError) -> str:
    if not error.violations:
        return ""
    shown = [_without_values(each) for each in error.violations[:MOST_VIOLATIONS]]
    return json.dumps(shown)  # ASCII: what a caller sent may be no text that a database takes


def _employers(found: EmployersOf) -> str:
    needs, lists = tuple(sorted(found.needs)), tuple(sorted(found.lists))
    return employers_text(needs[:MOST_EMPLOYERS], lists, len(needs) > MOST_EMPLOYERS)


def _without_values(violation: FieldViolation) -> tuple[str, str]:
    path = redact(_SUBSCRIPT.sub("[…]", violation.path))
    description = redact(_QUOTED.sub("…", violation.description))
    return path[:_LONGEST], description[:_LONGEST]
