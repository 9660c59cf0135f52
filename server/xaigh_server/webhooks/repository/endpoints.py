"""Repository of one database's webhook endpoints and their queues."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import LargeBinary, bindparam, delete, func, insert, or_, select, update

from xaigh_server.db.session import Row, Session, insert_ignore
from xaigh_server.db.times import from_micros, to_micros
from xaigh_server.webhooks.model import DisableReason, Endpoint, EndpointHealth, SealedSecrets
from xaigh_server.webhooks.tables import control_webhooks

_E = control_webhooks.endpoints  # the business schema's tables are the same, and so is the SQL
_Q = control_webhooks.queues

_COLUMNS = (
    _E.c.endpoint_id,
    _E.c.organization_id,
    _E.c.url,
    _E.c.description,
    _E.c.event_types,
    _E.c.scopes,
    _E.c.grant_id,
    _E.c.origin,
    _E.c.secret,
    _E.c.previous_secret,
    _E.c.previous_expires_time,
    _E.c.created_time,
    _E.c.updated_time,
    _E.c.disabled_time,
    _E.c.disable_reason,
    _E.c.disabled_by,
    _E.c.disable_note,
    _E.c.revision,
    _E.c.key_id,
)
_ALL = select(*_COLUMNS)
_BY_ID = _ALL.where(_E.c.endpoint_id == bindparam("endpoint_id"))
_OF_ORGANIZATION = _BY_ID.where(_E.c.organization_id == bindparam("organization_id"))
_ENABLED = _ALL.where(
    _E.c.organization_id.in_(bindparam("organization_ids", expanding=True)),
    _E.c.disabled_time.is_(None),
).order_by(_E.c.created_time, _E.c.endpoint_id)
_HELD = _ALL.where(
    _E.c.organization_id == bindparam("organization_id"),
    _E.c.disable_reason == DisableReason.OPERATOR.value,
).order_by(_E.c.created_time, _E.c.endpoint_id)
_MADE_BY = _ALL.where(_E.c.key_id == bindparam("key_id")).order_by(_E.c.endpoint_id)
_COUNT = select(func.count()).where(_E.c.organization_id == bindparam("organization_id"))
_PAGE_OF_ALL = (
    _ALL.where(
        or_(
            _E.c.created_time < bindparam("before"),
            (_E.c.created_time == bindparam("before")) & (_E.c.endpoint_id < bindparam("below")),
        ),
    )
    .order_by(_E.c.created_time.desc(), _E.c.endpoint_id.desc())
    .limit(bindparam("limit"))
)
_PAGE = _PAGE_OF_ALL.where(_E.c.organization_id == bindparam("organization_id"))
_ADD = insert_ignore(_E, key=("endpoint_id",)).returning(_E.c.endpoint_id)
_ADD_QUEUE = insert(_Q)
_SAVE = (
    update(_E)
    .where(_E.c.endpoint_id == bindparam("id_"), _E.c.revision == bindparam("revision_"))
    .returning(_E.c.endpoint_id)
)
_DELETE = delete(_E).where(_E.c.endpoint_id == bindparam("endpoint_id"))
_DELETE_QUEUE = delete(_Q).where(_Q.c.endpoint_id == bindparam("endpoint_id"))
_STOP_QUEUE = (
    update(_Q).where(_Q.c.endpoint_id == bindparam("id_")).values(next_time=None, pause_until=0)
)
_HEAL_QUEUE = (
    update(_Q)
    .where(_Q.c.endpoint_id == bindparam("id_"))
    .values(failure_count=0, failing_since=None, pause_until=0)
)
_HEALTH = select(
    _Q.c.endpoint_id,
    _Q.c.failure_count,
    _Q.c.failing_since,
    _Q.c.last_success_time,
    _Q.c.last_failure_time,
).where(_Q.c.endpoint_id.in_(bindparam("ids", expanding=True)))
_SEALED = (
    select(_E.c.endpoint_id, _E.c.secret, _E.c.previous_secret)
    .where(_E.c.endpoint_id > bindparam("after"))
    .order_by(_E.c.endpoint_id)
    .limit(bindparam("limit"))
)
_RESEAL = (
    update(_E)
    .where(
        _E.c.endpoint_id == bindparam("id_"),
        _E.c.secret == bindparam("old"),
        _E.c.previous_secret.is_not_distinct_from(bindparam("old_previous", type_=LargeBinary)),
    )
    .values(secret=bindparam("new"), previous_secret=bindparam("new_previous"))
)
_END_OF_TIME = 1 << 62


class WebhookEndpoints:
    """Reads and writes endpoints. Calls reach only their organization's."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, endpoint: Endpoint) -> bool:
        """Inserts an endpoint with an empty queue. Returns False if its id exists."""
        if self._session.one(_ADD, endpoint_id=endpoint.id, **_values(endpoint)) is None:
            return False
        self._session.run(
            _ADD_QUEUE,
            endpoint_id=endpoint.id,
            next_time=None,
            pause_until=0,
            lease_holder="",
            lease_until=0,
            failure_count=0,
        )
        return True

    def get(self, endpoint_id: str, *, organization_id: str) -> Endpoint | None:
        """Returns the organization's endpoint, or None."""
        row = self._session.one(
            _OF_ORGANIZATION, endpoint_id=endpoint_id, organization_id=organization_id
        )
        return None if row is None else endpoint_of(row)

    def find(self, endpoint_id: str) -> Endpoint | None:
        """Returns any organization's endpoint, for workers only."""
        row = self._session.one(_BY_ID, endpoint_id=endpoint_id)
        return None if row is None else endpoint_of(row)

    def made_by(self, key_id: str) -> list[Endpoint]:
        """Returns the endpoints that a key made or whose URL it set last."""
        return [endpoint_of(row) for row in self._session.all(_MADE_BY, key_id=key_id)]

    def enabled_of(self, organization_ids: Sequence[str]) -> list[Endpoint]:
        """Returns the enabled endpoints of organizations, oldest first."""
        rows = self._session.all(_ENABLED, organization_ids=list(organization_ids))
        return [endpoint_of(row) for row in rows]

    def held_of(self, organization_id: str) -> list[Endpoint]:
        """Returns the organization's endpoints that an operator disabled, oldest first."""
        rows = self._session.all(_HELD, organization_id=organization_id)
        return [endpoint_of(row) for row in rows]

    def sealed(self, *, after: str, limit: int) -> list[tuple[str, bytes, bytes | None]]:
        """Returns ids behind `after`, in order, with their current and previous secrets."""
        rows = self._session.all(_SEALED, after=after, limit=limit)
        return [(row.endpoint_id, row.secret, row.previous_secret) for row in rows]

    def reseal(
        self,
        endpoint_id: str,
        old: tuple[bytes, bytes | None],
        new: tuple[bytes, bytes | None],
    ) -> None:
        """Replaces the ciphertexts of current and previous secret; secrets and revision stay.

        Does nothing where a rotation has replaced the old ones meanwhile.
        """
        self._session.run(
            _RESEAL,
            id_=endpoint_id,
            old=old[0],
            old_previous=old[1],
            new=new[0],
            new_previous=new[1],
        )

    def count(self, organization_id: str) -> int:
        """Counts the organization's endpoints, disabled ones included."""
        return int(self._session.scalar(_COUNT, organization_id=organization_id))

    def page(
        self, organization_id: str, *, before: tuple[int, str] | None, limit: int
    ) -> list[Endpoint]:
        """Returns at most `limit` endpoints, newest first, behind the cursor `before`.

        Of all organizations where `organization_id` is empty.
        """
        time, below = before or (_END_OF_TIME, "")
        behind = {"before": time, "below": below, "limit": limit}
        if organization_id:
            rows = self._session.all(_PAGE, organization_id=organization_id, **behind)
        else:
            rows = self._session.all(_PAGE_OF_ALL, **behind)
        return [endpoint_of(row) for row in rows]

    def save(self, endpoint: Endpoint, *, before: Endpoint) -> bool:
        """Writes the next revision of an endpoint. Returns False if it changed since `before`.

        Disabling stops the queue; enabling starts it with a cleared health.
        """
        values = _values(endpoint)
        row = self._session.one(_SAVE, id_=endpoint.id, revision_=before.revision, **values)
        written = row is not None
        if written and before.enabled and not endpoint.enabled:
            self._session.run(_STOP_QUEUE, id_=endpoint.id)
        if written and endpoint.enabled and not before.enabled:
            self._session.run(_HEAL_QUEUE, id_=endpoint.id)
        return written

    def delete(self, endpoint_id: str) -> None:
        """Deletes the endpoint and its queue. Its deliveries stay in the log."""
        self._session.run(_DELETE_QUEUE, endpoint_id=endpoint_id)
        self._session.run(_DELETE, endpoint_id=endpoint_id)

    def health(self, endpoint_ids: Sequence[str]) -> Mapping[str, EndpointHealth]:
        """Returns the health of endpoints by id."""
        rows = self._session.all(_HEALTH, ids=list(endpoint_ids)) if endpoint_ids else []
        return {row.endpoint_id: health_of(row) for row in rows}


def place_of(endpoint: Endpoint) -> tuple[int, str]:
    """Returns the cursor behind the endpoint."""
    return to_micros(endpoint.created_at), endpoint.id


def endpoint_of(row: Row) -> Endpoint:
    """Builds the endpoint from a full row."""
    return Endpoint(
        id=row.endpoint_id,
        organization_id=row.organization_id,
        url=row.url,
        description=row.description,
        event_types=tuple(json.loads(row.event_types)),
        scopes=frozenset(json.loads(row.scopes)),
        grant_id=row.grant_id,
        origin=row.origin,
        secrets=SealedSecrets(
            current=row.secret,
            previous=row.previous_secret,
            previous_expires_at=from_micros(row.previous_expires_time),
        ),
        created_at=from_micros(row.created_time),
        updated_at=from_micros(row.updated_time),
        disabled_at=from_micros(row.disabled_time),
        disable_reason=DisableReason(row.disable_reason),
        disabled_by=row.disabled_by,
        disable_note=row.disable_note,
        revision=row.revision,
        key_id=row.key_id,
    )


def health_of(row: Row) -> EndpointHealth:
    """Builds the health from a queue's row."""
    return EndpointHealth(
        failure_count=row.failure_count,
        failing_since=from_micros(row.failing_since),
        last_success_at=from_micros(row.last_success_time),
        last_failure_at=from_micros(row.last_failure_time),
    )


def _values(endpoint: Endpoint) -> dict[str, object]:
    secrets = endpoint.secrets
    return {
        "organization_id": endpoint.organization_id,
        "url": endpoint.url,
        "description": endpoint.description,
        "event_types": json.dumps(endpoint.event_types),
        "scopes": json.dumps(sorted(endpoint.scopes)),
        "grant_id": endpoint.grant_id,
        "origin": endpoint.origin,
        "secret": secrets.current,
        "previous_secret": secrets.previous,
        "previous_expires_time": to_micros(secrets.previous_expires_at),
        "created_time": to_micros(endpoint.created_at),
        "updated_time": to_micros(endpoint.updated_at),
        "disabled_time": to_micros(endpoint.disabled_at),
        "disable_reason": endpoint.disable_reason.value,
        "disabled_by": endpoint.disabled_by,
        "disable_note": endpoint.disable_note,
        "revision": endpoint.revision,
        "key_id": endpoint.key_id,
    }
