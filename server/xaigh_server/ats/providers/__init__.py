"""Normalizers of applicant tracking systems: pure functions from a record to a NormalizedJob.

They read no clock, file, socket or database, and never raise on bad data.
"""
