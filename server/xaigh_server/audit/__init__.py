"""The audit log of a database, and the signed heads outside of it."""
