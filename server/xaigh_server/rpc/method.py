"""Method and its access rule as the interceptors see them: plain values, read at the start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from xaigh_server.identity.scopes import Audience, Risk

Access = Literal["public", "self", "scope"]
Idempotency = Literal["none", "optional", "required"]
DatabaseKind = Literal["control", "business"]
PartitionRule = Literal["none", "whole", "caller", "object"]
Replay = Literal["none", "caller", "employers", "status_token"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodRule:
    """Who may call a method, and what a call leaves behind.

    `scope` and `audience` are None unless `access` is "scope"; `or_scope` is one of services or
    operators that does as well as an integrator's `scope`, None where there is none; `operators` is
    true where operators' credentials, too, may call a method whose `access` is "self"; `audit` is
    empty for a method that leaves no event. `replay` is what a repeat under an idempotency key
    proves before it gets the stored reply, "none" for a method that takes no such key. `partition`
    says in which partition of its database a call writes, "none" for a method without side effects.
    """

    access: Access
    scope: str | None
    or_scope: str | None
    audience: Audience | None
    publishable: bool
    operators: bool
    audit: str
    idempotency: Idempotency
    replay: Replay
    risk: Risk
    database: DatabaseKind
    partition: PartitionRule
    secret_reply: bool
    changes_rights: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One RPC. `full_name` is dotted, `path` is how gRPC names it on the wire."""

    full_name: str
    path: str
    rule: MethodRule
    read_only: bool
    client_streaming: bool
    server_streaming: bool
    request_type: type[Any]
    reply_type: type[Any]
    routes: tuple[str, ...]
    """The HTTP routes, for people: `POST /v1/jobs/post`."""
    path_fields: tuple[str, ...] = ()
    """The fields of the request that the first route names: `job_id`, `integration.board`."""

    @property
    def streaming(self) -> bool:
        """True unless the method takes one message and gives one."""
        return self.client_streaming or self.server_streaming

    @property
    def names_environment(self) -> bool:
        """True where the request itself may say which environment is meant."""
        return "environment" in self.request_type.DESCRIPTOR.fields_by_name
