"""Parameters: the fields that path variables and query parameters set, found by their names.

Each component of a name is a JSON name or a name of the .proto file. `labels[team]` names an entry
of a map. Names of scalars at the first two levels are resolved at the start. Deeper ones are
resolved at each request and not cached, so that no client fills the memory with spellings.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from httprule.codec import Codec
from httprule.errors import ONEOF_CONFLICT, Violation
from httprule.fields import OPAQUE, field_named, is_map
from httprule.values import Reader, invalid_text, reader_of

MAX_DEPTH: Final = 32
_PREPARED_DEPTH: Final = 2
_PREPARED_COUNT: Final = 1_000

Put = Callable[[Any, str], None]


class Param:
    """One field that text can set, at the end of a path of singular messages.

    `path` holds the field numbers from the request down, `json_path` the dotted JSON names.
    """

    __slots__ = ("_fields", "_oneofs", "_parent", "_put", "field", "is_many", "json_path", "path")

    def __init__(self, fields: tuple[FieldDescriptor, ...], put: Put, *, is_many: bool) -> None:
        self._fields = fields
        self.field = fields[-1]
        self.path: tuple[object, ...] = tuple(field.number for field in fields)
        self.json_path = ".".join(field.json_name for field in fields)
        self.is_many = is_many
        self._put = put
        names = [field.name for field in fields[:-1]]
        self._parent = attrgetter(".".join(names)) if names else None
        self._oneofs = any(_real_oneof(field) is not None for field in fields)

    def set(self, message: Message, text: str, name: str) -> None:
        """Sets the field, or appends to it if repeated. Raises `InvalidArgument` naming `name`."""
        try:
            self._put(message if self._parent is None else self._parent(message), text)
        except ValueError:
            raise invalid_text(self.field, name, text) from None

    def is_set(self, message: Message) -> bool:
        """Whether the field has a value other than its default."""
        parent: Message = message if self._parent is None else self._parent(message)
        return any(field.number == self.field.number for field, _ in parent.ListFields())

    def value(self, message: Message) -> object:
        """The value of the field."""
        parent = message if self._parent is None else self._parent(message)
        return getattr(parent, self.field.name)

    def conflict(self, message: Message, name: str) -> Violation | None:
        """The fault of setting a second member of a oneof; None where there is none."""
        if not self._oneofs:
            return None
        at: Any = message
        for field in self._fields:
            oneof = _real_oneof(field)
            if oneof is not None and (other := at.WhichOneof(oneof)) not in (None, field.name):
                sent = at.DESCRIPTOR.fields_by_name[other].json_name
                text = f"cannot stand beside {sent!r}"
                return Violation(field=name, description=text, reason=ONEOF_CONFLICT)
            if field is not self.field:
                at = getattr(at, field.name)
        return None


class Unbindable(Exception):
    """Raised for the name of a field that text cannot set. `args[0]` says why."""


class Params:
    """The parameters of one request type."""

    def __init__(self, descriptor: Descriptor, codec: Codec) -> None:
        self._descriptor = descriptor
        self._codec = codec
        self._prepared: dict[str, Param] = {}
        self._prepare(descriptor, (), ("",))

    def find(self, name: str) -> Param | None:
        """The parameter of a name, None where no field has it. Raises `Unbindable`."""
        known = self._prepared.get(name)
        return known if known is not None else self._resolve(name)

    def of_path(self, names: tuple[str, ...]) -> Param | None:
        """The parameter of a field path, component by component."""
        fields = self._walk(names)
        return None if fields is None else self._singular_or_list(fields)

    def _prepare(
        self, at: Descriptor, above: tuple[FieldDescriptor, ...], prefixes: tuple[str, ...]
    ) -> None:
        for field in at.fields:
            names = {field.name, field.json_name}
            spelled = tuple(f"{prefix}{name}" for prefix in prefixes for name in names)
            path = (*above, field)
            try:
                param = self._singular_or_list(path)
            except Unbindable:
                if _is_walked(field) and len(path) < _PREPARED_DEPTH:
                    assert field.message_type is not None
                    self._prepare(field.message_type, path, tuple(f"{s}." for s in spelled))
                continue
            if len(self._prepared) < _PREPARED_COUNT:
                self._prepared.update(dict.fromkeys(spelled, param))

    def _resolve(self, name: str) -> Param | None:
        fields = self._walk(tuple(name.split(".", MAX_DEPTH)))
        if fields is not None:
            return self._singular_or_list(fields)
        base, bracket, key = name.partition("[")
        if not bracket or not key.endswith("]"):
            return None
        fields = self._walk(tuple(base.split(".", MAX_DEPTH)))
        if fields is None:
            return None
        return self._entry(fields, key[:-1])

    def _walk(self, names: tuple[str, ...]) -> tuple[FieldDescriptor, ...] | None:
        fields: list[FieldDescriptor] = []
        at: Descriptor | None = self._descriptor
        for name in names:
            if at is None:
                return None
            field = field_named(at, name)
            if field is None:
                return None
            fields.append(field)
            at = field.message_type if _is_walked(field) else None
        return tuple(fields)

    def _singular_or_list(self, fields: tuple[FieldDescriptor, ...]) -> Param:
        field = fields[-1]
        if is_map(field):
            raise Unbindable(f"is a map: write {field.json_name}[key]=value")
        read = reader_of(field, self._codec)
        if read is None:
            raise Unbindable("is a message: name one of its fields")
        put = _append(field, read) if field.is_repeated else _assign(field, read)
        return Param(fields, put, is_many=field.is_repeated)

    def _entry(self, fields: tuple[FieldDescriptor, ...], key: str) -> Param:
        field = fields[-1]
        if not is_map(field):
            raise Unbindable("is not a map")
        assert field.message_type is not None
        value_field = field.message_type.fields_by_name["value"]
        read_key = reader_of(field.message_type.fields_by_name["key"], self._codec)
        read_value = reader_of(value_field, self._codec)
        if read_key is None or read_value is None:
            raise Unbindable("is a map of messages")
        try:
            typed = read_key(key)
        except ValueError:
            raise Unbindable("has a key of another type") from None
        return _Entry(fields, typed, value_field, _put_entry(field, typed, read_value))


class _Entry(Param):
    """One entry of a map. The key is part of its path."""

    __slots__ = ()

    def __init__(
        self,
        fields: tuple[FieldDescriptor, ...],
        key: object,
        value_field: FieldDescriptor,
        put: Put,
    ) -> None:
        super().__init__(fields, put, is_many=False)
        self.path = (*self.path, key)
        self.field = value_field


def _assign(field: FieldDescriptor, read: Reader) -> Put:
    name = field.name
    if field.message_type is None:
        return lambda parent, text: setattr(parent, name, read(text))

    def put(parent: Any, text: str) -> None:
        place = getattr(parent, name)
        place.CopyFrom(read(text))
        place.SetInParent()

    return put


def _append(field: FieldDescriptor, read: Reader) -> Put:
    name = field.name
    if field.message_type is None:
        return lambda parent, text: getattr(parent, name).append(read(text))
    return lambda parent, text: getattr(parent, name).add().CopyFrom(read(text))


def _put_entry(field: FieldDescriptor, key: object, read: Reader) -> Put:
    name = field.name
    assert field.message_type is not None
    if field.message_type.fields_by_name["value"].message_type is None:
        return lambda parent, text: getattr(parent, name).__setitem__(key, read(text))
    return lambda parent, text: getattr(parent, name)[key].CopyFrom(read(text))


def _is_walked(field: FieldDescriptor) -> bool:
    """Whether a name can have a component below the field, a singular message of plain fields."""
    kind = field.message_type
    return kind is not None and not field.is_repeated and kind.full_name not in OPAQUE


def _real_oneof(field: FieldDescriptor) -> str | None:
    oneof = field.containing_oneof
    return oneof.name if oneof is not None and len(oneof.fields) > 1 else None
