"""Audit log: one hash chain per database, and signed heads outside the databases."""
