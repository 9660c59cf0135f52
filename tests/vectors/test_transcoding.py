"""Every vector of REST transcoding that applies: what it says must be observed."""

from __future__ import annotations

import json
from base64 import b64decode
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from google.protobuf import json_format, message_factory
from google.protobuf.descriptor import Descriptor
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message
from tests.vectors.conftest import SHARED_DATA

from httprule.binding import Binding, BindingOptions
from httprule.codec import Codec, CodecOptions
from httprule.errors import InvalidArgument, TemplateError
from httprule.fieldmask import mask_paths
from httprule.http_rules import Rule
from httprule.json_stream import JsonStreamSplitter
from httprule.percent import Unescape, parse_query
from httprule.routes import Match, MethodNotAllowed, NoRoute, Router
from httprule.template import Template, parse
from httprule_harness.protos import compile_pool

FOLDER = SHARED_DATA / "transcoding"
PACKAGE = "vectors.transcoding.v1"
LIMIT = 1 << 20

# Where httprule decides otherwise; its README says why.
CHOSEN_OTHERWISE = frozenset[str]()


def _load(*names: str) -> list[dict[str, Any]]:
    return [vector for name in names for vector in json.loads((FOLDER / name).read_text())]


def _of(kind: str) -> list[Any]:
    """The vectors of a kind that bind us: the core, and the dialects worth adopting."""
    return [
        pytest.param(vector, id=vector["id"])
        for vector in _load("vectors.json", "vectors_extra.json")
        if vector["kind"] == kind
        and (vector["tier"] == "core" or vector.get("adopt"))
        and vector["id"] not in CHOSEN_OTHERWISE
    ]


@cache
def _pool() -> DescriptorPool:
    return compile_pool({"messages.proto": (FOLDER / "messages.proto").read_text()})


def _type(name: str) -> Descriptor:
    full = name if name.startswith("google.") else f"{PACKAGE}.{name}"
    return _pool().FindMessageTypeByName(full)


@cache
def _codec(name: str, options: CodecOptions) -> Codec:
    return Codec([_type(name)], options=options)


@dataclass(frozen=True)
class Route:
    name: str
    http_method: str
    template: Template
    body: str | None = None


@pytest.mark.parametrize("vector", _of("template_parse"))
def test_template_parse(vector):
    """A template parses to the segments, verb and variables of the vector, or is refused."""
    expect = vector["expect"]
    if not expect["valid"]:
        with pytest.raises(TemplateError) as refused:
            parse(vector["template"])
        assert 1 <= refused.value.column <= len(vector["template"]) + 1
        return
    template = parse(vector["template"])
    assert list(template.segments) == expect["segments"]
    assert template.verb == expect["verb"]
    assert [
        {"field_path": ".".join(v.field_path), "start": v.start, "segments": list(v.segments)}
        for v in template.variables
    ] == expect["variables"]


@pytest.mark.parametrize("vector", _of("path_match"))
def test_path_match(vector):
    """A path finds the route of the vector and binds its variables, or nothing answers."""
    expect = vector["expect"]
    options = vector.get("options", {})
    routes = _routes(vector)
    if "registration_error" in expect:
        with pytest.raises(ValueError, match=r".+"):
            Router.build(routes)
        return
    router = Router.build(
        routes,
        unescape=Unescape(options.get("unescape", "all_except_reserved")),
        colon_always_verb=options.get("match_unregistered_custom_verb", False),
        # A vector that lists every route means HEAD to be its own.
        head_from_get=False,
    )
    path = vector["path"].partition("?")[0]
    if not expect["match"]:
        _assert_no_match(router, vector["method"], path, expect)
        return
    match = router.match(vector["method"], path)
    assert isinstance(match, Match)
    _assert_match(match, expect)


def _routes(vector):
    listed = vector.get("templates") or [
        {
            "id": "only",
            "method": vector.get("template_method", vector["method"]),
            "template": vector["template"],
        }
    ]
    return [
        Route(each["id"], each["method"], parse(each["template"]), each.get("body"))
        for each in listed
    ]


def _assert_match(match, expect):
    assert match.bindings() == expect.get("bindings", match.bindings())
    assert match.route.name == expect.get("route", match.route.name)
    assert match.route.template.verb == expect.get("verb", match.route.template.verb)
    assert match.route.body == expect.get("body", match.route.body)


def _assert_no_match(router, method, path, expect):
    if expect.get("http_status") == 400 or expect.get("error") in {
        "invalid_path",
        "malformed_escape",
    }:
        with pytest.raises(InvalidArgument):
            router.match(method, path)
        return
    try:
        found = router.match(method, path)
    except InvalidArgument:
        assert not path.startswith("/")
        return
    assert isinstance(found, NoRoute | MethodNotAllowed)
    if expect.get("error") == "method_not_allowed":
        assert isinstance(found, MethodNotAllowed)
    if expect.get("error") == "not_found":
        assert isinstance(found, NoRoute)
    if "allow" in expect:
        assert set(found.allow) == set(expect["allow"])


@pytest.mark.parametrize("vector", _of("query_binding"))
def test_query_binding(vector):
    """The query string becomes the fields of the vector, or its fault is refused."""
    if "message_type" in vector:
        _check_binding(vector)
        return
    expect, options = vector["expect"], vector.get("options", {})
    match = Router.build(_routes(vector)).match(vector["method"], vector["path"])
    assert isinstance(match, Match)
    assert match.bindings() == expect.get("path_bindings", match.bindings())
    ignored = options.get("ignored_query_params", [])
    pairs = parse_query(vector["query"], plus_as_space=options.get("query_plus_as_space", True))
    assert [list(p) for p in pairs if p[0] not in ignored] == expect["query_bindings"]


@pytest.mark.parametrize("vector", _of("body_binding"))
def test_body_binding(vector):
    """The body becomes the message of the vector, together with the path, or is refused."""
    _check_binding(vector)


def _check_binding(vector):
    expect = vector["expect"]
    match = Router.build([_rule(vector)]).match(vector["method"], vector["path"])
    if "error" in expect:
        with pytest.raises(InvalidArgument) as refused:
            _requests(vector, match)
        assert all(violation.description for violation in refused.value.violations)
        return
    got = _requests(vector, match)
    wanted = expect["messages"] if "messages" in expect else [expect["message"]]
    assert len(got) == len(wanted)
    for message, tree in zip(got, wanted, strict=True):
        _assert_same(message, tree, unordered="compare" in vector)


def _rule(vector):
    kind = _type(vector["message_type"])
    return Rule(
        name="/vectors.Service/Method",
        http_method=vector["method"],
        template=parse(vector["template"]),
        body=vector.get("rule_body") or "",
        request=kind,
        response=kind,
        client_streaming=vector.get("client_streaming", False),
    )


def _requests(vector, match) -> list[Message]:
    options = vector.get("options", {})
    binding = Binding.compile(
        match.route,
        # Unknown members of a body are dropped by all of the models.
        _codec(vector["message_type"], CodecOptions(ignore_unknown=True)),
        BindingOptions(
            ignore_unknown_query=options.get("ignore_unknown_query", False),
            ignored_params=frozenset(options.get("ignored_query_params", ())),
            plus_as_space=options.get("query_plus_as_space", True),
            fill_update_mask=options.get("auto_update_mask", True),
            reject_collisions=options.get("reject_collisions", False),
        ),
    )
    query = vector.get("query", "")
    content_type = vector.get("content_type", "")
    if not vector.get("client_streaming"):
        return [binding.request(match.values, query, b"".join(_pieces(vector)), content_type)]
    parts = _parts(vector)
    first = [binding.request(match.values, query, part, content_type) for part in parts[:1]]
    return first + [binding.element(part, content_type) for part in parts[1:]]


def _pieces(vector) -> list[bytes]:
    if "request_chunks" in vector:
        return [chunk.encode() for chunk in vector["request_chunks"]]
    if "request_body_base64" in vector:
        return [b64decode(vector["request_body_base64"])]
    return [vector.get("request_body", "").encode()]


def _parts(vector) -> list[bytes]:
    splitter = JsonStreamSplitter(LIMIT)
    parts = [part for piece in _pieces(vector) for part in splitter.push(piece)]
    return [*parts, *splitter.end()]


def _assert_same(message: Any, tree: Any, *, unordered: bool) -> None:
    # The largest float as text: json_format cannot read what it prints.
    wanted = json_format.ParseDict(
        tree, message_factory.GetMessageClass(message.DESCRIPTOR)(), descriptor_pool=_pool()
    )
    if unordered:
        assert _sorted(json_format.MessageToDict(message)) == _sorted(
            json_format.MessageToDict(wanted)
        )
    else:
        # Not ==: a NaN differs from itself.
        assert message.SerializeToString(deterministic=True) == wanted.SerializeToString(
            deterministic=True
        )


def _sorted(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {key: _sorted(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return sorted((_sorted(value) for value in tree), key=json.dumps)
    return tree


@pytest.mark.parametrize("vector", _of("field_mask"))
def test_field_mask(vector):
    """The members of a document name the paths of the vector."""
    schema = compile_pool({"mask.proto": _MASK_PROTO}).FindMessageTypeByName("mask.Outer")
    tree = json.loads(vector["json_body"])
    if "error" in vector["expect"]:
        with pytest.raises(InvalidArgument):
            mask_paths(schema, tree)
    else:
        assert mask_paths(schema, tree) == vector["expect"]["paths_sorted"]


_MASK_PROTO = """
syntax = "proto3";
package mask;
import "google/protobuf/any.proto";
import "google/protobuf/struct.proto";
message Three { bool a = 1; bool b = 2; }
message Two { Three three = 1; }
message One { Two two = 1; }
message Nested { string name = 1; }
message Outer {
  string uuid = 1;
  float float_value = 2;
  Nested single_nested = 3;
  One one = 4;
  repeated Nested nested = 5;
  map<string, string> mapped_string_value = 6;
  google.protobuf.Struct struct_field = 7;
  google.protobuf.Any anytype = 8;
  repeated google.protobuf.Any repeated_anytype = 9;
}
"""


@pytest.mark.parametrize(
    "vector",
    [
        each
        for each in _of("response_encoding")
        if "message" in each.values[0] and "headers" not in each.values[0]
    ],
)
def test_response_encoding(vector):
    """A reply prints as the JSON, or the raw bytes, of the vector."""
    if vector["message_type"] in {"google.protobuf.Empty"}:
        from google.protobuf.empty_pb2 import Empty

        kind, codec = Empty.DESCRIPTOR, Codec([Empty.DESCRIPTOR])
    else:
        kind = _type(vector["message_type"])
        options = vector.get("options", {})
        codec = _codec(
            vector["message_type"],
            CodecOptions(
                emit_defaults=options.get("always_print_fields", False),
                enums_as_numbers=options.get("enums_as_ints", False),
                proto_names=options.get("preserve_proto_field_names", False),
            ),
        )
    message = message_factory.GetMessageClass(kind)()
    json_format.ParseDict(vector["message"], message)
    rule = Rule(
        name="/vectors.Service/Method",
        http_method="GET",
        template=parse("/v1/x"),
        response_body=vector.get("response_body") or "",
        request=kind,
        response=kind,
    )
    reply = Binding.compile(rule, codec).response(message)
    expect = vector["expect"]
    if "raw" in expect:
        assert reply.body == expect["raw"].encode()
    if "json" in expect:
        assert json.loads(reply.body) == expect["json"]
    headers = expect.get("headers", {})
    assert reply.content_type == headers.get("content-type", reply.content_type)
    assert len(reply.body) == int(headers.get("content-length", len(reply.body)))
