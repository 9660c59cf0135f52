"""The bridges of gRPC and REST onto the one chain of interceptors."""
