"""Requests for access: tickets, their review, and the grants that follow."""
