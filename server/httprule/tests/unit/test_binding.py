"""Bindings: a request message of path, query and body; reply bytes of a message."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from google.api.http_pb2 import HttpRule
from google.protobuf import json_format
from hypothesis import given, settings
from hypothesis import strategies as st

from httprule.binding import Binding, BindingOptions, BodyKind
from httprule.codec import Codec, CodecOptions
from httprule.errors import InvalidArgument, RuleError
from httprule.http_rules import Rule, rule_of, rules_of
from httprule.template import parse
from httprule_harness.kinds import kinds_pool, kinds_type, scalar
from httprule_harness.protos import new_type
from httprule_harness.store_proto import store_pool, store_service

LIST = "ListItems"


@cache
def codec(lenient: bool = False) -> Codec:
    types = [store_pool().FindMessageTypeByName(f"store.{name}") for name in ("Item",)]
    return Codec(types, options=CodecOptions(ignore_unknown=lenient))


@cache
def bindings(lenient: bool = False, **options: Any) -> dict[str, Binding]:
    """The first binding of each method of the store."""
    chosen = BindingOptions(**options)
    found: dict[str, Binding] = {}
    for rule in rules_of([store_service()]):
        name = rule.name.rpartition("/")[2]
        found.setdefault(name, Binding.compile(rule, codec(lenient), chosen))
    return found


def request(method: str, *values: str, query: str = "", body: bytes = b"", **how: Any) -> Any:
    content_type = how.pop("content_type", "")
    return bindings(**how)[method].request(values, query, body, content_type)


def as_dict(message: Any) -> Any:
    return json_format.MessageToDict(message, descriptor_pool=store_pool())


def faults(*arguments: Any, **how: Any) -> list[tuple[str, str]]:
    with pytest.raises(InvalidArgument) as refused:
        request(*arguments, **how)
    return [(violation.field, violation.reason) for violation in refused.value.violations]


QUERIES = [
    ("", {}),
    ("pageSize=5", {"pageSize": 5}),
    ("page_size=-5", {"pageSize": -5}),
    ("pageSize=1e2", {"pageSize": 100}),
    ("pageSize=1.0", {"pageSize": 1}),
    ("huge=18446744073709551615", {"huge": "18446744073709551615"}),
    ("sizes=SMALL&sizes=2&sizes=7", {"sizes": ["SMALL", "LARGE", 7]}),
    ("like.title=x&like.pay.minMinor=3", {"like": {"title": "x", "pay": {"minMinor": "3"}}}),
    ("like.pay.min_minor=3&like.tags=a&like.tags=b",
     {"like": {"pay": {"minMinor": "3"}, "tags": ["a", "b"]}}),
    ("after=2026-01-31T09:30:00%2B01:00", {"after": "2026-01-31T08:30:00Z"}),
    ("least=0", {"least": "0"}),
    ("readMask=aB,c.dE", {"readMask": "aB,c.dE"}),
    ("read_mask=a_b,c.d_e", {"readMask": "aB,c.dE"}),
    ("readMask=", {"readMask": ""}),
    ("cursor=-_8", {"cursor": "+/8="}),
    ("cursor=%2B/8%3D", {"cursor": "+/8="}),
    ("cursor=+/8=", {"cursor": "+/8="}),
    ("counts[a]=1&counts[b.c]=2&counts%5Bd%5D=3", {"counts": {"a": 1, "b.c": 2, "d": 3}}),
    ("like.labels[team]=x", {"like": {"labels": {"team": "x"}}}),
    ("byPay.currency=EUR&byPay.minMinor=1", {"byPay": {"currency": "EUR", "minMinor": "1"}}),
    ("ratio=3.4028235e38&weight=-Infinity", {"ratio": 3.4028235e38, "weight": "-Infinity"}),
    ("deeper.deeper.deeper.page_size=1", {"deeper": {"deeper": {"deeper": {"pageSize": 1}}}}),
    ("anyValue=[1,null]", {"anyValue": [1.0, None]}),
    ("like.extra=%7B%22a%22:1%7D", {"like": {"extra": {"a": 1.0}}}),
    ("byName=%E4%B8%96+x", {"byName": "世 x"}),
    ("like.city=", {"like": {"city": ""}}),
]  # fmt: skip


@pytest.mark.parametrize(("query", "wanted"), QUERIES)
def test_query(query, wanted):
    """Parameters set fields by either name, at any depth, by the rules of proto3 JSON."""
    if "ratio" in query:
        assert json_format.MessageToDict(request(LIST, query=query))["weight"] == "-Infinity"
    else:
        assert as_dict(request(LIST, query=query)) == wanted


BAD_QUERIES = [
    ("nope=1", [("nope", "UNKNOWN_PARAMETER")]),
    ("=1", [("", "UNKNOWN_PARAMETER")]),
    ("like.nope=1", [("like.nope", "UNKNOWN_PARAMETER")]),
    ("pageSize.x=1", [("pageSize.x", "UNKNOWN_PARAMETER")]),
    ("sizes.x=1", [("sizes.x", "UNKNOWN_PARAMETER")]),
    ("after.seconds=1", [("after.seconds", "UNKNOWN_PARAMETER")]),
    ("many.title=1", [("many.title", "UNKNOWN_PARAMETER")]),
    ("pageSize[a]=1", [("pageSize[a]", "UNBINDABLE_PARAMETER")]),
    ("like=x", [("like", "UNBINDABLE_PARAMETER")]),
    ("many=x", [("many", "UNBINDABLE_PARAMETER")]),
    ("counts=1", [("counts", "UNBINDABLE_PARAMETER")]),
    ("items[a]=1", [("items[a]", "UNBINDABLE_PARAMETER")]),
    ("items.title=1", [("items.title", "UNKNOWN_PARAMETER")]),
    ("pageSize=1&pageSize=1", [("pageSize", "REPEATED_PARAMETER")]),
    ("pageSize=1&page_size=2", [("page_size", "REPEATED_PARAMETER")]),
    ("counts[a]=1&counts[a]=2", [("counts[a]", "REPEATED_PARAMETER")]),
    ("pageSize=x", [("pageSize", "INVALID_VALUE")]),
    ("pageSize=", [("pageSize", "INVALID_VALUE")]),
    ("pageSize=1_0", [("pageSize", "INVALID_VALUE")]),
    ("pageSize=1.5", [("pageSize", "INVALID_VALUE")]),
    ("pageSize=2147483648", [("pageSize", "OUT_OF_RANGE")]),
    ("pageSize=" + "9" * 5000, [("pageSize", "OUT_OF_RANGE")]),
    ("huge=-1", [("huge", "OUT_OF_RANGE")]),
    ("weight=inf", [("weight", "INVALID_VALUE")]),
    ("weight=1e999", [("weight", "OUT_OF_RANGE")]),
    ("ratio=1e39", [("ratio", "OUT_OF_RANGE")]),
    ("sizes=small", [("sizes", "INVALID_VALUE")]),
    ("after=null", [("after", "INVALID_VALUE")]),
    ("least=x", [("least", "INVALID_VALUE")]),
    ("readMask=a,,b", [("readMask", "INVALID_VALUE")]),
    ("cursor=!", [("cursor", "INVALID_VALUE")]),
    ("cursor=A", [("cursor", "INVALID_VALUE")]),
    ("anyValue=x", [("anyValue", "INVALID_VALUE")]),
    ("byName=a&byPay.currency=b", [("byPay.currency", "ONEOF_CONFLICT")]),
    ("like.city=a&like.country=b", [("like.country", "ONEOF_CONFLICT")]),
    ("byName=%zz", [("byName", "MALFORMED_QUERY")]),
    ("nope=1&pageSize=x&like=1", [("nope", "UNKNOWN_PARAMETER"), ("pageSize", "INVALID_VALUE"),
                                  ("like", "UNBINDABLE_PARAMETER")]),
]  # fmt: skip


@pytest.mark.parametrize(("query", "found"), BAD_QUERIES)
def test_bad_query(query, found):
    """Every bad parameter is named as the client wrote it."""
    assert faults(LIST, query=query) == found


def test_deep_names_end():
    """A name of endless components is unknown, and costs neither stack nor memory."""
    name = "deeper." * 5_000 + "pageSize"
    assert faults(LIST, query=f"{name}=1") == [(name, "UNKNOWN_PARAMETER")]


def test_lenient_queries():
    """Unknown parameters go by option, listed ones always; wrong values never."""
    assert as_dict(request(LIST, query="nope=1&pageSize=2", ignore_unknown_query=True)) == {
        "pageSize": 2
    }
    assert faults(LIST, query="nope=1&pageSize=x", ignore_unknown_query=True) == [
        ("pageSize", "INVALID_VALUE")
    ]
    ignored = frozenset({"key"})
    assert as_dict(request(LIST, query="key=1&pageSize=2", ignored_params=ignored)) == {
        "pageSize": 2
    }


def test_path():
    """Path values are set by type, and named by their JSON names when they are wrong."""
    assert request("GetItem", "a/b").item_id == "a/b"
    rule = rule_of(_method("ListItems"), HttpRule(get="/v1/{page_size}/{like.pay.min_minor}"))
    binding = Binding.compile(rule, codec())
    assert as_dict(binding.request(("7", "8"), "", b"")) == {
        "pageSize": 7,
        "like": {"pay": {"minMinor": "8"}},
    }
    with pytest.raises(InvalidArgument) as refused:
        binding.request(("x", "y"), "nope=1", b"")
    assert [violation.field for violation in refused.value.violations] == [
        "nope",
        "pageSize",
        "like.pay.minMinor",
    ]


def test_the_path_beats_query_and_body():
    """What the path binds can be sent again, and has no effect."""
    assert request("GetItem", "path", query="itemId=query&item_id=x").item_id == "path"
    assert request("PutItem", "path", body=b'{"itemId":"body","title":"t"}').item_id == "path"
    assert request("UpdateItem", "path", body=b'{"itemId":"body"}').item.item_id == "path"


def test_collisions_by_option():
    """With the option a body that differs from the path is refused; the same value is not."""
    assert faults("PutItem", "path", body=b'{"itemId":"body"}', reject_collisions=True) == [
        ("itemId", "CONFLICTING_VALUE")
    ]
    same = request("PutItem", "path", body=b'{"itemId":"path"}', reject_collisions=True)
    assert same.item_id == "path"


def test_whole_body():
    """The whole request as the body leaves no query parameters."""
    message = request("PutItem", "1", body=b'{"title":"t","tags":["a"]}')
    assert as_dict(message) == {"itemId": "1", "title": "t", "tags": ["a"]}
    assert faults("PutItem", "1", query="title=x") == [("title", "UNKNOWN_PARAMETER")]
    assert request("PutItem", "1", query="title=x", ignore_unknown_query=True).title == ""


def test_body_field():
    """One field as the body leaves the others to path and query, also those below it."""
    message = request(
        "CreateItem",
        "shops/1",
        query="validateOnly=true&item.tags=b&item.pay.currency=EUR",
        body=b'{"title":"t","tags":["a"]}',
    )
    assert as_dict(message) == {
        "shop": "shops/1",
        "validateOnly": True,
        "item": {"title": "t", "tags": ["a", "b"], "pay": {"currency": "EUR"}},
    }
    assert faults("CreateItem", "s", query="item=x") == [("item", "UNBINDABLE_PARAMETER")]
    assert faults("CreateItem", "s", query="item.city=x", body=b'{"country":"y"}') == [
        ("item.city", "ONEOF_CONFLICT")
    ]


def test_faults_of_all_parts_come_together():
    """Body, query and path are judged in one answer, body faults by their path in the request."""
    assert faults(
        "CreateItem", "s", query="nope=1", body=b'{"title":1,"pay":{"minMinor":"x"}}'
    ) == [
        ("item.title", "INVALID_TYPE"),
        ("item.pay.minMinor", "INVALID_VALUE"),
        ("nope", "UNKNOWN_PARAMETER"),
    ]


def test_empty_bodies():
    """No bytes are the empty message; `{}` makes the body field present; blanks are no JSON."""
    assert not request("CreateItem", "s").HasField("item")
    assert request("CreateItem", "s", body=b"{}").HasField("item")
    assert not request("CreateItem", "s", body=b"null").HasField("item")
    assert as_dict(request("PutItem", "1")) == {"itemId": "1"}
    assert faults("PutItem", "1", body=b" ") == [("", "MALFORMED_JSON")]


def test_list_body():
    """A list can be the body; it is then no query parameter."""
    assert list(request("Tags", body=b'["a","b"]').tags) == ["a", "b"]
    assert faults("Tags", body=b'["a",1]') == [("tags[1]", "INVALID_TYPE")]
    assert faults("Tags", query="tags=x") == [("tags", "UNKNOWN_PARAMETER")]


def test_a_body_nobody_asked_for():
    """Without a body in the rule only `{}` is accepted; leniently anything is ignored."""
    assert bindings()["Ping"].body_kind is BodyKind.NONE
    request("Ping", body=b"{}")
    assert faults("Ping", body=b'{"a":1}') == [("", "UNEXPECTED_BODY")]
    request("Ping", body=b"whatever", lenient=True)


def test_lenient_bodies():
    """Leniently, unknown members are dropped."""
    message = request("PutItem", "1", body=b'{"nope":1,"title":"t"}', lenient=True)
    assert message.title == "t"
    assert faults("PutItem", "1", body=b'{"nope":1}') == [("nope", "UNKNOWN_FIELD")]


@pytest.mark.parametrize(
    ("query", "body", "paths"),
    [
        ("", b'{"title":"t","pay":{"currency":"EUR"},"labels":{"a":"b"}}',
         ["labels", "pay.currency", "title"]),
        ("", b'{"title":null}', ["title"]),
        ("", b'{"title":"t","etag":"v1"}', ["title"]),
        ("", b'{"itemId":"other","title":"t"}', ["title"]),
        ("updateMask=tags", b'{"title":"t"}', ["tags"]),
        ("update_mask=", b'{"title":"t"}', []),
        ("", b"{}", []),
        ("", b"", []),
    ],
)  # fmt: skip
def test_update_mask(query, body, paths):
    """PATCH fills an absent mask from the members sent, without what the path binds."""
    message = request("UpdateItem", "1", query=query, body=body)
    assert list(message.update_mask.paths) == paths


def test_update_mask_by_option():
    """Without the option the mask stays as the client left it."""
    message = request("UpdateItem", "1", body=b'{"title":"t"}', fill_update_mask=False)
    assert not message.HasField("update_mask")


def test_raw_bodies():
    """HttpBody takes any bytes with their type, as a field and as the whole request."""
    upload = bindings()["Upload"]
    assert upload.body_kind is BodyKind.RAW
    message: Any = upload.request(("n",), "", b"{not json", "text/plain; charset=utf-8")
    assert (message.name, message.file.content_type) == ("n", "text/plain; charset=utf-8")
    assert message.file.data == b"{not json"
    whole: Any = bindings()["Echo"].request((), "", b"\x00\xff", "image/png")
    assert (whole.content_type, whole.data) == ("image/png", b"\x00\xff")


def test_raw_replies():
    """HttpBody goes out as it is, with its own type or as bytes of no known type."""
    body = new_type(store_pool(), "google.api.HttpBody")
    echo = bindings()["Echo"]
    assert echo.response(body(content_type="text/csv", data=b"a,b")) == ("text/csv", b"a,b")
    assert echo.response(body(data=b"x")) == ("application/octet-stream", b"x")


REPLIES = [
    ("", b'{"total":"3","size":"SMALL","labels":{"a":"b"}}'),
    ("items", b"[]"),
    ("total", b'"3"'),
    ("size", b'"SMALL"'),
    ("pay", b"{}"),
    ("labels", b'{"a":"b"}'),
    ("more", b"false"),
    ("raw", b'""'),
]


@pytest.mark.parametrize(("field", "body"), REPLIES)
def test_response_body(field, body):
    """Any field of the response can be the whole reply, set or not."""
    rule = rule_of(_method("ListItems"), HttpRule(get="/v1/x", response_body=field))
    reply = new_type(store_pool(), "store.ListItemsResponse")(total=3, size=1, labels={"a": "b"})
    assert Binding.compile(rule, codec()).response(reply) == ("application/json", body)


def test_response_body_of_unset_scalars():
    """An unset scalar prints its default as JSON writes it."""
    reply = new_type(store_pool(), "store.ListItemsResponse")()
    for field, body in [("total", b'"0"'), ("size", b'"SIZE_UNSPECIFIED"'), ("labels", b"{}")]:
        rule = rule_of(_method("ListItems"), HttpRule(get="/v1/x", response_body=field))
        assert Binding.compile(rule, codec()).response(reply).body == body


def test_response_body_of_raw_field():
    """An HttpBody field of the response goes out raw."""
    rule = rule_of(_method("ListItems"), HttpRule(get="/v1/x", response_body="file"))
    reply: Any = new_type(store_pool(), "store.ListItemsResponse")()
    reply.file.content_type, reply.file.data = "text/plain", b"hi"
    assert Binding.compile(rule, codec()).response(reply) == ("text/plain", b"hi")


def test_elements_of_a_stream():
    """A later message of a client stream takes its body alone."""
    watch = bindings()["Watch"]
    message: Any = watch.element(b'{"itemId":"2"}')
    assert message.item_id == "2"


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        (HttpRule(get="/v1/{nope}"), "no field 'nope'"),
        (HttpRule(get="/v1/{like.nope}"), "no field 'like.nope'"),
        (HttpRule(get="/v1/{page_size.x}"), "no field"),
        (HttpRule(get="/v1/{like}"), "is a message"),
        (HttpRule(get="/v1/{sizes}"), "is repeated"),
        (HttpRule(get="/v1/{counts}"), "is a map"),
        (HttpRule(get="/v1/{many}"), "is a message"),
        (HttpRule(post="/v1", body="nope"), "no top-level field"),
        (HttpRule(post="/v1", body="like.pay"), "no top-level field"),
        (HttpRule(post="/v1/{page_size}", body="page_size"), "both body and path"),
        (HttpRule(get="/v1", response_body="nope"), "no top-level field"),
        (HttpRule(get="/v1", response_body="*"), "names a field"),
    ],
)
def test_rules_that_do_not_fit(rule, problem):
    """A rule that does not fit its messages stops the start, method and route named."""
    with pytest.raises(RuleError, match=problem) as refused:
        Binding.compile(rule_of(_method("ListItems"), rule), codec())
    assert "/store.Store/ListItems" in str(refused.value)


_SCALARS = [
    field
    for field in kinds_type().DESCRIPTOR.fields
    if not field.is_repeated and field.message_type is None and field.containing_oneof is None
]


@settings(deadline=None)
@given(field=st.sampled_from(_SCALARS), data=st.data())
def test_text_of_a_scalar_means_what_its_json_means(field, data):
    """Whatever the reference prints for a scalar, without quotes, reads back from the query."""
    wanted: Any = kinds_type()()
    setattr(wanted, field.name, data.draw(scalar(field)))
    tree = json_format.MessageToDict(wanted, descriptor_pool=kinds_pool())
    query = "&".join(
        f"{_quote(name)}={_quote(value if isinstance(value, str) else _plain(value))}"
        for name, value in tree.items()
    )
    message = _kinds_binding().request((), query, b"")
    assert message.SerializeToString() == wanted.SerializeToString()


@cache
def _kinds_binding() -> Binding:
    kind = kinds_pool().FindMessageTypeByName("kinds.Kinds")
    rule = Rule(
        name="/k.S/M", http_method="GET", template=parse("/v1"), request=kind, response=kind
    )
    return Binding.compile(rule, Codec([kind]))


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _quote(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


def _method(name: str) -> Any:
    return store_service().methods_by_name[name]


_NAMES = [
    name for field in kinds_type().DESCRIPTOR.fields for name in (field.name, field.json_name)
]
_PIECES = st.sampled_from(
    [
        *_NAMES,
        "=",
        "&",
        ".",
        "[",
        "]",
        "1",
        "true",
        "RED",
        "%41",
        "%zz",
        "+",
        "x",
        "{",
        "}",
        "1s",
        "text",
        "bigNumber",
        "2026-01-31T09:30:00Z",
        "NaN",
        "-1",
        "99999999999999999999",
    ]
)


@settings(deadline=None, max_examples=400)
@given(pieces=st.lists(_PIECES, max_size=14), noise=st.text(max_size=4))
def test_any_query_is_a_message_or_refused(pieces, noise):
    """No query string can cause anything but a message or an `InvalidArgument`."""
    try:
        message = _kinds_binding().request((), "".join(pieces) + noise, b"")
    except InvalidArgument as refused:
        assert all(violation.description for violation in refused.violations)
    else:
        json_format.MessageToJson(message, descriptor_pool=kinds_pool())
