"""Loader of methods and their access rules from the descriptors. It refuses invalid rules.

Authorization fails closed: the server doesn't start with a method whose rule is missing or
incomplete, and the error names the method.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from google.api import annotations_pb2
from google.api.http_pb2 import HttpRule
from google.protobuf.descriptor import Descriptor, MethodDescriptor, ServiceDescriptor
from google.protobuf.descriptor_pb2 import MethodOptions
from google.protobuf.message_factory import GetMessageClass

from xaigh.options.v1 import options_pb2 as options
from xaigh_server.identity.scopes import Audience, Risk
from xaigh_server.rpc.method import (
    DatabaseKind,
    Idempotency,
    Method,
    MethodRule,
    PartitionRule,
    Replay,
)


class PolicyError(ValueError):
    """A method's rule is missing or contradicts itself. The text names the method."""


def read_methods(services: Iterable[ServiceDescriptor]) -> Mapping[str, Method]:
    """Every method of the services, by its path on the wire (`/package.Service/Method`)."""
    methods: dict[str, Method] = {}
    for service in services:
        for descriptor in service.methods:
            method = _method(descriptor)
            methods[method.path] = method
    return methods


def _method(descriptor: MethodDescriptor) -> Method:
    declared = descriptor.GetOptions()
    read_only = declared.idempotency_level == MethodOptions.NO_SIDE_EFFECTS
    # The stubs of google.api type the extension as a plain descriptor.
    routes = tuple(_routes(declared.Extensions[annotations_pb2.http]))  # type: ignore[index]
    return Method(
        full_name=descriptor.full_name,
        path=f"/{descriptor.containing_service.full_name}/{descriptor.name}",
        rule=_rule(descriptor, read_only=read_only),
        read_only=read_only,
        client_streaming=descriptor.client_streaming,
        server_streaming=descriptor.server_streaming,
        request_type=GetMessageClass(descriptor.input_type),
        reply_type=GetMessageClass(descriptor.output_type),
        routes=routes,
        path_fields=tuple(_PATH_FIELD.findall(routes[0])) if routes else (),
    )


def _rule(descriptor: MethodDescriptor, *, read_only: bool) -> MethodRule:
    name = descriptor.full_name
    declared = descriptor.GetOptions()
    if not declared.HasExtension(options.rule):
        raise PolicyError(f"{name} has no access rule: set the option xaigh.options.v1.rule")
    rule: options.Rule = declared.Extensions[options.rule]
    access = rule.WhichOneof("access")
    if access is None:
        raise PolicyError(f"{name}: the rule says neither public, self nor scope")
    _check_members(name, rule, access, read_only=read_only)
    scope, audience = _scope(name, rule.scope) if access == "scope" else (None, None)
    if rule.publishable and audience is not Audience.INTEGRATOR:
        raise PolicyError(f"{name}: only a scope of integrators can be publishable")
    _check_replay(descriptor, rule, audience)
    _check_partition(name, rule, audience, read_only=read_only)
    return MethodRule(
        access=access,
        scope=scope,
        or_scope=_or_scope(name, rule, audience, read_only=read_only),
        audience=audience,
        publishable=rule.publishable,
        operators=rule.operators,
        audit=rule.audit,
        idempotency=_IDEMPOTENCY[rule.idempotency],
        replay=_REPLAY[rule.replay],
        risk=_RISK[rule.risk],
        database=_DATABASE[rule.database],
        partition=_PARTITION[rule.partition],
        secret_reply=rule.secret_reply,
        changes_rights=rule.changes_rights,
    )


def _check_members(name: str, rule: options.Rule, access: str, *, read_only: bool) -> None:
    """Every member that a rule must have is there, and none excludes another."""
    if access in ("public", "self") and not getattr(rule, access):
        raise PolicyError(f"{name}: `{access}: false` opens the method to nobody")
    if rule.database == options.Rule.DATABASE_UNSPECIFIED:
        raise PolicyError(f"{name}: the rule doesn't say on which database the method works")
    if rule.risk == options.Rule.RISK_UNSPECIFIED:
        raise PolicyError(f"{name}: the rule doesn't say what a wrong call can cost")
    if read_only and rule.idempotency:
        raise PolicyError(f"{name} has no side effects, so it takes no idempotency key")
    if rule.operators and access != "self":
        raise PolicyError(f"{name}: only a method that is `self` can be open to operators as well")


def _check_partition(
    name: str, rule: options.Rule, audience: Audience | None, *, read_only: bool
) -> None:
    """Two writes that rely on each other's rows must be of one partition, so none goes without."""
    declared = options.Rule
    if read_only:
        if rule.partition:
            raise PolicyError(f"{name} has no side effects, so it writes in no partition")
        return
    if not rule.partition:
        raise PolicyError(f"{name}: the rule doesn't say in which partition the method writes")
    if (rule.database == declared.CONTROL) != (rule.partition == declared.WHOLE):
        raise PolicyError(f"{name}: the control database, and only that, is one partition")
    of_caller = rule.partition == declared.CALLER_ORGANIZATION
    if rule.database == declared.BUSINESS and of_caller != (audience is Audience.INTEGRATOR):
        raise PolicyError(f"{name}: only callers that are integrators have an organization")


def _check_replay(
    descriptor: MethodDescriptor, rule: options.Rule, audience: Audience | None
) -> None:
    """A stored reply must not go to a caller from whom a read would hide what it shows."""
    name, declared = descriptor.full_name, options.Rule
    if bool(rule.idempotency) != bool(rule.replay):
        raise PolicyError(f"{name}: `replay` and `idempotency` go together")
    if rule.replay == declared.STATUS_TOKEN and not rule.public:
        raise PolicyError(f"{name}: only public methods go by a status token")
    if rule.replay == declared.EMPLOYERS and audience is not Audience.INTEGRATOR:
        raise PolicyError(f"{name}: only keys of integrators are confined to employers")
    confined = audience is Audience.INTEGRATOR and _names_confined(descriptor.output_type, set())
    if rule.replay == declared.CALLER and confined:
        raise PolicyError(f"{name}: its reply is of an employer, so a replay proves EMPLOYERS")


def _names_confined(message: Descriptor, seen: set[str]) -> bool:
    """Whether a message says anywhere in it which employer or integration it is of."""
    if message.full_name in seen:
        return False
    seen.add(message.full_name)
    return any(
        field.name in _CONFINED
        or (field.message_type is not None and _names_confined(field.message_type, seen))
        for field in message.fields
    )


def _or_scope(
    name: str, rule: options.Rule, audience: Audience | None, *, read_only: bool
) -> str | None:
    """The scope by which services or operators may call an integrators' method, too."""
    if not rule.or_scope:
        return None
    scope, other = _scope(name, rule.or_scope)
    if audience is not Audience.INTEGRATOR or other is Audience.INTEGRATOR or not read_only:
        raise PolicyError(f"{name}: `or_scope` opens reads of integrators to others, nothing else")
    return scope


def _scope(name: str, number: options.Scope.ValueType) -> tuple[str, Audience]:
    value = options.Scope.DESCRIPTOR.values_by_number.get(number)
    if value is None or not value.GetOptions().HasExtension(options.scope_spec):
        raise PolicyError(f"{name}: scope {number} isn't in the catalogue")
    spec = value.GetOptions().Extensions[options.scope_spec]
    if spec.audience not in _AUDIENCE:
        raise PolicyError(f"{name}: scope {spec.name} doesn't say who can hold it")
    return spec.name, _AUDIENCE[spec.audience]


def _routes(rule: HttpRule) -> Iterator[str]:
    for binding in (rule, *rule.additional_bindings):
        verb = binding.WhichOneof("pattern")
        if verb == "custom":
            yield f"{binding.custom.kind} {binding.custom.path}"
        elif verb is not None:
            yield f"{verb.upper()} {getattr(binding, verb)}"


_PATH_FIELD = re.compile(r"\{([a-z0-9_.]+)")
_IDEMPOTENCY: Mapping[int, Idempotency] = {0: "none", 1: "optional", 2: "required"}
_REPLAY: Mapping[int, Replay] = {0: "none", 1: "caller", 2: "employers", 3: "status_token"}
_CONFINED = frozenset({"employer_user_id", "employer_user_ids", "integration_id"})
_RISK: Mapping[int, Risk] = {1: "low", 2: "medium", 3: "high"}
_PARTITION: Mapping[int, PartitionRule] = {0: "none", 1: "whole", 2: "caller", 3: "object"}
_DATABASE: Mapping[int, DatabaseKind] = {1: "control", 2: "business"}
_AUDIENCE = {1: Audience.INTEGRATOR, 2: Audience.OPERATOR, 3: Audience.SERVICE}
