"""Service of keys: issue, list, rotate, revoke, roll back and verify."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xaigh.keys.v1 import key_admin_service_pb2 as api
from xaigh.keys.v1 import key_pb2 as pb
from xaigh_server.db.times import to_micros
from xaigh_server.errors import Internal, NotFound
from xaigh_server.identity.key_format import KeyType
from xaigh_server.keys.grant_repository import Grants
from xaigh_server.keys.grants import Grant
from xaigh_server.keys.issuing import IssueOrder, Issuer, NewKey, require_key, revoke
from xaigh_server.keys.journal import audit_and_publish, audit_leak
from xaigh_server.keys.messages import issued_to_pb, key_to_pb, withhold
from xaigh_server.keys.model import KeyRecord, KeyState
from xaigh_server.keys.repository import KeyFilter, Keys
from xaigh_server.keys.rollback_service import RollbackHandlers
from xaigh_server.keys.verification import Verification
from xaigh_server.organizations.model import Organization
from xaigh_server.organizations.repository import Organizations
from xaigh_server.rpc.handlers import Handler, Read, Write
from xaigh_server.rpc.paging import Paging
from xaigh_server.rpc.timestamps import get_time
from xaigh_server.rpc.unit_of_work import UnitOfWork, actor


class KeyAdminService:
    """Answers xaigh.keys.v1.KeyAdminService."""

    name = "xaigh.keys.v1.KeyAdminService"

    def __init__(
        self,
        *,
        issuer: Issuer,
        verification: Verification,
        rollbacks: RollbackHandlers,
        paging: Paging,
    ) -> None:
        self._issuer = issuer
        self._verification = verification
        self._rollbacks = rollbacks
        self._paging = paging

    def handlers(self) -> Mapping[str, Handler]:
        """Returns the handlers by method name."""
        return {
            "IssueKey": Write(run=self.issue_key, redact=withhold),
            "ListKeys": Read(run=self.list_keys),
            "GetKey": Read(run=self.get_key),
            "RotateKey": Write(run=self.rotate_key, redact=withhold),
            "RevokeKey": Write(run=self.revoke_key),
            **self._verification.handlers(),
            **self._rollbacks.handlers(),
        }

    def issue_key(self, request: api.IssueKeyRequest, unit: UnitOfWork) -> pb.IssuedKey:
        grant = Grants(unit.session).current(request.grant_id)
        if grant is None:
            raise NotFound("grant", request.grant_id)
        order = IssueOrder(
            name=request.name,
            key_type=KeyType(request.key_type or KeyType.SECRET),
            scopes=request.scopes,
            expire_time=get_time(request, "expire_time"),
            allowed_origins=request.allowed_origins,
            allowed_cidrs=request.allowed_cidrs,
            labels=request.labels,
            clear_reason=request.clear_reason,
        )
        organization = _organization(grant.organization_id, unit)
        operator = actor(unit.call)[1]
        new = self._issuer.issue(
            order, grant, organization, Keys(unit.session), operator=operator, now=unit.now
        )
        _keep(new, unit)
        audit_and_publish("key.issued", new.record, unit, new=new, reason=request.clear_reason)
        return issued_to_pb(new, unit.now)

    def list_keys(self, request: api.ListKeysRequest, unit: UnitOfWork) -> api.ListKeysResponse:
        page = self._paging.page(request, unit.call)
        state = pb.Key.State.Name(request.state) if request.state else ""
        wanted = KeyFilter(
            now=unit.now,
            organization_id=request.organization_id,
            grant_id=request.grant_id,
            environment=request.environment,
            key_type=request.key_type,
            state=KeyState(state) if state else None,
        )
        before: Any = page.cursor
        found = Keys(unit.session).listing(wanted, before=before, limit=page.size + 1)
        shown, token = self._paging.fill(
            found,
            page,
            lambda each: (to_micros(each.create_time), each.key_id),
            lambda each: key_to_pb(each, unit.now),
        )
        return api.ListKeysResponse(keys=shown, next_page_token=token)

    def get_key(self, request: api.GetKeyRequest, unit: UnitOfWork) -> pb.Key:
        return key_to_pb(_key(request.key_id, unit), unit.now)

    def rotate_key(self, request: api.RotateKeyRequest, unit: UnitOfWork) -> pb.IssuedKey:
        old = _key(request.key_id, unit)
        grant = _grant(old, unit)
        done = self._issuer.rotate(
            old,
            grant,
            _organization(old.organization_id, unit),
            Keys(unit.session),
            grace=request.grace.ToTimedelta(),
            clear_reason=request.clear_reason,
            etag=request.etag,
            operator=actor(unit.call)[1],
            now=unit.now,
        )
        _keep(done.new, unit)
        Keys(unit.session).replace(done.old)
        reason = request.reason or request.clear_reason
        audit_and_publish("key.rotated", done.old, unit, before=old, new=done.new, reason=reason)
        return issued_to_pb(done.new, unit.now)

    def revoke_key(self, request: api.RevokeKeyRequest, unit: UnitOfWork) -> pb.Key:
        old = _key(request.key_id, unit)
        return revoke_and_publish(old, reason=request.reason, leaked=request.leaked, unit=unit)


def revoke_and_publish(
    old: KeyRecord, *, reason: str, unit: UnitOfWork, leaked: bool = False
) -> pb.Key:
    """Revokes a key, with audit event and webhook. A revoked key stays unchanged.

    `leaked` also has the endpoints disabled that the key made, of a key revoked before as well.
    """
    new = revoke(old, reason=reason, by=actor(unit.call)[1], now=unit.now)
    if new is old and leaked:
        audit_leak(new, unit, reason=reason)
    elif new is old:
        unit.forget()
    else:
        Keys(unit.session).revoke(new)
        audit_and_publish("key.revoked", new, unit, before=old, reason=reason, leaked=leaked)
    return key_to_pb(new, unit.now)


def _keep(new: NewKey, unit: UnitOfWork) -> None:
    Keys(unit.session).add(new.record, new.digest)
    if new.sealed is not None:
        Keys(unit.session).seal(new.sealed)


def _key(key_id: str, unit: UnitOfWork) -> KeyRecord:
    return require_key(Keys(unit.session).get(key_id), key_id)


def _grant(key: KeyRecord, unit: UnitOfWork) -> Grant:
    grant = Grants(unit.session).current(key.grant_id)
    if grant is None:
        raise Internal(f"Key {key.key_id} has no grant.")
    return grant


def _organization(organization_id: str, unit: UnitOfWork) -> Organization:
    organization = Organizations(unit.session).get(organization_id)
    if organization is None:
        raise Internal(f"Organization {organization_id} is missing.")
    return organization
