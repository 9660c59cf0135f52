"""A message with every kind of field, and a hypothesis strategy for messages of any type."""

from __future__ import annotations

from functools import cache
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.descriptor_pool import DescriptorPool
from hypothesis import strategies as st

from httprule_harness.protos import compile_pool, new_type

KINDS = """
syntax = "proto3";
package kinds;
import "google/protobuf/any.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/empty.proto";
import "google/protobuf/field_mask.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";

enum Colour { COLOUR_UNSPECIFIED = 0; RED = 1; DEEP_BLUE = 2; NEGATIVE = -1; }

message Leaf { string text = 1; int64 big_number = 2; Colour colour = 3; }

message Kinds {
  double a_double = 1;
  float a_float = 2;
  int32 an_int32 = 3;
  int64 an_int64 = 4;
  uint32 a_uint32 = 5;
  uint64 a_uint64 = 6;
  sint32 a_sint32 = 7;
  sint64 a_sint64 = 8;
  fixed32 a_fixed32 = 9;
  fixed64 a_fixed64 = 10;
  sfixed32 a_sfixed32 = 11;
  sfixed64 a_sfixed64 = 12;
  bool a_bool = 13;
  string a_string = 14;
  bytes some_bytes = 15;
  Colour colour = 16;
  Leaf leaf = 17;
  optional string maybe_string = 18;
  optional int32 maybe_int32 = 19;
  optional Colour maybe_colour = 20;
  string renamed = 21 [json_name = "other-name"];

  repeated double doubles = 30;
  repeated int64 longs = 31;
  repeated string strings = 32;
  repeated bytes blobs = 33;
  repeated Colour colours = 34;
  repeated Leaf leaves = 35;
  repeated bool bools = 36;

  map<string, string> labels = 40;
  map<int32, Leaf> leaf_by_number = 41;
  map<bool, int64> by_bool = 42;
  map<uint64, Colour> colour_by_number = 43;
  map<string, bytes> blob_by_name = 44;

  google.protobuf.Timestamp at_time = 50;
  google.protobuf.Duration for_time = 51;
  google.protobuf.FieldMask update_mask = 52;
  google.protobuf.Struct a_struct = 53;
  google.protobuf.Value a_value = 54;
  google.protobuf.ListValue a_list = 55;
  google.protobuf.NullValue a_null = 56;
  google.protobuf.Any anything = 57;
  google.protobuf.Empty nothing = 58;
  repeated google.protobuf.Timestamp times = 59;
  repeated google.protobuf.Value values = 60;

  google.protobuf.DoubleValue double_box = 70;
  google.protobuf.FloatValue float_box = 71;
  google.protobuf.Int32Value int32_box = 72;
  google.protobuf.Int64Value int64_box = 73;
  google.protobuf.UInt32Value uint32_box = 74;
  google.protobuf.UInt64Value uint64_box = 75;
  google.protobuf.BoolValue bool_box = 76;
  google.protobuf.StringValue string_box = 77;
  google.protobuf.BytesValue bytes_box = 78;
  repeated google.protobuf.StringValue string_boxes = 79;

  oneof choice {
    string choice_text = 90;
    Leaf choice_leaf = 91;
    int64 choice_number = 92;
    google.protobuf.NullValue choice_null = 93;
    google.protobuf.Value choice_value = 94;
  }

  Kinds nested = 100;
}
"""

_F = FieldDescriptor
_INT32 = st.integers(-(2**31), 2**31 - 1)
_INT64 = st.integers(-(2**63), 2**63 - 1)
_UINT32 = st.integers(0, 2**32 - 1)
_UINT64 = st.integers(0, 2**64 - 1)
_TEXT = st.text(alphabet=st.characters(codec="utf-8"), max_size=6)
_DOUBLE = st.floats(width=64, allow_nan=False, allow_infinity=False) | st.just(float("inf"))
# Not the two largest: the reference implementation cannot read what it prints of them.
_FLOAT = st.floats(width=32, allow_nan=False, min_value=-(2.0**127), max_value=2.0**127)
_SCALARS = {
    _F.TYPE_DOUBLE: _DOUBLE,
    _F.TYPE_FLOAT: _FLOAT,
    _F.TYPE_BOOL: st.booleans(),
    _F.TYPE_STRING: _TEXT,
    _F.TYPE_BYTES: st.binary(max_size=6),
}
_BY_CPP = {
    _F.CPPTYPE_INT32: _INT32,
    _F.CPPTYPE_INT64: _INT64,
    _F.CPPTYPE_UINT32: _UINT32,
    _F.CPPTYPE_UINT64: _UINT64,
}
_JSON = st.recursive(
    st.none()
    | st.booleans()
    | _TEXT
    | st.floats(allow_nan=False, allow_infinity=False, width=32)
    | st.integers(-100, 100),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_TEXT, inner, max_size=2),
    max_leaves=4,
)


@cache
def kinds_pool() -> DescriptorPool:
    """The pool of `KINDS`, compiled once."""
    return compile_pool({"kinds.proto": KINDS})


def kinds_type() -> type[Any]:
    """The class of `kinds.Kinds`."""
    return new_type(kinds_pool(), "kinds.Kinds")


@st.composite
def messages(draw: st.DrawFn, kind: type[Any], depth: int = 2) -> Any:
    """Any message of a type: some of its fields, set to anything that JSON can say."""
    message = kind()
    fields = [f for f in kind.DESCRIPTOR.fields if depth > 0 or f.message_type is None]
    if not fields:
        return message
    for field in draw(st.lists(st.sampled_from(fields), max_size=5, unique_by=lambda f: f.number)):
        _fill(draw, message, field, depth)
    return message


def _fill(draw: st.DrawFn, message: Any, field: FieldDescriptor, depth: int) -> None:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        _fill_map(draw, getattr(message, field.name), field.message_type, depth)
    elif field.is_repeated:
        for _ in range(draw(st.integers(0, 3))):
            place = getattr(message, field.name)
            if field.message_type is None:
                place.append(draw(scalar(field)))
            else:
                _fill_message(draw, place.add(), depth)
    elif field.message_type is not None:
        place = getattr(message, field.name)
        place.SetInParent()
        _fill_message(draw, place, depth)
    else:
        setattr(message, field.name, draw(scalar(field)))


def _fill_map(draw: st.DrawFn, place: Any, entry: Descriptor, depth: int) -> None:
    key, value = entry.fields_by_name["key"], entry.fields_by_name["value"]
    for name in draw(st.lists(scalar(key), max_size=2, unique=True)):
        if value.message_type is None:
            place[name] = draw(scalar(value))
        else:
            _fill_message(draw, place[name], depth)


def _fill_message(draw: st.DrawFn, place: Any, depth: int) -> None:
    name = place.DESCRIPTOR.full_name
    if name == "google.protobuf.Timestamp":
        place.seconds = draw(st.integers(-62135596800, 253402300799))
        place.nanos = draw(st.integers(0, 999_999_999))
    elif name == "google.protobuf.Duration":
        _fill_duration(draw, place)
    elif name == "google.protobuf.FieldMask":
        place.paths.extend(draw(st.lists(st.sampled_from(["a", "some_name", "a.b_c"]), max_size=2)))
    elif name in {"google.protobuf.Struct", "google.protobuf.Value", "google.protobuf.ListValue"}:
        _fill_json(draw, place, name)
    elif name == "google.protobuf.Any":
        inner = new_type(kinds_pool(), "kinds.Leaf")
        place.Pack(draw(messages(inner, 0)))
    else:
        place.CopyFrom(draw(messages(type(place), depth - 1)))


def _fill_duration(draw: st.DrawFn, place: Any) -> None:
    sign = draw(st.sampled_from([1, -1]))
    place.seconds = sign * draw(st.integers(0, 315_576_000_000 - 1))
    place.nanos = sign * draw(st.integers(0, 999_999_999))


def _fill_json(draw: st.DrawFn, place: Any, name: str) -> None:
    if name.endswith("Struct"):
        _put_json(place.fields, draw(st.dictionaries(_TEXT, _JSON, max_size=2)))
    elif name.endswith("ListValue"):
        for each in draw(st.lists(_JSON, max_size=2)):
            _put_value(place.values.add(), each)
    else:
        _put_value(place, draw(_JSON))


def _put_json(fields: Any, tree: dict[str, Any]) -> None:
    for key, value in tree.items():
        _put_value(fields[key], value)


def _put_value(place: Any, tree: Any) -> None:
    if tree is None:
        place.null_value = 0
    elif isinstance(tree, bool):
        place.bool_value = tree
    elif isinstance(tree, int | float):
        place.number_value = tree
    elif isinstance(tree, str):
        place.string_value = tree
    elif isinstance(tree, list):
        place.list_value.SetInParent()
        for each in tree:
            _put_value(place.list_value.values.add(), each)
    else:
        place.struct_value.SetInParent()
        _put_json(place.struct_value.fields, tree)


def scalar(field: FieldDescriptor) -> st.SearchStrategy[Any]:
    """Any value of a scalar field."""
    if field.enum_type is not None:
        known = [value.number for value in field.enum_type.values]
        if field.enum_type.full_name == "google.protobuf.NullValue":
            return st.just(0)
        return st.sampled_from(known) | st.integers(5, 9)
    if field.type in _SCALARS:
        return _SCALARS[field.type]
    return _BY_CPP[field.cpp_type]
