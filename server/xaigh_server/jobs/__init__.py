"""Jobs: posting, listing, both halves, and those who watch."""
