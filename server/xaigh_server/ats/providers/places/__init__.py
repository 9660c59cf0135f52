"""Places: countries, and locations out of free text."""
