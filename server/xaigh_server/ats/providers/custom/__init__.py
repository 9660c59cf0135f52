"""Normalizers of a client's own feed: field maps, schema.org JobPosting, normalized records."""
