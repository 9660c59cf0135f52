"""Requests for access, the grants that follow from them, and the tenants."""
