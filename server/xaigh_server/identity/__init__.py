"""Identity: credentials, principals, operators, scopes, rate limits, and the credential epoch."""
