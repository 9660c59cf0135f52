"""Sanitizing of text and HTML that callers send."""
