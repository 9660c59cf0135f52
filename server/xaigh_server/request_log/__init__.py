"""Request log: what became of each call of a known key, to be looked up by its id."""
