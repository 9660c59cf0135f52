"""Keys: issued, rotated, revoked and verified, and what was used with them."""
