"""Printers of unusual messages; the property tests of the codec have the ordinary ones."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from google.protobuf import json_format
from google.protobuf.descriptor_pool import DescriptorPool

from httprule.codec import Codec
from httprule_harness.protos import compile_pool, new_type

ODD = """
syntax = "proto3";
package odd;
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";

enum Tone { option allow_alias = true; NO_TONE = 0; GREY = 1; GRAY = 1; }

message Odd {
  string from = 2;
  int32 None = 1;
  string quoted = 3 [json_name = "it's \\"odd\\" \\\\"];
  Odd inner = 4;
  repeated Odd many = 5;
  map<string, Odd> named = 6;
  google.protobuf.Timestamp at_time = 7;
  double size = 8;
  repeated float sizes = 9;
  Tone tone = 10;
  google.protobuf.Struct free = 11;
  oneof choice { bool yes = 12; google.protobuf.NullValue nothing = 13; string words = 14; }
  map<bool, sint64> counts = 15;
}
"""
EXTENSIBLE = """
syntax = "proto2";
package odd;
message Open { optional string name = 1 [default = "x"]; extensions 100 to 200; }
extend Open { optional int32 weight = 100; }
"""


@cache
def pool() -> DescriptorPool:
    return compile_pool({"odd.proto": ODD, "open.proto": EXTENSIBLE})


def printed(message: Any) -> Any:
    codec = Codec([message.DESCRIPTOR]).of(message.DESCRIPTOR)
    return json.loads(codec.encode(message))


def reference(message: Any) -> Any:
    return json.loads(json_format.MessageToJson(message, descriptor_pool=pool()))


CASES = {
    "words of Python": {"from": "a", "None": 1},
    "a quoted name": {'it\'s "odd" \\': "b"},
    "a type in itself": {"inner": {"inner": {"many": [{"named": {"a": {"from": "c"}}}]}}},
    "present and empty": {"inner": {}, "atTime": "1970-01-01T00:00:00Z"},
    "a zero of a oneof": {"yes": False},
    "null": {"nothing": None},
    "an empty text of a oneof": {"words": ""},
    "not finite": {"size": "NaN", "sizes": ["Infinity", "-Infinity", 1.5, 0.0]},
    "a large number": {"size": 1e300},
    "keys of truth": {"counts": {"true": "-9223372036854775808", "false": "0"}},
    "free form": {"free": {"a": [1, None, {"b": "c"}]}},
    "control characters": {"from": '\u0000\n"\u2028</script>\U0001f600'},
}


@pytest.mark.parametrize("name", CASES)
def test_prints_as_the_reference_does(name):
    """What is odd about a field or its value prints as json_format prints it."""
    message = json_format.ParseDict(CASES[name], new_type(pool(), "odd.Odd")())
    assert printed(message) == reference(message)


TIMES = [
    "0001-01-01T00:00:00Z",
    "1969-12-31T23:59:59.999999999Z",
    "1970-01-01T00:00:59.100Z",
    "2024-02-29T12:34:56.000001Z",
    "2026-02-01T18:00:00.001Z",
    "9999-12-31T23:59:59Z",
]


@pytest.mark.parametrize("text", TIMES)
def test_timestamps(text):
    """A time prints with none, three, six or nine digits, to both ends of the calendar."""
    message = json_format.ParseDict({"atTime": text}, new_type(pool(), "odd.Odd")())
    assert printed(message) == {"atTime": text}


@pytest.mark.parametrize(
    ("seconds", "nanos"), [(253_402_300_800, 0), (-62_135_596_801, 0), (0, -1), (0, 10**9)]
)
def test_a_time_outside_of_the_calendar(seconds, nanos):
    """It is no timestamp, and is refused as the specification asks."""
    message = new_type(pool(), "odd.Odd")()
    message.at_time.seconds, message.at_time.nanos = seconds, nanos
    with pytest.raises(ValueError, match="imestamp"):
        printed(message)


def test_minus_zero():
    """-0.0 is not the default of a number without presence: it is on the wire and in the JSON."""
    message = new_type(pool(), "odd.Odd")(size=-0.0)
    assert str(printed(message)) == "{'size': -0.0}"


def test_the_first_name_of_a_number():
    """An enum value with two names prints the first; a number without a name prints itself."""
    kind = new_type(pool(), "odd.Odd")
    assert printed(kind(tone=1)) == {"tone": "GREY"}
    assert printed(kind(tone=7)) == {"tone": 7}


def test_extensions():
    """A message that others may extend prints its extensions too, and no default."""
    message = new_type(pool(), "odd.Open")()
    assert printed(message) == {}
    message.Extensions[pool().FindExtensionByName("odd.weight")] = 3
    assert printed(message) == {"[odd.weight]": 3}


def test_members_stand_in_the_order_of_the_file():
    """Documents read as the .proto file does, whatever the numbers of the fields."""
    message = json_format.ParseDict({"None": 1, "from": "a"}, new_type(pool(), "odd.Odd")())
    assert list(printed(message)) == ["from", "None"]
