"""Detached fields: plain values equal to those of the Structs, or none."""

from __future__ import annotations

import json
from typing import Any

import pytest
from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor
from hypothesis import given
from hypothesis import strategies as st

from httprule.codec import Codec, CodecOptions
from httprule.errors import InvalidArgument
from httprule.struct_lists import DetachedLists, detached_field_names, extract_struct_lists
from httprule_harness.protos import compile_pool

PROTO = """
syntax = "proto3";
package load;
import "google/protobuf/struct.proto";
message Row { string name = 1; }
message LoadRequest {
  string source = 1;
  int32 batch_index = 2;
  repeated google.protobuf.Struct rows = 3;
  repeated Row typed = 4;
}
message OtherRequest { string name = 1; }
"""
POOL = compile_pool({"load.proto": PROTO})
REQUEST: Descriptor = POOL.FindMessageTypeByName("load.LoadRequest")
ROWS = "load.LoadRequest.rows"
CODEC = Codec([REQUEST], options=CodecOptions(detached_fields=frozenset({ROWS}))).of(REQUEST)

_numbers = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
_values = st.recursive(
    st.none() | st.booleans() | _numbers | st.text(st.characters(codec="utf-8"), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=4), inner, max_size=3)
    ),
    max_leaves=12,
)
_objects = st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=4), _values, max_size=5)


def read(body: bytes) -> tuple[Any, DetachedLists]:
    detached: DetachedLists = {}
    message, _ = CODEC.decode_tree(body, detached)
    return message, detached


def typed(value: object) -> str:
    """A text that tells 1 from 1.0 and from True."""
    return repr(value)


@given(st.lists(_objects, max_size=4))
def test_objects_are_what_their_structs_would_stand_for(objects: list[dict[str, Any]]) -> None:
    """Detached values equal those of the Structs, by value and by type."""
    body = json.dumps({"source": "LEVER", "rows": objects}).encode()
    message, detached = read(body)
    ordinary = CODEC.decode(body)
    structs = json_format.MessageToDict(ordinary, descriptor_pool=POOL).get("rows", [])
    assert not message.rows
    assert message.source == ordinary.source  # type: ignore[attr-defined]  # as above
    kept = [typed(sorted_deep(each)) for each in detached["rows"]]
    assert kept == [typed(sorted_deep(whole(each))) for each in structs]


def whole(value: Any) -> Any:
    """The value with its doubles as integers where they are whole and within 2^53."""
    if isinstance(value, dict):
        return {name: whole(member) for name, member in value.items()}
    if isinstance(value, list):
        return [whole(member) for member in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value


def sorted_deep(value: Any) -> Any:
    """The value with its members in order: a Struct doesn't keep theirs."""
    if isinstance(value, dict):
        return {name: sorted_deep(value[name]) for name in sorted(value)}
    return [sorted_deep(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    "rows",
    [
        '[{"a": 1e400}]',
        '[{"a": [1, {"b": ' + "1" * 400 + "}]}]",
        '[{"a": ' + "[" * 20 + "]" * 20 + "}]",
        "null",
    ],
)
def test_what_is_out_of_the_ordinary_stays_in_the_message(rows: str) -> None:
    """Infinite numbers and deep nesting go the ordinary way; null is no list."""
    body = f'{{"rows": {rows}}}'.encode()
    message, detached = read(body)
    assert detached == {}
    assert message == CODEC.decode(body)


@pytest.mark.parametrize(
    "body",
    [
        b'{"rows": [1]}',
        b'{"rows": [{}, null]}',
        b'{"rows": {}}',
        b'{"rows": [{"a": 1}], "no": 1}',
        b'{"rows": [{"a": 1}], "batchIndex": "x", "source": 7}',
        b'{"rows": [{"a": 1}], "rows": []}',
        b'{"rows": [{"a": 1, "a": 2}]}',
        b'{"rows": [{"a": NaN}]}',
        b'{"rows": [{"a": "\\ud800"}]}',
        b'{"rows": [{"a": %s1%s}]}' % (b'{"a":' * 40, b"}" * 40),
        b'{"rows": [{}], "batch_index": 1, "batchIndex": 1}',
        b"[]",
    ],
)
def test_faults_are_told_as_ever(body: bytes) -> None:
    """A refusal names what it would name if nothing were detached."""
    with pytest.raises(InvalidArgument) as ordinary:
        CODEC.decode(body)
    with pytest.raises(InvalidArgument) as found:
        read(body)
    assert found.value.violations == ordinary.value.violations


def test_only_whom_it_concerns() -> None:
    """Without a place for it, everything goes into the message; other types aren't looked at."""
    body = b'{"rows": [{"a": 1}]}'
    assert len(CODEC.decode_tree(body)[0].rows) == 1  # type: ignore[attr-defined]  # at run time
    assert detached_field_names(POOL.FindMessageTypeByName("load.OtherRequest"), [ROWS]) == ()
    assert extract_struct_lists([], ["rows"]) == {}


@pytest.mark.parametrize("name", ["source", "typed", "nothing"])
def test_only_lists_of_structs_can_be_detached(name: str) -> None:
    """Anything else is a mistake of whoever declares it."""
    with pytest.raises(ValueError, match=name):
        detached_field_names(REQUEST, [f"load.LoadRequest.{name}"])
