"""HTTP rules of annotations."""

from __future__ import annotations

import pytest
from google.api.http_pb2 import HttpRule

from httprule.errors import RuleError, TemplateError
from httprule.http_rules import rule_of, rules_of
from httprule_harness.protos import compile_pool
from httprule_harness.store_proto import store_service


def test_every_annotation_is_a_rule():
    """Own and additional bindings come in order; a method without annotation has none."""
    rules = rules_of([store_service()])
    assert [(rule.name.rpartition("/")[2], rule.http_method, str(rule.template)) for rule in rules][
        :4
    ] == [
        ("GetItem", "GET", "/v1/items/{item_id}"),
        ("GetItem", "GET", "/v1/all/{item_id=shops/*/items/*}"),
        ("GetItem", "PURGE", "/v1/items/{item_id}"),
        ("ListItems", "GET", "/v1/items"),
    ]
    assert "Bare" not in {rule.name.rpartition("/")[2] for rule in rules}


def test_a_rule_carries_its_method():
    """Bodies, messages and streaming come from the method and its annotation."""
    rules = {rule.name.rpartition("/")[2]: rule for rule in rules_of([store_service()])}
    tags, watch = rules["Tags"], rules["Watch"]
    assert (tags.name, tags.body, tags.response_body) == ("/store.Store/Tags", "tags", "items")
    assert (tags.request.full_name, tags.response.full_name) == (
        "store.Item",
        "store.ListItemsResponse",
    )
    assert (watch.client_streaming, watch.server_streaming) == (True, True)
    assert (tags.client_streaming, tags.server_streaming) == (False, False)
    assert str(tags) == "/store.Store/Tags (POST /v1/tags)"


def test_auto_maps_what_has_no_annotation():
    """With the option a method without annotation is POST of its gRPC path, body and all."""
    (rule,) = [r for r in rules_of([store_service()], auto=True) if r.name.endswith("/Bare")]
    assert (rule.http_method, str(rule.template), rule.body) == ("POST", "/store.Store/Bare", "*")


@pytest.mark.parametrize(
    ("rule", "error"),
    [
        (HttpRule(), RuleError),
        (HttpRule(body="*"), RuleError),
        (HttpRule(custom={"path": "/v1"}), RuleError),
        (HttpRule(get="v1"), TemplateError),
        (HttpRule(get="/v1/{"), TemplateError),
    ],
)
def test_bad_rules(rule, error):
    """A rule that cannot work stops the start."""
    with pytest.raises(error):
        rule_of(store_service().methods_by_name["Bare"], rule)


def test_additional_bindings_do_not_nest():
    """Bindings below additional bindings are refused, by the name of the method."""
    pool = compile_pool(
        {
            "nest.proto": """
            syntax = "proto3";
            package nest;
            import "google/api/annotations.proto";
            message Nothing {}
            service S { rpc M(Nothing) returns (Nothing) { option (google.api.http) = {
              get: "/a" additional_bindings { get: "/b" additional_bindings { get: "/c" } } }; } }
            """
        }
    )
    with pytest.raises(RuleError, match=r"/nest\.S/M"):
        rules_of([pool.FindServiceByName("nest.S")])
