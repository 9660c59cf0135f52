"""Examples of messages, made of examples of their fields."""

from __future__ import annotations

from typing import Any, Final

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from httprule.fields import (
    DURATION,
    FIELD_MASK,
    HTTP_BODY,
    LIST_VALUE,
    STRUCT,
    TIMESTAMP,
    VALUE,
    WRAPPERS,
    is_map,
)
from httprule.openapi.profile import MISSING, Json, OpenApiProfile
from httprule.openapi.schemas import BEHAVIOR, Schemas, Side, behavior_of

_F = FieldDescriptor
_MAX_DEPTH: Final = 6
_WELL_KNOWN: Final[dict[str, Json]] = {
    TIMESTAMP: "2026-03-02T08:00:00Z",
    DURATION: "90s",
    FIELD_MASK: None,
    STRUCT: {},
    LIST_VALUE: [],
    VALUE: "text",
    HTTP_BODY: MISSING,
    "google.protobuf.Empty": {},
    "google.protobuf.Any": MISSING,
}
_SCALARS: Final[dict[int, Json]] = {
    _F.CPPTYPE_INT32: 1,
    _F.CPPTYPE_UINT32: 1,
    _F.CPPTYPE_INT64: "1",
    _F.CPPTYPE_UINT64: "1",
    _F.CPPTYPE_DOUBLE: 1.5,
    _F.CPPTYPE_FLOAT: 1.5,
    _F.CPPTYPE_BOOL: True,
}

_KEYS: Final = {_F.CPPTYPE_STRING: "key", _F.CPPTYPE_BOOL: "true"}


class Examples:
    """Makes examples. An example has the first member of each oneof."""

    def __init__(self, schemas: Schemas, profile: OpenApiProfile) -> None:
        self._schemas = schemas
        self._profile = profile

    def message(self, kind: Descriptor, side: Side, without: frozenset[str] = frozenset()) -> Json:
        """The example of a message; `MISSING` where it has none."""
        return self._message(kind, side, without, ())

    def field(self, field: FieldDescriptor, side: Side) -> Json:
        """The example of a field's whole value."""
        return self._field(field, side, ())

    def _message(
        self, kind: Descriptor, side: Side, without: frozenset[str], above: tuple[str, ...]
    ) -> Json:
        if kind.full_name in WRAPPERS:
            return self._single(kind.fields_by_name["value"], side, above)
        if kind.full_name in _WELL_KNOWN:
            return _WELL_KNOWN[kind.full_name]
        if kind.full_name in above or len(above) >= _MAX_DEPTH:
            return MISSING
        found: dict[str, Any] = {}
        oneofs: set[str] = set()
        for field in kind.fields:
            oneof = field.containing_oneof
            if field.name in without or not self._is_shown(field, side):
                continue
            if oneof is not None and oneof.name in oneofs:
                continue
            value = self._field(field, side, (*above, kind.full_name))
            if value is not MISSING and value is not None:
                found[field.json_name] = value
                oneofs.update([oneof.name] if oneof is not None else [])
        return found

    def _is_shown(self, field: FieldDescriptor, side: Side) -> bool:
        # The identifier of a request is in its path, or the server makes it.
        is_own = side is Side.REQUEST and BEHAVIOR.Value("IDENTIFIER") in behavior_of(field)
        return self._schemas.is_on(field, side) and not is_own

    def _field(self, field: FieldDescriptor, side: Side, above: tuple[str, ...]) -> Json:
        known = self._profile.example(field, is_request=side is Side.REQUEST)
        if known is None:
            return None
        if is_map(field):
            assert field.message_type is not None
            value = field.message_type.fields_by_name["value"]
            held = known if known is not MISSING else self._single(value, side, above)
            if held is MISSING or isinstance(known, dict):
                return held
            key = field.message_type.fields_by_name["key"].cpp_type
            return {_KEYS.get(key, "1"): held}
        value = known if known is not MISSING else self._single(field, side, above)
        if value is MISSING:
            return MISSING
        return [value] if field.is_repeated and not isinstance(value, list) else value

    def _single(self, field: FieldDescriptor, side: Side, above: tuple[str, ...]) -> Json:
        if field.message_type is not None:
            return self._message(field.message_type, side, frozenset(), above)
        if field.enum_type is not None:
            values = field.enum_type.values
            return next((v.name for v in values if v.number != 0), values[0].name)
        if field.cpp_type == _F.CPPTYPE_STRING:
            return "dGV4dA==" if field.type == _F.TYPE_BYTES else MISSING
        return _SCALARS[field.cpp_type]
