"""Message in, domain call, message out: one file a service."""
