"""Organizations: the tenants, which operators suspend and resume."""
