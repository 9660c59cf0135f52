"""Last interceptor: runs the handler, a read on one snapshot, a write in one transaction.

A write is one transaction with the business rows, the audit event, the outgoing events and the
idempotency record: all of them or none, also under SIGKILL. It runs once per idempotency key.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from xaigh_server.db.idempotency import IdempotencyRecord
from xaigh_server.errors import FieldInvalid
from xaigh_server.identity.environments import Environment
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.errors import IdempotencyKeyMissing, IdempotencyKeyReused, Unimplemented
from xaigh_server.rpc.handlers import Handler, Read, Stream, Write
from xaigh_server.rpc.idempotency import HEADER, fingerprint, parse_key
from xaigh_server.rpc.method import Method
from xaigh_server.rpc.stream_guard import guard
from xaigh_server.rpc.unit_of_work import UnitOfWork
from xaigh_server.rpc.unit_of_work_factory import UnitOfWorkFactory

REPLAYED = ("idempotent-replayed", "true")


@dataclass(frozen=True, slots=True, kw_only=True)
class IdempotentWrite:
    """A write that carries an idempotency key: whose key it is, and for which request."""

    scope: str
    method: str
    key: str
    fingerprint: bytes
    """SHA-256 over the request, detached fields included."""


@dataclass(frozen=True, slots=True)
class Replay:
    """A stored reply that the caller may see."""

    reply: Message

    def to(self, call: Call) -> Message:
        """The reply, with the call marked as a replay."""
        call.replayed = True
        call.reply_metadata.append(REPLAYED)
        return self.reply


class InvokeHandler:
    """Answers calls with the handlers of the services. Methods without one are unimplemented."""

    def __init__(
        self, handlers: Mapping[str, Handler], *, units: UnitOfWorkFactory, keep_replies: timedelta
    ) -> None:
        self._handlers = handlers
        self._units = units
        self._keep = keep_replies

    def __call__(self, request: Any, call: Call) -> Awaitable[Any]:
        handler = self._handlers.get(call.method.path)
        if handler is None:
            raise Unimplemented
        if not call.method.client_streaming:
            choose_environment(request, call)
        if isinstance(handler, Stream):
            return self._stream(handler, request, call)
        if isinstance(handler, Read):
            return self._read(handler, request, call)
        return self._write(handler, request, call)

    async def _stream(self, handler: Stream, request: Any, call: Call) -> Any:
        call.idempotency_key = parse_key(call.headers(HEADER)) or ""
        if call.method.rule.idempotency == "required" and not call.idempotency_key:
            raise IdempotencyKeyMissing
        replies = guard(
            handler.run(request, call), call, renew=self._units.renew, may_see=handler.may_see
        )
        if call.method.server_streaming:
            return replies
        return await anext(replies)

    async def _read(self, handler: Read, request: Any, call: Call) -> Message:
        if handler.prepare is None:
            prepared = None
        else:
            await self._units.renew(call)  # a preparation may already have effects
            prepared = await handler.prepare(request, call)
        lane = self._units.point if handler.point else self._units.read
        reply = await lane(call, lambda unit: handler.run(request, unit), prepared=prepared)
        if call.method.rule.audit and (handler.audited is None or handler.audited(request)):
            await self._units.write(call, lambda unit: _audit_read(request, unit))
        return reply

    async def _write(self, handler: Write, request: Any, call: Call) -> Message:
        """Writes, and finishes what is to be done in another database before the reply.

        Where the call may change rights, both come once no server uses older ones: what is finished
        includes what others still wrote under those. A replay and a refusal wait as well: they may
        tell what a call took away that still waits.
        """
        try:
            reply = await self._commit(handler, request, call)
        finally:
            if call.method.rule.changes_rights:
                await self._units.settle()
        return reply if handler.finish is None else await handler.finish(request, reply, call)

    async def _commit(self, handler: Write, request: Any, call: Call) -> Message:
        detached = b"" if handler.detach is None else await handler.detach(request, call)
        attempt = self._attempt(request, call, detached)
        prepared = None
        if handler.prepare is not None:
            replay = await self._before_preparation(handler, request, call, attempt)
            if replay is not None:
                return replay.to(call)
            prepared = await handler.prepare(request, call)
            answered = None if handler.answer is None else handler.answer(prepared)
            if answered is not None:
                return answered
        owner = handler.owner
        organization_id = (
            await self._units.point(call, lambda unit: owner(request, unit)) if owner else ""
        )
        reply = await self._units.write(
            call,
            lambda unit: self._once(unit, attempt, request, handler),
            prepared=prepared,
            owner=organization_id,
        )
        return reply.to(call) if isinstance(reply, Replay) else reply

    async def _before_preparation(
        self, handler: Write, request: Any, call: Call, attempt: IdempotentWrite | None
    ) -> Replay | None:
        """Answers a repeat before anything is prepared: what was true then may not be now."""
        if attempt is not None and not handler.prepares_alike:
            return await self._units.point(
                call, lambda unit: self._earlier(unit, attempt, request, handler)
            )
        await self._units.renew(call)  # as before the preparation of a read
        return None

    def _once(
        self, unit: UnitOfWork, attempt: IdempotentWrite | None, request: Any, handler: Write
    ) -> Message | Replay:
        """Runs the handler, unless the idempotency key was used before."""
        if attempt is None:
            return handler.run(request, unit)
        found = self._earlier(unit, attempt, request, handler)
        if found is not None:
            unit.forget()  # nothing happens a second time, so nothing is audited again
            return found
        reply = handler.run(request, unit)
        unit.idempotency.store(self._record(unit, attempt, reply, handler))
        return reply

    def _attempt(self, request: Message, call: Call, detached: bytes) -> IdempotentWrite | None:
        wanted = call.method.rule.idempotency
        if wanted == "none":
            return None
        key = parse_key(call.headers(HEADER))
        # A rehearsal writes nothing, not even its key: that is still free for the real call.
        if getattr(request, "validate_only", False):
            return None
        if key is None:
            if wanted == "required":
                raise IdempotencyKeyMissing
            return None
        call.idempotency_key = key
        method = call.method.full_name
        said = request.SerializeToString(deterministic=True) + detached
        return IdempotentWrite(
            scope=call.scope, method=method, key=key, fingerprint=fingerprint(method, said)
        )

    def _earlier(
        self, unit: UnitOfWork, attempt: IdempotentWrite, request: Message, handler: Write
    ) -> Replay | None:
        """The stored reply of the attempt, once the caller has proven that it may see it."""
        record = _found(unit, attempt)
        if record is None:
            return None
        if record.fingerprint != attempt.fingerprint:
            raise IdempotencyKeyReused
        reply: Message = unit.call.method.reply_type.FromString(record.reply)
        if handler.prove is not None:
            handler.prove(request, reply, unit)
        return Replay(reply)

    def _record(
        self, unit: UnitOfWork, attempt: IdempotentWrite, reply: Message, handler: Write
    ) -> IdempotencyRecord:
        kept = reply
        if handler.redact is not None:
            kept = type(reply)()
            kept.CopyFrom(reply)
            handler.redact(kept)
        return IdempotencyRecord(
            scope=attempt.scope,
            method=attempt.method,
            key=attempt.key,
            fingerprint=attempt.fingerprint,
            reply=kept.SerializeToString(),
            created_time=unit.now,
            expires_time=unit.now + self._keep,
        )


def _audit_read(request: Message, unit: UnitOfWork) -> None:
    """Adds the audit event of a call that only read: what it asked for, and about what."""
    asked = MessageToDict(request)
    asked.pop("pageToken", None)
    targets = [asked[name] for name in ("ticketId", "keyId") if name in asked]
    public = unit.call.method.rule.access == "public"  # then the handler has checked the token
    unit.audit(*targets, after=asked, applicant=asked.get("ticketId", "") if public else "")


def _found(unit: UnitOfWork, attempt: IdempotentWrite) -> IdempotencyRecord | None:
    """What an earlier call left under the same key, whatever it asked for."""
    return unit.idempotency.find(
        scope=attempt.scope, method=attempt.method, key=attempt.key, now=unit.now
    )


def choose_environment(request: Message, call: Call) -> None:
    """Sets the environment, and so the database, of a business call.

    A key's prefix says it; operators and services say it in the request. A request of a key that
    names another one is refused.
    """
    if call.method.rule.database != "business":
        return
    named = getattr(request, "environment", "") if call.method.names_environment else ""
    if call.environment:
        if named not in ("", call.environment):
            raise FieldInvalid.at("environment", f"Your key is one of the {call.environment}.")
        return
    if named not in tuple(Environment):
        raise FieldInvalid.at("environment", "Say which one: sandbox or production.")
    call.environment = named


def check_handlers(handlers: Mapping[str, Handler], methods: Mapping[str, Method]) -> None:
    """Raises ValueError, naming the method, for a handler that doesn't fit its declaration."""
    for path, handler in handlers.items():
        method = methods.get(path)
        if method is None:
            raise ValueError(f"{path}: a handler for a method that the protos don't have")
        if isinstance(handler, Stream) != method.streaming:
            raise ValueError(f"{path}: only a method that streams takes a Stream")
        if not method.streaming and isinstance(handler, Read) != method.read_only:
            raise ValueError(f"{path}: a Read is for methods without side effects, and only those")
        if isinstance(handler, Write) and handler.answer is not None:
            kept = method.rule.audit or method.rule.idempotency != "none"
            if kept or handler.prepare is None:
                raise ValueError(f"{path}: `answer` leaves out what the method is to keep")
        # A read keeps nothing, and who proves the status token may see the reply again.
        shown_once = method.rule.secret_reply and method.rule.replay == "caller"
        if shown_once and not (isinstance(handler, Write) and handler.redact):
            raise ValueError(f"{path}: its reply carries a secret, so a replay needs `redact`")
        finds = isinstance(handler, Write) and handler.owner is not None
        if finds != (method.rule.partition == "object"):
            raise ValueError(f"{path}: `owner` doesn't fit the partition that the rule states")
        proves = isinstance(handler, Write) and handler.prove is not None
        if proves != (method.rule.replay in ("employers", "status_token")):
            raise ValueError(f"{path}: `prove` doesn't fit what the rule says a replay proves")
