"""Outbound connections: the URL guard, name look-ups, the HTTP client."""
