"""Normalizers of applicant tracking systems: pure functions from a provider's record to ours.

Nothing here reads a clock, a file, a socket or a database, and nothing raises on bad data.
"""
