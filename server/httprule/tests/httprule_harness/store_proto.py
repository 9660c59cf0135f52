"""A small annotated service for the tests of rules and bindings."""

from __future__ import annotations

from functools import cache

from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.descriptor_pool import DescriptorPool

from httprule_harness.protos import compile_pool

STORE = """
syntax = "proto3";
package store;
import "google/api/annotations.proto";
import "google/api/httpbody.proto";
import "google/protobuf/empty.proto";
import "google/protobuf/field_mask.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";

enum Size { SIZE_UNSPECIFIED = 0; SMALL = 1; LARGE = 2; }

message Pay { int64 min_minor = 1; string currency = 2; }
message Item {
  string item_id = 1;
  string title = 2;
  Pay pay = 3;
  repeated string tags = 4;
  map<string, string> labels = 5;
  Size size = 6;
  google.protobuf.Timestamp start_time = 7;
  google.protobuf.Struct extra = 8;
  oneof place { string city = 9; string country = 10; }
  int64 stock = 11;
  string etag = 12;
}
message GetItemRequest { string item_id = 1; bool full = 2; }
message ListItemsRequest {
  int32 page_size = 1;
  repeated Size sizes = 2;
  Item like = 3;
  google.protobuf.Timestamp after = 4;
  google.protobuf.Int64Value least = 5;
  google.protobuf.FieldMask read_mask = 6;
  bytes cursor = 7;
  map<string, int32> counts = 8;
  map<string, Item> items = 9;
  repeated Item many = 10;
  oneof by { string by_name = 11; Pay by_pay = 12; }
  float ratio = 13;
  double weight = 14;
  ListItemsRequest deeper = 15;
  google.protobuf.Value any_value = 16;
  uint64 huge = 17;
}
message ListItemsResponse { repeated Item items = 1; int64 total = 2; Size size = 3; Pay pay = 4;
  map<string, string> labels = 5; bool more = 6; bytes raw = 7; google.api.HttpBody file = 8; }
message CreateItemRequest { string shop = 1; Item item = 2; bool validate_only = 3; }
message UpdateItemRequest { Item item = 1; google.protobuf.FieldMask update_mask = 2; }
message UploadRequest { string name = 1; google.api.HttpBody file = 2; }

service Store {
  rpc GetItem(GetItemRequest) returns (Item) {
    option (google.api.http) = {
      get: "/v1/items/{item_id}"
      additional_bindings { get: "/v1/all/{item_id=shops/*/items/*}" }
      additional_bindings { custom { kind: "purge" path: "/v1/items/{item_id}" } }
    };
  }
  rpc ListItems(ListItemsRequest) returns (ListItemsResponse) {
    option (google.api.http) = { get: "/v1/items" };
  }
  rpc CreateItem(CreateItemRequest) returns (Item) {
    option (google.api.http) = { post: "/v1/{shop=shops/*}/items" body: "item" };
  }
  rpc UpdateItem(UpdateItemRequest) returns (Item) {
    option (google.api.http) = { patch: "/v1/items/{item.item_id}" body: "item" };
  }
  rpc PutItem(Item) returns (Item) {
    option (google.api.http) = { put: "/v1/items/{item_id}" body: "*" };
  }
  rpc Upload(UploadRequest) returns (google.api.HttpBody) {
    option (google.api.http) = { post: "/v1/files/{name}" body: "file" };
  }
  rpc Echo(google.api.HttpBody) returns (google.api.HttpBody) {
    option (google.api.http) = { post: "/v1/echo" body: "*" };
  }
  rpc Ping(google.protobuf.Empty) returns (google.protobuf.Empty) {
    option (google.api.http) = { post: "/v1/ping" };
  }
  rpc Tags(Item) returns (ListItemsResponse) {
    option (google.api.http) = { post: "/v1/tags" body: "tags" response_body: "items" };
  }
  rpc Bare(GetItemRequest) returns (Item);
  rpc Watch(stream GetItemRequest) returns (stream Item) {
    option (google.api.http) = { post: "/v1/items:watch" body: "*" };
  }
}
"""


@cache
def store_pool() -> DescriptorPool:
    """The pool of `STORE`, compiled once."""
    return compile_pool({"store.proto": STORE})


def store_service() -> ServiceDescriptor:
    """The descriptor of `store.Store`."""
    return store_pool().FindServiceByName("store.Store")
