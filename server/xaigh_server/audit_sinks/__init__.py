"""Audit sinks: every audit event and anchor, sent to destinations outside."""
