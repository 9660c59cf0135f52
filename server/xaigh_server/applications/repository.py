"""Repository of applications, of their sealed contents, and of the secrets of their targets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import LargeBinary, Select, bindparam, delete, exists, func, insert, select, update

from xaigh_server.applications.model import Application, ApplicationState, Cause, ForwardSecret
from xaigh_server.applications.tables import application_contents as _C
from xaigh_server.applications.tables import applications as _T
from xaigh_server.applications.tables import forward_secrets as _S
from xaigh_server.ats.forward_targets import AGENT
from xaigh_server.ats.integrations import ApplyMode, IntegrationState
from xaigh_server.ats.tables import ats_integrations as _I
from xaigh_server.db.row_numbers import RowNumbers
from xaigh_server.db.session import Row, Session, upsert
from xaigh_server.db.times import from_micros, to_micros

_CHANGING = (
    "state",
    "cause",
    "status",
    "remote_id",
    "note",
    "attempts",
    "failures",
    "due_time",
    "lease_time",
    "queued_time",
    "updated_time",
    "final_time",
    "erased_time",
    "revision",
)
_ALL = select(*_T.c)
_BY_ID = _ALL.where(_T.c.application_id == bindparam("application_id"))
_BY_NUMBER = _ALL.where(_T.c.number == bindparam("number"))
_FOR_AGENT = exists().where(
    _I.c.integration_id == _T.c.integration_id,
    _I.c.state == IntegrationState.ACTIVE.value,
    _I.c.apply_mode == ApplyMode.APPLICATION_FORWARD.value,
    _I.c.forward_target == AGENT,
)
_DUE = (
    _ALL.where(_T.c.due_time <= bindparam("now"), ~_FOR_AGENT)
    .order_by(_T.c.due_time)
    .limit(bindparam("limit"))
)
_DUE_AT = (
    _ALL.where(
        _T.c.due_time <= bindparam("now"),
        _T.c.integration_id.in_(bindparam("integration_ids", expanding=True)),
        _T.c.employer_user_id.in_(bindparam("employer_ids", expanding=True)),
    )
    .order_by(_T.c.due_time)
    .limit(bindparam("limit"))
)
_OVERDUE = (
    _ALL.where(_T.c.due_time.is_not(None), _T.c.queued_time <= bindparam("before"))
    .order_by(_T.c.due_time)
    .limit(bindparam("limit"))
)
_LOST = (
    _ALL.where(_T.c.lease_time <= bindparam("now"))
    .order_by(_T.c.lease_time)
    .limit(bindparam("limit"))
)
_TO_ERASE = (
    _ALL.where(_T.c.final_time <= bindparam("before"), _T.c.erased_time.is_(None))
    .order_by(_T.c.final_time)
    .limit(bindparam("limit"))
)
_INSERT = insert(_T)
_INSERT_CONTENT = insert(_C)
_CONTENT = select(_C.c.sealed).where(_C.c.number == bindparam("number"))
_OTHERS_SEALED = (
    select(_C.c.number, _C.c.sealed, _T.c.application_id, _T.c.organization_id)
    .join(_T, _T.c.number == _C.c.number)
    .where(func.substr(_C.c.sealed, 2, 4) != bindparam("key", type_=LargeBinary))
    .limit(bindparam("limit"))
)
_ERASE = delete(_C).where(_C.c.number == bindparam("number"))
_RESEAL = (
    update(_C).where(_C.c.number == bindparam("at_number")).values(sealed=bindparam("new_sealed"))
)
_STORE = (
    update(_T)
    .where(_T.c.number == bindparam("at_number"))
    .values({name: bindparam(f"new_{name}") for name in _CHANGING})
)
_SECRET = select(*_S.c).where(_S.c.integration_id == bindparam("integration_id"))
_SECRETS_SEALED_OTHERWISE = (
    select(*_S.c)
    .where(func.substr(_S.c.sealed, 2, 4) != bindparam("key", type_=LargeBinary))
    .limit(bindparam("limit"))
)
_STORE_SECRET = upsert(
    _S,
    key=("integration_id",),
    update=("sealed", "previous", "previous_expire_time", "created_time"),
)
_NUMBERS = RowNumbers(_T.c.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationFilter:
    """What a list holds. Empty members are no condition; all others must hold."""

    organization_id: str = ""
    job_id: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedContent:
    """The encrypted personal data of one application."""

    number: int
    application_id: str
    organization_id: str
    sealed: bytes


class Applications:
    """The applications of one environment."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, application_id: str) -> Application | None:
        """Returns an application of any organization."""
        row = self._session.one(_BY_ID, application_id=application_id)
        return None if row is None else _application(row)

    def get(self, number: int) -> Application | None:
        """Returns an application by its number."""
        row = self._session.one(_BY_NUMBER, number=number)
        return None if row is None else _application(row)

    def listing(
        self, wanted: ApplicationFilter, *, before: int | None, limit: int
    ) -> list[Application]:
        """Returns applications with numbers below `before`, newest first."""
        params: dict[str, Any] = {
            name: getattr(wanted, name)
            for name in ("organization_id", "job_id", "state")
            if getattr(wanted, name)
        }
        if before is not None:
            params["before"] = before
        statement = _listing(frozenset(params))
        return [_application(row) for row in self._session.all(statement, limit=limit, **params)]

    def due(self, now: datetime, *, limit: int) -> list[Application]:
        """Returns applications whose next attempt is due, the longest due first.

        Those that an agent is to fetch are left out.
        """
        rows = self._session.all(_DUE, now=to_micros(now), limit=limit)
        return [_application(row) for row in rows]

    def due_at(
        self,
        integration_ids: Iterable[str],
        employer_ids: Iterable[str],
        now: datetime,
        *,
        limit: int,
    ) -> list[Application]:
        """Returns those due applications that are of the integrations and of the employers."""
        rows = self._session.all(
            _DUE_AT,
            now=to_micros(now),
            integration_ids=list(integration_ids),
            employer_ids=list(employer_ids),
            limit=limit,
        )
        return [_application(row) for row in rows]

    def overdue(self, before: datetime, *, limit: int) -> list[Application]:
        """Returns applications that have waited since before a time."""
        rows = self._session.all(_OVERDUE, before=to_micros(before), limit=limit)
        return [_application(row) for row in rows]

    def lost(self, now: datetime, *, limit: int) -> list[Application]:
        """Returns applications that are being sent and whose lease has run out."""
        rows = self._session.all(_LOST, now=to_micros(now), limit=limit)
        return [_application(row) for row in rows]

    def to_erase(self, before: datetime, *, limit: int) -> list[Application]:
        """Returns applications that were final at a time and still have their personal data."""
        rows = self._session.all(_TO_ERASE, before=to_micros(before), limit=limit)
        return [_application(row) for row in rows]

    def new_number(self) -> int:
        """Returns the number for an application to be added."""
        return _NUMBERS.draw(self._session)[0]

    def add(self, application: Application, sealed: bytes) -> None:
        """Adds one with its encrypted personal data."""
        named = (
            "number",
            "application_id",
            "organization_id",
            "employer_user_id",
            "job_id",
            "external_job_id",
            "integration_id",
        )
        values = {name: getattr(application, name) for name in named}
        values["created_time"] = to_micros(application.created_time)
        self._session.run(_INSERT, {**values, **_changing(application)})
        self._session.run(_INSERT_CONTENT, {"number": application.number, "sealed": sealed})

    def store(self, application: Application) -> None:
        """Updates one."""
        values = {f"new_{name}": value for name, value in _changing(application).items()}
        self._session.run(_STORE, {"at_number": application.number, **values})

    def content(self, number: int) -> bytes | None:
        """Returns the encrypted personal data; None: it was erased."""
        sealed = self._session.scalar(_CONTENT, number=number)
        return None if sealed is None else bytes(sealed)

    def erase_content(self, number: int) -> None:
        """Deletes the encrypted personal data."""
        self._session.run(_ERASE, number=number)

    def sealed_otherwise(self, key: bytes, *, limit: int) -> list[SealedContent]:
        """Returns contents that another key than this one encrypted, by the key's id."""
        return [
            SealedContent(
                number=row.number,
                application_id=row.application_id,
                organization_id=row.organization_id,
                sealed=bytes(row.sealed),
            )
            for row in self._session.all(_OTHERS_SEALED, key=key, limit=limit)
        ]

    def store_content(self, number: int, sealed: bytes) -> None:
        """Replaces what is kept encrypted. One that was erased meanwhile stays erased."""
        self._session.run(_RESEAL, {"at_number": number, "new_sealed": sealed})


class ForwardSecrets:
    """The secrets that sign applications, one for each integration."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, integration_id: str) -> ForwardSecret | None:
        """Returns the secret of an integration."""
        row = self._session.one(_SECRET, integration_id=integration_id)
        return None if row is None else _secret(row)

    def sealed_otherwise(self, key: bytes, *, limit: int) -> list[ForwardSecret]:
        """Returns secrets that another key than this one encrypted, by the key's id."""
        rows = self._session.all(_SECRETS_SEALED_OTHERWISE, key=key, limit=limit)
        return [_secret(row) for row in rows]

    def store(self, secret: ForwardSecret) -> None:
        """Adds or replaces the secret of an integration."""
        self._session.run(
            _STORE_SECRET,
            {
                "integration_id": secret.integration_id,
                "organization_id": secret.organization_id,
                "sealed": secret.sealed,
                "previous": secret.previous,
                "previous_expire_time": to_micros(secret.previous_expire_time),
                "created_time": to_micros(secret.created_time),
            },
        )


@lru_cache(maxsize=32)
def _listing(names: frozenset[str]) -> Select[Any]:
    found: Select[Any] = _ALL
    for name in ("organization_id", "job_id", "state"):
        if name in names:
            found = found.where(_T.c[name] == bindparam(name))
    if "before" in names:
        found = found.where(_T.c.number < bindparam("before"))
    return found.order_by(_T.c.number.desc()).limit(bindparam("limit"))


def _changing(application: Application) -> dict[str, Any]:
    return {
        "state": application.state.value,
        "cause": None if application.cause is None else application.cause.value,
        "status": application.status,
        "remote_id": application.remote_id,
        "note": application.note,
        "attempts": application.attempts,
        "failures": application.failures,
        "due_time": to_micros(application.due_time),
        "lease_time": to_micros(application.lease_time),
        "queued_time": to_micros(application.queued_time),
        "updated_time": to_micros(application.updated_time),
        "final_time": to_micros(application.final_time),
        "erased_time": to_micros(application.erased_time),
        "revision": application.revision,
    }


def _application(row: Row) -> Application:
    return Application(
        number=row.number,
        application_id=row.application_id,
        organization_id=row.organization_id,
        employer_user_id=row.employer_user_id,
        job_id=row.job_id,
        external_job_id=row.external_job_id,
        integration_id=row.integration_id,
        state=ApplicationState(row.state),
        cause=None if row.cause is None else Cause(row.cause),
        status=row.status,
        remote_id=row.remote_id,
        note=row.note,
        attempts=row.attempts,
        failures=row.failures,
        due_time=from_micros(row.due_time),
        lease_time=from_micros(row.lease_time),
        queued_time=from_micros(row.queued_time),
        created_time=from_micros(row.created_time),
        updated_time=from_micros(row.updated_time),
        final_time=from_micros(row.final_time),
        erased_time=from_micros(row.erased_time),
        revision=row.revision,
    )


def _secret(row: Row) -> ForwardSecret:
    return ForwardSecret(
        integration_id=row.integration_id,
        organization_id=row.organization_id,
        sealed=bytes(row.sealed),
        previous=None if row.previous is None else bytes(row.previous),
        previous_expire_time=from_micros(row.previous_expire_time),
        created_time=from_micros(row.created_time),
    )
