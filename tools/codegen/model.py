"""What the Python client's template needs to know of a service, taken from the descriptors."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from google.protobuf.descriptor_pb2 import FieldDescriptorProto as Proto

from codegen.image import Entry, Image
from codegen.names import attribute_of, module_of, snake
from codegen.pytypes import Types

_REQUIRED = 2  # google.api.FieldBehavior
_CALLER = 1  # xaigh.options.v1.Rule.Replay: a repeat proves nothing more, so its reply shows less
_SCOPE_ENUM = "xaigh.options.v1.Scope"
_VERBS = ("get", "post", "put", "patch", "delete")


class Kind(Enum):
    """How messages flow."""

    UNARY = "unary"
    PAGES = "pages"
    STREAM = "stream"
    FEED = "feed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One keyword argument: a field of the request."""

    name: str
    annotation: str
    required: bool
    doc: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One method of the client."""

    name: str
    rpc: str
    path: str
    kind: Kind
    fields: tuple[Field, ...]
    request: str
    reply: str
    item: str
    """Pages only: the type of an item."""
    items_field: str
    """Pages only: the reply's field that holds the items."""
    takes_idempotency_key: bool
    takes_status_token: bool
    doc: str
    facts: tuple[str, ...]
    """Sentences that the options say: the scope, the route."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One group of methods: an attribute of the client."""

    class_name: str
    attribute: str
    doc: str
    methods: tuple[Method, ...]
    descriptor: str
    """The expression that gives the service's descriptor."""
    module: str
    """The module that the expression begins with."""
    imports: tuple[str, ...]


_NOT_FOR_CLIENTS = frozenset({"xaigh.gating.v1"})
"""Packages whose services only gateways call, each by code of its own."""


def services(image: Image) -> Iterator[Service]:
    """All services for clients of the product, in the order of their files."""
    for entry in image.services:
        if entry.package.startswith("xaigh.") and entry.package not in _NOT_FOR_CLIENTS:
            yield _service(image, entry)


def _service(image: Image, entry: Entry) -> Service:
    types = Types(image)
    methods = tuple(_method(image, types, entry, proto) for proto in entry.proto.method)
    attribute = attribute_of(entry.proto.name)
    return Service(
        class_name="".join(part.capitalize() for part in attribute.split("_")),
        attribute=attribute,
        doc=entry.comment,
        methods=methods,
        descriptor=types.service(entry),
        module=module_of(entry.file).rsplit(".", 1)[1],
        imports=types.imports(),
    )


def _method(image: Image, types: Types, service: Entry, proto: Any) -> Method:
    rule = image.option(proto.options, "xaigh.options.v1.rule")
    request = image.messages[proto.input_type.removeprefix(".")]
    reply = image.messages[proto.output_type.removeprefix(".")]
    kind, items = _kind(proto, request, reply)
    feed = kind is Kind.FEED
    return Method(
        name=snake(proto.name),
        rpc=proto.name,
        path=f"/{service.name}/{proto.name}",
        kind=kind,
        fields=() if feed else tuple(_field(image, types, request, f) for f in request.proto.field),
        request=types.message(request.name),
        reply=types.message(reply.name),
        item=types.message(items.type_name.removeprefix(".")) if items else "",
        items_field=items.name if items else "",
        takes_idempotency_key=rule.idempotency != 0,
        takes_status_token=rule.public and any(f.name == "ticket_id" for f in request.proto.field),
        doc=service.parts[proto.name],
        facts=tuple(_facts(image, proto, rule)),
    )


def _kind(proto: Any, request: Entry, reply: Entry) -> tuple[Kind, Any]:
    if proto.client_streaming:
        return Kind.FEED, None
    if proto.server_streaming:
        return Kind.STREAM, None
    if any(field.name == "page_token" for field in request.proto.field):
        for field in reply.proto.field:
            if field.label == Proto.LABEL_REPEATED and field.type == Proto.TYPE_MESSAGE:
                return Kind.PAGES, field
    return Kind.UNARY, None


def _field(image: Image, types: Types, request: Entry, proto: Any) -> Field:
    behavior = image.option(proto.options, "google.api.field_behavior")
    return Field(
        name=proto.name,
        annotation=types.of_field(proto),
        required=_REQUIRED in behavior,
        doc=request.parts[proto.name],
    )


def _facts(image: Image, proto: Any, rule: Any) -> Iterator[str]:
    if rule.public:
        yield "Needs no credential."
    elif rule.scope:
        yield f"Needs the scope `{_scope(image, rule.scope)}`."
        if rule.or_scope:
            yield f"Services of ours need `{_scope(image, rule.or_scope)}`."
    http = image.option(proto.options, "google.api.http")
    for verb in _VERBS:
        if path := getattr(http, verb):
            yield f"Over REST: `{verb.upper()} {path}`."
    if rule.secret_reply and rule.replay == _CALLER:
        yield (
            "The reply carries a secret that is shown once: a reply to a repeat of the call, "
            "also to an automatic one, is without it."
        )


def _scope(image: Image, number: int) -> str:
    (value,) = (v for v in image.enums[_SCOPE_ENUM].proto.value if v.number == number)
    return str(image.option(value.options, "xaigh.options.v1.scope_spec").name)


def message_modules(image: Image) -> dict[str, list[str]]:
    """Module to top-level names, for the module that exports every message and enum.

    A name that two packages declare is left out: import it from its own module.
    """
    by_name: dict[str, list[Entry]] = {}
    for entry in image.own():
        if entry.package in _NOT_FOR_CLIENTS:
            continue
        by_name.setdefault(entry.local_name, []).append(entry)
    modules: dict[str, list[str]] = {}
    for name, entries in sorted(by_name.items()):
        if len(entries) == 1:
            modules.setdefault(module_of(entries[0].file), []).append(name)
    return dict(sorted(modules.items()))
