"""Pay: ranges, amounts in sentences, money."""
