"""HTTP and JSON to protobuf messages and back, by google.api.http. Knows no product."""
