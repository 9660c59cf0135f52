"""SQLite engine: one file per database, in WAL mode, through the standard library's `sqlite3`."""
