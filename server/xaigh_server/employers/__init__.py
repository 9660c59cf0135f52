"""Employers: what waits at an employer, approvals of postings, and closeouts of ended jobs."""
