"""Revisions of the business databases, sandbox and production."""
