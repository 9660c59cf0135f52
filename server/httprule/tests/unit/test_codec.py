"""The codec: every fault named by its path, bounds, lenient mode, both engines."""

from __future__ import annotations

import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from google.rpc import error_details_pb2

from httprule.codec import Codec, CodecOptions, JsonEngine
from httprule.errors import InvalidArgument
from httprule.strict_json import MAX_DEPTH, parse_json
from httprule_harness.kinds import kinds_type

Kinds = kinds_type()
ENGINES = list(JsonEngine)


def codec(**options):
    return Codec([Kinds.DESCRIPTOR], options=CodecOptions(**options)).of(Kinds.DESCRIPTOR)


STRICT = codec()
LENIENT = codec(ignore_unknown=True)


def faults(body, reader=STRICT):
    """The (field, reason) pairs of a refused document."""
    with pytest.raises(InvalidArgument) as refused:
        reader.decode(body if isinstance(body, bytes) else body.encode())
    return [(violation.field, violation.reason) for violation in refused.value.violations]


FAULTS = [
    # The document as a whole.
    ("", [("", "MALFORMED_JSON")]),
    (" ", [("", "MALFORMED_JSON")]),
    ("{", [("", "MALFORMED_JSON")]),
    ("{} {}", [("", "MALFORMED_JSON")]),
    ("{}x", [("", "MALFORMED_JSON")]),
    ('{"aBool":true,}', [("", "MALFORMED_JSON")]),
    ('{"aDouble":NaN}', [("", "MALFORMED_JSON")]),
    ('{"aDouble":-Infinity}', [("", "MALFORMED_JSON")]),
    ('{"aString":"\\ud800"}', [("", "MALFORMED_JSON")]),
    ("\ufeff{}", [("", "MALFORMED_JSON")]),
    (b'{"aString":"\xff"}', [("", "MALFORMED_JSON")]),
    ("[]", [("", "INVALID_TYPE")]),
    ("null", [("", "INVALID_TYPE")]),
    ('"x"', [("", "INVALID_TYPE")]),
    # Members.
    ('{"nope":1}', [("nope", "UNKNOWN_FIELD")]),
    ('{"leaf":{"nope":1}}', [("leaf.nope", "UNKNOWN_FIELD")]),
    ('{"leaves":[{},{"a.b":1}]}', [('leaves[1]["a.b"]', "UNKNOWN_FIELD")]),
    ('{"leafByNumber":{"7":{"nope":1}}}', [('leafByNumber["7"].nope', "UNKNOWN_FIELD")]),
    ('{"AString":"x"}', [("AString", "UNKNOWN_FIELD")]),
    ('{"aBool":true,"aBool":true}', [("aBool", "DUPLICATE_MEMBER")]),
    ('{"leaf":{"text":"","text":""}}', [("leaf.text", "DUPLICATE_MEMBER")]),
    ('{"aStruct":{"a":1,"a":2}}', [("aStruct.a", "DUPLICATE_MEMBER")]),
    ('{"aBool":true,"a_bool":true}', [("a_bool", "DUPLICATE_MEMBER")]),
    ('{"aBool":true,"a\\u005fbool":true}', [("a_bool", "DUPLICATE_MEMBER")]),
    ('{"leaves":[{"bigNumber":1,"big_number":1}]}',
     [("leaves[0].big_number", "DUPLICATE_MEMBER")]),
    ('{"renamed":"a","other-name":"b"}', [('["other-name"]', "DUPLICATE_MEMBER")]),
    ('{"choiceText":"a","choiceNumber":"1"}', [("choiceNumber", "ONEOF_CONFLICT")]),
    ('{"nested":{"choiceText":"a","choiceNull":null}}',
     [("nested.choiceNull", "ONEOF_CONFLICT")]),
    ('{"leafByNumber":{"1":{}},"choiceValue":null,"choiceLeaf":{}}',
     [("choiceLeaf", "ONEOF_CONFLICT")]),
    # Values.
    ('{"anInt32":2147483648}', [("anInt32", "OUT_OF_RANGE")]),
    ('{"anInt32":"2147483648"}', [("anInt32", "OUT_OF_RANGE")]),
    ('{"anInt64":9223372036854775808}', [("anInt64", "OUT_OF_RANGE")]),
    ('{"aUint64":-1}', [("aUint64", "OUT_OF_RANGE")]),
    ('{"anInt32":1.5}', [("anInt32", "INVALID_VALUE")]),
    ('{"anInt32":"x"}', [("anInt32", "INVALID_VALUE")]),
    ('{"anInt32":""}', [("anInt32", "INVALID_VALUE")]),
    ('{"anInt32":true}', [("anInt32", "INVALID_TYPE")]),
    ('{"anInt32":[]}', [("anInt32", "INVALID_TYPE")]),
    ('{"aFloat":1e39}', [("aFloat", "OUT_OF_RANGE")]),
    ('{"aDouble":1e999}', [("aDouble", "OUT_OF_RANGE")]),
    ('{"aDouble":"1_0"}', [("aDouble", "INVALID_VALUE")]),
    ('{"aBool":"true"}', [("aBool", "INVALID_TYPE")]),
    ('{"aBool":1}', [("aBool", "INVALID_TYPE")]),
    ('{"aString":1}', [("aString", "INVALID_TYPE")]),
    ('{"someBytes":"!"}', [("someBytes", "INVALID_VALUE")]),
    ('{"someBytes":1}', [("someBytes", "INVALID_TYPE")]),
    ('{"colour":"PINK"}', [("colour", "INVALID_VALUE")]),
    ('{"colour":"red"}', [("colour", "INVALID_VALUE")]),
    ('{"colour":true}', [("colour", "INVALID_TYPE")]),
    ('{"leaf":[]}', [("leaf", "INVALID_TYPE")]),
    ('{"leaf":"x"}', [("leaf", "INVALID_TYPE")]),
    ('{"leaves":{}}', [("leaves", "INVALID_TYPE")]),
    ('{"strings":["a",null]}', [("strings[1]", "INVALID_TYPE")]),
    ('{"longs":["1","x",2.5,"3"]}', [("longs[1]", "INVALID_VALUE"), ("longs[2]", "INVALID_VALUE")]),
    ('{"labels":[]}', [("labels", "INVALID_TYPE")]),
    ('{"labels":{"a":null}}', [('labels["a"]', "INVALID_TYPE")]),
    ('{"labels":{"a":1}}', [('labels["a"]', "INVALID_TYPE")]),
    ('{"byBool":{"yes":"1"}}', [('byBool["yes"]', "INVALID_VALUE")]),
    ('{"leafByNumber":{"x":{}}}', [('leafByNumber["x"]', "INVALID_VALUE")]),
    ('{"atTime":"yesterday"}', [("atTime", "INVALID_VALUE")]),
    ('{"atTime":0}', [("atTime", "INVALID_TYPE")]),
    ('{"forTime":"1"}', [("forTime", "INVALID_VALUE")]),
    ('{"updateMask":"a_b"}', [("updateMask", "INVALID_VALUE")]),
    ('{"aStruct":[]}', [("aStruct", "INVALID_TYPE")]),
    ('{"aList":{}}', [("aList", "INVALID_TYPE")]),
    ('{"anything":{"@type":"type.googleapis.com/no.Such"}}', [("anything", "INVALID_VALUE")]),
    ('{"int32Box":"x"}', [("int32Box", "INVALID_VALUE")]),
    ('{"stringBoxes":["a",1]}', [("stringBoxes[1]", "INVALID_TYPE")]),
    # All of them at once.
    ('{"nope":1,"leaf":{"text":1,"no":2},"leaves":[{"colour":"X"}],"anInt32":"x","aBool":true}',
     [("nope", "UNKNOWN_FIELD"), ("leaf.text", "INVALID_TYPE"), ("leaf.no", "UNKNOWN_FIELD"),
      ("leaves[0].colour", "INVALID_VALUE"), ("anInt32", "INVALID_VALUE")]),
]  # fmt: skip


@pytest.mark.parametrize(("body", "found"), FAULTS)
def test_every_fault_is_named(body, found):
    """A refused document names each fault by its path and kind."""
    assert faults(body) == found


def test_descriptions_say_what_to_send():
    """A description is a sentence for the client, without type names or library texts."""
    with pytest.raises(InvalidArgument) as refused:
        STRICT.decode(b'{"colour":"X","anInt32":"x","atTime":"x"}')
    texts = {each.field: each.description for each in refused.value.violations}
    assert texts == {
        "colour": "must be one of COLOUR_UNSPECIFIED, RED, DEEP_BLUE, NEGATIVE",
        "anInt32": "must be an integer from -2147483648 to 2147483647",
        "atTime": "must be an RFC 3339 timestamp such as 2026-01-31T09:30:00Z",
    }
    assert "colour: must be one of" in str(refused.value)


def test_the_number_of_faults_is_bounded():
    """A document of faults is refused with the first fifty."""
    body = '{"longs":[' + ",".join(['"x"'] * 10_000) + "]}"
    assert len(faults(body)) == 50
    unknown = "{" + ",".join(f'"u{n}":1' for n in range(10_000)) + "}"
    assert len(faults(unknown)) == 50


@pytest.mark.parametrize(
    "body",
    [
        '{"nested":' * (MAX_DEPTH + 1) + "{}" + "}" * (MAX_DEPTH + 1),
        '{"aValue":' + "[" * 101 + "]" * 101 + "}",
        '{"aStruct":' + '{"a":' * 60 + "1" + "}" * 60 + "}",
        "[" * 100_000,
        '{"a":' * 100_000,
    ],
)
@pytest.mark.parametrize("engine", ENGINES)
def test_depth_is_bounded(body, engine):
    """Nesting past the bound is refused, however it is written."""
    assert faults(body, codec(engine=engine)) == [("", "TOO_DEEP")]


def test_values_are_counted_before_they_are_made():
    """A document of too many values is refused by count, and a long text is not."""
    small = codec(max_values=1_000)
    assert faults('{"strings":[' + '"",' * 40_000 + '""]}', small) == [("", "TOO_LARGE")]
    text = "x" * 100_000
    assert small.decode(f'{{"aString":"{text}"}}'.encode()).a_string == text


def test_huge_numbers_cost_nothing():
    """A number of a million digits is refused, not computed."""
    assert faults('{"anInt64":' + "1" * 1_000_000 + "}") == [("", "MALFORMED_JSON")]


def test_the_search_for_faults_is_bounded():
    """A fault under many levels of a wide document is refused, if need be without its path."""
    wide = '{"longs":[' + "1," * 300_000 + '"x"]}'
    (found,) = faults('{"nested":' * 60 + wide + "}" * 60)
    assert found == ("", "INVALID_VALUE")
    (found,) = faults('{"nested":' * 3 + wide + "}" * 3)
    assert found == ("nested.nested.nested.longs[300000]", "INVALID_VALUE")


@pytest.mark.parametrize("engine", ENGINES)
def test_lenient_mode(engine):
    """Leniently, unknown members go at every depth and inside lists and maps."""
    body = b"""{"nope":{"a":1},"leaf":{"nope":1,"text":"t"},"leaves":[{"nope":1},{"colour":"RED"}],
      "leafByNumber":{"1":{"nope":[1],"text":"u"}},"aStruct":{"nope":1}}"""
    message = codec(engine=engine, ignore_unknown=True).decode(body)
    assert message.leaf.text == "t"
    assert [leaf.colour for leaf in message.leaves] == [0, 1]
    assert message.leaf_by_number[1].text == "u"
    assert "nope" in message.a_struct.fields


@pytest.mark.parametrize("engine", ENGINES)
def test_lenient_mode_keeps_its_standards(engine):
    """Leniently, wrong values are refused still, an unknown enum name among them."""
    reader = codec(engine=engine, ignore_unknown=True)
    assert faults('{"nope":1,"colour":"PINK"}', reader) == [("colour", "INVALID_VALUE")]
    assert faults('{"nope":1,"leaf":{"text":1}}', reader) == [("leaf.text", "INVALID_TYPE")]
    assert faults('{"aBool":true,"aBool":false}', reader) == [("aBool", "DUPLICATE_MEMBER")]


@pytest.mark.parametrize("text", ["3.4028235e38", '"3.4028235e+38"', "-3.4028235e38"])
@pytest.mark.parametrize("engine", ENGINES)
def test_the_largest_float_is_read(text, engine):
    """What rounds to the largest float is that float, as printers write it."""
    message = codec(engine=engine).decode(f'{{"aFloat":{text}}}'.encode())
    assert abs(message.a_float) == 3.4028234663852886e38


def test_members_tell_what_was_sent():
    """The document comes beside the message, so that a null can be told from an absence."""
    message, tree = STRICT.decode_tree(b'{"leaf":null,"aBool":false}')
    assert tree == {"leaf": None, "aBool": False}
    assert message == Kinds()


@pytest.mark.parametrize(
    ("name", "body", "check"),
    [
        ("aString", b'"x"', lambda m: m.a_string == "x"),
        ("longs", b'["1",2]', lambda m: list(m.longs) == [1, 2]),
        ("leaf", b"{}", lambda m: m.HasField("leaf")),
        ("leaf", b"null", lambda m: not m.HasField("leaf")),
        ("aStruct", b'{"a":1}', lambda m: m.a_struct.fields["a"].number_value == 1),
        ("other-name", b'"x"', lambda m: m.renamed == "x"),
    ],
)
def test_one_member_as_the_document(name, body, check):
    """One field of any kind can be the whole document."""
    assert check(STRICT.decode_member(name, body)[0])


@pytest.mark.parametrize("body", [b'{},"aBool":true', b'{}}{"a":{}', b"", b"1,2"])
def test_a_document_cannot_break_out_of_its_member(body):
    """Text that would close the member and open another one is no document."""
    with pytest.raises(InvalidArgument) as refused:
        STRICT.decode_member("leaf", body)
    assert refused.value.violations[0].reason == "MALFORMED_JSON"


def test_any_of_an_unknown_type_keeps_its_bytes():
    """An Any prints its message where the type is known, else its bytes."""
    registry = Codec(
        [AnyMessage.DESCRIPTOR], files=[error_details_pb2.DESCRIPTOR], options=CodecOptions()
    )
    known = AnyMessage()
    known.Pack(error_details_pb2.ErrorInfo(reason="WHY"))
    assert (
        registry.any_to_json(known)
        == b'{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"WHY"}'
    )
    unknown = AnyMessage(type_url="type.googleapis.com/no.Such", value=b"\x01")
    assert (
        registry.any_to_json(unknown)
        == b'{"@type": "type.googleapis.com/no.Such", "value": "AQ=="}'
    )


def test_the_top_level_may_be_a_well_known_type():
    """A message type with a JSON form of its own reads and prints in that form."""
    struct_type = Kinds.DESCRIPTOR.fields_by_name["a_struct"].message_type
    of_struct = Codec([Kinds.DESCRIPTOR]).of(struct_type)
    assert of_struct.encode(of_struct.decode(b'{"a":"b"}')) == b'{"a":"b"}'
    assert faults("[]", of_struct) == [("", "INVALID_TYPE")]


def test_parse_json_is_plain_values():
    """The parser alone gives plain values."""
    assert parse_json(b'{"a":[1,2.5,null,"x",true]}') == {"a": [1, 2.5, None, "x", True]}
