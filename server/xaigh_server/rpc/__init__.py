"""RPC layer: bridges of gRPC and REST to one sequence of interceptors, and the unit of work."""
