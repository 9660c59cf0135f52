"""Envoy configuration for a deployment of several servers."""
