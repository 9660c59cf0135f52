"""URLs built from requests, and read back."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from google.api.http_pb2 import HttpRule
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.gateway.protos import new_type
from tests.unit.gateway.store_proto import store_pool, store_service

from httprule.binding import Binding
from httprule.codec import Codec
from httprule.http_rules import Rule, rule_of
from httprule.routes import Match, Router
from httprule.urls import UrlBuilder

CODEC = Codec([store_pool().FindMessageTypeByName("store.ListItemsRequest")])
Request = new_type(store_pool(), "store.ListItemsRequest")


def rule(**fields: Any) -> Rule:
    return rule_of(store_service().methods_by_name["ListItems"], HttpRule(**fields))


@pytest.mark.parametrize(
    ("fields", "message", "path", "query"),
    [
        ({"get": "/v1/x"}, Request(), "/v1/x", ()),
        ({"get": "/v1/*/**:go"}, Request(), "/v1/*/**:go", ()),
        ({"get": "/v1/{by_name}:go"}, Request(by_name="a/ü"), "/v1/a%2F%C3%BC:go", ()),
        ({"get": "/v1/{by_name=a/*}"}, Request(by_name="a/b c"), "/v1/a/b%20c", ()),
        ({"get": "/v1/{by_name=a/**}"}, Request(by_name="a"), "/v1/a", ()),
        ({"get": "/v1/{page_size}"}, Request(page_size=5, sizes=[1, 2]), "/v1/5",
         (("sizes", "SMALL"), ("sizes", "LARGE"))),
        ({"get": "/v1"}, Request(by_pay={"min_minor": 3}, cursor=b"a"), "/v1",
         (("cursor", "YQ=="), ("byPay.minMinor", "3"))),
        ({"post": "/v1", "body": "*"}, Request(page_size=5), "/v1", ()),
        ({"post": "/v1", "body": "like"}, Request(like={"title": "x"}), "/v1", ()),
        ({"get": "/v1"}, Request(any_value={"bool_value": True}), "/v1", (("anyValue", "true"),)),
    ],
)  # fmt: skip
def test_build(fields, message, path, query):
    """The path holds the variables, the query whatever else is set."""
    assert UrlBuilder(rule(**fields), CODEC).build(message) == (path, query)


@pytest.mark.parametrize(
    ("fields", "message", "problem"),
    [
        ({"get": "/v1/{by_name}"}, Request(), "is empty"),
        ({"get": "/v1/{by_name=a/*}"}, Request(by_name="b/c"), "does not fit"),
        ({"get": "/v1/{by_name=a/*}"}, Request(by_name="a/"), "does not fit"),
        ({"get": "/v1/{by_name=a/**/z}"}, Request(by_name="a/b"), "does not fit"),
        ({"get": "/v1"}, Request(counts={"a": 1}), "is a map"),
        ({"get": "/v1"}, Request(deeper={"counts": {"a": 1}}), "is a map"),
        ({"get": "/v1"}, Request(many=[{}]), "list of messages"),
    ],
)
def test_what_a_url_cannot_hold(fields, message, problem):
    """A request that no URL can carry is refused with its reason."""
    with pytest.raises(ValueError, match=problem):
        UrlBuilder(rule(**fields), CODEC).build(message)


@pytest.mark.parametrize(
    "fields",
    [{"get": "/v1/{sizes}"}, {"get": "/v1/{nope}"}, {"post": "/v1", "body": "nope"}],
)
def test_rules_without_a_way_back(fields):
    """A rule whose names do not fit is refused when the builder is made."""
    with pytest.raises(ValueError, match=r"ListItems"):
        UrlBuilder(rule(**fields), CODEC)


TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)


@settings(deadline=None)
@given(name=TEXT, size=st.integers(0, 9), cursor=st.binary(max_size=5), city=TEXT)
def test_a_url_reads_back_as_its_request(name, size, cursor, city):
    """Routing and binding a built URL gives the request back."""
    wanted = Request(by_name=name, page_size=size, cursor=cursor, like={"city": city})
    route = rule(get="/v1/{by_name}/items")
    url = UrlBuilder(route, CODEC).build(wanted)
    match = Router.build([route]).match("GET", url.path)
    assert isinstance(match, Match)
    binding = Binding.compile(route, CODEC)
    assert binding.request(match.values, urlencode(url.query), b"") == wanted
