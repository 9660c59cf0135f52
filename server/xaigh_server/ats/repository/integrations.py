"""Repository of integrations, and of the state of their syncs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import Select, bindparam, delete, insert, select, update

from xaigh_server.ats.integrations import (
    ApplyMode,
    Integration,
    IntegrationState,
    MassCloseGuard,
    PendingChange,
    ReviewedTerms,
    SyncState,
)
from xaigh_server.ats.providers.record import WorkdayIdentity
from xaigh_server.ats.tables import ats_integration_employers as _E
from xaigh_server.ats.tables import ats_integrations as _T
from xaigh_server.db.row_numbers import RowNumbers
from xaigh_server.db.session import Row, Session
from xaigh_server.db.times import from_micros, to_micros
from xaigh_server.errors import AlreadyExists

_MICROSECOND = timedelta(microseconds=1)
_SETTINGS = (
    "provider",
    "board",
    "display_name",
    "state",
    "apply_mode",
    "forward_target",
    "stale_after",
    "guard_min_roles",
    "guard_percent",
    "field_map",
    "status_map",
    "workday_identity",
    "mapping_revision",
    "revision",
    "updated_time",
    "activated_time",
    "pending_change",
)
_STANDING = (
    "last_run",
    "open_run",
    "held_run",
    "drift_run",
    "last_completed_time",
    "last_completed_order",
    "stale_told_time",
)
_ALL = select(
    _T.c.number,
    _T.c.integration_id,
    _T.c.organization_id,
    _T.c.created_time,
    *(_T.c[name] for name in (*_SETTINGS, *_STANDING)),
)
_BY_ID = _ALL.where(_T.c.integration_id == bindparam("integration_id"))
_EMPLOYERS = (
    select(_E.c.number, _E.c.employer_user_id)
    .where(_E.c.number.in_(bindparam("numbers", expanding=True)))
    .order_by(_E.c.number, _E.c.employer_user_id)
)
_ACTIVE_FOR = (
    select(_T.c.integration_id)
    .join(_E, _E.c.number == _T.c.number)
    .where(
        _E.c.organization_id == bindparam("organization_id"),
        _E.c.employer_user_id == bindparam("employer_id"),
        _T.c.state == IntegrationState.ACTIVE,
    )
    .limit(1)
)
_SPEAKING_FOR = _ALL.where(
    _T.c.number.in_(
        select(_E.c.number).where(
            _E.c.organization_id == bindparam("organization_id"),
            _E.c.employer_user_id.in_(bindparam("employer_ids", expanding=True)),
        )
    )
).order_by(_T.c.number)
_OTHER_WITH_BOARD = (
    select(_T.c.number)
    .where(
        _T.c.organization_id == bindparam("organization_id"),
        _T.c.provider == bindparam("provider"),
        _T.c.board == bindparam("board"),
        _T.c.number != bindparam("number"),
    )
    .limit(1)
)
_FORWARD_TARGETS = select(_T.c.forward_target).where(_T.c.forward_target != "").distinct()
_NUMBERS = RowNumbers(_T.c.number)
_INSERT = insert(_T)
_INSERT_EMPLOYER = insert(_E)
_DELETE_EMPLOYERS = delete(_E).where(_E.c.number == bindparam("number"))
_UPDATE = (
    update(_T)
    .where(_T.c.number == bindparam("at_number"))
    .values({name: bindparam(f"new_{name}") for name in _SETTINGS})
)
_STAND = (
    update(_T)
    .where(_T.c.number == bindparam("at_number"))
    .values({name: bindparam(f"new_{name}") for name in _STANDING})
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegrationFilter:
    """What a list holds. Empty members are no condition; all others must hold."""

    organization_id: str = ""
    provider: str = ""
    employer_id: str = ""
    state: str = ""


class Integrations:
    """The integrations of one database."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, integration_id: str) -> Integration | None:
        """The integration of any organization: the caller compares it with its own."""
        row = self._session.one(_BY_ID, integration_id=integration_id)
        return None if row is None else self._filled([row])[0]

    def ask_active_for(self, organization_id: str, employer_id: str) -> Callable[[], bool]:
        """Asks whether the employer's jobs come from an ATS; the result waits for it."""
        found = self._session.ask(
            _ACTIVE_FOR, organization_id=organization_id, employer_id=employer_id
        )
        return lambda: found.one() is not None

    def listing(
        self, wanted: IntegrationFilter, *, after: int = 0, limit: int
    ) -> list[Integration]:
        """Integrations that match, in the order of their making, after the one numbered `after`."""
        params: dict[str, Any] = {
            name: getattr(wanted, name)
            for name in ("organization_id", "provider", "employer_id", "state")
            if getattr(wanted, name)
        }
        statement = _listing(frozenset(params))
        return self._filled(self._session.all(statement, after=after, limit=limit, **params))

    def speaking_for(self, organization_id: str, employer_ids: Sequence[str]) -> list[Integration]:
        """The organization's integrations of these employers, in the order of their making."""
        rows = self._session.all(
            _SPEAKING_FOR, organization_id=organization_id, employer_ids=list(employer_ids)
        )
        return self._filled(rows)

    def forward_targets(self) -> frozenset[str]:
        """Returns the forward targets of all integrations, of whatever state."""
        return frozenset(row.forward_target for row in self._session.all(_FORWARD_TARGETS))

    def new_number(self) -> int:
        """Returns the number for an integration to be added."""
        return _NUMBERS.draw(self._session)[0]

    def add(self, integration: Integration) -> None:
        """Adds one. AlreadyExists: the organization has one with this provider and board."""
        self._check_board_is_free(integration)
        values = {
            "number": integration.number,
            "integration_id": integration.integration_id,
            "organization_id": integration.organization_id,
            "created_time": to_micros(integration.created_time),
            **_setting_values(integration),
            **_state_values(integration.sync_state),
        }
        self._session.run(_INSERT, values)
        self._add_employers(integration)

    def store(self, integration: Integration) -> None:
        """Updates the settings, not the state of the syncs. AlreadyExists, as in `add`."""
        self._check_board_is_free(integration)
        values = {f"new_{name}": value for name, value in _setting_values(integration).items()}
        self._session.run(_UPDATE, {"at_number": integration.number, **values})
        self._session.run(_DELETE_EMPLOYERS, {"number": integration.number})
        self._add_employers(integration)

    def store_state(self, number: int, sync_state: SyncState) -> None:
        """Updates the state of an integration's syncs, not its settings."""
        values = {f"new_{name}": value for name, value in _state_values(sync_state).items()}
        self._session.run(_STAND, {"at_number": number, **values})

    def _check_board_is_free(self, integration: Integration) -> None:
        """Raises AlreadyExists if another one has the board, or that of its pending change."""
        for board in dict.fromkeys((integration.board, integration.wanted.board)):
            other = self._session.one(
                _OTHER_WITH_BOARD,
                organization_id=integration.organization_id,
                provider=integration.provider,
                board=board,
                number=integration.number,
            )
            if other is not None:
                raise _exists(integration.provider, board)

    def _add_employers(self, integration: Integration) -> None:
        rows = [
            {
                "number": integration.number,
                "organization_id": integration.organization_id,
                "employer_user_id": employer,
            }
            for employer in integration.employer_ids
        ]
        self._session.run(_INSERT_EMPLOYER, rows)

    def _filled(self, rows: Sequence[Row]) -> list[Integration]:
        if not rows:
            return []
        employers: dict[int, list[str]] = {row.number: [] for row in rows}
        for row in self._session.all(_EMPLOYERS, numbers=list(employers)):
            employers[row.number].append(row.employer_user_id)
        return [_integration(row, tuple(employers[row.number])) for row in rows]


@lru_cache(maxsize=64)
def _listing(names: frozenset[str]) -> Select[Any]:
    found: Select[Any] = _ALL.where(_T.c.number > bindparam("after"))
    for name in ("organization_id", "provider", "state"):
        if name in names:
            found = found.where(_T.c[name] == bindparam(name))
    if "employer_id" in names:
        speaks = select(_E.c.number).where(_E.c.employer_user_id == bindparam("employer_id"))
        found = found.where(_T.c.number.in_(speaks))
    return found.order_by(_T.c.number).limit(bindparam("limit"))


def _exists(provider: str, board: str) -> AlreadyExists:
    named = board or "the same board"
    return AlreadyExists(
        "integration", f"The organization has an integration with {provider}, {named}."
    )


def _setting_values(integration: Integration) -> dict[str, Any]:
    return {
        "provider": integration.provider,
        "board": integration.board,
        "display_name": integration.display_name,
        "state": integration.state.value,
        "apply_mode": integration.apply_mode.value,
        "forward_target": integration.forward_target,
        "stale_after": integration.stale_after // _MICROSECOND,
        "guard_min_roles": integration.guard.min_roles,
        "guard_percent": integration.guard.percent,
        "field_map": orjson.dumps(dict(integration.field_map)).decode(),
        "status_map": orjson.dumps(dict(integration.status_map)).decode(),
        "workday_identity": integration.workday_identity.value,
        "mapping_revision": integration.mapping_revision,
        "revision": integration.revision,
        "updated_time": to_micros(integration.updated_time),
        "activated_time": to_micros(integration.activated_time),
        "pending_change": None if integration.pending is None else _packed(integration.pending),
    }


def _packed(pending: PendingChange) -> str:
    """A pending change as the text of a JSON array, which `_unpacked` reads."""
    terms = pending.terms
    values = (
        to_micros(pending.proposed_time),
        terms.board,
        terms.employer_ids,
        terms.guard.min_roles,
        terms.guard.percent,
        terms.apply_mode.value,
        terms.forward_target,
    )
    return orjson.dumps(values).decode()


def _unpacked(text: str) -> PendingChange:
    time, board, employers, min_roles, percent, mode, target = orjson.loads(text)
    terms = ReviewedTerms(
        board=board,
        employer_ids=tuple(employers),
        guard=MassCloseGuard(min_roles=min_roles, percent=percent),
        apply_mode=ApplyMode(mode),
        forward_target=target,
    )
    return PendingChange(terms=terms, proposed_time=from_micros(time))


def _state_values(sync_state: SyncState) -> dict[str, Any]:
    return {
        "last_run": sync_state.last_run,
        "open_run": sync_state.open_run,
        "held_run": sync_state.held_run,
        "drift_run": sync_state.drift_run,
        "last_completed_time": to_micros(sync_state.last_completed_time),
        "last_completed_order": to_micros(sync_state.last_completed_order),
        "stale_told_time": to_micros(sync_state.stale_told_time),
    }


def fed_by_ats(session: Session, organization_id: str, employer_user_id: str) -> Callable[[], bool]:
    """Asks whether an active integration owns the postings of an employer."""
    return Integrations(session).ask_active_for(organization_id, employer_user_id)


def _integration(row: Row, employers: tuple[str, ...]) -> Integration:
    return Integration(
        number=row.number,
        integration_id=row.integration_id,
        organization_id=row.organization_id,
        provider=row.provider,
        board=row.board,
        employer_ids=employers,
        display_name=row.display_name,
        state=IntegrationState(row.state),
        apply_mode=ApplyMode(row.apply_mode),
        forward_target=row.forward_target,
        stale_after=row.stale_after * _MICROSECOND,
        guard=MassCloseGuard(min_roles=row.guard_min_roles, percent=row.guard_percent),
        field_map=orjson.loads(row.field_map),
        status_map=orjson.loads(row.status_map),
        workday_identity=WorkdayIdentity(row.workday_identity),
        mapping_revision=row.mapping_revision,
        revision=row.revision,
        created_time=from_micros(row.created_time),
        updated_time=from_micros(row.updated_time),
        activated_time=from_micros(row.activated_time),
        pending=None if row.pending_change is None else _unpacked(row.pending_change),
        sync_state=_state(row),
    )


def _state(row: Row) -> SyncState:
    completed_order: datetime | None = from_micros(row.last_completed_order)
    return SyncState(
        last_run=row.last_run,
        open_run=row.open_run,
        held_run=row.held_run,
        drift_run=row.drift_run,
        last_completed_time=from_micros(row.last_completed_time),
        last_completed_order=completed_order,
        stale_told_time=from_micros(row.stale_told_time),
    )
