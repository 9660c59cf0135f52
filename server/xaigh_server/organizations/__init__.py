"""Organizations: the tenants, who can be suspended and resumed."""
