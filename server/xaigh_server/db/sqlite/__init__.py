"""The embedded engine: one file a database, in WAL mode, spoken to by the standard library."""
