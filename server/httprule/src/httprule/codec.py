"""Codec between JSON text and protobuf messages. No other module depends on the library used.

Two engines read and print. `protobuf-py` (the default) parses JSON natively and hands messages to
`google.protobuf` as wire bytes; `printer.py` prints the standard form without that detour.
`json_format` is the reference implementation, four to nine times as slow, and kept as a setting.
Both engines have these rules on top:

* A member that occurs twice is refused, under one spelling or under both, and so are two members of
  a oneof.
* One error names every fault by its path.
* Nesting stops at 100 levels, and the number of values is bounded before any of them is made.
* Lenient mode drops unknown members and nothing else: an unknown enum name stays an error.

Every exception of an engine (ValueError, TypeError, OverflowError, RecursionError) becomes an
`InvalidArgument`. Printing does not fail for a valid message.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any, Final, Protocol

from google.protobuf import json_format, message_factory
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.descriptor import Descriptor, FileDescriptor
from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto, FileDescriptorSet
from google.protobuf.message import DecodeError, Message
from protobuf import Message as NativeMessage
from protobuf import Registry
from protobuf.wkt import FileDescriptorSet as NativeFileDescriptorSet

from httprule.error_locator import ErrorLocator, dump
from httprule.errors import INVALID_VALUE, InvalidArgument
from httprule.printer import Print, Printers
from httprule.strict_json import (
    MAX_DEPTH,
    MAX_VALUES,
    StrictChecker,
    StrictCheckers,
    parse_json,
    too_deep,
)
from httprule.struct_lists import DetachedLists, detached_field_names, extract_struct_lists

_ENGINE_ERRORS: Final = (ValueError, TypeError, OverflowError, RecursionError, DecodeError)
# The wire form nests deeper than its JSON, and its parser has a bound as well.
_TOO_DEEP: Final = (RecursionError, DecodeError)


class JsonEngine(Enum):
    """Which library reads and prints the JSON of messages."""

    PROTOBUF_PY = "protobuf-py"
    JSON_FORMAT = "json_format"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodecOptions:
    """How messages are read and printed as JSON; by default as the protobuf specification says.

    `ignore_unknown` drops members that no field has. `emit_defaults` prints fields without presence
    that hold their default. `enums_as_numbers` prints numbers for names, `proto_names` prints the
    names of the .proto file for lowerCamelCase ones. `max_values` bounds the values of a document.
    `detached_fields` are full names of fields, lists of Structs, that leave the message and are
    given as plain values (see `struct_lists.py`).
    """

    engine: JsonEngine = JsonEngine.PROTOBUF_PY
    ignore_unknown: bool = False
    emit_defaults: bool = False
    enums_as_numbers: bool = False
    proto_names: bool = False
    max_values: int = MAX_VALUES
    detached_fields: Collection[str] = frozenset()


class Engine(Protocol):
    """Reads and prints one message type. Raises one of `_ENGINE_ERRORS` for bad JSON."""

    def read(self, body: bytes) -> Message:
        """Makes the message of a JSON document."""

    @property
    def print(self) -> Print:
        """Function that makes the compact JSON of a message."""


class Codec:
    """The JSON codecs of a set of message types, which they share.

    `types` are the messages to read and print. `files` adds descriptors whose messages may occur in
    a `google.protobuf.Any`, for instance those of `google.rpc.error_details_pb2`.
    """

    def __init__(
        self,
        types: Iterable[Descriptor],
        *,
        files: Iterable[FileDescriptor] = (),
        options: CodecOptions | None = None,
    ) -> None:
        self.options = options or CodecOptions()
        self._known = list(types)
        all_files = [*(each.file for each in self._known), *files]
        self._registry = _registry(all_files)
        self._printers = Printers(self._native_print)
        self._shapes = StrictCheckers()
        self._codecs: dict[str, MessageCodec] = {}
        for descriptor in self._known:
            self.of(descriptor)

    def of(self, descriptor: Descriptor) -> MessageCodec:
        """The codec of one message type, made once."""
        known = self._codecs.get(descriptor.full_name)
        if known is None:
            known = MessageCodec(descriptor, self)
            self._codecs[descriptor.full_name] = known
        return known

    def any_to_json(self, packed: AnyMessage) -> bytes:
        """Prints an `Any` with its `@type`; an unknown type has its bytes as base64 in `value`."""
        try:
            return self.of(AnyMessage.DESCRIPTOR).encode(packed)
        except _ENGINE_ERRORS:
            value = b64encode(packed.value).decode()
            return json.dumps({"@type": packed.type_url, "value": value}).encode()

    def engine(self, descriptor: Descriptor) -> Engine:
        """Makes the engine of one type."""
        if self.options.engine is JsonEngine.JSON_FORMAT:
            return _JsonFormatEngine(descriptor, self.options)
        return _NativeEngine(descriptor, self.options, self._registry, self._printers)

    def _native_print(self, descriptor: Descriptor) -> Print:
        """The printer of a type that the closures leave to the native library."""
        return _NativeEngine(descriptor, self.options, self._registry, None).print

    def shape(self, descriptor: Descriptor) -> StrictChecker:
        """The strict checks of one type."""
        return self._shapes.of(descriptor)


class MessageCodec:
    """Reads and prints one message type."""

    def __init__(self, descriptor: Descriptor, codec: Codec) -> None:
        self.descriptor = descriptor
        self.new: type[Message] = message_factory.GetMessageClass(descriptor)
        self._codec = codec
        self._options = codec.options
        self._engine = codec.engine(descriptor)
        self._shape = codec.shape(descriptor)
        self._detached = detached_field_names(descriptor, codec.options.detached_fields)

    def decode(self, body: bytes) -> Message:
        """The message of a JSON document. Raises `InvalidArgument` naming every fault."""
        return self.decode_tree(body)[0]

    def decode_tree(
        self, body: bytes, detached: DetachedLists | None = None
    ) -> tuple[Message, object]:
        """The message, and the document as plain values, which still name the members sent.

        `detached` receives the lists of the detached fields; without it they stay in the message.
        """
        tree = parse_json(body, self._options.max_values)
        if (
            detached is not None
            and self._detached
            and (taken := extract_struct_lists(tree, self._detached))
        ):
            detached.update(taken)
            rest = {name: value for name, value in _members(tree) if name not in taken}
            return self._read(dump(rest), rest), tree
        return self._read(body, tree), tree

    def decode_member(self, name: str, body: bytes) -> tuple[Message, object]:
        """A message of which one field is the whole JSON document; `name` is its JSON name.

        The second value is the document as plain values.
        """
        tree = parse_json(body, self._options.max_values)
        wrapped = b'{"%b":%b}' % (name.encode(), body)
        return self._read(wrapped, {name: tree}), tree

    @cached_property
    def encode(self) -> Print:
        """Function that makes the compact JSON of a message."""
        return self._engine.print

    def _read(self, body: bytes, tree: object) -> Message:
        if self._shape.needs_check(body):
            conflicts = self._shape.conflicts(tree)
            if conflicts:
                raise InvalidArgument(tuple(conflicts))
        try:
            return self._engine.read(body)
        except _ENGINE_ERRORS as error:
            return self._read_again(tree, len(body), error)

    def _read_again(self, tree: object, size: int, error: Exception) -> Message:
        """Reads a refused document: without unknown members if lenient, else to name its faults."""
        if isinstance(error, _TOO_DEEP):
            raise too_deep() from None
        if self._options.ignore_unknown:
            tree = self._shape.prune(tree)
            try:
                return self._engine.read(dump(tree))
            except _ENGINE_ERRORS:
                pass
        corrected, violations = ErrorLocator(self._codec.of, size).locate(self.descriptor, tree)
        if violations:
            raise InvalidArgument(tuple(violations)) from None
        try:
            return self._engine.read(dump(corrected))
        except _TOO_DEEP:
            raise too_deep() from None
        except _ENGINE_ERRORS:
            raise InvalidArgument.of("", _MISFIT, INVALID_VALUE) from None

    def probe(self, body: bytes) -> Exception | None:
        """The exception of the engine for a document of this type, or None."""
        try:
            self._engine.read(body)
        except _ENGINE_ERRORS as error:
            return error
        return None


_MISFIT: Final = "the document does not fit the message"


def _members(tree: Any) -> Iterable[tuple[str, Any]]:
    members: Iterable[tuple[str, Any]] = tree.items()
    return members


class _NativeEngine:
    """The engine protobuf-py. Messages go to and from google.protobuf as wire bytes.

    `printers` print the standard form in its place.
    """

    def __init__(
        self,
        descriptor: Descriptor,
        options: CodecOptions,
        registry: Registry,
        printers: Printers | None,
    ) -> None:
        native = registry.message(descriptor.full_name)
        if native is None:
            raise ValueError(f"{descriptor.full_name} is not among the types of this codec")
        self._type: type[NativeMessage[Any]] = native.type
        self._registry = registry
        self._descriptor = descriptor
        self._decode = message_factory.GetMessageClass(descriptor).FromString
        self._printers = None if _print_options(options) else printers
        self._print: Mapping[str, Any] = {"registry": registry, **_print_options(options)}

    def read(self, body: bytes) -> Message:
        native = self._type.from_json(body, registry=self._registry)
        return self._decode(native.to_binary())

    @cached_property
    def print(self) -> Print:
        if self._printers is not None:
            return self._printers.of(self._descriptor)
        return self._print_natively

    def _print_natively(self, message: Message) -> bytes:
        native = self._type.from_binary(message.SerializeToString())
        return native.to_json(**self._print).encode()


def _print_options(options: CodecOptions) -> dict[str, bool]:
    """The options that differ from the standard form, by their names in protobuf-py."""
    options_by_name = {
        "always_emit_implicit": options.emit_defaults,
        "print_enums_as_ints": options.enums_as_numbers,
        "use_proto_field_name": options.proto_names,
    }
    return {name: True for name, wished in options_by_name.items() if wished}


class _JsonFormatEngine:
    """The engine google.protobuf.json_format, with the specification's bound of nesting."""

    __slots__ = ("_new", "_options", "_pool")

    def __init__(self, descriptor: Descriptor, options: CodecOptions) -> None:
        self._new: type[Message] = message_factory.GetMessageClass(descriptor)
        self._pool = descriptor.file.pool
        self._options = options

    def read(self, body: bytes) -> Message:
        try:
            return json_format.Parse(
                body,
                self._new(),
                descriptor_pool=self._pool,
                max_recursion_depth=MAX_DEPTH,
            )
        except json_format.ParseError as error:
            kind = RecursionError if "too deep" in str(error) else ValueError
            raise kind(str(error)) from None

    def print(self, message: Message) -> bytes:
        return json_format.MessageToJson(
            message,
            indent=None,
            ensure_ascii=False,
            descriptor_pool=self._pool,
            always_print_fields_with_no_presence=self._options.emit_defaults,
            use_integers_for_enums=self._options.enums_as_numbers,
            preserving_proto_field_name=self._options.proto_names,
        ).encode()


def _registry(files: Iterable[FileDescriptor]) -> Registry:
    """The native types of some files and of all their imports."""
    ordered: dict[str, FileDescriptorProto] = {}
    for file in files:
        _collect(file, ordered)
    whole = FileDescriptorSet(file=ordered.values())
    return NativeFileDescriptorSet.from_binary(whole.SerializeToString()).to_registry()


def _collect(file: FileDescriptor, into: dict[str, FileDescriptorProto]) -> None:
    if file.name in into:
        return
    for dependency in file.dependencies:
        _collect(dependency, into)
    proto = FileDescriptorProto()
    file.CopyToProto(proto)
    # CopyToProto leaves json_name out, and a member without one would print as "".
    for message in proto.message_type:
        _fill_json_names(message, file.message_types_by_name[message.name])
    into[file.name] = proto


def _fill_json_names(proto: DescriptorProto, descriptor: Descriptor) -> None:
    for field in proto.field:
        field.json_name = descriptor.fields_by_name[field.name].json_name
    for nested in proto.nested_type:
        _fill_json_names(nested, descriptor.nested_types_by_name[nested.name])
