"""Keys and operators: who a credential belongs to, and whether that still holds."""
