"""Conversion of keys to messages and audit records."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from google.protobuf.duration_pb2 import Duration

from xaigh.keys.v1 import key_admin_service_pb2 as api
from xaigh.keys.v1 import key_pb2 as pb
from xaigh_server.audit.model import rfc3339
from xaigh_server.identity.rate_limit.model import LimitDecision
from xaigh_server.keys.issuing import NewKey
from xaigh_server.keys.model import KeyRecord
from xaigh_server.rpc.timestamps import set_time


def key_to_pb(key: KeyRecord, now: datetime) -> pb.Key:
    """Converts a key's record as of `now`."""
    message = pb.Key(
        key_id=key.key_id,
        state=pb.Key.State.Value(key.state_at(now).value),
        name=key.name,
        environment=key.environment.value,
        key_type=key.key_type.value,
        prefix=key.prefix,
        last_four=key.last_four,
        organization_id=key.organization_id,
        organization_name=key.organization_name,
        grant_id=key.grant_id,
        scopes=key.scopes,
        allowed_origins=key.allowed_origins,
        allowed_cidrs=key.allowed_cidrs,
        labels=key.labels,
        created_by=key.created_by,
        revoke_reason=key.revoke_reason,
        replaced_by=key.replaced_by,
        etag=key.etag,
    )
    set_time(message.create_time, key.create_time)
    set_time(message.expire_time, key.expire_time)
    set_time(message.revoke_time, key.revoke_time)
    set_time(message.last_used_time, key.last_used_time)
    set_time(message.last_refused_time, key.last_refused_time)
    set_time(message.flagged_time, key.flag_time)
    return message


def issued_to_pb(new: NewKey, now: datetime) -> pb.IssuedKey:
    """Converts a new key: the only reply that can hold the key itself."""
    message = pb.IssuedKey(key=key_to_pb(new.record, now), api_key=new.clear)
    if new.sealed is None:
        message.disclosure = pb.IssuedKey.SHOWN
    else:
        message.disclosure = pb.IssuedKey.SEALED
        message.sealed_for_ticket_id = new.sealed.ticket_id
    return message


def withhold(message: pb.IssuedKey) -> None:
    """Removes the key itself from a replayed reply."""
    message.api_key = ""
    if message.disclosure == pb.IssuedKey.SHOWN:
        message.disclosure = pb.IssuedKey.WITHHELD


def limit_to_pb(decision: LimitDecision) -> api.RateLimitState:
    """Converts the state of the tightest rate-limit window."""
    tightest = decision.tightest
    return api.RateLimitState(
        limit=tightest.window.calls,
        remaining=tightest.remaining,
        reset_after=_duration(timedelta(seconds=tightest.reset_after)),
        window=_duration(timedelta(seconds=tightest.window.seconds)),
    )


def key_for_audit(key: KeyRecord, now: datetime) -> dict[str, Any]:
    """Returns a record for the audit log. A record holds no secret."""
    return {
        "name": key.name,
        "state": key.state_at(now).value,
        "prefix": key.prefix,
        "lastFour": key.last_four,
        "grantId": key.grant_id,
        "scopes": list(key.scopes),
        "allowedOrigins": list(key.allowed_origins),
        "allowedCidrs": list(key.allowed_cidrs),
        "labels": dict(key.labels),
        "expireTime": _text(key.expire_time),
        "replaces": key.replaces,
        "replacedBy": key.replaced_by,
        "revokeTime": _text(key.revoke_time),
    }


def _text(time: datetime | None) -> str:
    return rfc3339(time) if time is not None else ""


def _duration(span: timedelta) -> Duration:
    message = Duration()
    message.FromTimedelta(span)
    return message
