"""A client's own feed: field maps, schema.org JobPosting, already normalized records."""
