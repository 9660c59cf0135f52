"""Handlers of methods: plain functions of a message and a unit of work, or streams.

Unary handlers are synchronous and run to their end on a thread of one database, even if the client
cancels. Their rows, audit event, webhook events and idempotency record are committed together.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from google.protobuf.message import Message

from xaigh_server.rpc.call import Call

UnaryFunction: TypeAlias = Callable[[Any, Any], Message]
"""(request, unit) -> reply."""

Prepare: TypeAlias = Callable[[Any, Call], Awaitable[Any]]
"""(request, call) -> the value of `unit.prepared`."""


Finish: TypeAlias = Callable[[Any, Any, Call], Awaitable[Message]]
"""(request, reply, call) -> the reply to send."""


@dataclass(frozen=True, slots=True)
class Read:
    """Reads in one consistent snapshot. `prepare` runs before it, outside of any transaction.

    `point` says that the work is a handful of look-ups by key, cheap enough to run without a
    change of thread. `audited(request)` says whether the call leaves the audit event of its
    method's rule; without it each call does, if the rule has one.
    """

    run: UnaryFunction
    prepare: Prepare | None = None
    point: bool = False
    audited: Callable[[Any], bool] | None = None


@dataclass(frozen=True, slots=True)
class Write:
    """Writes in one transaction. `prepare` runs before it, outside of any transaction.

    With `prepares_alike` it finds the same each time, whatever happened meanwhile, so a repeat
    under an idempotency key may run it again before its record is looked for: a look-up less.
    `redact` makes, in place, the reply that a replay gives out of the first one: it takes out what
    may be shown only once. A method whose reply carries a secret must have one.
    `answer` makes the reply of what `prepare` found, or gives None where something is to be
    written: only for methods that keep neither audit events nor idempotency keys.
    `detach` comes first: it moves the fields with the option `detached` from the message to
    `call.detached` on both transports, and returns their digest for the idempotency fingerprint.
    `prove(request, reply, unit)` comes before a stored reply is given: it raises what a read would
    answer a caller who may not see it. Methods whose rule says what a replay proves must have one.
    `owner(request, unit)` gives the organization of the object that the request names, empty where
    there is no such object: the partition in which the call writes. Methods whose rule says that it
    is the object's must have one.
    `finish` runs after the commit and before the reply, for work in another database that the
    transaction has recorded: the reply comes after it. Where it fails, what was committed stands;
    a replay runs it again, so it does nothing twice.
    """

    run: UnaryFunction
    prepare: Prepare | None = None
    prepares_alike: bool = False
    answer: Callable[[Any], Message | None] | None = None
    redact: Callable[[Any], None] | None = None
    detach: Callable[[Any, Call], Awaitable[bytes]] | None = None
    prove: Callable[[Any, Any, Any], object] | None = None
    owner: Callable[[Any, Any], str] | None = None
    finish: Finish | None = None


@dataclass(frozen=True, slots=True)
class Stream:
    """Answers with a stream, or takes one; it opens its own units, one after the other.

    `run(requests, call)` takes the one request of a server stream, or an async iterator of them.
    A stream that has a single reply yields it once. `may_see(reply, call)` says whether the caller
    may see a reply by the grant it has when the reply is about to be sent: one whose grant was
    narrowed meanwhile doesn't get what was read before that.
    """

    run: Callable[[Any, Call], AsyncIterator[Message]]
    may_see: Callable[[Any, Call], bool] | None = None


Handler: TypeAlias = Read | Write | Stream


class Service(Protocol):
    """One service of the protos."""

    name: str
    """The full name, for example `xaigh.jobs.v1.JobsService`."""

    def handlers(self) -> Mapping[str, Handler]:
        """A handler by the method's short name. Methods left out answer `unimplemented`."""
