"""Compiled HTTP rule: makes a request message of an HTTP request, and reply bytes of a message.

A rule is resolved against the descriptors when the service starts. For each request the codec reads
the body, then a table of names takes the query string, and the path variables come last, so that
the path has precedence. One error names the faults of all three.

* `body: "*"` is the whole request and leaves no query parameters. `body: "field"` is that field;
  parameters may go below it. Without `body`, a body is refused (lenient: ignored), except `{}`.
* A field that the path binds is not a query parameter: the value of the path is used.
* An empty body is the empty message; `{}` for a body field makes that field present.
* PATCH with a body field fills the request's only field mask from the members that were sent, where
  the client sent no mask. Fields that the path binds are left out, and so is the resource's `etag`.
* `google.api.HttpBody` as the request, the body field, the response or its field is raw bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any, Final, NamedTuple

import jiter
import orjson
from google.protobuf import message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from httprule.codec import Codec, MessageCodec
from httprule.errors import (
    CONFLICTING_VALUE,
    REPEATED_PARAMETER,
    UNBINDABLE_PARAMETER,
    UNEXPECTED_BODY,
    UNKNOWN_PARAMETER,
    InvalidArgument,
    RuleError,
    Violation,
)
from httprule.etag import FIELD as ETAG
from httprule.fieldmask import mask_paths
from httprule.fields import FIELD_MASK, HTTP_BODY, OPAQUE, is_map
from httprule.http_rules import WHOLE, Rule
from httprule.params import Param, Params, Unbindable
from httprule.percent import parse_query
from httprule.printer import Print
from httprule.struct_lists import DetachedLists

JSON_TYPE: Final = "application/json"
BINARY_TYPE: Final = "application/octet-stream"


class BodyKind(Enum):
    """What a rule takes the bytes of a request body for."""

    NONE = "none"
    JSON = "json"
    RAW = "raw"


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingOptions:
    """How strictly requests are read. The defaults refuse by name what would have no effect.

    `ignore_unknown_query` drops parameters that no field has. `ignored_params` are skipped in any
    mode. `plus_as_space` reads "+" in the query as a space. `fill_update_mask` fills the field mask
    of a PATCH. `reject_collisions` refuses a body value that differs from the value of the path.
    """

    ignore_unknown_query: bool = False
    ignored_params: frozenset[str] = frozenset()
    plus_as_space: bool = True
    fill_update_mask: bool = True
    reject_collisions: bool = False


class EncodedBody(NamedTuple):
    """The bytes of a reply and their Content-Type."""

    content_type: str
    body: bytes


class Binding:
    """The compiled form of one rule. Immutable and safe to share."""

    def __init__(self, rule: Rule, codec: Codec, options: BindingOptions | None = None) -> None:
        self.rule = rule
        self._options = options or BindingOptions()
        self._lenient_body = codec.options.ignore_unknown
        self._new: type[Message] = message_factory.GetMessageClass(rule.request)
        self._codec = codec.of(rule.request)
        self._params = Params(rule.request, codec)
        self._variables = tuple(self._variable(v.field_path) for v in rule.template.variables)
        self._bound = frozenset(param.path for param in self._variables)
        self._body_field = self._field_of("body", rule.body, rule.request)
        self.body_kind = _body_kind(rule, self._body_field)
        self._mask_field = self._find_mask_field()
        response_field = self._field_of("response_body", rule.response_body, rule.response)
        self._reply = _Printer(rule.response, response_field, codec)

    @classmethod
    def compile(cls, rule: Rule, codec: Codec, options: BindingOptions | None = None) -> Binding:
        """Resolve a rule. Raises `RuleError` where it does not fit the messages of its method."""
        return cls(rule, codec, options)

    def request(
        self,
        values: tuple[str, ...],
        query: str,
        body: bytes,
        content_type: str = "",
        detached: DetachedLists | None = None,
    ) -> Message:
        """Makes the request message. `values` are those of a `Match`, `query` has no "?".

        `content_type` matters to a raw body only. `detached` receives the lists of the detached
        fields, if the body is the whole request; without it they go into the message. Raises
        `InvalidArgument` naming every fault.
        """
        if not query and not self._variables:
            return self._with_body(body, content_type, detached)[0]
        found: list[Violation] = []
        try:
            message, tree = self._with_body(body, content_type, detached)
        except InvalidArgument as error:
            found.extend(error.violations)
            message, tree = self._new(), None
        claimed = self._claims(message) if self._options.reject_collisions else None
        if query:
            self._bind_query(message, query, found)
        self._bind_path(message, values, found)
        if claimed:
            self._find_collisions(message, claimed, found)
        if found:
            raise InvalidArgument(tuple(found))
        if self._mask_field is not None:
            self._fill_mask(message, tree)
        return message

    def element(self, body: bytes, content_type: str = "") -> Message:
        """Makes a later message of a client stream: of its body alone, without path and query."""
        return self._with_body(body, content_type)[0]

    @property
    def is_raw_reply(self) -> bool:
        """Whether a reply is the bytes of a `google.api.HttpBody`: the response or its field."""
        return self._reply.is_raw

    @cached_property
    def print(self) -> Print:
        """Prints the body of a reply, by the rule's `response_body`."""
        return self._reply.printer()

    def content_type(self, message: Message) -> str:
        """The Content-Type of a reply: JSON, or the type that a raw body names."""
        return self._reply.content_type(message)

    def response(self, message: Message) -> EncodedBody:
        """A reply's body and its type."""
        return EncodedBody(self._reply.content_type(message), self.print(message))

    def query_pairs(self, query: str) -> list[tuple[str, str]]:
        """The query parameters as text, without the ignored ones."""
        ignored = self._options.ignored_params
        pairs = parse_query(query, plus_as_space=self._options.plus_as_space)
        return [pair for pair in pairs if pair[0] not in ignored] if ignored else pairs

    def _with_body(
        self, body: bytes, content_type: str, detached: DetachedLists | None = None
    ) -> tuple[Message, object]:
        if self.body_kind is BodyKind.RAW:
            return self._raw(body, content_type), None
        if not body:
            return self._new(), None
        if self.body_kind is BodyKind.NONE:
            if self._lenient_body or body == b"{}":
                return self._new(), None
            raise InvalidArgument.of("", "this method takes no body", UNEXPECTED_BODY)
        if self._body_field is None:
            return self._codec.decode_tree(body, detached)
        return self._codec.decode_member(self._body_field.json_name, body)

    def _raw(self, body: bytes, content_type: str) -> Message:
        message = self._new()
        target: Any = message
        if self._body_field is not None:
            target = getattr(message, self._body_field.name)
            target.SetInParent()
        target.content_type = content_type
        target.data = body
        return message

    def _bind_path(self, message: Message, values: tuple[str, ...], found: list[Violation]) -> None:
        for param, text in zip(self._variables, values, strict=True):
            try:
                param.set(message, text, param.json_path)
            except InvalidArgument as error:
                found.extend(error.violations)

    def _bind_query(self, message: Message, query: str, found: list[Violation]) -> None:
        try:
            pairs = self.query_pairs(query)
        except InvalidArgument as error:
            found.extend(error.violations)
            return
        seen: set[tuple[object, ...]] = set()
        for name, text in pairs:
            try:
                param = self._find(name)
                if param is not None:
                    self._bind_param(message, param, name, text, seen)
            except InvalidArgument as error:
                found.extend(error.violations)

    def _find(self, name: str) -> Param | None:
        """The parameter of a name; None for one that is skipped."""
        try:
            param = None if self.rule.body == WHOLE else self._params.find(name)
        except Unbindable as why:
            raise InvalidArgument.of(name, str(why), UNBINDABLE_PARAMETER) from None
        if param is not None and not self._is_body_itself(param):
            return None if param.path in self._bound else param
        if self._options.ignore_unknown_query:
            return None
        raise InvalidArgument.of(name, "is not a parameter of this method", UNKNOWN_PARAMETER)

    def _is_body_itself(self, param: Param) -> bool:
        return self._body_field is not None and param.path == (self._body_field.number,)

    def _bind_param(
        self, message: Message, param: Param, name: str, text: str, seen: set[tuple[object, ...]]
    ) -> None:
        if not param.is_many:
            if param.path in seen:
                raise InvalidArgument.of(name, "may be given once only", REPEATED_PARAMETER)
            seen.add(param.path)
        conflict = param.conflict(message, name)
        if conflict is not None:
            raise InvalidArgument((conflict,))
        param.set(message, text, name)

    def _claims(self, message: Message) -> dict[Param, object]:
        """The values that the body has for fields that the path binds."""
        return {p: p.value(message) for p in self._variables if p.is_set(message)}

    def _find_collisions(
        self, message: Message, claimed: dict[Param, object], found: list[Violation]
    ) -> None:
        for param, value in claimed.items():
            if param.value(message) != value:
                text = "differs between the path and the body"
                found.append(
                    Violation(field=param.json_path, description=text, reason=CONFLICTING_VALUE)
                )

    def _fill_mask(self, message: Any, tree: object) -> None:
        assert self._mask_field is not None
        assert self._body_field is not None
        assert self._body_field.message_type is not None
        if message.HasField(self._mask_field.name):
            return
        bound = {
            ".".join(variable.field_path[1:])
            for variable in self.rule.template.variables
            if variable.field_path[0] == self._body_field.name
        }
        # The etag is a precondition, not a change.
        bound.add(ETAG)
        paths = mask_paths(self._body_field.message_type, tree)
        kept = [path for path in paths if path not in bound]
        if kept:
            getattr(message, self._mask_field.name).paths.extend(kept)

    def _variable(self, names: tuple[str, ...]) -> Param:
        dotted = ".".join(names)
        try:
            param = self._params.of_path(names)
        except Unbindable as why:
            raise RuleError(str(self.rule), f"path variable {dotted!r} {why}") from None
        if param is None:
            raise RuleError(str(self.rule), f"the request has no field {dotted!r}")
        if param.is_many:
            raise RuleError(str(self.rule), f"path variable {dotted!r} is repeated")
        return param

    def _field_of(self, what: str, name: str, owner: Descriptor) -> FieldDescriptor | None:
        if name in ("", WHOLE):
            if what == "response_body" and name == WHOLE:
                raise RuleError(str(self.rule), "response_body names a field, not '*'")
            return None
        field = owner.fields_by_name.get(name)
        if field is None:
            raise RuleError(
                str(self.rule), f"{what} {name!r} is no top-level field of {owner.full_name}"
            )
        if what == "body" and (field.number,) in self._bound:
            raise RuleError(str(self.rule), f"{name!r} is both body and path variable")
        return field

    def _find_mask_field(self) -> FieldDescriptor | None:
        field = self._body_field
        fits = self._options.fill_update_mask and self.rule.http_method == "PATCH"
        if not fits or field is None or field.is_repeated or field.message_type is None:
            return None
        if field.message_type.full_name in OPAQUE:
            return None
        masks = [
            each
            for each in self.rule.request.fields
            if each.message_type is not None
            and each.message_type.full_name == FIELD_MASK
            and not each.is_repeated
        ]
        return masks[0] if len(masks) == 1 else None


class _Printer:
    """Prints the whole response, a message field of it, or a field of another kind."""

    def __init__(self, owner: Descriptor, field: FieldDescriptor | None, codec: Codec) -> None:
        self._field = field
        whole = owner if field is None else field.message_type
        many = field is not None and field.is_repeated
        self.is_raw = whole is not None and not many and whole.full_name == HTTP_BODY
        self._codec: MessageCodec | None = None
        self._member: _MemberPrinter | None = None
        if whole is not None and not many:
            self._codec = codec.of(whole)
        else:
            assert field is not None
            self._member = _MemberPrinter(owner, field, codec)

    def content_type(self, message: Any) -> str:
        return (self._part(message).content_type or BINARY_TYPE) if self.is_raw else JSON_TYPE

    def printer(self) -> Print:
        if self._member is not None:
            return self._member.print
        if self.is_raw:
            return lambda message: bytes(self._part(message).data)
        assert self._codec is not None
        encode = self._codec.encode
        return encode if self._field is None else lambda message: encode(self._part(message))

    def _part(self, message: Any) -> Any:
        return message if self._field is None else getattr(message, self._field.name)


class _MemberPrinter:
    """Prints a scalar, list or map field: the member of a message that holds only this field."""

    def __init__(self, owner: Descriptor, field: FieldDescriptor, codec: Codec) -> None:
        self._field = field
        self._new: type[Message] = message_factory.GetMessageClass(owner)
        self._codec = codec.of(owner)
        proto_names = codec.options.proto_names
        self._member = field.name if proto_names else field.json_name
        self._empty = b"{}" if is_map(field) else b"[]"

    def print(self, message: Any) -> bytes:
        only: Any = self._new()
        name = self._field.name
        if self._field.is_repeated:
            getattr(only, name).MergeFrom(getattr(message, name))
        else:
            setattr(only, name, getattr(message, name))
        tree: Any = jiter.from_json(self._codec.encode(only))
        if self._member in tree:
            return orjson.dumps(tree[self._member])
        return self._empty if self._field.is_repeated else self._default()

    def _default(self) -> bytes:
        value = self._field.default_value
        if self._field.cpp_type in (FieldDescriptor.CPPTYPE_INT64, FieldDescriptor.CPPTYPE_UINT64):
            return orjson.dumps(str(value))
        if self._field.enum_type is not None:
            return orjson.dumps(self._field.enum_type.values_by_number[value].name)
        return orjson.dumps("" if isinstance(value, bytes) else value)


def _body_kind(rule: Rule, field: FieldDescriptor | None) -> BodyKind:
    if not rule.body:
        return BodyKind.NONE
    whole = rule.request if field is None else field.message_type
    many = field is not None and field.is_repeated
    is_raw = whole is not None and not many and whole.full_name == HTTP_BODY
    return BodyKind.RAW if is_raw else BodyKind.JSON
