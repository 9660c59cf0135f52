"""What `make generate` is made of: protoc, the Python client's template, the file tree."""
