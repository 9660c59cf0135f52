"""Structured logs of the server, and the redacted output of libraries."""
