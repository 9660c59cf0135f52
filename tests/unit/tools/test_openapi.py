"""The product's OpenAPI document: complete, valid, with examples that would be accepted."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import protovalidate
import pytest
from google.protobuf import descriptor_pool, json_format
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

import xaigh
from httprule.binding import Binding
from httprule.codec import Codec
from httprule.http_rules import Rule, rules_of
from httprule.openapi.operations import path_of
from httprule.routes import Match, Router
from xaigh.webhooks.v1 import event_pb2
from xaigh_server.webhooks.events import EVENT_TYPES

ROOT = Path(__file__).resolve().parents[3]
FILE = ROOT / "generated" / "openapi.json"
PUBLIC = {"listScopes", "submitAccessRequest"}


@cache
def document() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(FILE.read_text())
    return read


def operations() -> list[Any]:
    return [
        pytest.param(path, verb, operation, id=operation["operationId"])
        for path, item in document()["paths"].items()
        for verb, operation in item.items()
    ]


@cache
def rules() -> dict[tuple[str, str], Rule]:
    services = [_service(tag) for tag in _services()]
    return {(path_of(rule), rule.http_method.lower()): rule for rule in rules_of(services)}


@cache
def codec() -> Codec:
    types = [kind for rule in rules().values() for kind in (rule.request, rule.response)]
    return Codec(types)


def _services() -> list[str]:
    import importlib
    import pkgutil

    names = []
    for module in pkgutil.walk_packages(xaigh.__path__, "xaigh."):
        if module.name.endswith("_service_pb2"):
            file = importlib.import_module(module.name).DESCRIPTOR
            names += [service.full_name for service in file.services_by_name.values()]
    return names


def _service(name: str) -> Any:
    return descriptor_pool.Default().FindServiceByName(name)


def test_valid():
    """The document is OpenAPI 3.1."""
    OpenAPIV31SpecValidator(document()).validate()


def test_every_route_is_there():
    """Every annotated method has its operation, and there is no other."""
    found = {(path, verb) for path, item in document()["paths"].items() for verb in item}
    assert found == set(rules())


def test_operation_ids_are_names():
    """Every operation has an id of its own that is a name in any language."""
    ids = [each.values[2]["operationId"] for each in operations()]
    assert len(set(ids)) == len(ids)
    assert all(each.isidentifier() for each in ids)


@pytest.mark.parametrize(("path", "verb", "operation"), operations())
def test_operations_are_complete(path, verb, operation):
    """An operation is described, secured or public on purpose, and says how it is refused."""
    assert operation["summary"]
    assert operation["description"]
    assert operation["security"] or operation["operationId"] in PUBLIC
    assert {"200", "400", "429", "500", "default"} <= set(operation["responses"])
    assert ("401" in operation["responses"]) == bool(operation["security"])
    assert "X-Request-Id" in operation["responses"]["200"]["headers"]
    for parameter in operation["parameters"]:
        named = parameter.get("$ref", "") or parameter.get("description")
        assert named, f"{parameter['name']} has no description"


def test_every_schema_is_described():
    """Messages, enums and their members have the comments of the protos."""
    bare = [
        f"{name}.{member}"
        for name, schema in document()["components"]["schemas"].items()
        for member, facts in schema.get("properties", {}).items()
        if not name.startswith(("Error", "Problem")) and not facts.get("description")
    ]
    assert not bare
    assert all(s.get("description") for s in document()["components"]["schemas"].values())


@pytest.mark.parametrize(("path", "verb", "operation"), operations())
def test_request_examples_are_accepted(path, verb, operation):
    """The example of a request routes, reads and satisfies the rules of its message."""
    rule = rules()[path, verb]
    parameters = [each for each in operation["parameters"] if "name" in each]
    target = path
    for each in parameters:
        if each["in"] == "path":
            target = target.replace(f"{{{each['name']}}}", each["example"])
    query = urlencode(
        [
            (each["name"], _text(value))
            for each in parameters
            if each["in"] == "query" and "example" in each
            for value in _values(each["example"])
        ]
    )
    match = Router.build([rule]).match(verb.upper(), target)
    assert isinstance(match, Match)
    request = Binding.compile(rule, codec()).request(match.values, query, _body(operation))
    if not rule.client_streaming:
        protovalidate.validate(request)


@pytest.mark.parametrize(("path", "verb", "operation"), operations())
def test_examples_fit_their_schemas(path, verb, operation):
    """Every example satisfies the schema that it stands beside."""
    content = [
        *operation.get("requestBody", {}).get("content", {}).values(),
        *operation["responses"]["200"]["content"].values(),
        *(each for each in operation["parameters"] if "schema" in each),
    ]
    for part in content:
        if "example" in part:
            schema = {**part["schema"], "components": document()["components"]}
            OAS31Validator(schema).validate(part["example"])


@pytest.mark.parametrize(("path", "verb", "operation"), operations())
def test_reply_examples_are_replies(path, verb, operation):
    """The example of a reply is one: it reads as the message that the method returns."""
    rule = rules()[path, verb]
    for content in operation["responses"]["200"]["content"].values():
        if "example" in content:
            codec().of(rule.response).decode(json.dumps(content["example"]).encode())


def test_every_text_has_an_example():
    """No text member is left without an example, unless it is left out on purpose."""
    from codegen import examples

    known = set(examples.BY_NAME) | {name.split(".")[-1] for name in examples.BY_FIELD}
    missing = {
        member
        for name, schema in document()["components"]["schemas"].items()
        if not name.startswith(("Error", "Problem"))
        for member, facts in schema.get("properties", {}).items()
        if facts.get("type") == "string"
        and not facts.get("format")
        and member not in known
        and "contentEncoding" not in facts
        and not facts.get("pattern", "").endswith("s$")
    }
    assert missing <= {"updateMask"}


def _body(operation: dict[str, Any]) -> bytes:
    content = operation.get("requestBody", {}).get("content", {})
    one = content.get("application/json") or content.get("application/x-ndjson") or {}
    if "example" not in one:
        one = content.get("application/x-ndjson", {})
    return json.dumps(one["example"]).encode() if "example" in one else b""


def _values(example: Any) -> list[Any]:
    return example if isinstance(example, list) else [example]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def test_every_event_type_is_a_webhook_with_a_schema_and_an_example():
    """The example is what the schema says, and reads as the messages of the protos."""
    described = document()
    assert set(described["webhooks"]) == set(EVENT_TYPES)
    for name, item in described["webhooks"].items():
        content = item["post"]["requestBody"]["content"]["application/json"]
        schema = described["components"]["schemas"][content["schema"]["$ref"].rsplit("/", 1)[1]]
        example = content["example"]
        assert schema["properties"]["type"]["const"] == example["type"] == name
        assert set(schema["required"]) == set(schema["properties"]) == set(example)
        json_format.ParseDict(example, event_pb2.Event())
        data = described["components"]["schemas"][
            schema["properties"]["data"]["$ref"].rsplit("/", 1)[1]
        ]
        assert example["data"] and set(example["data"]) <= set(data["properties"])
