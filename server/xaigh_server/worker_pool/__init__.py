"""Worker processes that parse foreign input under limits of memory and time."""
