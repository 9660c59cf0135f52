"""The configuration of an Envoy that stands in front of several servers."""
