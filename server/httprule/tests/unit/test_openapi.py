"""The OpenAPI document of services, with nothing of a product."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from google.protobuf.descriptor_pool import DescriptorPool
from openapi_spec_validator import OpenAPIV31SpecValidator

from httprule.openapi import Comments, PlainProfile, build_document
from httprule.openapi.comments import first_sentence, paragraphs
from httprule_harness.protos import compile_set
from httprule_harness.store_proto import STORE

COMMENTED = """
syntax = "proto3";
package shop.v1;
import "google/api/annotations.proto";
import "google/api/field_behavior.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";

// The shop. It sells
// things.
service Shop {
  // Reads a thing. It must
  // exist.
  //
  // - one
  // - two
  rpc GetThing(GetThingRequest) returns (Thing) {
    option (google.api.http) = { get: "/v1/{name=shops/*/things/*}"
      additional_bindings { get: "/v1/things/{name}" } };
  }
  // Finds things.
  rpc Find(FindRequest) returns (stream Thing) {
    option (google.api.http) = { get: "/v1/things:find" };
  }
  // Changes a thing.
  rpc Change(ChangeRequest) returns (Thing) {
    option deprecated = true;
    option (google.api.http) = { patch: "/v1/things/{thing.name}" body: "thing" };
  }
  // Takes many.
  rpc Load(stream Thing) returns (Thing) {
    option (google.api.http) = { post: "/v1/things:load" body: "*" };
  }
}
// Names a thing.
message GetThingRequest {
  // The name.
  string name = 1 [(google.api.field_behavior) = REQUIRED];
}
message FindRequest {
  // At most so many.
  int32 page_size = 1;
  repeated Thing.Colour colours = 2 [(google.api.field_behavior) = REQUIRED];
  map<string, string> labels = 3;
  Size size = 4;
  google.protobuf.Timestamp after = 5;
}
message ChangeRequest { Thing thing = 1 [(google.api.field_behavior) = REQUIRED]; string why = 2; }
// How big.
message Size { double width = 1; Size inner = 2; }
// A thing.
message Thing {
  // How it looks.
  enum Colour {
    // Not said.
    COLOUR_UNSPECIFIED = 0;
    // Like
    // blood.
    RED = 1;
  }
  string name = 1 [(google.api.field_behavior) = IDENTIFIER];
  // When it was made.
  google.protobuf.Timestamp made = 2 [(google.api.field_behavior) = OUTPUT_ONLY];
  string secret = 3 [(google.api.field_behavior) = INPUT_ONLY];
  Colour colour = 4 [(google.api.field_behavior) = REQUIRED];
  int64 big = 5;
  bytes raw = 6;
  repeated Size sizes = 7;
  map<int32, Size> by_number = 8;
  google.protobuf.Struct extra = 9;
  google.protobuf.Int32Value box = 10;
  google.protobuf.Duration took = 11 [deprecated = true];
  oneof price { string text = 12; double amount = 13; }
  string etag = 14;
}
"""


@cache
def document(source: str = COMMENTED, service: str = "shop.v1.Shop") -> dict[str, Any]:
    files = compile_set({"doc.proto": source}, source_info=True)
    pool = DescriptorPool()
    for file in files.file:
        pool.Add(file)
    services = [pool.FindServiceByName(service)]
    return build_document(services, Comments(files), PlainProfile("Shop", "1"))


def operation(path: str, method: str) -> dict[str, Any]:
    return document()["paths"][path][method]


def schema(name: str) -> dict[str, Any]:
    return document()["components"]["schemas"][name]


def parameters(path: str, method: str, place: str) -> dict[str, dict[str, Any]]:
    listed = operation(path, method).get("parameters", [])
    return {each["name"]: each for each in listed if each["in"] == place}


@pytest.mark.parametrize(
    ("source", "service"), [(COMMENTED, "shop.v1.Shop"), (STORE, "store.Store")]
)
def test_valid(source, service):
    """The document is OpenAPI 3.1."""
    OpenAPIV31SpecValidator(document(source, service)).validate()


def test_paths():
    """Every rule is a path; variables of several segments are written out."""
    assert {path: list(item) for path, item in document()["paths"].items()} == {
        "/v1/shops/{shopsId}/things/{thingsId}": ["get"],
        "/v1/things/{name}": ["get"],
        "/v1/things:find": ["get"],
        "/v1/things/{thing.name}".replace("thing.name", "name"): ["get", "patch"],
        "/v1/things:load": ["post"],
    }


def test_operations():
    """Names, tags and texts come from methods and their comments."""
    first = operation("/v1/shops/{shopsId}/things/{thingsId}", "get")
    assert first["operationId"] == "getThing"
    assert first["summary"] == "Reads a thing"
    assert first["description"] == "Reads a thing. It must exist.\n\n- one\n- two"
    assert first["tags"] == ["Shop"]
    assert operation("/v1/things/{name}", "get")["operationId"] == "getThing2"
    assert operation("/v1/things/{name}", "patch")["deprecated"] is True
    assert document()["tags"] == [{"name": "Shop", "description": "The shop. It sells things."}]


def test_path_parameters():
    """A path variable is a required parameter with its field's schema and comment."""
    (name,) = parameters("/v1/things/{name}", "get", "path").values()
    assert name["required"] is True
    assert name["schema"] == {"type": "string"}
    assert name["description"] == "The name."


def test_query_parameters():
    """Lists repeat, maps are deep objects, messages go on by dots, recursion ends."""
    found = parameters("/v1/things:find", "get", "query")
    assert list(found) == [
        "pageSize",
        "colours",
        "labels",
        "size.width",
        "after",
    ]
    assert found["colours"]["required"] is True
    assert found["colours"]["explode"] is True
    assert found["colours"]["schema"]["items"] == {"$ref": "#/components/schemas/ThingColour"}
    assert found["labels"]["style"] == "deepObject"
    assert found["pageSize"]["description"] == "At most so many."
    assert list(parameters("/v1/things/{name}", "patch", "query")) == ["why"]


def test_header_parameters():
    """A versioned resource takes and gives its version."""
    assert "If-None-Match" in parameters("/v1/things/{name}", "get", "header")
    assert "If-Match" in parameters("/v1/things/{name}", "patch", "header")
    replies = operation("/v1/things/{name}", "get")["responses"]
    assert "304" in replies
    assert "ETag" in replies["200"]["headers"]


def test_requests_and_replies_differ():
    """A request is closed, says what it needs, and has nothing of the server's own."""
    sent, returned = schema("ThingInput"), schema("Thing")
    assert "made" not in sent["properties"]
    assert "secret" in sent["properties"]
    assert sent["required"] == ["colour"]
    assert sent["additionalProperties"] is False
    assert "made" in returned["properties"]
    assert "secret" not in returned["properties"]
    assert returned["required"] == ["name"]
    assert "additionalProperties" not in returned


def test_bodies():
    """A body leaves out what the path binds; it is required where something in it is."""
    body = operation("/v1/things/{name}", "patch")["requestBody"]
    assert body["required"] is True
    assert body["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/ThingBody"
    }
    assert "name" not in schema("ThingBody")["properties"]


def test_streams():
    """A stream is offered in every form it can be sent in."""
    replies = operation("/v1/things:find", "get")["responses"]["200"]["content"]
    assert list(replies) == ["application/x-ndjson", "application/json", "text/event-stream"]
    loads = operation("/v1/things:load", "post")["requestBody"]["content"]
    assert list(loads) == ["application/x-ndjson", "application/json"]


def test_fields():
    """Each kind of field has the schema of its JSON."""
    fields = schema("Thing")["properties"]
    assert fields["big"]["type"] == "string"
    assert fields["raw"]["contentEncoding"] == "base64"
    assert fields["sizes"]["items"] == {"$ref": "#/components/schemas/Size"}
    assert fields["byNumber"]["additionalProperties"] == {"$ref": "#/components/schemas/Size"}
    assert fields["extra"]["additionalProperties"] is True
    assert fields["box"]["type"] == ["integer", "null"]
    assert fields["took"]["deprecated"] is True
    assert fields["made"] == {
        "type": "string",
        "format": "date-time",
        "description": "When it was made.",
    }
    assert "At most one of `text`, `amount`." in fields["amount"]["description"]


def test_enums():
    """An enum lists its values, each with its comment."""
    colour = schema("ThingColour")
    assert colour["enum"] == ["COLOUR_UNSPECIFIED", "RED"]
    assert colour["description"] == (
        "How it looks.\n\n- `COLOUR_UNSPECIFIED`: Not said.\n- `RED`: Like blood."
    )


def test_examples():
    """Examples are put together from the fields, without what cannot have any."""
    content = operation("/v1/things/{name}", "patch")["requestBody"]["content"]
    example = content["application/json"]["example"]
    assert example["colour"] == "RED"
    assert example["amount"] == 1.5
    assert "made" not in example


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("one\ntwo", "one two"),
        ("one\n\ntwo\nthree", "one\n\ntwo three"),
        ("list:\n- a\n- b", "list:\n- a\n- b"),
        ("", ""),
    ],
)
def test_paragraphs(text, plain):
    """Lines of a paragraph are joined; lists and blank lines stay."""
    assert paragraphs(text) == plain


@pytest.mark.parametrize(
    ("text", "first"),
    [("One. Two.", "One"), ("One\nline. Two", "One line"), ("v1.2 is. x", "v1.2 is"), ("", "")],
)
def test_first_sentence(text, first):
    """A summary is the first sentence without its full stop."""
    assert first_sentence(text) == first
